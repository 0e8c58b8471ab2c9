/** Cases of operators that work number by number, but for activations. */
import type { Value } from '../../../../shared/onnx/builder.ts';
import { int } from '../../../../shared/onnx/ir.ts';
import type { GradientCase } from '../gradient.harness.ts';
import { apart, floats, op, positive, type Build } from './helpers.harness.ts';

const power = (exponent: readonly number[], shape: readonly number[] = []): Build => (b, [x]) => b.op('Pow', [x as Value, floats(b, exponent, shape)]);
const above = (b: Parameters<Build>[0], x: Value): Value => b.op('Greater', [x, b.scalar(0)]);

/** Each binary operator over every way two shapes broadcast. */
const broadcasts: readonly (readonly [how: string, a: readonly number[], b: readonly number[]])[] = [
  ['', [2, 3], [2, 3]], [' by a row', [2, 3], [3]], [' of a row', [3], [2, 3]], [' by a column of maps', [2, 3, 4], [3, 1]], [' both ways', [2, 1, 4], [3, 1]], [' by a number', [2, 3], []], [' by one number', [2, 3], [1, 1, 1]],
];
const binary = (name: string, sample?: GradientCase['sample']): GradientCase[] => broadcasts.map(([how, a, b]) => ({ name: `${name}${how}`, shapes: [a, b], build: op(name), ...(sample ? { sample } : {}) }));

export const elementwiseCases: GradientCase[] = [
  ...binary('Add'), ...binary('Sub'), ...binary('Mul'), ...binary('Div', positive), ...binary('Pow', positive),
  // Far from one another, so that neither overtakes within the step.
  ...binary('Max', (n) => n * 5), ...binary('Min', (n) => n * 5),
  { name: 'Max of one', shapes: [[4]], build: op('Max') },
  { name: 'Max of three', shapes: [[6], [6], [6]], sample: (n, i) => n + 3 * (i % 2), build: op('Max') },
  { name: 'Min of four, broadcast', shapes: [[2, 3], [3], [1], [2, 1]], sample: (n) => n * 4, build: op('Min') },
  { name: 'Max of a value and itself', shapes: [[5]], build: (b, [x]) => b.op('Max', [x as Value, x as Value]) },
  { name: 'Sum', shapes: [[2, 3], [3], [1]], build: op('Sum') },
  { name: 'Sum of one', shapes: [[2, 3]], build: op('Sum') },
  { name: 'Mean', shapes: [[2, 3], [3]], build: op('Mean') },
  { name: 'Mean of three', shapes: [[2, 3], [3], [2, 1]], build: op('Mean') },
  { name: 'Add of a value to itself', shapes: [[5]], build: (b, [x]) => b.add(b.mul(x as Value, x as Value), x as Value) },
  { name: 'Pow by 2', shapes: [[6]], build: power([2]) },
  { name: 'Pow by 3', shapes: [[6]], build: power([3]) },
  { name: 'Pow by 4 of either sign', shapes: [[6]], build: power([4]) },
  { name: 'Pow by -2 of either sign', shapes: [[6]], sample: (n) => Math.sign(n) * (0.7 + Math.abs(n)), build: power([-2]) },
  { name: 'Pow by 0', shapes: [[6]], build: (b, [x]) => b.add(power([0])(b, [x as Value]), x as Value) },
  { name: 'Pow by 1', shapes: [[6]], build: power([1], [1]) },
  { name: 'Pow by a half', shapes: [[6]], sample: positive, build: power([0.5]) },
  { name: 'Pow by a constant row', shapes: [[2, 3]], sample: positive, build: power([2, 0, -1.5], [3]) },
  { name: 'Pow of a constant', shapes: [[6]], build: (b, [x]) => b.op('Pow', [b.scalar(1.7), x as Value]) },
  { name: 'Pow by whole numbers of another type', shapes: [[6]], build: (b, [x]) => b.op('Pow', [x as Value, b.int64([3])]) },
  { name: 'Identity', shapes: [[4]], build: op('Identity') },
  { name: 'Neg', shapes: [[4]], build: op('Neg') },
  { name: 'Abs', shapes: [[8]], sample: apart, build: op('Abs') },
  { name: 'Exp', shapes: [[6]], build: op('Exp') },
  { name: 'Log', shapes: [[6]], sample: positive, build: op('Log') },
  { name: 'Sqrt', shapes: [[6]], sample: positive, build: op('Sqrt') },
  { name: 'Reciprocal', shapes: [[6]], sample: (n) => Math.sign(n) * positive(n), build: op('Reciprocal') },
  { name: 'Sin', shapes: [[8]], build: op('Sin') },
  { name: 'Cos', shapes: [[8]], build: op('Cos') },
  { name: 'Tan', shapes: [[8]], sample: Math.tanh, build: op('Tan') },
  { name: 'Erf', shapes: [[8]], build: op('Erf') },
  { name: 'Where', shapes: [[8], [8]], sample: apart, build: (b, [x, y]) => b.op('Where', [above(b, x as Value), x as Value, y as Value]) },
  { name: 'Where broadcast', shapes: [[2, 3], [3]], sample: apart, build: (b, [x, y]) => b.op('Where', [above(b, x as Value), x as Value, y as Value]) },
  { name: 'Where, the condition broadcast', shapes: [[2, 3], [1]], build: (b, [x, y]) => b.op('Where', [b.constant({ element: 'bool', shape: [2, 1], data: Uint8Array.of(1, 0) }), x as Value, y as Value]) },
  { name: 'Cast', shapes: [[4]], build: op('Cast', { to: int(1) }) },
  { name: 'Cast there and back', shapes: [[4]], build: (b, [x]) => b.op('Cast', [b.op('Cast', [x as Value], { to: int(11) })], { to: int(1) }) },
  // Through whole numbers nothing flows; the other way round it still does.
  { name: 'Cast to whole numbers', shapes: [[6]], sample: (_n, i) => i + 0.3, build: (b, [x]) => b.mul(x as Value, b.cast(b.cast(x as Value, 'int32'), 'float32')) },
];
