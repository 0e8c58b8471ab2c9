/** Gradient rules of operators that work number by number. Broadcasting is the driver's business. */
import type { Value } from '../../../../shared/onnx/builder.ts';
import { float, int } from '../../../../shared/onnx/ir.ts';
import { elementCodes } from '../../../../shared/onnx/ops/elementwise.ts';
import { unary, type Rule, type RuleContext } from '../rule.ts';

const passed: Rule = (c) => [c.dy];

/** 1 where the condition holds, else 0. */
const mask = (c: RuleContext, condition: Value): Value => c.b.cast(condition, 'float32');

/**
 * 1 where x > 0, else 0. On the CPU as a hard sigmoid so steep that it is a step: one pass on all threads, where comparing and
 * casting are two, the second on one thread.
 */
export const positive = (c: RuleContext, x: Value): Value =>
  c.device === 'cpu' ? c.b.op('HardSigmoid', [x], { alpha: float(1e38), beta: float(0) }) : mask(c, c.b.op('Greater', [x, c.b.scalar(0)]));

/** −1, 0 or 1. */
export const signOf = (c: RuleContext, x: Value): Value =>
  c.device === 'cpu' ? c.b.op('Sign', [x]) : c.b.sub(mask(c, c.b.op('Greater', [x, c.b.scalar(0)])), mask(c, c.b.op('Less', [x, c.b.scalar(0)])));

/** d max(a, b, …): the first of equal ones takes the gradient; what no earlier one took is the last one's. */
const extremum: Rule = (c) => {
  let free: Value | null = null;
  return Array.from({ length: c.count }, (_, i) => {
    if (i === c.count - 1) return c.wants(i) ? (free === null ? c.dy : c.b.mul(c.dy, free)) : null;
    const hit = mask(c, c.b.op('Equal', [c.x(i), c.y(0)]));
    const taken: Value = free === null ? hit : c.b.mul(hit, free);
    const miss = c.b.sub(c.b.scalar(1), hit);
    free = free === null ? miss : c.b.mul(free, miss);
    return c.wants(i) ? c.b.mul(c.dy, taken) : null;
  });
};

const constantScalar = (c: RuleContext, v: Value): number | null => {
  const t = c.b.constantOf(v);
  return t && t.data.length === 1 ? Number(t.data[0]) : null;
};

/** dy·b·aᵇ⁻¹; small whole exponents without a power, which is slow. An exponent of 0 gives 0, also where aᵇ⁻¹ is infinite. */
function throughBase(c: RuleContext): Value {
  const exponent = constantScalar(c, c.x(1));
  if (exponent === 0) return c.b.op('Expand', [c.b.scalar(0), c.b.int64(c.x(0).type.shape)]);
  if (exponent === 1) return c.dy;
  if (exponent === 2) return c.b.mul(c.dy, c.b.mul(c.x(0), c.b.scalar(2)));
  if (exponent === 3) return c.b.mul(c.dy, c.b.mul(c.b.mul(c.x(0), c.x(0)), c.b.scalar(3)));
  const b = c.b.cast(c.x(1), 'float32');
  const slope = c.b.mul(b, c.b.op('Pow', [c.x(0), c.b.sub(b, c.b.scalar(1))]));
  return c.b.mul(c.dy, exponent === null ? c.b.op('Where', [c.b.op('Equal', [b, c.b.scalar(0)]), c.b.scalar(0), slope]) : slope);
}

function safeLog(c: RuleContext, x: Value): Value {
  const above = c.b.op('Greater', [x, c.b.scalar(0)]);
  return c.b.op('Where', [above, c.b.log(c.b.op('Where', [above, x, c.b.scalar(1)])), c.b.scalar(0)]);
}

export const elementwiseRules: Readonly<Record<string, Rule>> = {
  Identity: passed,
  Add: (c) => [c.dy, c.dy],
  Sub: (c) => [c.dy, c.wants(1) ? c.b.neg(c.dy) : null],
  Mul: (c) => [c.wants(0) ? c.b.mul(c.dy, c.x(1)) : null, c.wants(1) ? c.b.mul(c.dy, c.x(0)) : null],
  /** d(a/b) = da/b − a/b · db/b */
  Div: (c) => {
    const da = c.b.div(c.dy, c.x(1));
    return [da, c.wants(1) ? c.b.neg(c.b.mul(da, c.y(0))) : null];
  },
  /** d(aᵇ) = b·aᵇ⁻¹ da + aᵇ·ln a db; ln a is taken as 0 where a is not positive, as PyTorch does at 0. */
  Pow: (c) => [c.wants(0) ? throughBase(c) : null, c.wants(1) ? c.b.mul(c.dy, c.b.mul(c.y(0), safeLog(c, c.x(0)))) : null],
  Max: extremum,
  Min: extremum,
  Sum: (c) => Array.from({ length: c.count }, () => c.dy),
  Mean: (c) => {
    const share = c.b.mul(c.dy, c.b.scalar(1 / c.count));
    return Array.from({ length: c.count }, () => share);
  },
  Neg: (c) => [c.b.neg(c.dy)],
  Abs: unary((c) => signOf(c, c.x(0))),
  Exp: unary((c) => c.y(0)),
  Log: (c) => [c.b.div(c.dy, c.x(0))],
  Sqrt: (c) => [c.b.div(c.b.mul(c.dy, c.b.scalar(0.5)), c.y(0))],
  /** d(1/x) = −y² dx */
  Reciprocal: unary((c) => c.b.neg(c.b.mul(c.y(0), c.y(0)))),
  Relu: unary((c) => positive(c, c.y(0))),
  /** 1 strictly between the bounds, as the answer tells; an open bound is none. */
  Clip: (c) => {
    const bound = (i: number): Value | null => (c.count > i && c.node.inputs[i] !== '' ? c.x(i) : null);
    const [low, high] = [bound(1), bound(2)];
    const above = low ? [positive(c, constantScalar(c, low) === 0 ? c.y(0) : c.b.sub(c.y(0), low))] : [];
    const below = high ? [positive(c, c.b.sub(high, c.y(0)))] : [];
    return [[...above, ...below].reduce((d, m) => c.b.mul(d, m), c.dy)];
  },
  LeakyRelu: (c) => {
    const alpha = c.b.scalar(c.float('alpha', 0.01));
    return [c.b.op('Where', [c.b.op('Greater', [c.x(0), c.b.scalar(0)]), c.dy, c.b.mul(c.dy, alpha)])];
  },
  /** y' = y(1 − y) */
  Sigmoid: unary((c) => c.b.mul(c.y(0), c.b.sub(c.b.scalar(1), c.y(0)))),
  /** y' = 1 − y² */
  Tanh: unary((c) => c.b.sub(c.b.scalar(1), c.b.mul(c.y(0), c.y(0)))),
  /** ln(1 + eˣ)' = σ(x) */
  Softplus: unary((c) => c.b.op('Sigmoid', [c.x(0)])),
  Sin: unary((c) => c.b.op('Cos', [c.x(0)])),
  /** tan' = 1 + tan² */
  Tan: unary((c) => c.b.add(c.b.mul(c.y(0), c.y(0)), c.b.scalar(1))),
  Cos: unary((c) => c.b.neg(c.b.op('Sin', [c.x(0)]))),
  /** erf' = 2/√π · e^(−x²) */
  Erf: unary((c) => c.b.mul(c.b.scalar(2 / Math.sqrt(Math.PI)), c.b.exp(c.b.neg(c.b.mul(c.x(0), c.x(0)))))),
  Where: (c) => {
    const zero = c.b.scalar(0);
    return [null, c.wants(1) ? c.b.op('Where', [c.x(0), c.dy, zero]) : null, c.wants(2) ? c.b.op('Where', [c.x(0), zero, c.dy]) : null];
  },
  /** Back to the kind of number it was; whole numbers and truths carry no gradient. */
  Cast: (c) => {
    const { element } = c.x(0).type;
    const real = (e: string): boolean => e === 'float32' || e === 'float16' || e === 'float64' || e === 'bfloat16';
    if (!real(element) || !real(c.dy.type.element)) return [null];
    return [element === c.dy.type.element ? c.dy : c.b.op('Cast', [c.dy], { to: int(elementCodes[element]) })];
  },
};
