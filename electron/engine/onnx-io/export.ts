/** A trained net as an ONNX graph: the forward pass with its weights inside, in the form that was asked for. */
import { lowerForward } from '../../../shared/compile/lower.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { OPSET, type Graph, type Node, type Tensor, type ValueInfo } from '../../../shared/onnx/ir.ts';
import { eliminateDeadNodes } from '../../../shared/onnx/passes/eliminate-dead-nodes.ts';
import { eliminateIdentity } from '../../../shared/onnx/passes/eliminate-identity.ts';
import { foldBatchNorm } from '../../../shared/onnx/passes/fold-batch-norm.ts';
import { toOpset17 } from '../../../shared/onnx/passes/to-opset-17.ts';
import { defaultExportOptions, type ExportOptions } from '../../../shared/protocol/export-requests.ts';
import { anyBatch } from './any-batch.ts';
import { endsInScores, withProbabilities, withStoredInput } from './export-ends.ts';
import { exportMetadata, preparationOf, type ExportInfo } from './export-metadata.ts';
import { encodeModel, type ModelOptions } from './model.ts';

export type { ExportInfo } from './export-metadata.ts';

type Weights = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

export interface ExportedNet {
  readonly graph: Graph;
  /** How it is to be written, weights inside. */
  readonly model: ModelOptions;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** Inputs and outputs whose first axis is the number of samples, whatever it is. */
  readonly free: ReadonlySet<string>;
  /** Outputs that became probabilities. */
  readonly softened: ReadonlySet<string>;
}

/** Opset 18 came with IR 8: runtimes of that time refuse a later form. */
const irOf = (opset: number): number => (opset <= OPSET ? 8 : 9);

/** Outputs that answer classes. */
export const classAnswers = (network: Network, borders: ReadonlyMap<string, string>): ReadonlySet<string> =>
  new Set([...borders].filter(([, id]) => network.layers.find((l) => l.id === id)?.params.task === 'classification').map(([name]) => name));

/** Without the layers that bring pictures to the net's own range. Throws export.no-preprocessing where there are none. */
function unprepared(network: Network): Network {
  const layers = network.layers.map((l) => (preparationOf(l) ? { ...l, bypassed: true } : l));
  if (layers.every((l, i) => l === network.layers[i])) throw problem('export.no-preprocessing', { label: network.name }, {});
  return { ...network, layers };
}


/**
 * The graph of an export. Inputs "input", … as `options.input` says, outputs "output", …; the batch is free unless told. Throws
 * onnx.batch-held, export.opset, export.no-preprocessing and export.not-one-input.
 */
export function exportGraph(network: Network, weights: Weights, info: ExportInfo, options: ExportOptions = defaultExportOptions()): ExportedNet {
  const net = options.input === 'prepared' ? unprepared(network) : network;
  const forward = lowerForward(net, { batch: options.batch ?? 1, training: false });
  const batched = forward.dataInputs.filter((name) => forward.batched.has(name));
  const free = options.batch === null ? forward.batched : new Set<string>();
  const first = batched[0];
  const lowered = options.batch === null && first !== undefined ? anyBatch(forward.graph, lowerForward(net, { batch: 2, training: false }).graph, first) : forward.graph;
  const initializers = new Map<string, Tensor>(lowered.initializers);
  for (const w of forward.weights) {
    const stored = weights.get(w.name);
    if (!stored) throw new Error(`No weights for ${w.name}`);
    initializers.set(w.name, { element: 'float32', shape: stored.shape, data: stored.data });
  }
  const constants = new Set([...lowered.initializers].filter(([, t]) => t.data instanceof Float32Array && t.data.length > 1).map(([name]) => name));
  let graph: Graph = { ...lowered, initializers, inputs: lowered.inputs.filter((v) => forward.dataInputs.includes(v.name)) };
  if (options.input === 'stored') {
    const input = graph.inputs.find((v) => v.name === first);
    if (graph.inputs.length !== 1 || input?.type.element !== 'float32') throw problem('export.not-one-input', { label: network.name }, {});
    graph = withStoredInput(graph, input.name, info.maximum);
  }
  graph = eliminateDeadNodes(eliminateIdentity(graph).graph).graph;
  if (options.foldBatchNorm) graph = eliminateDeadNodes(foldBatchNorm(graph).graph).graph;
  const softened = new Set(options.softmax ? [...classAnswers(network, forward.borders)].filter((name) => endsInScores(graph, name)) : []);
  for (const name of softened) graph = withProbabilities(graph, name);
  const own = forward.opsets[''] ?? OPSET;
  if (options.opset < OPSET) {
    if (own > OPSET) throw problem('export.opset', { label: network.name }, { opset: options.opset, op: `opset ${own}`, node: 'an imported operator' });
    graph = toOpset17(graph);
  }
  graph = withConstants(graph, constants);
  const opset = own > OPSET ? own : options.opset;
  const model: ModelOptions = {
    dynamicBatch: [...free],
    opsets: { ...opsetsOfDomains(graph), ...forward.opsets, '': opset },
    irVersion: irOf(opset),
    ...exportMetadata(network, info, options),
  };
  return { graph, model, inputs: graph.inputs, outputs: graph.outputs, free, softened };
}

/** Numbers that are no weights stand in nodes of their own: whoever reads the file can tell them from what was learned. */
function withConstants(graph: Graph, names: ReadonlySet<string>): Graph {
  const held = [...graph.initializers].filter(([name]) => names.has(name));
  const nodes = held.map(([name, value]): Node => ({ name: `${name}/constant`, op: 'Constant', domain: '', inputs: [], outputs: [name], attributes: { value: { kind: 'tensor', value } } }));
  return { ...graph, nodes: [...nodes, ...graph.nodes], initializers: new Map([...graph.initializers].filter(([name]) => !names.has(name))) };
}

/** Version 1 of every domain but the standard one. */
const opsetsOfDomains = (graph: Graph): Record<string, number> => Object.fromEntries(graph.nodes.filter((n) => n.domain !== '').map((n) => [n.domain, 1]));

/** ONNX bytes with the weights inside. Throws as `exportGraph` does. */
export function exportOnnx(network: Network, weights: Weights, info: ExportInfo, options?: ExportOptions): Uint8Array {
  const { graph, model } = exportGraph(network, weights, info, options);
  return encodeModel(graph, model);
}
