/** Operators of opsets above 18, written with those of 18 where these say the same. */
import { int, string } from '../../../../../shared/onnx/ir.ts';
import { same, without, type Rewriting, type VersionRow } from './row.ts';

const x = (c: Rewriting): string => c.node.inputs[0] as string;

/** x · ½(1 + erf(x / √2)), or by tanh √(2/π)(x + 0.044715 x³) (Hendrycks and Gimpel 2016). */
const gelu = (c: Rewriting): void => {
  const n = (v: number): string => c.scalar(v, c.type(0).element);
  const half = c.op('Mul', [x(c), n(0.5)]);
  if (c.string('approximate', 'none') === 'none') {
    const erf = c.op('Erf', [c.op('Div', [x(c), n(Math.SQRT2)])]);
    return void c.op('Mul', [half, c.op('Add', [erf, n(1)])], {}, c.node.outputs);
  }
  const cube = c.op('Mul', [c.op('Mul', [x(c), x(c)]), x(c)]);
  const inner = c.op('Add', [x(c), c.op('Mul', [cube, n(0.044715)])]);
  const tanh = c.op('Tanh', [c.op('Mul', [inner, n(Math.sqrt(2 / Math.PI))])]);
  c.op('Mul', [half, c.op('Add', [tanh, n(1)])], {}, c.node.outputs);
};

/** From opset 21 scale and shift are one number a channel; before, one a group. */
const groupNorm = (c: Rewriting): void => {
  const [groups, channels, element] = [c.int('num_groups', 1), c.type(0).shape[1] ?? 0, c.type(0).element];
  const fill = (v: number): string => c.op('Expand', [c.scalar(v, element), c.int64([groups])]);
  const unit = c.op('GroupNormalization', [x(c), fill(1), fill(0)], without(c.node.attributes, 'stash_type'));
  const aside = c.int64([channels, ...Array.from({ length: c.rank(0) - 2 }, () => 1)]);
  const [scale, shift] = [1, 2].map((i) => c.op('Reshape', [c.node.inputs[i] as string, aside])) as [string, string];
  c.op('Add', [c.op('Mul', [unit, scale]), shift], {}, c.node.outputs);
};

const gridModes: Readonly<Record<string, string>> = { linear: 'bilinear', cubic: 'bicubic' };
const gridSample = (c: Rewriting): void => {
  const mode = c.string('mode', 'linear');
  same(c, { attributes: { ...c.node.attributes, mode: string(gridModes[mode] ?? mode) } });
};

/** x / √(mean x² + ε) · scale (Zhang and Sennrich 2019). */
const rmsNorm = (c: Rewriting): void => {
  const axis = c.int('axis', -1);
  const rank = c.rank(0);
  const axes = Array.from({ length: axis < 0 ? -axis : rank - axis }, (_, i) => rank - 1 - i).sort((a, b) => a - b);
  const mean = c.op('ReduceMean', [c.op('Mul', [x(c), x(c)]), c.int64(axes)]);
  const deviation = c.op('Sqrt', [c.op('Add', [mean, c.scalar(c.float('epsilon', 1e-5), c.type(0).element)])]);
  c.op('Mul', [c.op('Div', [x(c), deviation]), c.node.inputs[1] as string], {}, c.node.outputs);
};

/** x · σ(αx). */
const swish = (c: Rewriting): void => {
  const alpha = c.float('alpha', 1);
  const inner = alpha === 1 ? x(c) : c.op('Mul', [x(c), c.scalar(alpha, c.type(0).element)]);
  c.op('Mul', [x(c), c.op('Sigmoid', [inner])], {}, c.node.outputs);
};

/** From opset 20 the axis is an input; before, an attribute. */
const dft = (c: Rewriting): void => {
  const axis = c.has(2) ? c.numbers(2)?.[0] : -2;
  if (axis === undefined) return c.refuse('a constant axis', 'a computed one');
  const rank = c.rank(0);
  same(c, { inputs: c.node.inputs.slice(0, 2), attributes: { ...c.node.attributes, axis: int(axis < 0 ? axis + rank : axis) } });
};

/** One number for the whole tensor or each place along an axis: what 18 has; the name of the type came later. */
const quantised = (c: Rewriting): void => {
  if (c.int('block_size', 0) !== 0) c.refuse('scales for a whole tensor or each channel', 'scales for blocks');
  same(c, { attributes: without(c.node.attributes, 'block_size', 'output_dtype', 'saturate', 'precision') });
};

export const newerRows: readonly VersionRow[] = [
  { op: 'Gelu', from: 20, rewrite: gelu },
  { op: 'GroupNormalization', from: 21, rewrite: groupNorm },
  { op: 'GridSample', from: 20, rewrite: gridSample },
  { op: 'RMSNormalization', from: 23, rewrite: rmsNorm },
  { op: 'Swish', from: 24, rewrite: swish },
  { op: 'DFT', from: 20, rewrite: dft },
  { op: 'QuantizeLinear', from: 19, rewrite: quantised },
  { op: 'DequantizeLinear', from: 19, rewrite: quantised },
  ...['Cast', 'CastLike'].map((op): VersionRow => ({ op, from: 19, rewrite: (c) => { same(c, { attributes: without(c.node.attributes, 'saturate', 'round_mode') }); } })),
];

/** Operators that opset 18 has not at all, and forms of others that it cannot say: the opset that they need. */
export const newerThan18: Readonly<Record<string, readonly { readonly opset: number; readonly when?: (c: Pick<Rewriting, 'string' | 'ints' | 'type'>) => boolean }[]>> = {
  AffineGrid: [{ opset: 20 }], ImageDecoder: [{ opset: 20 }], RegexFullMatch: [{ opset: 20 }], StringConcat: [{ opset: 20 }], StringSplit: [{ opset: 20 }],
  DeformConv: [{ opset: 19 }], Attention: [{ opset: 23 }], RotaryEmbedding: [{ opset: 23 }], TensorScatter: [{ opset: 24 }],
  AveragePool: [{ opset: 19, when: (c) => (c.ints('dilations') ?? []).some((d) => d !== 1) }],
  Pad: [{ opset: 19, when: (c) => c.string('mode', 'constant') === 'wrap' }],
  Resize: [{ opset: 19, when: (c) => c.string('coordinate_transformation_mode', '') === 'half_pixel_symmetric' }],
  ReduceMax: [{ opset: 20, when: (c) => c.type(0).element === 'bool' }],
  ReduceMin: [{ opset: 20, when: (c) => c.type(0).element === 'bool' }],
};

