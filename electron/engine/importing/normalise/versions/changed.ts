/** Operators whose meaning changed between opsets, written with those of today. */
import { float, int, ints, string } from '../../../../../shared/onnx/ir.ts';
import { same, without, type Rewriting, type VersionRow } from './row.ts';

const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Before opset 7 the second operand was laid along the first from `axis` on, or at its end. */
const legacyBroadcast = (c: Rewriting): void => {
  const inputs = [...c.node.inputs];
  const attributes = without(c.node.attributes, 'broadcast', 'axis', 'consumed_inputs');
  const given = c.node.attributes.axis === undefined ? null : c.int('axis', -1);
  if (c.int('broadcast', 0) === 1 && given !== null) {
    const [rank, shape] = [c.rank(0), c.type(1).shape];
    const behind = rank - (given < 0 ? given + rank : given) - shape.length;
    if (behind > 0 && elements(shape) > 1) inputs[1] = c.op('Reshape', [inputs[1] as string, c.int64([...shape, ...Array.from({ length: behind }, () => 1)])]);
  }
  same(c, { inputs, attributes });
};

/** Before opset 7 a slope of one number a channel stood for its channel. */
const prelu = (c: Rewriting): void => {
  const [rank, slope] = [c.rank(0), c.type(1).shape];
  const inputs = [...c.node.inputs];
  if (rank > 2 && slope.length === 1 && elements(slope) > 1) inputs[1] = c.op('Reshape', [inputs[1] as string, c.int64([...slope, ...Array.from({ length: rank - 2 }, () => 1)])]);
  same(c, { inputs });
};

/** Before opset 13 all axes from `axis` on were one. */
const coerced = (c: Rewriting): void => {
  const shape = c.type(0).shape;
  const axis = c.int('axis', 1);
  const first = axis < 0 ? axis + shape.length : axis;
  const wide = shape.flatMap((d, i) => (i >= first && d !== 1 ? [i] : []));
  const one = wide.length === 1 ? wide[0] : first === shape.length - 1 ? first : undefined;
  if (one !== undefined) return void same(c, { attributes: { axis: int(one === shape.length - 1 ? -1 : one) } });
  const x = c.node.inputs[0] as string;
  const rows = c.op(c.node.op, [c.op('Flatten', [x], { axis: int(first) })], { axis: int(-1) });
  c.op('Reshape', [rows, c.op('Shape', [x])], {}, c.node.outputs);
};

const batchNorm = (c: Rewriting): void => {
  if (c.node.outputs.some((_, i) => i > 0 && c.reads(i))) c.refuse('a BatchNormalization of inference', 'one whose statistics are read');
  const [x, scale, shift, mean, variance] = c.node.inputs as [string, string, string, string, string];
  const kept = { epsilon: float(c.float('epsilon', 1e-5)) };
  if (c.int('spatial', 1) === 1) return void c.op('BatchNormalization', c.node.inputs, { ...kept, momentum: float(c.float('momentum', 0.9)) }, c.node.outputs.slice(0, 1));
  // One mean for each place of the maps: no layer of today does that.
  const deviation = c.op('Sqrt', [c.op('Add', [variance, c.scalar(kept.epsilon.kind === 'float' ? kept.epsilon.value : 0, c.type(0).element)])]);
  const unit = c.op('Div', [c.op('Sub', [x, mean]), deviation]);
  c.op('Add', [c.op('Mul', [unit, scale]), shift], {}, c.node.outputs.slice(0, 1));
};

/** Statistics asked for beside the answer meant training, before an attribute said so. */
const batchNormOutputs = (c: Rewriting): void => {
  const trains = c.node.outputs.some((_, i) => i > 0 && c.reads(i));
  same(c, trains ? { attributes: { ...c.node.attributes, training_mode: int(1) }, outputs: c.node.outputs.slice(0, 3) } : { outputs: c.node.outputs.slice(0, 1) });
};

const upsampleScales = (c: Rewriting): readonly number[] | null => {
  const [height, width] = [c.float('height_scale', 0), c.float('width_scale', 0)];
  return c.floats('scales') ?? (height > 0 ? [1, 1, height, width] : null);
};
const floatVector = (c: Rewriting, values: readonly number[]): string => c.constant({ element: 'float32', shape: [values.length], data: Float32Array.from(values) });

const upsample = (c: Rewriting): void => {
  const scales = upsampleScales(c) ?? c.refuse('scales of an Upsample', 'none');
  c.op('Upsample', [c.node.inputs[0] as string, floatVector(c, scales)], { mode: string(c.string('mode', 'nearest')) }, c.node.outputs);
};

/** At opset 10 the nearest pixel is the one below where a picture grows, and the one above where it shrinks. */
const resize10 = (c: Rewriting): void => {
  const [x, scales] = c.node.inputs as [string, string];
  const mode = c.string('mode', 'nearest') === 'bilinear' ? 'linear' : c.string('mode', 'nearest');
  const values = c.numbers(1);
  const shared = { mode: string(mode), coordinate_transformation_mode: string('asymmetric') };
  const go = (from: string, by: string, nearest: string, outputs?: readonly string[]): string => c.op('Resize', [from, '', by], mode === 'nearest' ? { ...shared, nearest_mode: string(nearest) } : shared, outputs);
  if (mode !== 'nearest' || values === null || values.every((s) => s >= 1)) return void go(x, scales, 'floor', c.node.outputs);
  if (values.every((s) => s <= 1)) return void go(x, scales, 'ceil', c.node.outputs);
  const shrunk = go(x, floatVector(c, values.map((s) => Math.min(s, 1))), 'ceil');
  go(shrunk, floatVector(c, values.map((s) => Math.max(s, 1))), 'floor', c.node.outputs);
};

/** (x + ½) / scale cut off is the pixel nearest to (x + ½) / scale − ½. */
const resize11 = (c: Rewriting): void => {
  if (c.string('coordinate_transformation_mode', 'half_pixel') !== 'tf_half_pixel_for_nn') return void same(c, {});
  // ONNX Runtime knows the old name still; only the usual case has one of today.
  if (c.string('mode', 'nearest') !== 'nearest' || c.string('nearest_mode', 'round_prefer_floor') !== 'floor') return void same(c, {});
  same(c, { attributes: { ...c.node.attributes, coordinate_transformation_mode: string('half_pixel'), nearest_mode: string('round_prefer_ceil') } });
};

/** Mean and variance of Caffe's making. */
const meanVariance = (c: Rewriting): void => {
  const axes = c.int('across_channels', 0) === 1 ? [0, 1, 2, 3] : [0, 2, 3];
  if (c.int('normalize_variance', 1) === 1) return void same(c, { attributes: { axes: c.node.attributes.axes ?? ints(axes) } });
  const x = c.node.inputs[0] as string;
  c.op('Sub', [x, c.op('ReduceMean', [x], { axes: ints(axes) })], {}, c.node.outputs);
};

const binary = ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'And', 'Or', 'Xor', 'Equal', 'Greater', 'Less'];

export const changedRows: readonly VersionRow[] = [
  ...binary.map((op): VersionRow => ({ op, until: 7, rewrite: legacyBroadcast })),
  { op: 'Gemm', until: 7, rewrite: (c) => { same(c, { attributes: without(c.node.attributes, 'broadcast') }); } },
  { op: 'PRelu', until: 7, rewrite: prelu },
  ...['Softmax', 'LogSoftmax', 'Hardmax'].map((op): VersionRow => ({ op, until: 13, rewrite: coerced })),
  { op: 'BatchNormalization', until: 9, rewrite: batchNorm },
  { op: 'BatchNormalization', until: 14, rewrite: batchNormOutputs },
  { op: 'Upsample', until: 9, rewrite: upsample },
  { op: 'Upsample', until: 11, rewrite: resize10 },
  { op: 'Resize', until: 11, rewrite: resize10 },
  { op: 'Resize', until: 13, rewrite: resize11 },
  { op: 'MeanVarianceNormalization', until: 9, rewrite: meanVariance },
];
