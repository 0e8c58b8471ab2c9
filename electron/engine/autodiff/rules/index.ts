/** Gradient rules of operators that pick by index: what was taken several times adds up. */
import type { Value } from '../../../../shared/onnx/builder.ts';
import { int, string } from '../../../../shared/onnx/ir.ts';
import type { Rule, RuleContext } from '../rule.ts';

const product = (v: readonly number[]): number => v.reduce((a, d) => a * d, 1);

/** [..., count, size]: 1 where the index names the place; negative ones count from the end. */
export function oneHot(c: RuleContext, indices: Value, size: number): Value {
  const row = c.b.constant({ element: 'float32', shape: [size], data: Float32Array.from({ length: size }, (_, i) => i) }, 'places');
  // Whole numbers below 2^24 are exact in float32, which every device compares.
  const given = c.b.cast(indices, 'float32');
  const counted = c.b.op('Where', [c.b.op('Less', [given, c.b.scalar(0)]), c.b.add(given, c.b.scalar(size)), given]);
  return c.b.cast(c.b.op('Equal', [c.b.reshape(counted, [...indices.type.shape, 1]), row]), 'float32');
}

const axisIn = (c: RuleContext, rank: number): number => {
  const a = c.int('axis', 0);
  return a < 0 ? a + rank : a;
};

/** dx = one-hotᵀ · dy along the axis. */
const gather: Rule = (c) => {
  const shape = c.x(0).type.shape;
  const axis = axisIn(c, shape.length);
  const count = product(c.x(1).type.shape);
  const [before, size, after] = [product(shape.slice(0, axis)), shape[axis] as number, product(shape.slice(axis + 1))];
  const hot = c.b.transpose(oneHot(c, c.b.reshape(c.x(1), [count]), size), [1, 0]);
  return [c.b.reshape(c.b.matmul(hot, c.b.reshape(c.dy, [before, count, after])), shape)];
};

/** dx[…, index, …] += dy: scattered on the CPU, elsewhere through one-hot rows. */
const gatherElements: Rule = (c) => {
  const shape = c.x(0).type.shape;
  const axis = axisIn(c, shape.length);
  if (c.device === 'cpu') {
    const zeros = c.b.op('Expand', [c.b.scalar(0), c.b.int64(shape)]);
    return [c.b.op('ScatterElements', [zeros, c.x(1), c.dy], { axis: int(axis), reduction: string('add') })];
  }
  const size = shape[axis] as number;
  const last = c.dy.type.shape.length;
  // [..., K, …, size] · dy, summed over K; then the new last axis takes the old one's place.
  const spread = c.b.mul(oneHot(c, c.x(1), size), c.b.reshape(c.dy, [...c.dy.type.shape, 1]));
  const summed = c.b.sum(spread, [axis], false);
  const order = Array.from({ length: last }, (_, i) => (i < axis ? i : i === axis ? last - 1 : i - 1));
  const whole = c.b.transpose(summed, order);
  // Other axes of the indices may be shorter than the input's.
  const missing = shape.map((d, i) => d - (whole.type.shape[i] as number));
  return [missing.every((m) => m === 0) ? whole : c.b.op('Pad', [whole, c.b.int64([...missing.map(() => 0), ...missing])])];
};

export const indexRules: Readonly<Record<string, Rule>> = {
  Gather: gather,
  GatherElements: gatherElements,
  /** The stretches of dy behind one another; zeros where an output is not used. */
  Split: (c) => {
    const shape = c.x(0).type.shape;
    const axis = axisIn(c, shape.length);
    const parts = c.node.outputs.map((_, i) => {
      const part = c.y(i).type.shape;
      return c.dyOf(i) ?? c.b.op('Expand', [c.b.scalar(0), c.b.int64(part)]);
    });
    return [parts.length === 1 ? (parts[0] as Value) : c.b.op('Concat', parts, { axis: int(axis) })];
  },
};
