/** How operators work on views: on the value behind, whose batch is first. */
import { attribute, int, ints, type Node } from '../../../../shared/onnx/ir.ts';
import { batchRole, constantOf, laneOf, typeOf, type Known } from './state.ts';
import { arranged, Drafting, regrouped, sizesOf, whole, type Rule, type Through, type View } from './views.ts';
import type { Values } from './values.ts';

const positive = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
/** The one axis of the base that is an axis of the view; null where there are several, or it is the batch. */
const single = (view: View, axis: number): number | null => {
  const g = view.groups[axis];
  return g?.length === 1 && g[0] !== 0 ? (g[0] as number) : null;
};
const numbersOf = (x: Known | null | undefined): number[] | null => {
  const t = x ? constantOf(x) : null;
  return t ? Array.from(t.data as ArrayLike<bigint>, Number) : null;
};
/** The view without some axes of its own and of its base. */
const without = (view: View, base: string, axes: readonly number[], gone: readonly number[]): View =>
  ({ base, groups: view.groups.filter((_, i) => !axes.includes(i)).map((g) => g.map((a) => a - gone.filter((x) => x < a).length)) });
const isFree = (x: Known | null | undefined): x is Known => x !== null && x !== undefined && batchRole(x) === 'free';

/** The last axis of the view as the last of the base, joined where the base has several for it. */
function lastLast(view: View, d: Drafting): View | null {
  const last = view.groups.at(-1) ?? [];
  if (last.length === 0 || last.includes(0)) return null;
  const rest = sizesOf(view, d.values).flatMap((_, i) => (last.includes(i) ? [] : [i]));
  const ready = arranged(view, [...rest, ...last], d);
  if (last.length === 1) return ready;
  const sizes = sizesOf(view, d.values);
  const joined = last.reduce((p, axis) => p * (sizes[axis] as number), 1);
  return { base: d.op('Reshape', [ready.base, d.int64([...rest.map((axis, i) => (i === 0 ? -1 : (sizes[axis] as number))), joined])]), groups: [...ready.groups.slice(0, -1), [rest.length]] };
}

const each: Rule = (node, [x], _inputs, d) => (x ? [{ ...x, base: d.op(node.op, [x.base, ...node.inputs.slice(1)], node.attributes) }] : null);

const pairwise: Rule = (node, [a, b], inputs, d) => {
  if (a && b) {
    const alike = String(a.groups) === String(b.groups) && String(sizesOf(a, d.values)) === String(sizesOf(b, d.values));
    return alike ? [{ ...a, base: d.op(node.op, [a.base, b.base], node.attributes) }] : null;
  }
  const [view, other, first] = a ? [a, inputs[1], true] : [b ?? null, inputs[0], false];
  if (!view || !isFree(other) || !other.fixed || typeOf(other).shape.length > 1) return null;
  const ready = typeOf(other).shape[0] === 1 || typeOf(other).shape.length === 0 ? view : lastLast(view, d);
  const names = ready && (first ? [ready.base, node.inputs[1] as string] : [node.inputs[0] as string, ready.base]);
  return names && [{ ...ready, base: d.op(node.op, names, node.attributes) }];
};

/** By a matrix at the right: each row for itself. */
function byMatrix(x: View, matrix: string, d: Drafting): View | null {
  const ready = lastLast(x, d);
  return ready && { ...ready, base: d.op('MatMul', [ready.base, matrix]) };
}

/** Two of many matrices each: what stands before the last two axes is alike in both. */
function byPairs(a: View, b: View, d: Drafting): View | null {
  const [m, k, k2, n] = [single(a, a.groups.length - 2), single(a, a.groups.length - 1), single(b, b.groups.length - 2), single(b, b.groups.length - 1)];
  const [left, right] = [a.groups.slice(0, -2), b.groups.slice(0, -2)];
  const [fromLeft, fromRight] = [left.flat(), right.flat()];
  if (m === null || k === null || k2 === null || n === null || fromLeft[0] !== 0 || fromRight[0] !== 0) return null;
  const sizes = (v: View, lead: View['groups']): string => lead.map((g) => g.map((axis) => sizesOf(v, d.values)[axis]).join('·')).join();
  if (sizes(a, left) !== sizes(b, right)) return null;
  const [x, y] = [arranged(a, [...fromLeft, m, k], d), arranged(b, [...fromRight, k2, n], d)];
  return { base: d.op('MatMul', [x.base, y.base]), groups: [...x.groups.slice(0, -2), [fromLeft.length], [fromLeft.length + 1]] };
}

const matmul: Rule = (node, [a, b], inputs, d) => {
  if (a && b) return list(byPairs(a, b, d));
  return a && isFree(inputs[1]) && typeOf(inputs[1]).shape.length === 2 ? list(byMatrix(a, node.inputs[1] as string, d)) : null;
};
const list = (view: View | null): readonly View[] | null => view && [view];

const gemm: Rule = (node, [x], inputs, d) => {
  const [, w, bias] = inputs;
  const plain = ['transA'].every((name) => attribute(node, name, 'int', 0) === 0) && ['alpha', 'beta'].every((name) => attribute(node, name, 'float', 1) === 1);
  if (!x || !plain || !isFree(w) || (bias && (!isFree(bias) || typeOf(bias).shape.length > 1))) return null;
  const matrix = attribute(node, 'transB', 'int', 0) === 1 ? d.op('Transpose', [node.inputs[1] as string], { perm: ints([1, 0]) }) : (node.inputs[1] as string);
  const made = byMatrix(x, matrix, d);
  return made && [bias ? { ...made, base: d.op('Add', [made.base, node.inputs[2] as string]) } : made];
};

const alongAxis: Rule = (node, [x], _inputs, d) => {
  const axis = x ? single(x, positive(attribute(node, 'axis', 'int', -1), x.groups.length)) : null;
  return x && axis !== null ? [{ ...x, base: d.op(node.op, [x.base], { ...node.attributes, axis: int(axis) }) }] : null;
};

const gather: Rule = (node, [x], inputs, d) => {
  const at = positive(attribute(node, 'axis', 'int', 0), x?.groups.length ?? 0);
  const axis = x ? single(x, at) : null;
  const index = inputs[1] ? constantOf(inputs[1]) : null;
  if (!x || axis === null || index?.shape.length !== 0) return null;
  return [without(x, d.op('Gather', [x.base, node.inputs[1] as string], { axis: int(axis) }), [at], [axis])];
};

const split: Rule = (node, [x], _inputs, d) => {
  const axis = x ? single(x, positive(attribute(node, 'axis', 'int', 0), x.groups.length)) : null;
  if (!x || axis === null) return null;
  const parts = node.outputs.map((y) => d.values.fresh(`${y} unturned`));
  d.several('Split', [x.base, ...node.inputs.slice(1)], { ...node.attributes, axis: int(axis) }, parts);
  return parts.map((base) => ({ ...x, base }));
};

const squeeze: Rule = (_node, [x], inputs, d) => {
  const rank = x?.groups.length ?? 0;
  const axes = inputs[1] ? numbersOf(inputs[1])?.map((a) => positive(a, rank)) : null;
  if (!x || !axes) return null;
  const gone = axes.flatMap((a) => x.groups[a] ?? []);
  if (gone.includes(0)) return null;
  return [without(x, gone.length > 0 ? d.op('Squeeze', [x.base, d.int64(gone)]) : x.base, axes, gone)];
};

const unsqueeze: Rule = (_node, [x], inputs) => {
  const given = numbersOf(inputs[1]);
  if (!x || !given) return null;
  const rank = x.groups.length + given.length;
  const axes = given.map((a) => positive(a, rank));
  const rest = [...x.groups];
  return [{ ...x, groups: Array.from({ length: rank }, (_, i) => (axes.includes(i) ? [] : (rest.shift() ?? []))) }];
};

const transpose: Rule = (node, [x]) => (x ? [{ ...x, groups: attribute(node, 'perm', 'ints', x.groups.map((_, i) => x.groups.length - 1 - i)).map((p) => x.groups[p] ?? []) }] : null);

/** Sizes that a Reshape comes to at each lane. */
const reshape: Rule = (_node, [x], inputs, d) => {
  const target = inputs[1];
  if (!x || !target) return null;
  const sizes = sizesOf(x, d.values);
  const view = [1, 2].map((n) => x.groups.map((g) => g.reduce((p, axis) => p * (axis === 0 ? n : (sizes[axis] as number)), 1)));
  const wanted = view.map((own, lane) => {
    const t = laneOf(target, lane).constant;
    if (!t) return null;
    const dims = Array.from(t.data as ArrayLike<bigint>, Number).map((v, i) => (v === 0 ? (own[i] ?? 0) : v));
    const known = dims.filter((v) => v !== -1).reduce((p, v) => p * v, 1);
    return dims.map((v) => (v === -1 ? own.reduce((p, q) => p * q, 1) / known : v));
  });
  const [one, two] = wanted;
  return one && two ? list(regrouped(x, [one, two], d)) : null;
};

const rows = (rule: Rule, ...ops: readonly string[]): Readonly<Record<string, Rule>> => Object.fromEntries(ops.map((op) => [op, rule]));
const rules: Readonly<Record<string, Rule>> = {
  ...rows(each, 'Identity', 'Neg', 'Abs', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Erf', 'Tanh', 'Sigmoid', 'Relu', 'LeakyRelu', 'Elu', 'Gelu', 'Softplus', 'Cast', 'Dropout'),
  ...rows(pairwise, 'Add', 'Sub', 'Mul', 'Div', 'Pow'), ...rows(alongAxis, 'Softmax', 'LogSoftmax'),
  MatMul: matmul, Gemm: gemm, Gather: gather, Split: split, Squeeze: squeeze, Unsqueeze: unsqueeze, Transpose: transpose, Reshape: reshape,
};

/** A node that reads views, done on what is behind them; null where it cannot be. */
export function throughViews(node: Node, views: readonly (View | null)[], inputs: readonly (Known | null)[], values: Values): Through | null {
  const rule = node.domain === '' && Object.hasOwn(rules, node.op) ? rules[node.op] : undefined;
  const d = new Drafting(values, node.name);
  const seen = rule?.(node, views, inputs, d) ?? null;
  return seen && { drafts: d.drafts, views: seen.map((v, i) => ({ ...v, name: node.outputs[i] as string })) };
}

/** Where a node turns the batch away or joins it with another axis: the first view; null for another node. */
export function firstView(node: Node, inputs: readonly (Known | null)[], values: Values): Through | null {
  const [x] = inputs;
  if (!x || batchRole(x) !== 'batched' || (node.op !== 'Transpose' && node.op !== 'Reshape')) return null;
  return throughViews(node, [whole(node.inputs[0] as string, typeOf(x).shape.length), null], inputs, values);
}
