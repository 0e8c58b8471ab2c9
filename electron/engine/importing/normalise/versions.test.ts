/** Every row of the table of versions: the node as the file has it and as it is written now, in ONNX Runtime or beside a direct sum. */
import { describe, expect, it } from 'vitest';
import { float, floats, int, ints, string, type Tensor } from '../../../../shared/onnx/ir.ts';
import { required } from '../../../../shared/util/assert.ts';
import { encodeModel } from '../../onnx-io/model.ts';
import type { SourceAttribute } from '../../onnx-io/source.ts';
import { answer, difference } from './corpus.harness.ts';
import { normalise } from './normalise.ts';
import { f32, i64, node, original, source, tensor, value } from './source.harness.ts';
import { versionRows } from './versions/table.ts';

type Attributes = Readonly<Record<string, SourceAttribute>>;
interface Case {
  readonly op: string;
  readonly opset: number;
  readonly feeds: readonly Tensor[];
  readonly attributes?: Attributes;
  readonly constants?: readonly (Tensor | null)[];
  readonly outputs?: number;
  /** What comes out, where ONNX Runtime has the old form no longer. */
  readonly expected?: (feeds: readonly Tensor[]) => readonly Tensor[];
  /** A constant input by name, where its place is not behind the feeds. */
  readonly note?: string;
}
const c = (op: string, opset: number, feeds: readonly Tensor[], attributes: Attributes = {}, more: Partial<Case> = {}): Case => ({ op, opset, feeds, attributes, ...more });

const numbers = (t: Tensor): Float32Array => t.data as Float32Array;
const map = (t: Tensor, f: (v: number, i: number) => number): Tensor => ({ ...t, data: numbers(t).map(f) });
const each = (f: (v: number) => number) => ([x]: readonly Tensor[]): readonly Tensor[] => [map(required(x, 'input'), f)];
/** The second operand repeats along [2, 3, 4, 5] as axis 1 would have it. */
const byChannel = (f: (a: number, b: number) => number) => ([x, w]: readonly Tensor[]): readonly Tensor[] =>
  [map(required(x, 'input'), (v, i) => f(v, numbers(required(w, 'operand'))[Math.floor(i / 20) % 3] as number))];

const x4 = f32([2, 3, 4, 5]);
const positive = (t: Tensor): Tensor => map(t, (v) => Math.abs(v) + 0.5);
const channel = f32([3], [2, -1, 0.5]);
const legacy = { broadcast: int(1), axis: int(1) };
const truthsOf = (t: Tensor): Tensor => tensor('bool', t.shape, Array.from(numbers(t), (v) => (v > 0 ? 1 : 0)));
const consumed = { consumed_inputs: ints([0]) };
const normalised = (x: Tensor, scale: Tensor, shift: Tensor, mean: Tensor, variance: Tensor, place: (i: number) => number, epsilon: number): Tensor =>
  map(x, (v, i) => ((v - (numbers(mean)[place(i)] as number)) / Math.sqrt((numbers(variance)[place(i)] as number) + epsilon)) * (numbers(scale)[place(i)] as number) + (numbers(shift)[place(i)] as number));
const groupFeeds = [f32([2, 4, 3]), f32([4]), f32([4])];

const cases: readonly Case[] = [
  ...([['Add', (a, b) => a + b], ['Sub', (a, b) => a - b], ['Mul', (a, b) => a * b], ['Div', (a, b) => a / b]] as readonly [string, (a: number, b: number) => number][])
    .flatMap(([op, f]) => [c(op, 6, [x4, channel], legacy, { expected: byChannel(f) }), c(op, 1, [x4, channel], { ...legacy, ...consumed }, { expected: byChannel(f) })]),
  c('Add', 6, [x4, f32([5])], { broadcast: int(1) }, { expected: ([x, w]) => [map(x as Tensor, (v, i) => v + (numbers(w as Tensor)[i % 5] as number))], note: 'at the end' }),
  c('Pow', 6, [positive(x4), channel], legacy, { expected: byChannel((a, b) => a ** b) }),
  ...(['And', 'Or', 'Xor'] as const).map((op) => c(op, 6, [truthsOf(x4), truthsOf(channel)], legacy, {
    expected: ([x, w]) => [{ ...(x as Tensor), data: ((x as Tensor).data as Uint8Array).map((v, i) => { const b = Number((w as Tensor).data[Math.floor(i / 20) % 3]); return op === 'And' ? v & b : op === 'Or' ? v | b : v ^ b; }) }],
  })),
  ...(['Equal', 'Greater', 'Less'] as const).map((op) => c(op, 6, op === 'Equal' ? [tensor('int32', [2, 3], [1, 2, 3, 4, 5, 6]), tensor('int32', [3], [1, 5, 3])] : [f32([2, 3], [1, 2, 3, 4, 5, 6]), f32([3], [1, 5, 3])], { broadcast: int(1) }, {
    expected: ([x, w]) => [tensor('bool', [2, 3], Array.from((x as Tensor).data as Float32Array, (v, i) => { const b = Number((w as Tensor).data[i % 3]); return Number(op === 'Equal' ? v === b : op === 'Greater' ? v > b : v < b); }))],
  })),
  c('Gemm', 6, [f32([2, 3]), f32([3, 4]), f32([4])], { broadcast: int(1) }, { expected: ([a, b, w]) => [f32([2, 4], Array.from({ length: 8 }, (_, i) => [0, 1, 2].reduce((s, k) => s + (numbers(a as Tensor)[Math.floor(i / 4) * 3 + k] as number) * (numbers(b as Tensor)[k * 4 + (i % 4)] as number), numbers(w as Tensor)[i % 4] as number)))] }),
  c('PRelu', 6, [x4, channel], {}, { expected: byChannel((a, b) => (a < 0 ? a * b : a)) }), c('PRelu', 1, [x4, channel], consumed, { expected: byChannel((a, b) => (a < 0 ? a * b : a)) }),
  ...['Softmax', 'LogSoftmax', 'Hardmax'].flatMap((op) => [c(op, 11, [x4]), c(op, 11, [x4], { axis: int(3) }), c(op, 11, [f32([2, 3, 1, 1])], { axis: int(1) }), c(op, 12, [x4], { axis: int(-2) }), c(op, 11, [f32([2, 3])], { axis: int(0) })]),
  c('BatchNormalization', 8, [x4, channel, channel, channel, positive(channel)], { epsilon: float(0.01), spatial: int(1) }),
  c('BatchNormalization', 6, [x4, channel, channel, channel, positive(channel)], { epsilon: float(0.01), is_test: int(1), consumed_inputs: ints([0, 0, 0, 1, 1]) }, { expected: (f) => [normalised(...(f as [Tensor, Tensor, Tensor, Tensor, Tensor]), (i) => Math.floor(i / 20) % 3, 0.01)] }),
  c('BatchNormalization', 8, [x4, f32([3, 4, 5]), f32([3, 4, 5]), f32([3, 4, 5]), positive(f32([3, 4, 5]))], { spatial: int(0) }, { expected: (f) => [normalised(...(f as [Tensor, Tensor, Tensor, Tensor, Tensor]), (i) => i % 60, 1e-5)], note: 'of each place' }),
  c('BatchNormalization', 9, [x4, channel, channel, channel, positive(channel)], { epsilon: float(0.01) }),
  ...['nearest', 'linear'].flatMap((mode) => [
    c('Upsample', 7, [f32([1, 2, 3, 4])], { mode: string(mode), scales: floats([1, 1, 2, 3]) }), c('Upsample', 9, [f32([1, 2, 3, 4])], { mode: string(mode) }, { constants: [f32([4], [1, 1, 2.5, 1.5])] }),
    c('Resize', 10, [f32([1, 2, 3, 4])], { mode: string(mode) }, { constants: [f32([4], [1, 1, 2, 1.5])] }), c('Resize', 10, [f32([1, 2, 6, 8])], { mode: string(mode) }, { constants: [f32([4], [1, 1, 0.5, 0.4])], note: 'down' }),
  ]),
  c('Resize', 10, [f32([1, 1, 6, 4])], {}, { constants: [f32([4], [1, 1, 0.5, 2])], note: 'both ways' }),
  c('Upsample', 1, [f32([1, 1, 2, 2], [1, 2, 3, 4])], { mode: string('nearest'), width_scale: float(2), height_scale: float(1) }, { expected: () => [f32([1, 1, 2, 4], [1, 1, 2, 2, 3, 3, 4, 4])] }),
  c('Resize', 11, [f32([1, 1, 4, 6])], { coordinate_transformation_mode: string('tf_half_pixel_for_nn'), nearest_mode: string('floor') }, { constants: [f32([0]), f32([4], [1, 1, 0.6, 1.7])] }), c('Resize', 11, [f32([1, 1, 4, 6])], { mode: string('cubic') }, { constants: [f32([0]), f32([4], [1, 1, 1.5, 2])] }),
  c('MeanVarianceNormalization', 8, [x4], { across_channels: int(0), normalize_variance: int(1) }),
  c('MeanVarianceNormalization', 8, [x4], { across_channels: int(0), normalize_variance: int(0) }),
  c('Abs', 1, [x4], consumed, { expected: each(Math.abs) }), c('Ceil', 1, [x4], consumed, { expected: each(Math.ceil) }), c('Elu', 1, [x4], { ...consumed, alpha: float(2) }, { expected: each((v) => (v < 0 ? 2 * Math.expm1(v) : v)) }), c('Exp', 1, [x4], consumed, { expected: each(Math.exp) }),
  c('Floor', 1, [x4], consumed, { expected: each(Math.floor) }), c('HardSigmoid', 1, [x4], consumed, { expected: each((v) => Math.min(1, Math.max(0, 0.2 * v + 0.5))) }), c('LeakyRelu', 1, [x4], consumed, { expected: each((v) => (v < 0 ? 0.01 * v : v)) }), c('Log', 1, [positive(x4)], consumed, { expected: each(Math.log) }),
  c('Neg', 1, [x4], consumed, { expected: each((v) => -v) }), c('Reciprocal', 1, [positive(x4)], consumed, { expected: each((v) => 1 / v) }), c('Relu', 1, [x4], consumed, { expected: each((v) => Math.max(v, 0)) }), c('Selu', 1, [x4], { ...consumed, alpha: float(1.5), gamma: float(2) }, { expected: each((v) => 2 * (v > 0 ? v : 1.5 * Math.expm1(v))) }),
  c('Sigmoid', 1, [x4], consumed, { expected: each((v) => 1 / (1 + Math.exp(-v))) }), c('Sqrt', 1, [positive(x4)], consumed, { expected: each(Math.sqrt) }), c('Tanh', 1, [x4], consumed, { expected: each(Math.tanh) }),
  c('Max', 1, [x4, map(x4, (v) => -v)], consumed, { expected: ([a]) => [map(a as Tensor, Math.abs)] }), c('Min', 1, [x4, map(x4, (v) => -v)], consumed, { expected: ([a]) => [map(a as Tensor, (v) => -Math.abs(v))] }), c('Sum', 1, [x4, x4], consumed, { expected: each((v) => 2 * v) }), c('Mean', 1, [x4, x4], consumed, { expected: each((v) => v) }),
  c('InstanceNormalization', 1, [f32([1, 1, 4], [1, 1, 3, 3]), f32([1], [1]), f32([1], [0])], { ...consumed, epsilon: float(0) }, { expected: () => [f32([1, 1, 4], [-1, -1, 1, 1])] }),
  c('Cast', 1, [x4], { to: string('INT32') }, { expected: ([x]) => [tensor('int32', (x as Tensor).shape, Array.from(numbers(x as Tensor), Math.trunc))] }),
  c('Clip', 6, [x4], { min: float(-0.5), max: float(0.25) }, { expected: each((v) => Math.min(0.25, Math.max(-0.5, v))) }), c('Clip', 10, [x4], { min: float(-0.5) }), c('Clip', 10, [x4], { max: float(0.5) }), c('Clip', 7, [x4]),
  c('Concat', 3, [f32([2, 1]), f32([2, 2])], {}, { expected: ([a, b]) => [f32([2, 3], [0, 1].flatMap((r) => [numbers(a as Tensor)[r] as number, ...numbers(b as Tensor).slice(2 * r, 2 * r + 2)]))] }),
  c('Dropout', 6, [x4], { ratio: float(0.3), is_test: int(1) }, { expected: each((v) => v) }), c('Dropout', 10, [x4], { ratio: float(0.3) }),
  c('GlobalLpPool', 1, [x4], { p: float(2) }, { expected: ([x]) => [f32([2, 3, 1, 1], Array.from({ length: 6 }, (_, i) => Math.hypot(...numbers(x as Tensor).slice(20 * i, 20 * i + 20))))] }),
  c('LpPool', 1, [f32([1, 1, 4])], { p: float(1), kernel_shape: ints([2]), strides: ints([2]) }, { expected: ([x]) => [f32([1, 1, 2], [0, 2].map((i) => Math.abs(numbers(x as Tensor)[i] as number) + Math.abs(numbers(x as Tensor)[i + 1] as number)))] }),
  c('LpNormalization', 1, [f32([2, 2], [3, 4, 0, 2])], { p: float(2), axis: int(-1) }, { expected: () => [f32([2, 2], [0.6, 0.8, 0, 1])] }),
  c('Pad', 2, [f32([1, 2])], { pads: ints([0, 1, 1, 0]), value: float(7) }), c('Pad', 10, [f32([3, 4])], { pads: ints([1, 1, 0, 2]), mode: string('reflect') }), c('Pad', 1, [f32([1, 2], [4, 5])], { paddings: ints([0, 1, 0, 0]) }, { expected: () => [f32([1, 3], [0, 4, 5])] }),
  c('Reshape', 1, [f32([2, 6])], { shape: ints([0, 3, -1]) }, { expected: ([x]) => [{ ...(x as Tensor), shape: [2, 3, 2] }] }),
  ...['ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare', 'ReduceLogSumExp', 'ReduceLogSum'].flatMap((op) => [c(op, 11, [positive(x4)], { axes: ints([1, 3]), keepdims: int(0) }), c(op, 17, [positive(x4)])]),
  c('ReduceSum', 12, [x4], { axes: ints([-1]), keepdims: int(1) }), c('ReduceSum', 11, [x4]),
  c('RoiAlign', 10, [f32([1, 2, 6, 6]), f32([1, 4], [0, 0, 4, 4])], { output_height: int(2), output_width: int(2), sampling_ratio: int(2), spatial_scale: float(1) }, { constants: [i64(0)] }),
  c('Scatter', 9, [f32([3, 3])], { axis: int(0) }, { constants: [tensor('int64', [1, 3], [2, 0, 1]), f32([1, 3], [7, 8, 9])] }),
  c('Slice', 9, [f32([5, 6])], { starts: ints([1, -3]), ends: ints([4, 100]), axes: ints([0, 1]) }), c('Slice', 9, [f32([5, 6])], { starts: ints([1]), ends: ints([3]) }),
  c('Split', 12, [f32([2, 6])], { axis: int(1), split: ints([1, 5]) }, { outputs: 2 }), c('Split', 11, [f32([2, 6])], { axis: int(1) }, { outputs: 3 }), c('Split', 13, [f32([6])], {}, { outputs: 2 }),
  c('Squeeze', 11, [f32([1, 3, 1])], { axes: ints([0]) }), c('Squeeze', 11, [f32([1, 3, 1])]), c('Unsqueeze', 11, [f32([2, 3])], { axes: ints([0, 3]) }),
  c('Tile', 1, [f32([1, 2], [1, 2])], {}, { constants: [tensor('int64', [1], [2]), tensor('int64', [1], [1])], expected: () => [f32([1, 4], [1, 2, 1, 2])] }),
  c('TopK', 9, [f32([2, 5])], { k: int(2) }, { outputs: 2 }), c('TopK', 1, [f32([1, 3], [1, 3, 2])], { k: int(1), axis: int(1) }, { outputs: 2, expected: () => [f32([1, 1], [3]), tensor('int64', [1, 1], [1])] }),
  ...['RNN', 'GRU', 'LSTM'].map((op) => { const gates = { RNN: 1, GRU: 3, LSTM: 4 }[op as 'RNN']; return c(op, 5, [f32([3, 2, 2]), f32([1, gates * 2, 2], Array.from({ length: gates * 4 }, () => 0)), f32([1, gates * 2, 2])], { hidden_size: int(2), output_sequence: int(1) }, { expected: () => [f32([3, 1, 2, 2], Array.from({ length: 12 }, () => 0))] }); }),
  c('ImageScaler', 8, [f32([2, 3, 2, 2])], { scale: float(2), bias: floats([1, 2, 3]) }, { expected: ([x]) => [map(x as Tensor, (v, i) => 2 * v + 1 + (Math.floor(i / 4) % 3))] }),
  c('Crop', 8, [f32([1, 1, 4, 5], Array.from({ length: 20 }, (_, i) => i))], { border: ints([1, 2, 1, 0]) }, { expected: () => [f32([1, 1, 2, 3], [11, 12, 13, 16, 17, 18])] }), c('Crop', 8, [f32([1, 1, 4, 5], Array.from({ length: 20 }, (_, i) => i))], { border: ints([1, 2, 0, 0]), scale: ints([1, 2]) }, { expected: () => [f32([1, 1, 1, 2], [11, 12])], note: 'to a size' }),
  c('Affine', 8, [x4], { alpha: float(2), beta: float(-1) }, { expected: each((v) => 2 * v - 1) }), c('Scale', 8, [x4], { scale: float(3) }, { expected: each((v) => 3 * v) }),
  c('ParametricSoftplus', 8, [x4], { alpha: float(2), beta: float(0.5) }, { expected: each((v) => 2 * Math.log1p(Math.exp(0.5 * v))) }), c('ScaledTanh', 8, [x4], { alpha: float(2), beta: float(0.5) }, { expected: each((v) => 2 * Math.tanh(0.5 * v)) }),
  c('ConstantFill', 7, [], { shape: ints([2, 2]), value: float(1.5) }, { expected: () => [f32([2, 2], [1.5, 1.5, 1.5, 1.5])] }), c('ConstantFill', 7, [f32([2, 1])], { value: float(3), dtype: int(1), extra_shape: ints([2]) }, { expected: () => [f32([2, 1, 2], [3, 3, 3, 3])], note: 'like the input' }),
  c('ConstantLike', 9, [f32([2])], { value: float(4) }, { expected: () => [f32([2], [4, 4])] }), c('GivenTensorFill', 7, [], { shape: ints([2]), values: floats([1, 2]) }, { expected: () => [f32([2], [1, 2])] }),
  c('DynamicSlice', 9, [f32([3], [1, 2, 3])], {}, { constants: [i64(1), i64(3)], expected: () => [f32([2], [2, 3])] }),
  c('Gelu', 20, [x4]), c('Gelu', 20, [x4], { approximate: string('tanh') }),
  c('GroupNormalization', 21, groupFeeds, { num_groups: int(2) }),
  ...['linear', 'cubic', 'nearest'].map((mode) => c('GridSample', 20, [f32([1, 2, 4, 5]), f32([1, 3, 3, 2])], { mode: string(mode) })),
  c('RMSNormalization', 23, [f32([2, 3, 4]), f32([4])], { epsilon: float(1e-3) }), c('RMSNormalization', 23, [f32([2, 3, 4]), f32([3, 4])], { axis: int(1) }),
  c('Swish', 24, [x4], { alpha: float(0.5) }, { expected: each((v) => v / (1 + Math.exp(-0.5 * v))) }),
  c('DFT', 20, [f32([1, 8, 1])], { onesided: int(1) }, { constants: [null, tensor('int64', [], [-2])] }),
  c('QuantizeLinear', 21, [x4], {}, { constants: [f32([], [0.05]), tensor('uint8', [], [120])] }), c('DequantizeLinear', 21, [tensor('uint8', [2, 2], [1, 2, 200, 255])], {}, { constants: [f32([], [0.5]), tensor('uint8', [], [128])] }),
  c('Cast', 19, [x4], { to: int(7), saturate: int(1) }), c('CastLike', 19, [x4], { saturate: int(1) }, { constants: [tensor('int32', [1], [0])] }),
];

describe('older and newer opsets', () => {
  it.each(cases.map((k) => [`${k.op} of opset ${k.opset}${k.note ? `, ${k.note}` : ''} ${JSON.stringify(k.attributes)} ${k.feeds.map((t) => `[${t.shape.join()}]`).join(' ')}`, k] as const))('%s', async (_name, k) => {
    const outputs = Array.from({ length: k.outputs ?? 1 }, (_, i) => `y${i}`);
    const constants = (k.constants ?? []).map((t, i) => (t ? ([`c${i}`, t] as const) : null));
    const inputs = k.feeds.map((t, i) => value(`x${i}`, t.shape, t.element));
    const model = source({ nodes: [node(k.op, [...inputs.map((v) => v.name), ...constants.map((e) => e?.[0] ?? '')], outputs, k.attributes)], inputs, outputs, initializers: Object.fromEntries(constants.filter((e) => e !== null)) }, k.opset);
    const normal = await normalise(model);
    expect(normal.opsets['']).toBe(18);
    const ours = await answer(encodeModel(normal.graph, { opsets: normal.opsets, dynamicBatch: inputs.map((v) => v.name).filter((n) => normal.batched.has(n)), untyped: true }), inputs.map((v) => v.name), k.feeds);
    const theirs = k.expected ? new Map(k.expected(k.feeds).map((t, i) => [outputs[i] as string, t])) : await original(model, k.feeds);
    for (const [name, t] of theirs) expect(difference(required(ours.get(name), name), t), name).toBeLessThan(2e-6);
  });

  it('have a case for every row', () => {
    const covered = (row: (typeof versionRows)[number]): boolean => cases.some((k) => k.op === row.op && (row.until === undefined ? k.opset >= (row.from ?? 0) : k.opset < row.until));
    expect(versionRows.filter((row) => !covered(row)).map((row) => `${row.op} until ${row.until} from ${row.from}`)).toEqual([]);
  });

  it('keep the opset that a form needs', async () => {
    const grid = source({ nodes: [node('AffineGrid', ['theta', 'size'], ['y'])], inputs: [value('theta', ['n', 2, 3])], initializers: { size: i64(1, 1, 2, 2) } }, 20);
    const wrap = source({ nodes: [node('Pad', ['x', 'pads'], ['y'], { mode: string('wrap') })], inputs: [value('x', [2, 3])], initializers: { pads: i64(0, 1, 0, 1) } }, 21);
    const plain = source({ nodes: [node('Relu', ['x'], ['y'])], inputs: [value('x', [2, 3])] }, 22);
    const mixed = source({ nodes: [node('AffineGrid', ['theta', 'size'], ['g']), node('GridSample', ['x', 'g'], ['y'])], inputs: [value('theta', ['n', 2, 3]), value('x', ['n', 1, 4, 4])], initializers: { size: i64(1, 1, 2, 2) } }, 20);
    await expect(normalise(mixed)).rejects.toThrow('operators of one opset');
    expect(await Promise.all([grid, wrap, plain].map(async (m) => (await normalise(m)).opsets['']))).toEqual([20, 19, 18]);
  });
});
