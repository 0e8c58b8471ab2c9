/** Runs a graph of ours, operator by operator, on TensorFlow's. */
import { WHOLE } from '../../../shared/compile/lower.ts';
import { attribute, type Graph, type Node, type TensorType } from '../../../shared/onnx/ir.ts';
import { required } from '../../../shared/util/assert.ts';
import { constantOf } from './constants.ts';
import { broadcastable, Held, mostLast } from './held.ts';
import { laidLast, type Laid } from './laid.ts';
import { refuse } from './operators/operator.ts';
import { operatorTable } from './operators/table.ts';
import type { Tensor, Tf } from './tf.ts';

/** Layers that are one call, by id: operands and answer with channels last. */
export type WholeLayers = ReadonlyMap<string, (inputs: readonly Tensor[]) => Tensor>;

export interface RunOptions {
  readonly layers: WholeLayers;
  /** Whether a gradient is to be taken through the run. */
  readonly taped: boolean;
}

/** Names of the values that are needed no more behind each node; a graph's outputs are needed for ever. */
const releases = new WeakMap<Graph, readonly (readonly string[])[]>();

function releasesOf(graph: Graph): readonly (readonly string[])[] {
  const known = releases.get(graph);
  if (known) return known;
  const needed = new Set(graph.outputs.map((o) => o.name));
  const after: string[][] = graph.nodes.map(() => []);
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const { inputs, outputs } = graph.nodes[i] as Node;
    for (const name of [...inputs, ...outputs]) {
      if (name === '' || needed.has(name)) continue;
      needed.add(name);
      (after[i] as string[]).push(name);
    }
  }
  releases.set(graph, after);
  return after;
}

interface Prepared { readonly operands: readonly (Tensor | null)[]; run(): readonly Laid[] }

/** A node with its operands as it wants them. */
function prepared(tf: Tf, graph: Graph, node: Node, held: readonly (Held | null)[], { layers, taped }: RunOptions): Prepared {
  if (node.domain === WHOLE.domain) {
    const layer = required(layers.get(attribute(node, 'layer', 'string', '')), `layer ${node.name}`);
    const operands = held.map((h) => required(h, node.name).as(tf, true));
    return { operands, run: () => [laidLast(layer(operands))] };
  }
  const row = (node.domain === '' ? operatorTable[node.op] : undefined) ?? refuse(node, '');
  const numbers = (i: number): readonly number[] => {
    const constant = graph.initializers.get(node.inputs[i] ?? '');
    return constant ? Array.from(constant.data as ArrayLike<number | bigint>, Number) : refuse(node, 'by computed sizes');
  };
  const common = { tf, node, numbers, taped, outputs: node.outputs.map((name): TensorType => graph.types.get(name) ?? { element: 'float32', shape: [] }) };
  if (row.layout === 'own') return { operands: held.map((h) => h?.laid.tensor ?? null), run: () => row.run({ ...common, inputs: held.map((h) => h?.laid ?? null) }) };
  if (row.layout === 'either') {
    const last = mostLast(held);
    const rank = Math.max(...held.map((h) => h?.laid.tensor.rank ?? 0));
    const operands = held.map((h) => h && broadcastable(tf, h, rank, last));
    return { operands, run: () => row.run({ ...common, last, inputs: operands }).map((tensor) => ({ tensor, last: last && tensor.rank > 2 })) };
  }
  const last = row.layout === 'last';
  const operands = held.map((h, i) => h?.as(tf, last && i === 0) ?? null);
  return { operands, run: () => row.run({ ...common, last, inputs: operands }).map((tensor, i) => (last && i === 0 ? laidLast(tensor) : { tensor, last: false })) };
}

/** A node's answers, none of which is an operand itself; what it makes besides is freed. */
function answersOf(tf: Tf, { operands, run }: Prepared): readonly Laid[] {
  let lies: boolean[] = [];
  const tensors = tf.tidy(() => {
    const made = run();
    lies = made.map(({ last }) => last);
    return made.map(({ tensor }) => (operands.includes(tensor) ? tf.clone(tensor) : tensor));
  });
  return tensors.map((tensor, i) => ({ tensor, last: lies[i] === true }));
}

/**
 * The graph's outputs by name. Feeds are all of its inputs, never disposed of here; every other value is freed behind its last use
 * (what a gradient needs the tape keeps), and the answers are the caller's. Constants stay until releaseConstants. Throws
 * tensorflow.operator where the table has no such row.
 */
export function runGraph(tf: Tf, graph: Graph, feeds: ReadonlyMap<string, Laid>, options: RunOptions): Map<string, Laid> {
  const after = releasesOf(graph);
  const values = new Map([...feeds].map(([name, laid]) => [name, new Held(laid, false)]));
  const valueOf = (name: string): Held | null => {
    const known = values.get(name);
    if (known || name === '') return known ?? null;
    const constant = constantOf(tf, graph, name);
    if (!constant) return null;
    const held = new Held({ tensor: constant, last: false }, false);
    values.set(name, held);
    return held;
  };
  const order = new Map<string, boolean>();
  const answers = tf.tidy(() => {
    graph.nodes.forEach((node, i) => {
      answersOf(tf, prepared(tf, graph, node, node.inputs.map(valueOf), options)).forEach((laid, k) => {
        const name = node.outputs[k] ?? '';
        if (name === '') laid.tensor.dispose();
        else values.set(name, new Held(laid, true));
      });
      for (const name of after[i] ?? []) {
        values.get(name)?.free();
        values.delete(name);
      }
    });
    return Object.fromEntries(graph.outputs.map(({ name }) => {
      const { tensor, last } = required(valueOf(name), name).given(tf);
      order.set(name, last);
      return [name, tensor];
    }));
  });
  return new Map(graph.outputs.map(({ name }) => [name, { tensor: answers[name] as Tensor, last: order.get(name) === true }]));
}
