/** Folding of operators that move, cut, join and repeat. */
import { attribute, type Node, type Tensor } from '../ir.ts';
import { constantValue } from '../ops/create.ts';
import { broadcastStrides, int64Tensor, numbersOf, stridesOf, take, tensorOfNumbers, walkStrides, zeros } from './numbers.ts';
import type { FoldRow, FoldTable } from './row.ts';

const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const whole = (t: Tensor): number[] => Array.from(t.data as ArrayLike<number | bigint>, Number);
const positive = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
const one = (t: Tensor | null): readonly Tensor[] | null => t && [t];

/** The same numbers under another shape, over the same memory. */
const shaped = (x: Tensor, shape: readonly number[]): readonly Tensor[] | null => (elements(shape) === x.data.length ? [{ ...x, shape }] : null);

const reshape: FoldRow = (node, [x, target]) => {
  if (!x || !target) return null;
  const copies = attribute(node, 'allowzero', 'int', 0) === 0;
  const wanted = whole(target).map((d, i) => (d === 0 && copies ? (x.shape[i] ?? -2) : d));
  const known = elements(wanted.filter((d) => d !== -1));
  return shaped(x, wanted.map((d) => (d === -1 ? x.data.length / Math.max(known, 1) : d)));
};

const squeeze: FoldRow = (_node, [x, axes]) => {
  if (!x) return null;
  const gone = axes ? whole(axes).map((a) => positive(a, x.shape.length)) : x.shape.flatMap((d, i) => (d === 1 ? [i] : []));
  return shaped(x, x.shape.filter((_, i) => !gone.includes(i)));
};

const unsqueeze: FoldRow = (_node, [x, axes]) => {
  if (!x || !axes) return null;
  const rank = x.shape.length + axes.data.length;
  const added = whole(axes).map((a) => positive(a, rank));
  const rest = [...x.shape];
  return shaped(x, Array.from({ length: rank }, (_, i) => (added.includes(i) ? 1 : (rest.shift() ?? 1))));
};

const flatten: FoldRow = (node, [x]) => {
  if (!x) return null;
  const axis = positive(attribute(node, 'axis', 'int', 1), x.shape.length);
  return shaped(x, [elements(x.shape.slice(0, axis)), elements(x.shape.slice(axis))]);
};

const transpose: FoldRow = (node, [x]) => {
  if (!x) return null;
  const perm = attribute(node, 'perm', 'ints', x.shape.map((_, i) => x.shape.length - 1 - i));
  const strides = stridesOf(x.shape);
  return one(take(x, perm.map((p) => x.shape[p] as number), perm.map((p) => strides[p] as number)));
};

const expand: FoldRow = (_node, [x, target]) => {
  if (!x || !target) return null;
  const wanted = whole(target);
  const rank = Math.max(wanted.length, x.shape.length);
  const shape = Array.from({ length: rank }, (_, i) => {
    const [a, b] = [x.shape[i - rank + x.shape.length] ?? 1, wanted[i - rank + wanted.length] ?? 1];
    return a === 1 ? b : a;
  });
  return one(take(x, shape, broadcastStrides(x.shape, shape)));
};

const tile: FoldRow = (_node, [x, repeats]) => {
  if (!x || !repeats) return null;
  const times = whole(repeats);
  // [a, b] repeated is [times, a, times, b] read with a step of zero along the added axes.
  const strides = stridesOf(x.shape);
  const made = take(x, x.shape.flatMap((d, i) => [times[i] as number, d]), strides.flatMap((s) => [0, s]));
  return made && shaped(made, x.shape.map((d, i) => d * (times[i] as number)));
};

const gather: FoldRow = (node, [x, indices]) => {
  if (!x || !indices) return null;
  const axis = positive(attribute(node, 'axis', 'int', 0), x.shape.length);
  const size = x.shape[axis];
  if (size === undefined) return null;
  const inner = elements(x.shape.slice(axis + 1));
  const outer = elements(x.shape.slice(0, axis));
  const places = whole(indices).map((i) => positive(i, size));
  if (places.some((i) => i < 0 || i >= size)) return null;
  const data = zeros(x.element, outer * places.length * inner) as Float32Array | null;
  if (!data) return null;
  let to = 0;
  for (let o = 0; o < outer; o++) for (const i of places) for (let k = 0; k < inner; k++) data[to++] = (x.data as Float32Array)[(o * size + i) * inner + k] as number;
  return [{ element: x.element, shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)], data }];
};

const gatherElements: FoldRow = (node, [x, indices]) => {
  if (!x || !indices) return null;
  const axis = positive(attribute(node, 'axis', 'int', 0), x.shape.length);
  const size = x.shape[axis] as number;
  const strides = stridesOf(x.shape);
  const data = zeros(x.element, indices.data.length) as Float32Array | null;
  if (!data) return null;
  let inside = true;
  walkStrides(indices.shape, strides.map((s, i) => (i === axis ? 0 : s)), 0, (from, to) => {
    const i = positive(Number(indices.data[to]), size);
    inside &&= i >= 0 && i < size;
    data[to] = (x.data as Float32Array)[from + i * (strides[axis] as number)] as number;
  });
  return inside ? [{ element: x.element, shape: indices.shape, data }] : null;
};

const concat: FoldRow = (node, inputs) => {
  const first = inputs[0];
  if (!first || inputs.some((t) => !t || t.element !== first.element || t.shape.length !== first.shape.length)) return null;
  const tensors = inputs as readonly Tensor[];
  const axis = positive(attribute(node, 'axis', 'int', 0), first.shape.length);
  const shape = first.shape.with(axis, tensors.reduce((sum, t) => sum + (t.shape[axis] as number), 0));
  const data = zeros(first.element, elements(shape));
  if (!data) return null;
  const outer = elements(first.shape.slice(0, axis));
  let to = 0;
  for (let o = 0; o < outer; o++) {
    for (const t of tensors) {
      const run = t.data.length / Math.max(outer, 1);
      (data as Float32Array).set((t.data as Float32Array).subarray(o * run, (o + 1) * run), to);
      to += run;
    }
  }
  return [{ element: first.element, shape, data }];
};

const slice: FoldRow = (_node, [x, starts, ends, axes, steps]) => {
  if (!x || !starts || !ends) return null;
  const [from, to] = [whole(starts), whole(ends)];
  const along = axes ? whole(axes).map((a) => positive(a, x.shape.length)) : from.map((_, i) => i);
  const by = steps ? whole(steps) : from.map(() => 1);
  const shape = [...x.shape];
  const strides = stridesOf(x.shape);
  let offset = 0;
  along.forEach((axis, i) => {
    const [size, step] = [x.shape[axis] as number, by[i] as number];
    const clamp = (v: number, low: number, high: number) => Math.min(Math.max(v < 0 ? v + size : v, low), high);
    const s = step > 0 ? clamp(from[i] as number, 0, size) : clamp(from[i] as number, 0, size - 1);
    const e = step > 0 ? clamp(to[i] as number, 0, size) : clamp(to[i] as number, -1, size - 1);
    shape[axis] = Math.max(0, Math.ceil((e - s) / step));
    offset += s * (strides[axis] as number);
    strides[axis] = (strides[axis] as number) * step;
  });
  return one(take(x, shape, strides, offset));
};

const split: FoldRow = (node, [x, sizes]) => {
  if (!x) return null;
  const axis = positive(attribute(node, 'axis', 'int', 0), x.shape.length);
  const size = x.shape[axis] as number;
  const count = attribute(node, 'num_outputs', 'int', node.outputs.length);
  const part = Math.ceil(size / count);
  const parts = sizes ? whole(sizes) : Array.from({ length: count }, (_, i) => Math.min(part, size - i * part));
  const strides = stridesOf(x.shape);
  let at = 0;
  const made = parts.map((d) => {
    const piece = take(x, x.shape.with(axis, d), strides, at * (strides[axis] as number));
    at += d;
    return piece;
  });
  return made.every((t) => t !== null) ? made : null;
};

/** What a shape alone tells: `sizes` stand for the tensor. */
const shapeOf = (node: Node, sizes: readonly number[]): readonly Tensor[] => {
  const rank = sizes.length;
  const clamp = (v: number) => Math.min(Math.max(positive(v, rank), 0), rank);
  return [int64Tensor(sizes.slice(clamp(attribute(node, 'start', 'int', 0)), clamp(attribute(node, 'end', 'int', rank))))];
};

const constantOfShape: FoldRow = (node, [target]) => {
  if (!target) return null;
  const value = attribute(node, 'value', 'tensor', { element: 'float32', shape: [1], data: new Float32Array(1) });
  const dims = whole(target);
  return one(take(value, dims, dims.map(() => 0)));
};

const range: FoldRow = (_node, [start, limit, delta]) => {
  const [s, l, d] = [start, limit, delta].map((t) => (t ? numbersOf(t)?.[0] : undefined));
  if (!start || s === undefined || l === undefined || d === undefined || d === 0) return null;
  const values = Array.from({ length: Math.max(0, Math.ceil((l - s) / d)) }, (_, i) => s + i * d);
  return one(tensorOfNumbers(start.element, [values.length], values));
};

const nonZero: FoldRow = (_node, [x]) => {
  if (!x) return null;
  const found = [...x.data.keys()].filter((i) => Number(x.data[i]) !== 0);
  const strides = stridesOf(x.shape);
  const rows = x.shape.map((d, axis) => found.map((i) => Math.floor(i / (strides[axis] as number)) % d));
  return one(tensorOfNumbers('int64', [x.shape.length, found.length], rows.flat()));
};

const constant: FoldRow = (node: Node) => one(constantValue(node) ?? null);

/** Operators that read no more of their input than its shape. */
export const shapeFolds: Readonly<Record<string, (node: Node, sizes: readonly number[]) => readonly Tensor[]>> = {
  Shape: shapeOf, Size: (_node, sizes) => [{ element: 'int64', shape: [], data: BigInt64Array.of(BigInt(elements(sizes))) }],
};

export const moveFolds: FoldTable = {
  Identity: (_node, [x]) => one(x ?? null), Constant: constant, Reshape: reshape, Squeeze: squeeze, Unsqueeze: unsqueeze, Flatten: flatten, Transpose: transpose, Expand: expand, Tile: tile,
  Gather: gather, GatherElements: gatherElements, Concat: concat, Slice: slice, Split: split, 
  ConstantOfShape: constantOfShape, Range: range, NonZero: nonZero,
};
