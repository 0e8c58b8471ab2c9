/** Gradient rules of softmax and of reductions. */
import type { Value } from '../../../../shared/onnx/builder.ts';
import type { Rule, RuleContext } from '../rule.ts';
import { signOf } from './elementwise.ts';

const axisOf = (c: RuleContext): number => {
  const a = c.int('axis', -1);
  return a < 0 ? a + c.x(0).type.shape.length : a;
};

const axesOf = (c: RuleContext): number[] => {
  const rank = c.x(0).type.shape.length;
  // An attribute before opset 18 (ReduceSum: 13), an input since; none or an empty list is all, unless the node says none.
  const given = c.count > 1 && c.node.inputs[1] !== '' ? c.constantInts(1) : c.ints('axes', []);
  if (given.length === 0) return c.int('noop_with_empty_axes', 0) === 1 ? [] : c.x(0).type.shape.map((_, i) => i);
  return given.map((a) => (a < 0 ? a + rank : a));
};

/** A reduced value with its axes back as ones, so that it broadcasts against the input. */
const restored = (c: RuleContext, v: Value): Value => {
  const axes = axesOf(c);
  return c.b.reshape(v, c.x(0).type.shape.map((d, i) => (axes.includes(i) ? 1 : d)));
};

/** The reduction's gradient spread over the input's shape. */
const spread = (c: RuleContext, v: Value): Value => c.b.op('Expand', [restored(c, v), c.b.int64(c.x(0).type.shape)]);

const reducedCount = (c: RuleContext): number => axesOf(c).reduce((n, a) => n * (c.x(0).type.shape[a] as number), 1);

/** Equal extremes share the gradient evenly, as PyTorch's amax and amin do: any split of it is a subgradient. Pools differ: there the first takes all. */
const extremum: Rule = (c) => {
  const hit = c.b.cast(c.b.op('Equal', [c.x(0), restored(c, c.y(0))]), 'float32');
  const share = c.b.div(hit, c.b.sum(hit, axesOf(c)));
  return [c.b.mul(share, restored(c, c.dy))];
};

export const reduceRules: Readonly<Record<string, Rule>> = {
  /** dx = y · (dy − Σ dy·y) */
  Softmax: (c) => {
    const inner = c.b.sum(c.b.mul(c.dy, c.y(0)), [axisOf(c)]);
    return [c.b.mul(c.y(0), c.b.sub(c.dy, inner))];
  },
  /** dx = dy − softmax(x) · Σ dy */
  LogSoftmax: (c) => [c.b.sub(c.dy, c.b.mul(c.b.exp(c.y(0)), c.b.sum(c.dy, [axisOf(c)])))],
  ReduceSum: (c) => [spread(c, c.dy)],
  ReduceMean: (c) => [spread(c, c.b.mul(c.dy, c.b.scalar(1 / reducedCount(c))))],
  ReduceMax: extremum,
  ReduceMin: extremum,
  /** d Σ|x| = sign x; 0 at 0. */
  ReduceL1: (c) => [c.b.mul(signOf(c, c.x(0)), restored(c, c.dy))],
  /** d √Σx² = x / y; 0 where all are 0. */
  ReduceL2: (c) => [c.b.mul(c.x(0), restored(c, c.b.div(c.dy, c.b.op('Max', [c.y(0), c.b.scalar(1e-30)]))))],
  /** d ln Σx = 1 / Σx */
  ReduceLogSum: (c) => [spread(c, c.b.div(c.dy, c.b.exp(c.y(0))))],
  /** d ln Σeˣ = e^(x − y) */
  ReduceLogSumExp: (c) => [c.b.mul(c.b.exp(c.b.sub(c.x(0), restored(c, c.y(0)))), restored(c, c.dy))],
  /**
   * d Πx by one factor is the product of the others: Π of those that are not 0, over x, unless another one is 0. A factor
   * that is the only 0 counts as 1 in that product, so the quotient is right for it too.
   */
  ReduceProd: (c) => {
    const { b } = c;
    const axes = axesOf(c);
    const zero = b.op('Equal', [c.x(0), b.scalar(0)]);
    const factors = b.op('Where', [zero, b.scalar(1), c.x(0)]);
    const product = axes.length > 0 ? b.op('ReduceProd', [factors, b.int64(axes)]) : factors;
    const own = b.cast(zero, 'float32');
    const others = b.op('Where', [b.op('Equal', [axes.length > 0 ? b.sum(own, axes) : own, own]), b.div(product, factors), b.scalar(0)]);
    return [b.mul(others, restored(c, c.dy))];
  },
  /** d Σx² = 2x */
  ReduceSumSquare: (c) => [c.b.mul(c.b.mul(c.x(0), c.b.scalar(2)), restored(c, c.dy))],
};
