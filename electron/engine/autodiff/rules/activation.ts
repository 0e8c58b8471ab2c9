/** Gradient rules of activations, each as its derivative; where y tells enough, x is not read. */
import type { Value } from '../../../../shared/onnx/builder.ts';
import { float } from '../../../../shared/onnx/ir.ts';
import { unary, type Rule, type RuleContext } from '../rule.ts';
import { positive } from './elementwise.ts';

const isPositive = (c: RuleContext, x: Value): Value => c.b.op('Greater', [x, c.b.scalar(0)]);
const pick = (c: RuleContext, condition: Value, yes: Value, no: Value): Value => c.b.op('Where', [condition, yes, no]);
const times = (c: RuleContext, a: Value, factor: number): Value => (factor === 1 ? a : c.b.mul(a, c.b.scalar(factor)));

/** φ and Φ of the standard normal: d(x·Φ(x)) = Φ(x) + x·φ(x). Hendrycks and Gimpel (2016). */
function geluExact(c: RuleContext): Value {
  const { b } = c;
  const x = c.x(0);
  const cumulative = b.mul(b.add(b.op('Erf', [b.mul(x, b.scalar(Math.SQRT1_2))]), b.scalar(1)), b.scalar(0.5));
  const density = b.mul(b.exp(b.mul(b.mul(x, x), b.scalar(-0.5))), b.scalar(1 / Math.sqrt(2 * Math.PI)));
  return b.add(cumulative, b.mul(x, density));
}

/** y = ½·x·(1 + tanh u), u = √(2/π)·(x + 0.044715·x³). */
function geluTanh(c: RuleContext): Value {
  const { b } = c;
  const x = c.x(0);
  const square = b.mul(x, x);
  const k = Math.sqrt(2 / Math.PI);
  const t = b.op('Tanh', [b.mul(b.mul(x, b.add(b.mul(square, b.scalar(0.044715)), b.scalar(1))), b.scalar(k))]);
  const inner = b.add(b.mul(square, b.scalar(3 * 0.044715 * k)), b.scalar(k));
  const slope = b.mul(b.mul(x, b.scalar(0.5)), b.mul(b.sub(b.scalar(1), b.mul(t, t)), inner));
  return b.add(b.mul(b.add(t, b.scalar(1)), b.scalar(0.5)), slope);
}

/** 1 where 0 < h < 1 for a hard sigmoid h. */
const within = (c: RuleContext, h: Value): Value => c.b.mul(positive(c, h), positive(c, c.b.sub(c.b.scalar(1), h)));

export const activationRules: Readonly<Record<string, Rule>> = {
  /** dx = dy or dy·slope, d slope = dy·min(x, 0); the driver sums over what the slope was spread over. */
  PRelu: (c) => [
    c.wants(0) ? pick(c, isPositive(c, c.x(0)), c.dy, c.b.mul(c.dy, c.x(1))) : null,
    c.wants(1) ? c.b.mul(c.dy, c.b.op('Min', [c.x(0), c.b.scalar(0)])) : null,
  ],
  /** α·(eˣ − 1) below zero: y' = y + α. */
  Elu: (c) => [pick(c, isPositive(c, c.x(0)), c.dy, c.b.mul(c.dy, c.b.add(c.y(0), c.b.scalar(c.float('alpha', 1)))))],
  /** γ·x above zero, γ·α·(eˣ − 1) below: y' = γ or y + γ·α. Klambauer et al. (2017). */
  Selu: (c) => {
    const gamma = c.float('gamma', 1.0507009873554805);
    const below = c.b.add(c.y(0), c.b.scalar(gamma * c.float('alpha', 1.6732632423543772)));
    return [pick(c, isPositive(c, c.x(0)), times(c, c.dy, gamma), c.b.mul(c.dy, below))];
  },
  /** α·(e^(x/α) − 1) below zero: y' = y/α + 1. */
  Celu: (c) => [pick(c, isPositive(c, c.x(0)), c.dy, c.b.mul(c.dy, c.b.add(times(c, c.y(0), 1 / c.float('alpha', 1)), c.b.scalar(1))))],
  Gelu: unary((c) => (c.node.attributes.approximate?.kind === 'string' && c.node.attributes.approximate.value === 'tanh' ? geluTanh(c) : geluExact(c))),
  /** α between the two ends. */
  HardSigmoid: (c) => [c.b.mul(times(c, c.dy, c.float('alpha', 0.2)), within(c, c.y(0)))],
  /** x·h, h = clip(x/6 + ½, 0, 1): y' = h + x/6 between the ends. Howard et al. (2019). */
  HardSwish: unary((c) => {
    const h = c.b.op('HardSigmoid', [c.x(0)], { alpha: float(1 / 6), beta: float(0.5) });
    return c.b.add(h, c.b.mul(times(c, c.x(0), 1 / 6), within(c, h)));
  }),
  /**
   * x·t, t = tanh(softplus(x)): y' = t + x·σ(x)·(1 − t²). Misra (2019). With e = eˣ, t = n / (n + 2), n = e·(e + 2): the CPU's
   * Softplus takes twenty times an Exp. From 20 on t is 1 in float32, and e² would run over.
   */
  Mish: unary((c) => {
    const { b } = c;
    const e = b.exp(b.op('Min', [c.x(0), b.scalar(20)]));
    const n = b.mul(e, b.add(e, b.scalar(2)));
    const t = b.div(n, b.add(n, b.scalar(2)));
    return b.add(t, b.mul(b.mul(c.x(0), b.op('Sigmoid', [c.x(0)])), b.sub(b.scalar(1), b.mul(t, t))));
  }),
  ThresholdedRelu: (c) => [c.b.mul(c.dy, positive(c, c.b.sub(c.x(0), c.b.scalar(c.float('alpha', 1)))))],
  /** x / (1 + |x|): y' = 1 / (1 + |x|)². */
  Softsign: (c) => {
    const below = c.b.add(c.b.op('Abs', [c.x(0)]), c.b.scalar(1));
    return [c.b.div(c.dy, c.b.mul(below, below))];
  },
};
