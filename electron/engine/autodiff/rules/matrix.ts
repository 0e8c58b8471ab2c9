/** Gradient rules of matrix products. Y = A·B: dA = dY·Bᵀ, dB = Aᵀ·dY. */
import type { GraphBuilder, Value } from '../../../../shared/onnx/builder.ts';
import { float, int } from '../../../../shared/onnx/ir.ts';
import type { Rule } from '../rule.ts';

const swap = (b: GraphBuilder, v: Value): Value => {
  const rank = v.type.shape.length;
  return b.transpose(v, [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2]);
};

/** Rank-1 factors get their missing axis, and the answer loses it again by the driver's shape check; here both are 2-D or batched. */
const matmul: Rule = (c) => [
  c.wants(0) ? c.b.matmul(c.dy, swap(c.b, c.x(1))) : null,
  c.wants(1) ? c.b.matmul(swap(c.b, c.x(0)), c.dy) : null,
];

/** Y = α·op(A)·op(B) + β·C, op being a transposition or none. */
const gemm: Rule = (c) => {
  const [tA, tB] = [c.int('transA', 0), c.int('transB', 0)];
  const alpha = c.float('alpha', 1);
  const beta = c.float('beta', 1);
  const product = (a: Value, b: Value, transA: number, transB: number): Value => c.b.op('Gemm', [a, b], { transA: int(transA), transB: int(transB), alpha: float(alpha) });
  const dA = () => (tA === 0 ? product(c.dy, c.x(1), 0, 1 - tB) : product(c.x(1), c.dy, tB, 1));
  const dB = () => (tB === 0 ? product(c.x(0), c.dy, 1 - tA, 0) : product(c.dy, c.x(0), 1, tA));
  const dC = () => (beta === 1 ? c.dy : c.b.mul(c.dy, c.b.scalar(beta)));
  return [c.wants(0) ? dA() : null, c.wants(1) ? dB() : null, ...(c.count > 2 ? [c.wants(2) ? dC() : null] : [])];
};

export const matrixRules: Readonly<Record<string, Rule>> = { MatMul: matmul, Gemm: gemm };
