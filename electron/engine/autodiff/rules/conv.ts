/** Gradient rules of convolution (any number of spatial axes, groups, dilation, stride, uneven padding). */
import type { Value } from '../../../../shared/onnx/builder.ts';
import { attribute, int, ints, MICROSOFT_DOMAIN, type Node } from '../../../../shared/onnx/ir.ts';
import type { Rule, RuleContext } from '../rule.ts';

export interface ConvShape {
  readonly spatial: number;
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Begins of all axes, then ends. */
  readonly pads: readonly number[];
  readonly group: number;
}

/** Window of a Conv node; `weight` is the kernel's shape, [O, I/group, …]. */
export function convShape(node: Node, weight: readonly number[]): ConvShape {
  const kernel = weight.slice(2);
  const n = kernel.length;
  const fill = (v: number, count = n) => Array.from({ length: count }, () => v);
  const auto = attribute(node, 'auto_pad', 'string', 'NOTSET');
  if (auto !== 'NOTSET') throw new Error(`Conv ${node.name}: expected explicit pads, got auto_pad ${auto}`);
  const list = (name: string, fallback: readonly number[]) => attribute(node, name, 'ints', fallback);
  return { spatial: n, kernel, strides: list('strides', fill(1)), dilations: list('dilations', fill(1)), pads: list('pads', fill(0, 2 * n)), group: attribute(node, 'group', 'int', 1) };
}

/** dx: the transposed convolution of dy with the same kernel; output_padding makes up for rows the stride left over. */
function inputGradient(c: RuleContext, s: ConvShape): Value {
  const sizes = c.x(0).type.shape.slice(2);
  const extra = sizes.map((size, i) => {
    const covered = (s.strides[i] as number) * ((c.dy.type.shape[i + 2] as number) - 1) + ((s.kernel[i] as number) - 1) * (s.dilations[i] as number) + 1;
    return size + (s.pads[i] as number) + (s.pads[i + s.spatial] as number) - covered;
  });
  // output_padding must stay below the stride; what no window touched beyond that is zero and is padded on.
  const within = extra.map((e, i) => Math.min(e, Math.max(s.strides[i] as number, s.dilations[i] as number) - 1));
  const attributes = { kernel_shape: ints(s.kernel), strides: ints(s.strides), dilations: ints(s.dilations), group: int(s.group) };
  if (extra.every((e, i) => e === within[i])) {
    return c.b.op('ConvTranspose', [c.dy, c.x(1)], { ...attributes, pads: ints(s.pads), output_padding: ints(within) });
  }
  const bare = c.b.op('ConvTranspose', [c.dy, c.x(1)], attributes);
  const ends = extra.map((e) => e);
  const padded = c.b.op('Pad', [bare, c.b.int64([0, 0, ...ends.map(() => 0), 0, 0, ...ends])]);
  const begins = s.pads.slice(0, s.spatial);
  return c.b.op('Slice', [padded, c.b.int64(begins), c.b.int64(begins.map((p, i) => p + (sizes[i] as number))), c.b.int64(begins.map((_, i) => i + 2))]);
}

/** The input with its zeros around it. */
function paddedInput(c: RuleContext, s: ConvShape): Value {
  if (s.pads.every((p) => p === 0)) return c.x(0);
  return c.b.op('Pad', [c.x(0), c.b.int64([0, 0, ...s.pads.slice(0, s.spatial), 0, 0, ...s.pads.slice(s.spatial)])]);
}

/** Every offset of the kernel, row by row. */
function offsets(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>((all, size) => all.flatMap((o) => Array.from({ length: size }, (_, i) => [...o, i])), [[]]);
}

/** The input as one kernel offset sees it: [N, C, outputs]. */
function tapOf(c: RuleContext, s: ConvShape, x: Value, offset: readonly number[]): Value {
  const out = c.dy.type.shape.slice(2);
  const starts = offset.map((o, i) => o * (s.dilations[i] as number));
  const ends = starts.map((st, i) => st + ((out[i] as number) - 1) * (s.strides[i] as number) + 1);
  const axes = offset.map((_, i) => i + 2);
  const cut = c.b.op('Slice', [x, c.b.int64(starts), c.b.int64(ends), c.b.int64(axes), c.b.int64([...s.strides])]);
  const [n, channels] = x.type.shape as [number, number];
  return c.b.reshape(cut, [n, channels, out.reduce((a, d) => a * d, 1)]);
}

/** A · Bᵀ over the two last axes. */
function timesTransposed(c: RuleContext, a: Value, b: Value): Value {
  if (c.device === 'cpu') return c.b.op('FusedMatMul', [a, b], { transB: int(1) }, { domain: MICROSOFT_DOMAIN });
  return c.b.matmul(a, c.b.transpose(b, b.type.shape.length === 4 ? [0, 1, 3, 2] : [0, 2, 1]));
}

/** dw: slices of the input, one for each kernel offset, stacked as columns; one batched product with dy; summed over the batch. */
function columnsGradient(c: RuleContext, s: ConvShape): Value {
  const [n, channels] = c.x(0).type.shape as [number, number];
  const filters = c.dy.type.shape[1] as number;
  const places = c.dy.type.shape.slice(2).reduce((a, d) => a * d, 1);
  const x = paddedInput(c, s);
  const all = offsets(s.kernel);
  const taps = all.map((o) => tapOf(c, s, x, o));
  const perGroup = channels / s.group;
  // [N, taps·C, P], or with groups [N, G, taps·C/G, P].
  const grouped = s.group > 1;
  const shaped = grouped ? taps.map((t) => c.b.reshape(t, [n, s.group, perGroup, places])) : taps;
  const columns = shaped.length === 1 ? (shaped[0] as Value) : c.b.op('Concat', shaped, { axis: int(grouped ? 2 : 1) });
  const dy = c.b.reshape(c.dy, grouped ? [n, s.group, filters / s.group, places] : [n, filters, places]);
  const product = c.b.sum(timesTransposed(c, dy, columns), [0], false);
  const perTap = c.b.reshape(product, [filters, all.length, perGroup]);
  return c.b.reshape(c.b.transpose(perTap, [0, 2, 1]), c.x(1).type.shape);
}

/** dw as a convolution of the input with dy, batch and channels exchanged: stride becomes dilation. Ungrouped only. */
function exchangedGradient(c: RuleContext, s: ConvShape): Value {
  const perm = [1, 0, ...s.kernel.map((_, i) => i + 2)];
  const x = c.b.transpose(c.x(0), perm);
  const dy = c.b.transpose(c.dy, perm);
  const full = c.b.op('Conv', [x, dy], { kernel_shape: ints(c.dy.type.shape.slice(2)), strides: ints(s.dilations), dilations: ints(s.strides), pads: ints(s.pads) });
  // Rows that the stride never reached make the answer longer than the kernel.
  const exact = full.type.shape.slice(2).every((d, i) => d === s.kernel[i]) ? full : c.b.op('Slice', [full, c.b.int64(s.kernel.map(() => 0)), c.b.int64([...s.kernel]), c.b.int64(s.kernel.map((_, i) => i + 2))]);
  return c.b.transpose(exact, perm);
}

export interface WeightFormulation {
  readonly name: string;
  readonly supports: (s: ConvShape) => boolean;
  readonly build: (c: RuleContext, s: ConvShape) => Value;
}

/** Ways to compute dw; all give the same numbers, none is the fastest everywhere. */
export const weightFormulations: readonly WeightFormulation[] = [
  { name: 'columns', supports: () => true, build: columnsGradient },
  { name: 'exchanged', supports: (s) => s.group === 1, build: exchangedGradient },
];

const conv: Rule = (c) => {
  const s = convShape(c.node, c.x(1).type.shape);
  const bias = () => c.b.sum(c.dy, c.dy.type.shape.flatMap((_, i) => (i === 1 ? [] : [i])), false);
  return [
    c.wants(0) ? inputGradient(c, s) : null,
    c.wants(1) ? columnsGradient(c, s) : null,
    ...(c.count > 2 ? [c.wants(2) ? bias() : null] : []),
  ];
};

export const convRules: Readonly<Record<string, Rule>> = { Conv: conv };
