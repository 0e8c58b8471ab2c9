/** Nets with channels last, brought to channels first where pairs of Transposes show that nothing else depends on it. */
import { attribute, type Graph, type Node, type TensorType } from '../../../../shared/onnx/ir.ts';
import type { NormalModel } from '../normal.ts';
import { toFirst, toLast } from './axes.ts';
import { axisRules } from './channels-first-rules.ts';
import { Turning } from './turning.ts';

const same = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((v, i) => v === b[i]);
const permOf = (node: Node): readonly number[] => (node.op === 'Transpose' && node.domain === '' ? attribute(node, 'perm', 'ints', []) : []);
/** Pictures and volumes. Rows of tokens have channels last by right. */
const RANKS = [4, 5];

/** Deals with one node: a Transpose between the two orders leaves nothing, a rule carries the new order on (true). */
function carry(node: Node, work: Turning): boolean {
  const [x = '', output = ''] = [node.inputs[0], node.outputs[0]];
  const rank = work.rankOf(output);
  const first = work.first.get(x);
  if (RANKS.includes(rank) && first !== undefined && same(permOf(node), toFirst(rank))) {
    work.call(output, first);
    return false;
  }
  if (RANKS.includes(rank) && same(permOf(node), toLast(rank)) && !work.initializers.has(x)) {
    work.made(output, work.plain(x));
    return false;
  }
  const rule = node.domain === '' && node.inputs.some((v) => work.first.has(v)) ? axisRules[node.op] : undefined;
  if (rule?.(node, work)) return true;
  work.nodes.push({ ...node, inputs: node.inputs.map((v) => (v === '' ? v : work.plain(v))) });
  return false;
}

/** Whether a value of channels last meets a Transpose to channels first by way of operators that do not ask for an order. */
function isTurnedLater(graph: Graph, input: string): boolean {
  const reached = new Set([input]);
  return graph.nodes.some((node) => {
    const [x = '', output = ''] = [node.inputs[0], node.outputs[0]];
    if (!node.inputs.some((v) => reached.has(v))) return false;
    const rank = graph.types.get(output)?.shape.length ?? 0;
    if (reached.has(x) && RANKS.includes(rank) && same(permOf(node), toFirst(rank))) return true;
    if (node.domain === '' && Object.hasOwn(axisRules, node.op)) for (const o of node.outputs) reached.add(o);
    return false;
  });
}

const transposes = (nodes: readonly Node[]): number => nodes.filter((n) => RANKS.includes(permOf(n).length)).length;

export interface ChannelsFirst {
  readonly model: NormalModel;
  /** For each input and output in order: how the file's axes are turned to give the model's; null where they agree. */
  readonly inputs: readonly (readonly number[] | null)[];
  readonly outputs: readonly (readonly number[] | null)[];
}

/** The net with channels first, where that takes Transposes away or lets layers be seen between them; otherwise as it is. */
export function channelsFirst(model: NormalModel): ChannelsFirst {
  const { graph } = model;
  const untouched = { model, inputs: graph.inputs.map(() => null), outputs: graph.outputs.map(() => null) };
  const before = transposes(graph.nodes);
  if (before === 0) return untouched;
  const work = new Turning(model);
  const inputs = graph.inputs.map(({ name, type }) => {
    if (!RANKS.includes(type.shape.length) || !model.batched.has(name) || !isTurnedLater(graph, name)) return null;
    work.made(name, name);
    return toFirst(type.shape.length);
  });
  const carried = graph.nodes.filter((node) => carry(node, work)).length;
  const ends = graph.outputs.map(({ name }) => work.first.get(name) ?? work.plain(name));
  if (carried === 0 || transposes(work.nodes) > before) return untouched;
  const typed = (name: string) => ({ name, type: work.types.get(name) as TensorType });
  const turnedGraph: Graph = { ...graph, nodes: work.nodes, types: work.types, initializers: work.initializers, inputs: graph.inputs.map((v) => typed(v.name)), outputs: ends.map(typed) };
  return { model: { ...model, graph: turnedGraph, batched: work.batched }, inputs, outputs: graph.outputs.map((v) => (work.first.has(v.name) ? toFirst(v.type.shape.length) : null)) };
}
