/** Gradient rules of convolution (any number of spatial axes, groups, dilation, stride, uneven padding). */
import type { GraphBuilder, Value } from '../../../../shared/onnx/builder.ts';
import { attribute, int, ints, MICROSOFT_DOMAIN, type Attribute, type Node } from '../../../../shared/onnx/ir.ts';
import { convolveTransposed } from '../convolutions.ts';
import type { DeviceKind, Rule, RuleContext } from '../rule.ts';
import { offsets, reachedEnds, windowOf, type Window } from './window.ts';

export interface ConvShape extends Window { readonly group: number }

/** Window of a Conv node; `weight` is the kernel's shape, [O, I/group, …], `sizes` the input's spatial ones. */
export function convShape(node: Node, weight: readonly number[], sizes: readonly number[]): ConvShape {
  return { ...windowOf(node, weight.slice(2), sizes), group: attribute(node, 'group', 'int', 1) };
}

const transposed = (c: RuleContext, attributes: Record<string, Attribute>): Value => convolveTransposed(c.b, c.device, c.dy, c.x(1), null, attributes);

/** dx: the transposed convolution of dy with the same kernel; output_padding makes up for rows the stride left over. */
function inputGradient(c: RuleContext, s: ConvShape): Value {
  const sizes = c.x(0).type.shape.slice(2);
  const extra = sizes.map((size, i) => {
    const covered = (s.strides[i] as number) * ((c.dy.type.shape[i + 2] as number) - 1) + ((s.kernel[i] as number) - 1) * (s.dilations[i] as number) + 1;
    return size + (s.pads[i] as number) + (s.pads[i + s.n] as number) - covered;
  });
  // output_padding must stay below the stride; what no window touched beyond that is zero and is padded on.
  const within = extra.map((e, i) => Math.min(e, Math.max(s.strides[i] as number, s.dilations[i] as number) - 1));
  const attributes = { kernel_shape: ints(s.kernel), strides: ints(s.strides), dilations: ints(s.dilations), group: int(s.group) };
  if (extra.every((e, i) => e === within[i])) {
    return transposed(c, { ...attributes, pads: ints(s.pads), output_padding: ints(within) });
  }
  const bare = transposed(c, attributes);
  const padded = c.b.op('Pad', [bare, c.b.int64([0, 0, ...extra.map(() => 0), 0, 0, ...extra])]);
  const begins = s.pads.slice(0, s.n);
  return c.b.op('Slice', [padded, c.b.int64(begins), c.b.int64(begins.map((p, i) => p + (sizes[i] as number))), c.b.int64(begins.map((_, i) => i + 2))]);
}

/** What a weight gradient is made of: the convolution's input [N, I, …], the gradient of its output [N, O, …], the kernel's shape. */
export interface WeightGradient { readonly b: GraphBuilder; readonly device: DeviceKind; readonly x: Value; readonly dy: Value; readonly weight: readonly number[]; readonly s: ConvShape }

/** The input with its zeros around it, so that every window lies inside. */
function paddedInput({ b, x, dy, s }: WeightGradient): Value {
  const begins = s.pads.slice(0, s.n);
  const ends = reachedEnds(s, x.type.shape.slice(2), dy.type.shape.slice(2)).map((e) => Math.max(e, 0));
  return [...begins, ...ends].every((p) => p === 0) ? x : b.op('Pad', [x, b.int64([0, 0, ...begins, 0, 0, ...ends])]);
}

/** The input as one kernel offset sees it: [N, C, …outputs]. */
function tapOf({ b, dy, s }: WeightGradient, x: Value, offset: readonly number[]): Value {
  const out = dy.type.shape.slice(2);
  const starts = offset.map((o, i) => o * (s.dilations[i] as number));
  const ends = starts.map((st, i) => st + ((out[i] as number) - 1) * (s.strides[i] as number) + 1);
  const axes = offset.map((_, i) => i + 2);
  const whole = starts.every((st, i) => st === 0 && ends[i] === x.type.shape[i + 2] && s.strides[i] === 1);
  return whole ? x : b.op('Slice', [x, b.int64(starts), b.int64(ends), b.int64(axes), b.int64([...s.strides])]);
}

/** A · Bᵀ over the two last axes. */
function timesTransposed({ b, device }: WeightGradient, left: Value, right: Value): Value {
  if (device === 'cpu') return b.op('FusedMatMul', [left, right], { transB: int(1) }, { domain: MICROSOFT_DOMAIN });
  return b.matmul(left, b.transpose(right, right.type.shape.length === 4 ? [0, 1, 3, 2] : [0, 2, 1]));
}

/** Kernels of more places cost more multiplications than the copies that they save. */
const PICKED_TAPS = 25;

/**
 * dw where a kernel is small: a depthwise convolution whose kernels are each 1 in one place lays the columns out on all threads,
 * [N, C·taps, P] with the taps of a channel side by side, as the kernel has them; one batched product with dy; summed over the batch.
 */
function weightGradientByPicks({ b, x, dy, weight, s }: WeightGradient): Value {
  const [n, channels] = x.type.shape as [number, number];
  const filters = dy.type.shape[1] as number;
  const places = dy.type.shape.slice(2).reduce((a, d) => a * d, 1);
  const taps = s.kernel.reduce((a, d) => a * d, 1);
  const data = Float32Array.from({ length: channels * taps * taps }, (_, i) => (Math.floor(i / taps) % taps === i % taps ? 1 : 0));
  const picks = b.constant({ element: 'float32', shape: [channels * taps, 1, ...s.kernel], data }, 'picks');
  const window = { kernel_shape: ints(s.kernel), strides: ints(s.strides), dilations: ints(s.dilations), pads: ints(s.pads), group: int(channels) };
  const columns = b.reshape(b.op('Conv', [x, picks], window), [n, s.group, (channels / s.group) * taps, places]);
  const product = b.op('FusedMatMul', [b.reshape(dy, [n, s.group, filters / s.group, places]), columns], { transB: int(1) }, { domain: MICROSOFT_DOMAIN });
  return b.reshape(b.sum(product, [0], false), weight);
}

/** dw: slices of the input, one for each kernel offset, stacked as columns; one batched product with dy; summed over the batch. */
export function weightGradient(g: WeightGradient): Value {
  const { b, s, weight } = g;
  const size = s.kernel.reduce((a, d) => a * d, 1);
  if (g.device === 'cpu' && size > 1 && size <= PICKED_TAPS) return weightGradientByPicks(g);
  const [n, channels] = g.x.type.shape as [number, number];
  const filters = g.dy.type.shape[1] as number;
  const places = g.dy.type.shape.slice(2).reduce((a, d) => a * d, 1);
  const x = paddedInput(g);
  const all = offsets(s.kernel);
  const taps = all.map((o) => tapOf(g, x, o));
  const perGroup = channels / s.group;
  // [N, taps·C, P], or with groups [N, G, taps·C/G, P].
  const grouped = s.group > 1;
  const shaped = grouped ? taps.map((t) => b.reshape(t, [n, s.group, perGroup, places])) : taps;
  const stacked = shaped.length === 1 ? (shaped[0] as Value) : b.op('Concat', shaped, { axis: int(grouped ? 2 : 1) });
  const columns = grouped ? stacked : b.reshape(stacked, [n, all.length * channels, places]);
  const dy = b.reshape(g.dy, grouped ? [n, s.group, filters / s.group, places] : [n, filters, places]);
  const product = b.sum(timesTransposed(g, dy, columns), [0], false);
  const perTap = b.reshape(product, [filters, all.length, perGroup]);
  return b.reshape(all.length === 1 ? perTap : b.transpose(perTap, [0, 2, 1]), weight);
}

const conv: Rule = (c) => {
  const s = convShape(c.node, c.x(1).type.shape, c.x(0).type.shape.slice(2));
  const bias = () => c.b.sum(c.dy, c.dy.type.shape.flatMap((_, i) => (i === 1 ? [] : [i])), false);
  return [
    c.wants(0) ? inputGradient(c, s) : null,
    c.wants(1) ? weightGradient({ b: c.b, device: c.device, x: c.x(0), dy: c.dy, weight: c.x(1).type.shape, s }) : null,
    ...(c.count > 2 ? [c.wants(2) ? bias() : null] : []),
  ];
};

export const convRules: Readonly<Record<string, Rule>> = { Conv: conv };
