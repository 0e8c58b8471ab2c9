/** Signatures of convolutions, pools and normalisations. */
import { type, type InferContext, type OpSignature } from './signature.ts';

const fill = (n: number, v: number): number[] => Array.from({ length: n }, () => v);

interface Window { kernel: readonly number[]; strides: readonly number[]; dilations: readonly number[]; pads: readonly number[] }

/** Attributes of a sliding window over `spatial` axes, with auto_pad resolved (ONNX Conv, MaxPool). */
export function windowOf(c: InferContext, kernel: readonly number[], spatial: readonly number[]): Window {
  const n = kernel.length;
  const strides = c.ints('strides', fill(n, 1));
  const dilations = c.ints('dilations', fill(n, 1));
  const auto = c.string('auto_pad', 'NOTSET');
  if (auto === 'NOTSET') return { kernel, strides, dilations, pads: c.ints('pads', fill(2 * n, 0)) };
  if (auto === 'VALID') return { kernel, strides, dilations, pads: fill(2 * n, 0) };
  const before: number[] = [];
  const after: number[] = [];
  for (let i = 0; i < n; i++) {
    const extent = ((kernel[i] as number) - 1) * (dilations[i] as number) + 1;
    const size = spatial[i] as number;
    const total = Math.max((Math.ceil(size / (strides[i] as number)) - 1) * (strides[i] as number) + extent - size, 0);
    const small = Math.floor(total / 2);
    before.push(auto === 'SAME_UPPER' ? small : total - small);
    after.push(auto === 'SAME_UPPER' ? total - small : small);
  }
  return { kernel, strides, dilations, pads: [...before, ...after] };
}

function slide(c: InferContext, w: Window, spatial: readonly number[], ceil: boolean): number[] {
  return spatial.map((size, i) => {
    const extent = ((w.kernel[i] as number) - 1) * (w.dilations[i] as number) + 1;
    const begin = w.pads[i] as number;
    const room = size + begin + (w.pads[i + spatial.length] as number) - extent;
    const stride = w.strides[i] as number;
    if (room < 0) c.refuse(`a window of at most ${size}`, String(extent));
    let out = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
    // A window that would begin in the padding after the end does not count (ONNX MaxPool, ceil_mode).
    if (ceil && (out - 1) * stride >= size + begin) out--;
    return out;
  });
}

const conv: OpSignature = {
  inputs: [2, 3],
  infer: (c) => {
    const x = c.input(0);
    const w = c.input(1);
    const group = c.int('group', 1);
    if (x.shape[1] !== (w.shape[1] ?? 0) * group) c.refuse(`${(w.shape[1] ?? 0) * group} input channels`, String(x.shape[1]));
    const spatial = x.shape.slice(2);
    const window = windowOf(c, w.shape.slice(2), spatial);
    return [type(x.element, [x.shape[0] as number, w.shape[0] as number, ...slide(c, window, spatial, false)])];
  },
};

const convTranspose: OpSignature = {
  inputs: [2, 3],
  infer: (c) => {
    const x = c.input(0);
    const w = c.input(1);
    const spatial = x.shape.slice(2);
    const n = spatial.length;
    const given = c.ints('output_shape', []);
    const strides = c.ints('strides', fill(n, 1));
    const dilations = c.ints('dilations', fill(n, 1));
    const extra = c.ints('output_padding', fill(n, 0));
    const pads = c.ints('pads', fill(2 * n, 0));
    if (x.shape[1] !== w.shape[0]) c.refuse(`${w.shape[0]} input channels`, String(x.shape[1]));
    const out = given.length > 0 ? [...given] : spatial.map((size, i) =>
      (strides[i] as number) * (size - 1) + (extra[i] as number) + ((w.shape[i + 2] as number) - 1) * (dilations[i] as number) + 1 - (pads[i] as number) - (pads[i + n] as number));
    return [type(x.element, [x.shape[0] as number, (w.shape[1] as number) * c.int('group', 1), ...out])];
  },
};

const pool: OpSignature = {
  inputs: [1, 1],
  infer: (c) => {
    const x = c.input(0);
    const spatial = x.shape.slice(2);
    const window = windowOf(c, c.ints('kernel_shape', fill(spatial.length, 1)), spatial);
    const shape = [...x.shape.slice(0, 2), ...slide(c, window, spatial, c.int('ceil_mode', 0) === 1)];
    return [type(x.element, shape), type('int64', shape)].slice(0, c.outputs);
  },
};

const globalPool: OpSignature = { inputs: [1, 1], infer: (c) => [type(c.input(0).element, [...c.input(0).shape.slice(0, 2), ...c.input(0).shape.slice(2).map(() => 1)])] };
const same = (inputs: readonly [number, number]): OpSignature => ({ inputs, infer: (c) => [c.input(0)] });

export const windowOps: Readonly<Record<string, OpSignature>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: pool, AveragePool: pool, LpPool: pool,
  GlobalAveragePool: globalPool, GlobalMaxPool: globalPool,
  BatchNormalization: same([5, 5]),
  InstanceNormalization: same([3, 3]),
  GroupNormalization: same([3, 3]),
  LayerNormalization: same([2, 3]),
};
