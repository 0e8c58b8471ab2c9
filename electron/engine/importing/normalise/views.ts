/**
 * Values that Transpose turns so that the batch is no longer their first axis: they are not made, but seen through. What reads
 * them is done before the turn, and the turn after it: Gather(Transpose(x)) is Transpose(Gather(x)).
 */
import { attribute, int, ints, type Attribute, type Node } from '../../../../shared/onnx/ir.ts';
import { int64Tensor } from '../../../../shared/onnx/fold/numbers.ts';
import { draftOf, type DraftNode } from './draft.ts';
import { batchRole, constantOf, typeOf, type Known } from './state.ts';
import type { Values } from './values.ts';

export interface View {
  /** Name of the value that is turned, among the values of the walk. */
  readonly base: string;
  readonly perm: readonly number[];
}

const positive = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
const turn = (name: string, x: string, y: string, perm: readonly number[]): DraftNode =>
  draftOf({ name, op: perm.every((p, i) => p === i) ? 'Identity' : 'Transpose', domain: '', overload: '', inputs: [x], outputs: [y], attributes: perm.every((p, i) => p === i) ? {} : { perm: ints(perm) } }, 18, []);
/** The order that is left when the view's axes `gone` are. */
const rest = (perm: readonly number[], gone: readonly number[]): number[] => {
  const lost = gone.map((a) => perm[a] as number);
  return perm.filter((_, i) => !gone.includes(i)).map((p) => p - lost.filter((l) => l < p).length);
};

type Through = (node: Node, view: View, inputs: readonly (Known | null)[], values: Values) => DraftNode[] | null;

const before = (node: Node, inputs: readonly string[], outputs: readonly string[], attributes: Readonly<Record<string, Attribute>>): DraftNode =>
  draftOf({ name: node.name, op: node.op, domain: '', overload: '', inputs, outputs, attributes }, 18, []);

/** One output, done on what is turned, and turned after. */
const inside = (node: Node, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>>, perm: readonly number[], values: Values): DraftNode[] => {
  const y = node.outputs[0] as string;
  const own = values.fresh(`${y} unturned`);
  return [before(node, inputs, [own], attributes), turn(`${node.name}/turned`, own, y, perm)];
};

const gather: Through = (node, { base, perm }, [, at], values) => {
  if (!at || constantOf(at)?.shape.length !== 0) return null;
  const axis = positive(attribute(node, 'axis', 'int', 0), perm.length);
  return inside(node, [base, node.inputs[1] as string], { axis: int(perm[axis] as number) }, rest(perm, [axis]), values);
};

const squeeze: Through = (node, { base, perm }, [x, list], values) => {
  const given = list ? constantOf(list) : null;
  if (!x || (list && !given)) return null;
  const axes = given ? Array.from(given.data as ArrayLike<bigint>, (a) => positive(Number(a), perm.length)) : typeOf(x).shape.flatMap((d, i) => (d === 1 ? [i] : []));
  return inside(node, [base, values.constant(values.fresh(`${node.name}/axes`), int64Tensor(axes.map((a) => perm[a] as number)), false)], {}, rest(perm, axes), values);
};

const split: Through = (node, { base, perm }, _inputs, values) => {
  const axis = positive(attribute(node, 'axis', 'int', 0), perm.length);
  const parts = node.outputs.map((y) => values.fresh(`${y} unturned`));
  return [before(node, [base, ...node.inputs.slice(1)], parts, { ...node.attributes, axis: int(perm[axis] as number) }), ...node.outputs.map((y, i) => turn(`${node.name}/turned ${i}`, parts[i] as string, y, perm))];
};

const again: Through = (node, { base, perm }) => {
  const order = attribute(node, 'perm', 'ints', perm.map((_, i) => perm.length - 1 - i));
  return [turn(node.name, base, node.outputs[0] as string, order.map((i) => perm[i] as number))];
};

/** With a single number at the other side. */
const scaled: Through = (node, { base, perm }, inputs, values) => {
  const other = inputs[1];
  if (!other || constantOf(other)?.data.length !== 1 || typeOf(other).shape.length > perm.length) return null;
  return inside(node, [base, node.inputs[1] as string], node.attributes, perm, values);
};

const copied: Through = (node, { base, perm }) => [turn(node.name, base, node.outputs[0] as string, perm)];

const through: Readonly<Record<string, Through>> = { Gather: gather, Squeeze: squeeze, Split: split, Transpose: again, Identity: copied, Mul: scaled, Div: scaled, Add: scaled, Sub: scaled };

/** The node done before the turn of its first input; null where it cannot be. */
export function throughView(node: Node, view: View, inputs: readonly (Known | null)[], values: Values): readonly DraftNode[] | null {
  return node.domain === '' && Object.hasOwn(through, node.op) ? (through[node.op]?.(node, view, inputs, values) ?? null) : null;
}

/**
 * A Concat of samples with constants that a file saved at a batch of one (a class token before each sequence): the constants are
 * repeated for each sample at run time. Null where it is no such Concat.
 */
export function repeatedConstants(node: Node, inputs: readonly (Known | null)[], values: Values): readonly DraftNode[] | null {
  const samples = inputs.findIndex((x) => x && batchRole(x) === 'batched');
  const single = (x: Known | null): x is Known => x !== null && batchRole(x) === 'free' && x.fixed && typeOf(x).shape[0] === 1;
  if (node.op !== 'Concat' || node.domain !== '' || samples < 0 || !inputs.some(single) || positive(attribute(node, 'axis', 'int', 0), typeOf(inputs[samples] as Known).shape.length) === 0) return null;
  const made: DraftNode[] = [];
  const op = (name: string, kind: string, from: readonly string[], attributes: Readonly<Record<string, Attribute>>): string => {
    made.push(draftOf({ name, op: kind, domain: '', overload: '', inputs: from, outputs: [name], attributes }, 18, []));
    return name;
  };
  const size = op(values.fresh(`${node.name}/batch`), 'Shape', [node.inputs[samples] as string], { start: int(0), end: int(1) });
  const names = node.inputs.map((name, i) => {
    const x = inputs[i] ?? null;
    if (!single(x)) return name;
    const sizes = values.constant(values.fresh(`${node.name}/sizes`), int64Tensor(typeOf(x).shape.slice(1)), false);
    const target = op(values.fresh(`${node.name}/target`), 'Concat', [size, sizes], { axis: int(0) });
    return op(values.fresh(`${node.name}/repeated`), 'Expand', [name, target], {});
  });
  return [...made, before(node, names, node.outputs, node.attributes)];
}
