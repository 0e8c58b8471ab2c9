/** Signatures of convolutions and pools. */
import { autoPads, extentAt, samePads, type Sliding } from './sliding.ts';
import { requireKind, requireSameElement, showShape, type, type InferContext, type OpSignature } from './signature.ts';

const fill = (n: number, v: number): number[] => Array.from({ length: n }, () => v);

interface Window extends Sliding { readonly pads: readonly number[] }

/** What an attribute must have: `length` numbers. */
function numbers(c: InferContext, name: string, length: number, fallback: number): readonly number[] {
  const given = c.ints(name, fill(length, fallback));
  if (given.length !== length) c.refuse(`${length} numbers in ${name}`, String(given.length));
  return given;
}

/** auto_pad, under a name that the specification knows. */
function autoPad(c: InferContext): string {
  const auto = c.string('auto_pad', 'NOTSET');
  if (!autoPads.some((known) => known === auto)) c.refuse('auto_pad NOTSET, SAME_UPPER, SAME_LOWER or VALID', auto);
  return auto;
}

/** Attributes of a sliding window over `spatial` axes, with auto_pad resolved (ONNX Conv, MaxPool). */
function windowOf(c: InferContext, kernel: readonly number[], spatial: readonly number[]): Window {
  const n = kernel.length;
  const w = { kernel, strides: numbers(c, 'strides', n, 1), dilations: numbers(c, 'dilations', n, 1) };
  const auto = autoPad(c);
  if (auto === 'NOTSET') return { ...w, pads: numbers(c, 'pads', 2 * n, 0) };
  return { ...w, pads: auto === 'VALID' ? fill(2 * n, 0) : samePads(w, spatial, auto === 'SAME_LOWER') };
}

function slide(c: InferContext, w: Window, spatial: readonly number[], ceil: boolean): number[] {
  return spatial.map((size, i) => {
    const extent = extentAt(w, i);
    const begin = w.pads[i] as number;
    const padded = size + begin + (w.pads[i + spatial.length] as number);
    const stride = w.strides[i] as number;
    if (extent > padded) c.refuse(`a window of at most ${padded}`, String(extent));
    let out = (ceil ? Math.ceil((padded - extent) / stride) : Math.floor((padded - extent) / stride)) + 1;
    // A window that would begin in the padding after the end does not count (ONNX MaxPool, ceil_mode).
    if (ceil && (out - 1) * stride >= size + begin) out--;
    return out;
  });
}

/** Image and weights of one rank, one type, and a bias of one number a channel. */
function checkFilter(c: InferContext, channels: number): void {
  const x = requireKind(c, 0, 'float');
  requireSameElement(c);
  const w = c.input(1);
  if (x.shape.length < 3 || x.shape.length !== w.shape.length) c.refuse('image and weights of one rank, 3 or more', `${showShape(x.shape)} and ${showShape(w.shape)}`);
  const kernel = c.ints('kernel_shape', w.shape.slice(2));
  if (showShape(kernel) !== showShape(w.shape.slice(2))) c.refuse(`kernel_shape ${showShape(w.shape.slice(2))}, as the weights have`, showShape(kernel));
  const bias = c.optional(2);
  if (bias && showShape(bias.shape) !== showShape([channels])) c.refuse(`a bias of [${channels}]`, showShape(bias.shape));
}

const conv = (c: InferContext) => {
  const x = c.input(0);
  const w = c.input(1);
  const group = c.int('group', 1);
  const out = w.shape[0] as number;
  checkFilter(c, out);
  if (x.shape[1] !== (w.shape[1] as number) * group) c.refuse(`${(w.shape[1] as number) * group} input channels`, String(x.shape[1]));
  if (out % group !== 0) c.refuse(`filters that ${group} groups divide`, String(out));
  const spatial = x.shape.slice(2);
  return [type(x.element, [x.shape[0] as number, out, ...slide(c, windowOf(c, w.shape.slice(2), spatial), spatial, false)])];
};

const convTranspose = (c: InferContext) => {
  const x = c.input(0);
  const w = c.input(1);
  const out = (w.shape[1] as number) * c.int('group', 1);
  checkFilter(c, out);
  if (x.shape[1] !== w.shape[0]) c.refuse(`${w.shape[0]} input channels`, String(x.shape[1]));
  const spatial = x.shape.slice(2);
  const n = spatial.length;
  const given = c.ints('output_shape', []);
  if (given.length > 0 && given.length !== n) c.refuse(`${n} numbers in output_shape`, String(given.length));
  const window = { kernel: w.shape.slice(2), strides: numbers(c, 'strides', n, 1), dilations: numbers(c, 'dilations', n, 1) };
  const extra = numbers(c, 'output_padding', n, 0);
  const auto = autoPad(c);
  const pads = auto === 'NOTSET' ? numbers(c, 'pads', 2 * n, 0) : fill(2 * n, 0);
  const sizes = spatial.map((size, i) => {
    const stride = window.strides[i] as number;
    if (auto.startsWith('SAME')) return size * stride;
    return stride * (size - 1) + (extra[i] as number) + extentAt(window, i) - (pads[i] as number) - (pads[i + n] as number);
  });
  return [type(x.element, [x.shape[0] as number, out, ...(given.length > 0 ? given : sizes)])];
};

const pool = (c: InferContext) => {
  const x = c.input(0);
  const spatial = x.shape.slice(2);
  const kernel = c.ints('kernel_shape', []);
  if (kernel.length === 0 || kernel.length !== spatial.length) c.refuse(`a kernel_shape of ${spatial.length} numbers`, String(kernel.length));
  const shape = [...x.shape.slice(0, 2), ...slide(c, windowOf(c, kernel, spatial), spatial, c.int('ceil_mode', 0) === 1)];
  return [type(x.element, shape), type('int64', shape)].slice(0, c.outputs);
};

const globalPool: OpSignature = {
  since: 1,
  inputs: [1, 1],
  infer: (c) => {
    const x = requireKind(c, 0, 'float');
    if (x.shape.length < 3) c.refuse('maps (rank 3 or more)', showShape(x.shape));
    return [type(x.element, [...x.shape.slice(0, 2), ...x.shape.slice(2).map(() => 1)])];
  },
};

/** Pictures [N, C, H, W] looked at where the grid [N, h, w, 2] says. */
const gridSample = (c: InferContext) => {
  const [x, grid] = [requireKind(c, 0, 'float'), c.input(1)];
  const axes = x.shape.length - 2;
  if (grid.shape.length !== x.shape.length || grid.shape.at(-1) !== axes || grid.shape[0] !== x.shape[0]) c.refuse(`a grid [${x.shape[0]}, …, ${axes}] of rank ${x.shape.length}`, showShape(grid.shape));
  return [type(x.element, [...x.shape.slice(0, 2), ...grid.shape.slice(1, -1)])];
};

export const windowOps: Readonly<Record<string, OpSignature>> = {
  Conv: { since: 11, inputs: [2, 3], infer: conv },
  ConvTranspose: { since: 11, inputs: [2, 3], infer: convTranspose },
  MaxPool: { since: 12, inputs: [1, 1], outputs: [1, 2], infer: pool },
  /** Dilations came with opset 19. */
  AveragePool: { since: 11, inputs: [1, 1], infer: pool },
  LpPool: { since: 18, inputs: [1, 1], infer: pool },
  GridSample: { since: 16, inputs: [2, 2], infer: gridSample },
  GlobalAveragePool: globalPool, GlobalMaxPool: globalPool,
};
