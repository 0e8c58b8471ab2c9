/** Gradient rules of pooling. */
import type { Value } from '../../../../shared/onnx/builder.ts';
import { int, ints } from '../../../../shared/onnx/ir.ts';
import { convolveTransposed } from '../convolutions.ts';
import type { Rule, RuleContext } from '../rule.ts';
import { positive } from './elementwise.ts';
import { offsets, reachedEnds, windowOf, type Window } from './window.ts';

const product = (v: readonly number[]): number => v.reduce((a, d) => a * d, 1);
const spatialOf = (v: Value): readonly number[] => v.type.shape.slice(2);
const poolWindow = (c: RuleContext): Window => windowOf(c.node, c.ints('kernel_shape', []), spatialOf(c.x(0)));

/**
 * Spreads one map per kernel offset, [N, C, k, outputs…], back over the input: a transposed convolution with one-hot kernels
 * puts the map of offset o where o points.
 */
function scatterTaps(c: RuleContext, w: Window, taps: Value): Value {
  const [n, channels] = c.x(0).type.shape as [number, number];
  const sizes = spatialOf(c.x(0));
  const k = product(w.kernel);
  const out = spatialOf(c.dy);
  const oneHot = new Float32Array(k * k);
  for (let i = 0; i < k; i++) oneHot[i * k + i] = 1;
  const kernel = c.b.constant({ element: 'float32', shape: [k, 1, ...w.kernel], data: oneHot }, 'one_hot');
  // Channels join the batch, so that one kernel serves them all.
  const folded = c.b.reshape(taps, [n * channels, k, ...out]);
  const bare = convolveTransposed(c.b, c.device, folded, kernel, null, { kernel_shape: ints(w.kernel), strides: ints(w.strides), dilations: ints(w.dilations) });
  const begins = w.pads.slice(0, w.n);
  // Rows at the end that no window reached are zero.
  const missing = sizes.map((size, i) => Math.max(0, (begins[i] as number) + size - (bare.type.shape[i + 2] as number)));
  const whole = missing.some((m) => m > 0) ? c.b.op('Pad', [bare, c.b.int64([0, 0, ...missing.map(() => 0), 0, 0, ...missing])]) : bare;
  const exact = whole.type.shape.slice(2).every((d, i) => d === sizes[i]);
  const cut = exact ? whole : c.b.op('Slice', [whole, c.b.int64(begins), c.b.int64(begins.map((p, i) => p + (sizes[i] as number))), c.b.int64(begins.map((_, i) => i + 2))]);
  return c.b.reshape(cut, c.x(0).type.shape);
}

/** dx for devices without indices: where an offset's value equals the maximum and no earlier one did, it takes dy. */
function maxPoolByMasks(c: RuleContext, w: Window): Value {
  const [n, channels] = c.x(0).type.shape as [number, number];
  const sizes = spatialOf(c.x(0));
  const out = spatialOf(c.dy);
  // Below every float, and finite: an infinity would make 0 · ∞ elsewhere.
  const lowest = c.b.scalar(-3.4e38);
  const ends = reachedEnds(w, sizes, out).map((e) => Math.max(e, 0));
  const begins = w.pads.slice(0, w.n);
  const none = begins.every((p) => p === 0) && ends.every((p) => p === 0);
  const x = none ? c.x(0) : c.b.op('Pad', [c.x(0), c.b.int64([0, 0, ...begins, 0, 0, ...ends]), lowest]);
  let free: Value | null = null;
  const taps = offsets(w.kernel).map((o) => {
    const starts = o.map((v, i) => v * (w.dilations[i] as number));
    const stops = starts.map((st, i) => st + ((out[i] as number) - 1) * (w.strides[i] as number) + 1);
    const seen = c.b.op('Slice', [x, c.b.int64(starts), c.b.int64(stops), c.b.int64(o.map((_, i) => i + 2)), c.b.int64([...w.strides])]);
    const hit = c.b.cast(c.b.op('Equal', [seen, c.y(0)]), 'float32');
    const first = free === null ? hit : c.b.mul(hit, free);
    free = free === null ? c.b.sub(c.b.scalar(1), hit) : c.b.mul(free, c.b.sub(c.b.scalar(1), hit));
    return c.b.reshape(c.b.mul(first, c.dy), [n, channels, 1, ...out]);
  });
  return scatterTaps(c, w, taps.length === 1 ? (taps[0] as Value) : c.b.op('Concat', taps, { axis: int(2) }));
}

/** dx by the places of the maxima: flat indices over the whole tensor, added up where windows overlap. */
function maxPoolByIndices(c: RuleContext): Value {
  const { storage_order: _order, ...attributes } = c.node.attributes;
  const [, indices] = c.b.ops('MaxPool', [c.x(0)], { attributes, outputs: 2 }) as [Value, Value];
  const size = product(c.x(0).type.shape);
  const zeros = c.b.op('Expand', [c.b.scalar(0), c.b.int64([size])]);
  const flat = c.b.op('ScatterElements', [zeros, c.b.reshape(indices, [-1]), c.b.reshape(c.dy, [-1])], { axis: int(0), reduction: { kind: 'string', value: 'add' } });
  return c.b.reshape(flat, c.x(0).type.shape);
}

/** 1 / how many numbers each window's mean has: real pixels, with count_include_pad also the node's padding, never what ceil_mode adds. */
function shares(c: RuleContext, w: Window, out: readonly number[]): Float32Array {
  const sizes = spatialOf(c.x(0));
  const include = c.int('count_include_pad', 0) === 1;
  const counts = new Float32Array(product(out));
  counts.forEach((_, flat) => {
    let rest = flat;
    let count = 1;
    for (let i = w.n - 1; i >= 0; i--) {
      const begin = (rest % (out[i] as number)) * (w.strides[i] as number) - (w.pads[i] as number);
      rest = Math.floor(rest / (out[i] as number));
      const [low, high] = include ? [-(w.pads[i] as number), (sizes[i] as number) + (w.pads[i + w.n] as number)] : [0, sizes[i] as number];
      count *= Array.from({ length: w.kernel[i] as number }, (_v, k) => begin + k * (w.dilations[i] as number)).filter((p) => p >= low && p < high).length;
    }
    counts[flat] = 1 / count;
  });
  return counts;
}

/** dy for every offset of the window. */
function spreadTaps(c: RuleContext, w: Window, dy: Value): Value {
  const [n, channels] = c.x(0).type.shape as [number, number];
  const out = spatialOf(c.dy);
  return scatterTaps(c, w, c.b.op('Expand', [c.b.reshape(dy, [n, channels, 1, ...out]), c.b.int64([n, channels, product(w.kernel), ...out])]));
}

const averagePool: Rule = (c) => {
  const w = poolWindow(c);
  const out = spatialOf(c.dy);
  const counts = shares(c, w, out);
  const share = counts.every((v) => v === counts[0]) ? c.b.scalar(counts[0] as number) : c.b.constant({ element: 'float32', shape: [1, 1, ...out], data: counts }, 'shares');
  return [spreadTaps(c, w, c.b.mul(c.dy, share))];
};

/** y = (Σ|x|ᵖ)^(1/p): dx = sign(x)·|x|^(p−1)·Σ dy / y^(p−1) over the windows that see x; 0 where a window is all zero. */
const lpPool: Rule = (c) => {
  const w = poolWindow(c);
  const p = c.int('p', 2);
  const size = c.b.op('Max', [c.y(0), c.b.scalar(1e-30)]);
  const power = (v: Value, e: number): Value => (e === 1 ? v : c.b.op('Pow', [v, c.b.scalar(e)]));
  const sign = () => c.b.sub(positive(c, c.x(0)), positive(c, c.b.neg(c.x(0))));
  const spread = spreadTaps(c, w, p === 1 ? c.dy : c.b.div(c.dy, power(size, p - 1)));
  if (p === 1) return [c.b.mul(spread, sign())];
  if (p === 2) return [c.b.mul(spread, c.x(0))];
  return [c.b.mul(spread, c.b.mul(sign(), power(c.b.op('Abs', [c.x(0)]), p - 1)))];
};

export const poolRules: Readonly<Record<string, Rule>> = {
  MaxPool: (c) => {
    const w = poolWindow(c);
    return [c.device === 'cpu' ? maxPoolByIndices(c) : maxPoolByMasks(c, w)];
  },
  AveragePool: averagePool,
  LpPool: lpPool,
  GlobalAveragePool: (c) => {
    const shape = c.x(0).type.shape;
    return [c.b.op('Expand', [c.b.mul(c.dy, c.b.scalar(1 / product(shape.slice(2)))), c.b.int64(shape)])];
  },
  /** The first of equal maxima of a map takes dy. */
  GlobalMaxPool: (c) => {
    const shape = c.x(0).type.shape;
    const [n, channels] = shape as [number, number];
    const places = product(shape.slice(2));
    const flat = c.b.reshape(c.x(0), [n, channels, places]);
    const row = c.b.constant({ element: 'float32', shape: [places], data: Float32Array.from({ length: places }, (_, i) => i) }, 'places');
    // ArgMax answers the first, but in int64, which WebGPU does not cast.
    const winner = c.device === 'cpu'
      ? c.b.cast(c.b.op('ArgMax', [flat], { axis: int(2) }), 'float32')
      : c.b.op('ReduceMin', [c.b.op('Where', [c.b.op('Equal', [flat, c.b.reshape(c.y(0), [n, channels, 1])]), row, c.b.scalar(places)]), c.b.int64([2])]);
    const hit = c.b.cast(c.b.op('Equal', [winner, row]), 'float32');
    return [c.b.reshape(c.b.mul(hit, c.b.reshape(c.dy, [n, channels, 1])), shape)];
  },
};
