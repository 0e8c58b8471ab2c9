/** What only running a part of the net tells: numbers that follow from constants, and types that depend on the data. */
import type { Node, Tensor, TensorType } from '../../../../shared/onnx/ir.ts';
import type { SourceType } from '../../onnx-io/source.ts';
import { computeNodes, type ProbeInput } from './probe.ts';
import { typeOf, type Known, type Lane } from './state.ts';
import type { Values } from './values.ts';

type Opsets = Readonly<Record<string, number>>;

/** The nodes behind some values, and what these read from outside. */
function behind(names: readonly string[], nodes: readonly Node[], values: Values, value: (name: string) => Tensor | null): { nodes: readonly Node[]; given: Map<string, ProbeInput> } {
  const makers = new Map(nodes.flatMap((n) => n.outputs.map((y) => [y, n] as const)));
  const types = new Map([...values.all()].map(([, k]) => [k.name, typeOf(k)]));
  const needed = new Set<Node>();
  const given = new Map<string, ProbeInput>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === '' || given.has(name)) continue;
    const held = value(name);
    const node = held ? undefined : makers.get(name);
    if (!node) given.set(name, { type: types.get(name) ?? (held as TensorType), value: held });
    else if (!needed.has(node)) {
      needed.add(node);
      open.push(...node.inputs);
    }
  }
  return { nodes: nodes.filter((n) => needed.has(n)), given };
}

/**
 * Computes values that follow from constants, in one session, and holds them as constants. Answers the nodes that are left.
 * Throws engine.load and engine.run.
 */
export async function computeFixed(wanted: readonly Known[], nodes: readonly Node[], values: Values, opsets: Opsets): Promise<readonly Node[]> {
  const names = new Set(wanted.map((w) => w.name));
  const part = behind([...names], nodes, values, (name) => values.constants.get(name) ?? null);
  const answers = await computeNodes(part.nodes, part.given, [...names], opsets);
  for (const [key, value] of [...values.all()]) {
    const tensor = names.has(value.name) ? answers.get(value.name) : undefined;
    if (!tensor) continue;
    const lane: Lane = { type: { element: tensor.element, shape: tensor.shape }, constant: tensor };
    values.hold(value.name, tensor, value.learned);
    values.set(key, { ...value, lanes: value.lanes.map(() => lane) });
  }
  return nodes.filter((n) => !n.outputs.every((y) => y === '' || answers.has(y)));
}

export interface Trials {
  /** Numbers of trial runs so far, by name in the new graph. */
  readonly numbers: Map<string, Tensor>;
  /** What the file tells of its values. */
  readonly told: ReadonlyMap<string, SourceType>;
}

/**
 * Types of a node's outputs as the file tells them, else as one trial run has them; null for what is no tensor of numbers.
 * `node` reads the new graph's names and makes `node.outputs`. Throws engine.run where neither is to be had.
 */
export async function trialTypes(node: Node, nodes: readonly Node[], values: Values, trials: Trials, opsets: Opsets): Promise<{ readonly types: readonly (TensorType | null)[]; readonly numbers: ReadonlyMap<string, Tensor> }> {
  const part = behind(node.inputs, nodes, values, (name) => values.constants.get(name) ?? trials.numbers.get(name) ?? null);
  const told = node.outputs.map((y): TensorType | null => {
    const t = trials.told.get(y);
    return t?.shape?.every((d) => typeof d === 'number') ? { element: values.widening.element(t.element), shape: t.shape as readonly number[] } : null;
  });
  const keep = part.nodes.flatMap((n) => n.outputs.filter((y) => node.inputs.includes(y)));
  const wanted = node.outputs.filter((y) => y !== '');
  const numbers = await computeNodes([...part.nodes, node], part.given, [...wanted, ...keep], opsets).catch((cause: unknown) => {
    // Trial numbers need not be such that it can run.
    if (told.every((t, i) => t !== null || node.outputs[i] === '')) return new Map<string, Tensor>();
    throw cause;
  });
  for (const name of keep) if (numbers.has(name)) trials.numbers.set(name, numbers.get(name) as Tensor);
  return { numbers, types: node.outputs.map((y, i) => {
    const t = told[i] ?? numbers.get(y);
    return t ? { element: t.element, shape: t.shape } : null;
  }) };
}
