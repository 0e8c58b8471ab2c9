/** Runs a graph and differentiates one of its outputs: what no trained weight has a part in runs before the tape begins. */
import { WHOLE } from '../../../shared/compile/lower.ts';
import type { Graph, Node } from '../../../shared/onnx/ir.ts';
import { laidLast, type Laid } from './laid.ts';
import { runGraph, type WholeLayers } from './run-graph.ts';
import type { Tensor, Tf, Variable } from './tf.ts';

/** Which layer a node stands for; null for an operator. */
const wholeLayer = (node: Node): string | null => (node.domain === WHOLE.domain && node.attributes.layer?.kind === 'string' ? node.attributes.layer.value : null);

/** A graph in two: what depends on none of these weights (names) and layers (ids), and the rest, fed with what it needs of the first. */
export function splitBefore(graph: Graph, weights: ReadonlySet<string>, layers: ReadonlySet<string>): readonly [Graph, Graph] {
  const moving = new Set(weights);
  const [still, rest]: [Node[], Node[]] = [[], []];
  for (const node of graph.nodes) {
    const layer = wholeLayer(node);
    const moves = node.inputs.some((i) => moving.has(i)) || (layer !== null && layers.has(layer));
    (moves ? rest : still).push(node);
    if (moves) for (const o of node.outputs) moving.add(o);
  }
  const made = new Set(still.flatMap((n) => n.outputs));
  const needed = new Set([...rest.flatMap((n) => n.inputs), ...graph.outputs.map((o) => o.name)]);
  const typed = (name: string) => ({ name, type: graph.types.get(name) ?? { element: 'float32' as const, shape: [] } });
  const crossing = [...made].filter((name) => needed.has(name)).map(typed);
  return [{ ...graph, nodes: still, outputs: crossing }, { ...graph, nodes: rest, inputs: [...graph.inputs, ...crossing] }];
}

export interface Differentiated {
  /** The graph's outputs by name, kept: the caller disposes of them. */
  readonly outputs: ReadonlyMap<string, Laid>;
  /** By variable name; a variable that no gradient reaches is left out. */
  readonly gradients: Readonly<Record<string, Tensor>>;
}

/** Frees what a gradient would have read of a pass that broke off: TensorFlow.js keeps it for good, and there may be no memory to spare. */
function dropTape(tf: Tf): void {
  const { state } = tf.engine();
  for (const { saved = [] } of state.activeTape ?? []) for (const tensor of saved) tensor.dispose();
  state.activeTape = [];
}

/**
 * Outputs of a graph and the gradient of the scalar `target` with respect to the variables. `halves` come from splitBefore. The
 * gradients belong to the tidy around it.
 */
export function differentiated(tf: Tf, halves: readonly [Graph, Graph], feeds: ReadonlyMap<string, Laid>, options: { readonly layers: WholeLayers; readonly target: string; readonly variables: readonly Variable[] }): Differentiated {
  const { layers, target, variables } = options;
  const [still, rest] = halves;
  const known = new Map([...feeds, ...runGraph(tf, still, feeds, { layers, taped: false })]);
  let outputs = new Map<string, Laid>();
  const forward = (): Tensor => {
    const answers = runGraph(tf, rest, known, { layers, taped: true });
    outputs = new Map([...answers].map(([name, v]) => [name, { ...v, tensor: tf.keep(tf.clone(v.tensor)) }]));
    return (answers.get(target) ?? laidLast(tf.scalar(0))).tensor;
  };
  if (variables.length === 0) {
    tf.tidy(() => void forward());
    return { outputs, gradients: {} };
  }
  try {
    const { value, grads } = tf.variableGrads(() => forward().asScalar(), [...variables]);
    value.dispose();
    return { outputs, gradients: grads };
  } catch (e) {
    for (const { tensor } of outputs.values()) tensor.dispose();
    dropTape(tf);
    throw e;
  }
}
