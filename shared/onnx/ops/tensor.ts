/** Signatures of operators that move, cut and join tensors. */
import { axisOf, type, type InferContext, type OpSignature } from './signature.ts';

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Number of elements a slice takes from an axis (ONNX Slice-13). */
export function sliceLength(size: number, start: number, end: number, step: number): number {
  const clamp = (v: number, low: number, high: number) => Math.min(Math.max(v < 0 ? v + size : v, low), high);
  const s = step > 0 ? clamp(start, 0, size) : clamp(start, 0, size - 1);
  const e = step > 0 ? clamp(end, 0, size) : clamp(end, -1, size - 1);
  return Math.max(0, Math.ceil((e - s) / step));
}

const reshape = (c: InferContext) => {
  const x = c.input(0);
  const wanted = c.constantInts(1).map((d, i) => (d === 0 ? (x.shape[i] ?? c.refuse('a size to copy', `axis ${i}`)) : d));
  const known = product(wanted.filter((d) => d !== -1));
  const shape = wanted.map((d) => (d === -1 ? product(x.shape) / known : d));
  if (product(shape) !== product(x.shape)) c.refuse(`${product(x.shape)} elements`, `[${wanted.join(', ')}]`);
  return [type(x.element, shape)];
};

const concat = (c: InferContext) => {
  const first = c.input(0);
  const axis = axisOf(c, c.int('axis', 0), first.shape.length);
  let total = 0;
  for (let i = 0; i < c.count; i++) {
    const s = c.input(i).shape;
    if (s.length !== first.shape.length || s.some((d, k) => k !== axis && d !== first.shape[k])) c.refuse(`a shape like [${first.shape.join(', ')}] but for axis ${axis}`, `[${s.join(', ')}]`);
    total += s[axis] as number;
  }
  return [type(first.element, first.shape.map((d, k) => (k === axis ? total : d)))];
};

const slice = (c: InferContext) => {
  const x = c.input(0);
  const starts = c.constantInts(1);
  const ends = c.constantInts(2);
  const axes = c.optional(3) ? c.constantInts(3) : starts.map((_, i) => i);
  const steps = c.optional(4) ? c.constantInts(4) : starts.map(() => 1);
  const shape = [...x.shape];
  axes.forEach((a, i) => {
    const axis = axisOf(c, a, x.shape.length);
    shape[axis] = sliceLength(x.shape[axis] as number, starts[i] as number, ends[i] as number, steps[i] as number);
  });
  return [type(x.element, shape)];
};

const split = (c: InferContext) => {
  const x = c.input(0);
  const axis = axisOf(c, c.int('axis', 0), x.shape.length);
  const size = x.shape[axis] as number;
  const parts = Math.ceil(size / c.outputs);
  const sizes = c.optional(1) ? c.constantInts(1) : Array.from({ length: c.outputs }, (_, i) => Math.min(parts, size - i * parts));
  return sizes.map((d) => type(x.element, x.shape.map((s, k) => (k === axis ? d : s))));
};

const pad = (c: InferContext) => {
  const x = c.input(0);
  const pads = c.constantInts(1);
  const axes = c.optional(3) ? c.constantInts(3).map((a) => axisOf(c, a, x.shape.length)) : x.shape.map((_, i) => i);
  const shape = [...x.shape];
  axes.forEach((axis, i) => { shape[axis] = (shape[axis] as number) + (pads[i] as number) + (pads[i + axes.length] as number); });
  return [type(x.element, shape)];
};

const squeeze = (c: InferContext) => {
  const x = c.input(0);
  const axes = c.optional(1) ? c.constantInts(1).map((a) => axisOf(c, a, x.shape.length)) : x.shape.flatMap((d, i) => (d === 1 ? [i] : []));
  return [type(x.element, x.shape.filter((_, i) => !axes.includes(i)))];
};

const unsqueeze = (c: InferContext) => {
  const x = c.input(0);
  const given = c.constantInts(1);
  const rank = x.shape.length + given.length;
  const axes = given.map((a) => axisOf(c, a, rank));
  const rest = [...x.shape];
  return [type(x.element, Array.from({ length: rank }, (_, i) => (axes.includes(i) ? 1 : (rest.shift() as number))))];
};

const reduce: OpSignature = {
  inputs: [1, 2],
  infer: (c) => {
    const x = c.input(0);
    const axes = c.optional(1) ? c.constantInts(1).map((a) => axisOf(c, a, x.shape.length)) : x.shape.map((_, i) => i);
    const keep = c.int('keepdims', 1) === 1;
    return [type(x.element, x.shape.flatMap((d, i) => (axes.includes(i) ? (keep ? [1] : []) : [d])))];
  },
};

const arg: OpSignature = {
  inputs: [1, 1],
  infer: (c) => {
    const x = c.input(0);
    const axis = axisOf(c, c.int('axis', 0), x.shape.length);
    const keep = c.int('keepdims', 1) === 1;
    return [type('int64', x.shape.flatMap((d, i) => (i === axis ? (keep ? [1] : []) : [d])))];
  },
};

const expand = (c: InferContext) => {
  const x = c.input(0);
  const wanted = c.constantInts(1);
  const rank = Math.max(wanted.length, x.shape.length);
  const at = (s: readonly number[], i: number) => s[s.length - rank + i] ?? 1;
  return [type(x.element, Array.from({ length: rank }, (_, i) => Math.max(at(x.shape, i), at(wanted, i))))];
};

const gather = (c: InferContext) => {
  const x = c.input(0);
  const axis = axisOf(c, c.int('axis', 0), x.shape.length);
  return [type(x.element, [...x.shape.slice(0, axis), ...c.input(1).shape, ...x.shape.slice(axis + 1)])];
};

const flatten = (c: InferContext) => {
  const x = c.input(0);
  const a = c.int('axis', 1);
  const axis = a < 0 ? a + x.shape.length : a;
  return [type(x.element, [product(x.shape.slice(0, axis)), product(x.shape.slice(axis))])];
};

const transpose = (c: InferContext) => {
  const x = c.input(0);
  const perm = c.ints('perm', x.shape.map((_, i) => x.shape.length - 1 - i));
  return [type(x.element, perm.map((p) => x.shape[p] as number))];
};

const block = (c: InferContext, factor: number) => {
  const [n, ch, h, w] = c.input(0).shape as [number, number, number, number];
  return [type(c.input(0).element, [n, ch / (factor * factor), h * factor, w * factor])];
};

const reductions = ['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare', 'ReduceLogSumExp', 'ReduceLogSum'];

export const tensorOps: Readonly<Record<string, OpSignature>> = {
  Reshape: { inputs: [2, 2], infer: reshape },
  Flatten: { inputs: [1, 1], infer: flatten },
  Concat: { inputs: [1, 4096], infer: concat },
  Slice: { inputs: [3, 5], infer: slice },
  Split: { inputs: [1, 2], infer: split },
  Pad: { inputs: [2, 4], infer: pad },
  Squeeze: { inputs: [1, 2], infer: squeeze },
  Unsqueeze: { inputs: [2, 2], infer: unsqueeze },
  Transpose: { inputs: [1, 1], infer: transpose },
  Expand: { inputs: [2, 2], infer: expand },
  Tile: { inputs: [2, 2], infer: (c) => [type(c.input(0).element, c.input(0).shape.map((d, i) => d * (c.constantInts(1)[i] as number)))] },
  Gather: { inputs: [2, 2], infer: gather },
  GatherElements: { inputs: [2, 2], infer: (c) => [type(c.input(0).element, c.input(1).shape)] },
  ScatterElements: { inputs: [3, 3], infer: (c) => [c.input(0)] },
  ScatterND: { inputs: [3, 3], infer: (c) => [c.input(0)] },
  DepthToSpace: { inputs: [1, 1], infer: (c) => block(c, c.int('blocksize', 1)) },
  SpaceToDepth: { inputs: [1, 1], infer: (c) => block(c, 1 / c.int('blocksize', 1)) },
  Shape: { inputs: [1, 1], infer: (c) => [type('int64', [c.input(0).shape.length])] },
  ArgMax: arg, ArgMin: arg,
  ...Object.fromEntries(reductions.map((op) => [op, reduce])),
};
