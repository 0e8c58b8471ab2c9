/** Sequences whose length is known, written out as their tensors. */
import { int, type Attribute } from '../../../../shared/onnx/ir.ts';
import { int64Tensor } from '../../../../shared/onnx/fold/numbers.ts';
import { draftOf, titleOf, type DraftNode } from './draft.ts';
import type { Expander, Expansion } from './expander.ts';
import { isSettled, typeOf } from './state.ts';

const out = (node: DraftNode): string => node.outputs[0] as string;
const unknown = (node: DraftNode, walk: Expander) => walk.refuse('a sequence whose length follows from the sizes of the net', `${titleOf(node)}, where it depends on the data`, 'Export the net without sequences.');

function elementsOf(node: DraftNode, walk: Expander): readonly string[] {
  const list = walk.sequences.get(node.inputs[0] as string);
  if (!list) throw unknown(node, walk);
  return list;
}

async function place(node: DraftNode, input: number, length: number, walk: Expander): Promise<number> {
  const t = await walk.settle(node.inputs[input] as string);
  if (!t) throw unknown(node, walk);
  const i = Number(t.data[0]);
  return i < 0 ? i + length : i;
}

const intOf = (node: DraftNode, name: string, fallback: number): number => {
  const a = node.attributes[name];
  return a?.kind === 'int' ? a.value : fallback;
};
const has = (node: DraftNode, i: number): boolean => (node.inputs[i] ?? '') !== '';
const make = (op: string, name: string, inputs: readonly string[], outputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): DraftNode =>
  draftOf({ name, op, domain: '', overload: '', inputs, outputs, attributes }, 18, []);

const at: Expansion = async (node, walk) => {
  const list = elementsOf(node, walk);
  const element = list[await place(node, 1, list.length, walk)];
  if (element === undefined) throw walk.refuse(`a place within ${list.length} of ${titleOf(node)}`, 'one beyond', 'Export the net anew.');
  walk.link(out(node), element);
};

const insert: Expansion = async (node, walk) => {
  const list = elementsOf(node, walk);
  const i = has(node, 2) ? await place(node, 2, list.length, walk) : list.length;
  walk.sequences.set(out(node), list.toSpliced(i, 0, node.inputs[1] as string));
};

const erase: Expansion = async (node, walk) => {
  const list = elementsOf(node, walk);
  const i = has(node, 1) ? await place(node, 1, list.length, walk) : list.length - 1;
  walk.sequences.set(out(node), list.toSpliced(i, 1));
};

const concat: Expansion = (node, walk) => {
  const list = elementsOf(node, walk);
  const axis = intOf(node, 'axis', 0);
  if (intOf(node, 'new_axis', 0) === 0) return walk.push([make('Concat', node.name, list, node.outputs, { axis: int(axis) })]);
  const axes = walk.constant(walk.fresh(`${node.name}/axis`), int64Tensor([axis]), false);
  const parts = list.map((x) => ({ x, y: walk.fresh(`${node.name}/part`) }));
  walk.push([...parts.map((p) => make('Unsqueeze', p.y, [p.x, axes], [p.y])), make('Concat', node.name, parts.map((p) => p.y), node.outputs, { axis: int(axis) })]);
};

/** Parts by a list of sizes, of one size with what remains, or of 1 (without the axis where that is not kept). */
const split: Expansion = async (node, walk) => {
  const x = walk.known(node.inputs[0] as string);
  const shape = typeOf(x).shape;
  const a = intOf(node, 'axis', 0);
  const axis = a < 0 ? a + shape.length : a;
  if (axis === 0 && !isSettled(x)) throw unknown(node, walk);
  const size = shape[axis] ?? 0;
  const given = has(node, 1) ? await walk.settle(node.inputs[1] as string) : null;
  if (has(node, 1) && !given) throw unknown(node, walk);
  const step = given && given.shape.length === 0 ? Number(given.data[0]) : 1;
  if (step < 1) throw unknown(node, walk);
  const sizes = given && given.shape.length > 0 ? Array.from(given.data as ArrayLike<bigint>, Number) : Array.from({ length: Math.ceil(size / step) }, (_, i) => Math.min(step, size - i * step));
  const parts = sizes.map(() => walk.fresh(`${node.name}/part`));
  const squeezed = !given && intOf(node, 'keepdims', 1) === 0;
  const kept = squeezed ? parts.map((p) => walk.fresh(p)) : parts;
  const lengths = walk.constant(walk.fresh(`${node.name}/sizes`), int64Tensor(sizes), false);
  const axes = walk.constant(walk.fresh(`${node.name}/axis`), int64Tensor([axis]), false);
  walk.push([
    make('Split', node.name, [node.inputs[0] as string, lengths], parts, { axis: int(axis) }),
    ...(squeezed ? parts.map((p, i) => make('Squeeze', kept[i] as string, [p, axes], [kept[i] as string])) : []),
    () => { walk.sequences.set(out(node), kept); },
  ]);
};

const truth = (node: DraftNode, value: boolean, walk: Expander): void =>
  walk.link(out(node), walk.constant(walk.fresh(node.name), { element: 'bool', shape: [], data: Uint8Array.of(value ? 1 : 0) }, false));
const handOn: Expansion = (node, walk) => { walk.link(out(node), node.inputs[0] as string); };

export const sequences: Readonly<Record<string, Expansion>> = {
  SequenceEmpty: (node, walk) => { walk.sequences.set(out(node), []); },
  SequenceConstruct: (node, walk) => { walk.sequences.set(out(node), node.inputs); },
  SequenceInsert: insert, SequenceErase: erase, SequenceAt: at, ConcatFromSequence: concat, SplitToSequence: split,
  SequenceLength: (node, walk) => { walk.link(out(node), walk.constant(walk.fresh(node.name), { element: 'int64', shape: [], data: BigInt64Array.of(BigInt(elementsOf(node, walk).length)) }, false)); },
  OptionalHasElement: (node, walk) => { truth(node, has(node, 0), walk); },
  OptionalGetElement: handOn,
  Optional: (node, walk) => {
    if (!has(node, 0)) throw walk.refuse('a value', `none in ${titleOf(node)}`, 'Export the net without optional values.');
    walk.link(out(node), node.inputs[0] as string);
  },
};
