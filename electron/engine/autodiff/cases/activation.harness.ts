/** Cases of activations, with softmax. */
import type { Value } from '../../../../shared/onnx/builder.ts';
import { float, int, MICROSOFT_DOMAIN, type Attribute } from '../../../../shared/onnx/ir.ts';
import type { GradientCase } from '../gradient.harness.ts';
import { apart, op, text } from './helpers.harness.ts';

const row = (name: string, attributes: Record<string, Attribute> = {}, sample?: GradientCase['sample']): Pick<GradientCase, 'shapes' | 'build' | 'sample'> => ({ shapes: [[12]], build: op(name, attributes), ...(sample ? { sample } : {}) });
/** Even steps from -2.2 to 1.8, none on a whole tenth of a bound. */
const steps = (_n: number, i: number): number => i / 3 - 2.18;
const clip = (low: number | null, high: number | null): GradientCase['build'] => (b, [x]) => b.op('Clip', [x as Value, low === null ? null : b.scalar(low), ...(high === null ? [] : [b.scalar(high)])]);

export const activationCases: GradientCase[] = [
  { name: 'Relu', ...row('Relu', {}, apart) },
  { name: 'LeakyRelu', ...row('LeakyRelu', { alpha: float(0.2) }, apart) },
  { name: 'LeakyRelu as it comes', ...row('LeakyRelu', {}, apart) },
  { name: 'PRelu', shapes: [[2, 3, 4], [3, 1]], sample: apart, build: op('PRelu') },
  { name: 'PRelu of one slope', shapes: [[2, 3, 2, 2], [1]], sample: apart, build: op('PRelu') },
  { name: 'PRelu of a slope a number', shapes: [[2, 3], [2, 3]], sample: apart, build: op('PRelu') },
  { name: 'Elu', ...row('Elu', {}, apart) },
  { name: 'Elu of another slope', ...row('Elu', { alpha: float(0.7) }, apart) },
  { name: 'Selu', ...row('Selu', {}, apart) },
  { name: 'Selu of other constants', ...row('Selu', { alpha: float(1.2), gamma: float(0.9) }, apart) },
  { name: 'Celu', ...row('Celu', {}, apart) },
  { name: 'Celu of another slope', ...row('Celu', { alpha: float(2) }, apart) },
  { name: 'Gelu', shapes: [[12]], build: (b, [x]) => b.op('Gelu', [x as Value], {}, { domain: MICROSOFT_DOMAIN }) },
  { name: 'Gelu of opset 20', ...row('Gelu'), opset: 20 },
  { name: 'Gelu by tanh', ...row('Gelu', { approximate: text('tanh') }), opset: 20 },
  { name: 'HardSigmoid', ...row('HardSigmoid', { alpha: float(0.3), beta: float(0.4) }, steps) },
  { name: 'HardSigmoid as it comes', ...row('HardSigmoid', {}, (_n, i) => i / 2 - 3.2) },
  { name: 'HardSwish', ...row('HardSwish', {}, (_n, i) => i - 5.4) },
  { name: 'Mish', ...row('Mish') },
  { name: 'ThresholdedRelu', ...row('ThresholdedRelu', {}, steps) },
  { name: 'ThresholdedRelu at another place', ...row('ThresholdedRelu', { alpha: float(0.5) }, steps) },
  { name: 'Softsign', ...row('Softsign', {}, apart) },
  { name: 'Sigmoid', ...row('Sigmoid') },
  { name: 'Tanh', ...row('Tanh') },
  { name: 'Softplus', ...row('Softplus') },
  { name: 'Clip', shapes: [[12]], sample: steps, build: clip(0, 1.05) },
  { name: 'Clip between others', shapes: [[12]], sample: steps, build: clip(-1, 0.3) },
  { name: 'Clip above only', shapes: [[12]], sample: steps, build: clip(null, 0) },
  { name: 'Clip below only', shapes: [[12]], sample: steps, build: clip(-0.5, null) },
  { name: 'Clip of nothing', shapes: [[12]], build: op('Clip') },
  ...[0, 1, 2, 3, -1, -3].flatMap((axis) => ['Softmax', 'LogSoftmax'].map((name): GradientCase => ({ name: `${name} along ${axis}`, shapes: [[2, 3, 2, 4]], build: op(name, { axis: int(axis) }) }))),
  { name: 'Softmax as it comes', shapes: [[3, 5]], build: op('Softmax') },
];
