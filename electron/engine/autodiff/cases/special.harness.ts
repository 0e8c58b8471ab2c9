/** Points where differences cannot tell a gradient: kinks, ties and zeros, each worked out by hand. */
import type { Value } from '../../../../shared/onnx/builder.ts';
import { float, ints } from '../../../../shared/onnx/ir.ts';
import { floats, op, text, type Build } from './helpers.harness.ts';

const pool = { kernel_shape: ints([2, 2]), strides: ints([2, 2]) };
const pow = (exponent: number): Build => (b, [x]) => b.op('Pow', [x as Value, b.scalar(exponent)]);
const powBy = (exponents: readonly number[]): Build => (b, [x]) => b.op('Pow', [x as Value, b.mul(b.scalar(1), floats(b, exponents))]);
const withTwo = (name: string, turned: boolean): Build => (b, [x]) => b.op(name, turned ? [b.scalar(2), x as Value] : [x as Value, b.scalar(2)]);

/** `expected` is d Σy / dx at `data`. */
export type SpecialPoint = readonly [name: string, build: Build, data: readonly number[], shape: readonly number[], expected: readonly number[]];

export const specialPoints: readonly SpecialPoint[] = [
  ['Relu at 0', op('Relu'), [-1, 0, 1], [3], [0, 0, 1]],
  ['Relu of tiny and huge numbers', op('Relu'), [-3e38, -1e-37, 1e-37, 3e38], [4], [0, 0, 1, 1]],
  ['LeakyRelu at 0', op('LeakyRelu', { alpha: float(0.5) }), [-1, 0, 1], [3], [0.5, 0.5, 1]],
  ['Clip at its bounds', (b, [x]) => b.op('Clip', [x as Value, b.scalar(-1), b.scalar(1)]), [-2, -1, 0, 1, 2], [5], [0, 0, 1, 0, 0]],
  ['ThresholdedRelu at its threshold', op('ThresholdedRelu', { alpha: float(1) }), [0, 1, 2], [3], [0, 0, 1]],
  ['HardSigmoid at its ends', op('HardSigmoid', { alpha: float(0.5), beta: float(0.5) }), [-1, 0, 1], [3], [0, 0.5, 0]],
  ['Abs at 0', op('Abs'), [-2, 0, 3], [3], [-1, 0, 1]],
  ['ReduceL1 at 0', op('ReduceL1'), [-2, 0, 3], [3], [-1, 0, 1]],
  ['ReduceL2 of zeros', op('ReduceL2'), [0, 0, 0], [3], [0, 0, 0]],
  ['Pow by 2 at 0 and below', pow(2), [-3, 0, 2], [3], [-6, 0, 4]],
  ['Pow by 3 at 0 and below', pow(3), [-3, 0, 2], [3], [27, 0, 12]],
  ['Pow by 1 at 0', pow(1), [-3, 0], [2], [1, 1]],
  ['Pow by 0 at 0', pow(0), [-3, 0, 2], [3], [0, 0, 0]],
  ['Pow by computed exponents at 0', powBy([0, 1, 2]), [0, 0, 0], [3], [0, 1, 0]],
  ['ReduceProd without a zero', op('ReduceProd'), [2, 3, 4], [3], [12, 8, 6]],
  ['ReduceProd with one zero', op('ReduceProd'), [2, 0, 4], [3], [0, 8, 0]],
  ['ReduceProd with two zeros', op('ReduceProd'), [0, 3, 0], [3], [0, 0, 0]],
  ['ReduceMax of ties, shared', op('ReduceMax'), [5, 1, 5, 5], [4], [1 / 3, 0, 1 / 3, 1 / 3]],
  ['ReduceMin of ties, shared', op('ReduceMin'), [5, 1, 1, 5], [4], [0, 0.5, 0.5, 0]],
  ['Max of ties, the first', withTwo('Max', false), [2, 2], [2], [1, 1]],
  ['Max of ties, the second', withTwo('Max', true), [2, 2], [2], [0, 0]],
  ['Min of ties, the first', withTwo('Min', false), [2, 2], [2], [1, 1]],
  ['Min of ties, the second', withTwo('Min', true), [2, 2], [2], [0, 0]],
  ['MaxPool of ties, the first', op('MaxPool', pool), [2, 2, 2, 2, 2, 2, 2, 2], [1, 1, 2, 4], [1, 0, 1, 0, 0, 0, 0, 0]],
  ['GlobalMaxPool of ties, the first', op('GlobalMaxPool'), [2, 2, 2, 2], [1, 1, 2, 2], [1, 0, 0, 0]],
  ['Softmax of numbers far apart', (b, [x]) => b.mul(op('Softmax')(b, [x as Value]), floats(b, [1, 2])), [1000, 1000], [2], [-0.25, 0.25]],
  ['LogSoftmax of numbers far apart', (b, [x]) => b.mul(op('LogSoftmax')(b, [x as Value]), floats(b, [1, 0])), [-1000, 1000], [2], [1, -1]],
  ['ReduceLogSumExp of large numbers', op('ReduceLogSumExp'), [80, 80], [2], [0.5, 0.5]],
  ['Softplus of large numbers', op('Softplus'), [-200, 0, 200], [3], [0, 0.5, 1]],
  ['Mish of large numbers', op('Mish'), [-200, 0, 30, 200], [4], [0, 0.6, 1, 1]],
  ['Sqrt', op('Sqrt'), [4], [1], [0.25]],
  ['Einsum, a trace', op('Einsum', { equation: text('ii->') }), [1, 2, 3, 4], [2, 2], [1, 0, 0, 1]],
];
