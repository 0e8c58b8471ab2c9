/** Signatures of operators that move, cut and join tensors. */
import { axesOf, axisOf, broadcastShapes, elements, requireKind, requireSameElement, showShape, type, type InferContext, type OpSignature } from './signature.ts';

/** Number of elements a slice takes from an axis (ONNX Slice-13). */
function sliceLength(size: number, start: number, end: number, step: number): number {
  const clamp = (v: number, low: number, high: number) => Math.min(Math.max(v < 0 ? v + size : v, low), high);
  const s = step > 0 ? clamp(start, 0, size) : clamp(start, 0, size - 1);
  const e = step > 0 ? clamp(end, 0, size) : clamp(end, -1, size - 1);
  return Math.max(0, Math.ceil((e - s) / step));
}

const reshape = (c: InferContext) => {
  const x = c.input(0);
  const copies = c.int('allowzero', 0) === 0;
  const wanted = c.constantNumbers(1).map((d, i) => (d === 0 && copies ? (x.shape[i] ?? c.refuse('a size to copy', `axis ${i}`)) : d));
  if (wanted.filter((d) => d === -1).length > 1) c.refuse('at most one -1', showShape(wanted));
  const known = elements(wanted.filter((d) => d !== -1));
  const shape = wanted.map((d) => (d === -1 ? (known === 0 ? 0 : elements(x.shape) / known) : d));
  if (elements(shape) !== elements(x.shape) || shape.some((d) => !Number.isInteger(d))) c.refuse(`${elements(x.shape)} elements`, showShape(wanted));
  return [type(x.element, shape)];
};

const concat = (c: InferContext) => {
  requireSameElement(c);
  const first = c.input(0);
  if (c.node.attributes.axis === undefined) c.refuse('attribute axis', 'none');
  const axis = axisOf(c, c.int('axis', 0), first.shape.length);
  let total = 0;
  for (let i = 0; i < c.count; i++) {
    const s = c.input(i).shape;
    if (s.length !== first.shape.length || s.some((d, k) => k !== axis && d !== first.shape[k])) c.refuse(`a shape like ${showShape(first.shape)} but for axis ${axis}`, showShape(s));
    total += s[axis] as number;
  }
  return [type(first.element, first.shape.with(axis, total))];
};

const slice = (c: InferContext) => {
  const x = c.input(0);
  const starts = c.constantNumbers(1);
  const ends = c.constantNumbers(2);
  const axes = axesOf(c, c.optional(3) ? c.constantNumbers(3) : starts.map((_, i) => i), x.shape.length);
  const steps = c.optional(4) ? c.constantNumbers(4) : starts.map(() => 1);
  if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length) c.refuse(`${starts.length} starts, ends, axes and steps`, [ends, axes, steps].map((v) => v.length).join(', '));
  if (steps.includes(0)) c.refuse('steps other than 0', showShape(steps));
  const shape = [...x.shape];
  axes.forEach((axis, i) => { shape[axis] = sliceLength(x.shape[axis] as number, starts[i] as number, ends[i] as number, steps[i] as number); });
  return [type(x.element, shape)];
};

const split = (c: InferContext) => {
  const x = c.input(0);
  const axis = axisOf(c, c.int('axis', 0), x.shape.length);
  const size = x.shape[axis] as number;
  const count = c.int('num_outputs', c.outputs);
  const part = Math.ceil(size / count);
  const sizes = c.optional(1) ? c.constantNumbers(1) : Array.from({ length: count }, (_, i) => Math.min(part, size - i * part));
  if (sizes.length !== c.outputs) c.refuse(`${c.outputs} sizes, one for each output`, String(sizes.length));
  if (sizes.reduce((a, b) => a + b, 0) !== size) c.refuse(`sizes that add up to ${size}`, showShape(sizes));
  return sizes.map((d) => type(x.element, x.shape.with(axis, d)));
};

const pad = (c: InferContext) => {
  const x = c.input(0);
  const pads = c.constantNumbers(1);
  const axes = c.optional(3) ? axesOf(c, c.constantNumbers(3), x.shape.length) : x.shape.map((_, i) => i);
  if (pads.length !== 2 * axes.length) c.refuse(`${2 * axes.length} numbers of padding`, String(pads.length));
  const shape = [...x.shape];
  axes.forEach((axis, i) => { shape[axis] = (shape[axis] as number) + (pads[i] as number) + (pads[i + axes.length] as number); });
  return [type(x.element, shape)];
};

const squeeze = (c: InferContext) => {
  const x = c.input(0);
  const axes = c.optional(1) ? axesOf(c, c.constantNumbers(1), x.shape.length) : x.shape.flatMap((d, i) => (d === 1 ? [i] : []));
  for (const a of axes) if (x.shape[a] !== 1) c.refuse(`size 1 on axis ${a}`, String(x.shape[a]));
  return [type(x.element, x.shape.filter((_, i) => !axes.includes(i)))];
};

const unsqueeze = (c: InferContext) => {
  const x = c.input(0);
  const given = c.constantNumbers(1);
  const rank = x.shape.length + given.length;
  const axes = axesOf(c, given, rank);
  const rest = [...x.shape];
  return [type(x.element, Array.from({ length: rank }, (_, i) => (axes.includes(i) ? 1 : (rest.shift() as number))))];
};

const tile = (c: InferContext) => {
  const x = c.input(0);
  const repeats = c.constantNumbers(1);
  if (repeats.length !== x.shape.length) c.refuse(`${x.shape.length} repeats`, String(repeats.length));
  return [type(x.element, x.shape.map((d, i) => d * (repeats[i] as number)))];
};

const gather = (c: InferContext) => {
  const x = c.input(0);
  const axis = axisOf(c, c.int('axis', 0), x.shape.length);
  return [type(x.element, [...x.shape.slice(0, axis), ...requireKind(c, 1, 'index').shape, ...x.shape.slice(axis + 1)])];
};

const gatherElements = (c: InferContext) => {
  const indices = requireKind(c, 1, 'index');
  if (indices.shape.length !== c.input(0).shape.length) c.refuse(`indices of rank ${c.input(0).shape.length}`, showShape(indices.shape));
  return [type(c.input(0).element, indices.shape)];
};

const scatter = (c: InferContext) => {
  requireKind(c, 1, 'index');
  if (c.input(2).element !== c.input(0).element) c.refuse(`updates of type ${c.input(0).element}`, c.input(2).element);
  return [c.input(0)];
};

const flatten = (c: InferContext) => {
  const x = c.input(0);
  const a = c.int('axis', 1);
  const axis = a < 0 ? a + x.shape.length : a;
  if (axis < 0 || axis > x.shape.length) c.refuse(`an axis between ${-x.shape.length} and ${x.shape.length}`, String(a));
  return [type(x.element, [elements(x.shape.slice(0, axis)), elements(x.shape.slice(axis))])];
};

const transpose = (c: InferContext) => {
  const { element, shape } = c.input(0);
  const perm = c.ints('perm', shape.map((_, i) => shape.length - 1 - i));
  if (perm.length !== shape.length || shape.some((_, i) => !perm.includes(i))) c.refuse(`an order of ${shape.length} axes`, showShape(perm));
  return [type(element, perm.map((p) => shape[p] as number))];
};

/** Channels to space by `factor`, or back by 1 / factor; inferTypes refuses what does not divide. */
const block = (c: InferContext, factor: number) => {
  const { element, shape } = c.input(0);
  if (shape.length !== 4) c.refuse('maps [N, C, H, W]', showShape(shape));
  const [n, ch, h, w] = shape as [number, number, number, number];
  return [type(element, [n, ch / (factor * factor), h * factor, w * factor])];
};

const resize = (c: InferContext) => {
  const x = c.input(0);
  const axes = axesOf(c, c.ints('axes', x.shape.map((_, i) => i)), x.shape.length);
  const policy = c.string('keep_aspect_ratio_policy', 'stretch');
  if (policy !== 'stretch') c.refuse('keep_aspect_ratio_policy stretch', policy, 'beyond');
  const byScale = c.optional(2) !== null && elements(c.input(2).shape) > 0;
  const list = c.input(byScale ? 2 : 3).shape;
  if (list.length !== 1 || list[0] !== axes.length) c.refuse(`${axes.length} ${byScale ? 'scales' : 'sizes'}`, showShape(list));
  const given = c.constantNumbers(byScale ? 2 : 3);
  const shape = [...x.shape];
  axes.forEach((axis, i) => { shape[axis] = byScale ? Math.floor((shape[axis] as number) * (given[i] as number)) : (given[i] as number); });
  return [type(x.element, shape)];
};

export const tensorOps: Readonly<Record<string, OpSignature>> = {
  Reshape: { since: 14, inputs: [2, 2], infer: reshape },
  Flatten: { since: 13, inputs: [1, 1], infer: flatten },
  Concat: { since: 13, inputs: [1, 4096], infer: concat },
  Slice: { since: 13, inputs: [3, 5], infer: slice },
  Split: { since: 18, inputs: [1, 2], outputs: [1, 4096], infer: split },
  Pad: { since: 18, inputs: [2, 4], infer: pad },
  Squeeze: { since: 13, inputs: [1, 2], infer: squeeze },
  Unsqueeze: { since: 13, inputs: [2, 2], infer: unsqueeze },
  Transpose: { since: 13, inputs: [1, 1], infer: transpose },
  Expand: { since: 13, inputs: [2, 2], infer: (c) => [type(c.input(0).element, broadcastShapes(c, [c.input(0).shape, c.constantNumbers(1)]))] },
  Tile: { since: 13, inputs: [2, 2], infer: tile },
  Gather: { since: 13, inputs: [2, 2], infer: gather },
  GatherElements: { since: 13, inputs: [2, 2], infer: gatherElements },
  ScatterElements: { since: 18, inputs: [3, 3], infer: scatter },
  ScatterND: { since: 18, inputs: [3, 3], infer: scatter },
  DepthToSpace: { since: 13, inputs: [1, 1], infer: (c) => block(c, c.int('blocksize', 1)) },
  SpaceToDepth: { since: 13, inputs: [1, 1], infer: (c) => block(c, 1 / c.int('blocksize', 1)) },
  Resize: { since: 18, inputs: [1, 4], infer: resize },
};
