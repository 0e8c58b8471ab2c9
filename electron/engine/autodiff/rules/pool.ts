/** Gradient rules of pooling. */
import type { Value } from '../../../../shared/onnx/builder.ts';
import { int, ints } from '../../../../shared/onnx/ir.ts';
import type { Rule, RuleContext } from '../rule.ts';

interface PoolShape { readonly kernel: readonly number[]; readonly strides: readonly number[]; readonly pads: readonly number[]; readonly n: number }

function poolShape(c: RuleContext): PoolShape {
  const n = c.x(0).type.shape.length - 2;
  const fill = (v: number, count = n) => Array.from({ length: count }, () => v);
  const kernel = c.ints('kernel_shape', fill(1));
  const plain = c.ints('dilations', fill(1)).every((d) => d === 1) && c.int('ceil_mode', 0) === 0;
  if (!plain) throw new Error(`${c.node.op} ${c.node.name}: expected no dilation and no ceil_mode, got one of them`);
  return { n, kernel, strides: c.ints('strides', fill(1)), pads: c.ints('pads', fill(0, 2 * n)) };
}

const product = (v: readonly number[]): number => v.reduce((a, d) => a * d, 1);

/**
 * Spreads one map per kernel offset, [N, C, k, outputs…], back over the input: a grouped transposed convolution with one-hot
 * kernels puts the map of offset o where o points.
 */
function scatterTaps(c: RuleContext, s: PoolShape, taps: Value): Value {
  const [n, channels, ...spatial] = c.x(0).type.shape as [number, number, ...number[]];
  const k = product(s.kernel);
  const out = c.dy.type.shape.slice(2);
  const oneHot = new Float32Array(k * k);
  for (let i = 0; i < k; i++) oneHot[i * k + i] = 1;
  const kernel = c.b.constant({ element: 'float32', shape: [k, 1, ...s.kernel], data: oneHot }, 'one_hot');
  // Channels join the batch, so that one kernel serves them all.
  const folded = c.b.reshape(taps, [n * channels, k, ...out]);
  const bare = c.b.op('ConvTranspose', [folded, kernel], { kernel_shape: ints(s.kernel), strides: ints(s.strides) });
  const begins = s.pads.slice(0, s.n);
  // Rows at the end that no window reached are zero.
  const missing = spatial.map((size, i) => Math.max(0, (begins[i] as number) + size - (bare.type.shape[i + 2] as number)));
  const whole = missing.some((m) => m > 0) ? c.b.op('Pad', [bare, c.b.int64([0, 0, ...missing.map(() => 0), 0, 0, ...missing])]) : bare;
  const exact = whole.type.shape.slice(2).every((d, i) => d === spatial[i]);
  const cut = exact ? whole : c.b.op('Slice', [whole, c.b.int64(begins), c.b.int64(begins.map((p, i) => p + (spatial[i] as number))), c.b.int64(begins.map((_, i) => i + 2))]);
  return c.b.reshape(cut, c.x(0).type.shape);
}

/** Offsets of the window, row by row. */
const offsets = (kernel: readonly number[]): number[][] => kernel.reduce<number[][]>((all, size) => all.flatMap((o) => Array.from({ length: size }, (_, i) => [...o, i])), [[]]);

/** dx for devices without indices: where an offset's value equals the maximum and no earlier one did, it takes dy. */
function maxPoolByMasks(c: RuleContext, s: PoolShape): Value {
  const [n, channels] = c.x(0).type.shape as [number, number];
  const out = c.dy.type.shape.slice(2);
  // Below every float, and finite: an infinity would make 0 · ∞ elsewhere.
  const lowest = c.b.scalar(-3.4e38);
  const pads = c.b.int64([0, 0, ...s.pads.slice(0, s.n), 0, 0, ...s.pads.slice(s.n)]);
  const x = s.pads.every((p) => p === 0) ? c.x(0) : c.b.op('Pad', [c.x(0), pads, lowest]);
  let free: Value | null = null;
  const taps = offsets(s.kernel).map((o) => {
    const ends = o.map((st, i) => st + ((out[i] as number) - 1) * (s.strides[i] as number) + 1);
    const seen = c.b.op('Slice', [x, c.b.int64(o), c.b.int64(ends), c.b.int64(o.map((_, i) => i + 2)), c.b.int64([...s.strides])]);
    const hit = c.b.cast(c.b.op('Equal', [seen, c.y(0)]), 'float32');
    const first = free === null ? hit : c.b.mul(hit, free);
    free = free === null ? c.b.sub(c.b.scalar(1), hit) : c.b.mul(free, c.b.sub(c.b.scalar(1), hit));
    return c.b.reshape(c.b.mul(first, c.dy), [n, channels, 1, ...out]);
  });
  return scatterTaps(c, s, taps.length === 1 ? (taps[0] as Value) : c.b.op('Concat', taps, { axis: int(2) }));
}

/** dx by the places of the maxima: flat indices over the whole tensor, added up where windows overlap. */
function maxPoolByIndices(c: RuleContext): Value {
  const attributes = { ...c.node.attributes };
  const [, indices] = c.b.ops('MaxPool', [c.x(0)], { attributes, outputs: 2 }) as [Value, Value];
  const size = product(c.x(0).type.shape);
  const zeros = c.b.op('Expand', [c.b.scalar(0), c.b.int64([size])]);
  const flat = c.b.op('ScatterElements', [zeros, c.b.reshape(indices, [-1]), c.b.reshape(c.dy, [-1])], { axis: int(0), reduction: { kind: 'string', value: 'add' } });
  return c.b.reshape(flat, c.x(0).type.shape);
}

const averagePool: Rule = (c) => {
  const s = poolShape(c);
  const area = product(s.kernel);
  const [n, channels] = c.x(0).type.shape as [number, number];
  const out = c.dy.type.shape.slice(2);
  let share: Value;
  if (c.int('count_include_pad', 0) === 1 || s.pads.every((p) => p === 0)) share = c.b.mul(c.dy, c.b.scalar(1 / area));
  else {
    // How many real pixels each window holds differs at the border.
    const counts = new Float32Array(product(out));
    const sizes = c.x(0).type.shape.slice(2);
    counts.forEach((_, flat) => {
      let rest = flat;
      let count = 1;
      for (let i = out.length - 1; i >= 0; i--) {
        const begin = (rest % (out[i] as number)) * (s.strides[i] as number) - (s.pads[i] as number);
        rest = Math.floor(rest / (out[i] as number));
        count *= Math.min(begin + (s.kernel[i] as number), sizes[i] as number) - Math.max(begin, 0);
      }
      counts[flat] = 1 / count;
    });
    share = c.b.mul(c.dy, c.b.constant({ element: 'float32', shape: [1, 1, ...out], data: counts }, 'shares'));
  }
  const taps = c.b.op('Expand', [c.b.reshape(share, [n, channels, 1, ...out]), c.b.int64([n, channels, area, ...out])]);
  return [scatterTaps(c, s, taps)];
};

export const poolRules: Readonly<Record<string, Rule>> = {
  MaxPool: (c) => {
    const s = poolShape(c);
    return [c.device === 'cpu' ? maxPoolByIndices(c) : maxPoolByMasks(c, s)];
  },
  AveragePool: averagePool,
  GlobalAveragePool: (c) => {
    const shape = c.x(0).type.shape;
    return [c.b.op('Expand', [c.b.mul(c.dy, c.b.scalar(1 / product(shape.slice(2)))), c.b.int64(shape)])];
  },
};
