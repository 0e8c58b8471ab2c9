/** Nets of our own as a file would bring them: lowered, weights inside, values that follow the batch marked. */
import { compile } from '../../../../shared/compile/compile.ts';
import { lowerForward } from '../../../../shared/compile/lower.ts';
import type { Network } from '../../../../shared/compile/network.ts';
import { initialWeights, type NamedWeight } from '../../../../shared/compile/weights.ts';
import type { Document } from '../../../../shared/graph/document.ts';
import { OPSET, type Graph, type Tensor } from '../../../../shared/onnx/ir.ts';
import { eliminateDeadNodes } from '../../../../shared/onnx/passes/eliminate-dead-nodes.ts';
import { eliminateIdentity } from '../../../../shared/onnx/passes/eliminate-identity.ts';
import { required } from '../../../../shared/util/assert.ts';
import type { NormalModel } from '../normal.ts';

/** The net with these weights as constants, at a batch. */
function fixed(network: Network, weights: ReadonlyMap<string, NamedWeight>, batch: number): Graph {
  const forward = lowerForward(network, { batch, training: false });
  const initializers = new Map<string, Tensor>(forward.graph.initializers);
  for (const w of forward.weights) initializers.set(w.name, { element: 'float32', shape: w.shape, data: required(weights.get(w.name), w.name).data });
  const graph = { ...forward.graph, initializers, inputs: forward.graph.inputs.filter((v) => !initializers.has(v.name)) };
  return eliminateDeadNodes(eliminateIdentity(reshaped(graph)).graph).graph;
}

/** Weights that are only folded anew lie so in the file, as folding constants leaves them. */
function reshaped(graph: Graph): Graph {
  const initializers = new Map(graph.initializers);
  const nodes = graph.nodes.filter((n) => {
    const [weight, output = ''] = [initializers.get(n.inputs[0] ?? ''), n.outputs[0]];
    if (n.op !== 'Reshape' || !weight) return true;
    initializers.set(output, { ...weight, shape: required(graph.types.get(output), output).shape });
    return false;
  });
  return { ...graph, initializers, nodes };
}

function normalOf(network: Network, weights: ReadonlyMap<string, NamedWeight>): NormalModel {
  const [graph, two] = [fixed(network, weights, 1), fixed(network, weights, 2)];
  const batched = new Set(graph.inputs.map((v) => v.name));
  graph.nodes.forEach((node, i) => node.outputs.forEach((value, k) => {
    const other = two.types.get(two.nodes[i]?.outputs[k] ?? '');
    if (other && other.shape[0] === 2 && graph.types.get(value)?.shape[0] === 1) batched.add(value);
  }));
  for (const v of graph.outputs) batched.add(v.name);
  return { graph, opsets: { '': OPSET }, batched, constants: new Set(), varying: new Set(), widened: null, nodes: graph.nodes.length, folded: 0 };
}

/** A document as a file, with the weights that it starts with. */
export function normalOfDocument(document: Document): { readonly model: NormalModel; readonly network: Network; readonly weights: ReadonlyMap<string, NamedWeight> } {
  const { network } = compile(document);
  const weights = initialWeights(network, 3);
  return { model: normalOf(network, weights), network, weights };
}
