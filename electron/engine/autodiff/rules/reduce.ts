/** Gradient rules of softmax and of reductions. */
import type { Value } from '../../../../shared/onnx/builder.ts';
import type { Rule, RuleContext } from '../rule.ts';

const axisOf = (c: RuleContext): number => {
  const a = c.int('axis', -1);
  return a < 0 ? a + c.x(0).type.shape.length : a;
};

const axesOf = (c: RuleContext): number[] => {
  const rank = c.x(0).type.shape.length;
  return c.count > 1 ? c.constantInts(1).map((a) => (a < 0 ? a + rank : a)) : c.x(0).type.shape.map((_, i) => i);
};

/** A reduced value with its axes back as ones, so that it broadcasts against the input. */
const restored = (c: RuleContext, v: Value): Value => {
  const axes = axesOf(c);
  return c.b.reshape(v, c.x(0).type.shape.map((d, i) => (axes.includes(i) ? 1 : d)));
};

/** The reduction's gradient spread over the input's shape. */
const spread = (c: RuleContext, v: Value): Value => c.b.op('Expand', [restored(c, v), c.b.int64(c.x(0).type.shape)]);

const reducedCount = (c: RuleContext): number => axesOf(c).reduce((n, a) => n * (c.x(0).type.shape[a] as number), 1);

/** The first of equal maxima along the last reduced order takes the gradient: ties are split evenly, as every subgradient may be. */
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
  /** d Σx² = 2x */
  ReduceSumSquare: (c) => [c.b.mul(c.b.mul(c.x(0), c.b.scalar(2)), restored(c, c.dy))],
};
