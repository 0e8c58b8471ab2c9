/** Gradient rules of matrix products. Y = A·B: dA = dY·Bᵀ, dB = Aᵀ·dY. */
import type { GraphBuilder, Value } from '../../../../shared/onnx/builder.ts';
import { float, int } from '../../../../shared/onnx/ir.ts';
import type { Rule } from '../rule.ts';

const swap = (b: GraphBuilder, v: Value): Value => {
  const rank = v.type.shape.length;
  return b.transpose(v, [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2]);
};

/** A factor of rank 1 is a row before the product and a column behind it; its gradient loses that axis again. */
const matmul: Rule = (c) => {
  const [a, b] = [c.x(0), c.x(1)];
  const [as, bs, ys] = [a.type.shape, b.type.shape, c.dy.type.shape];
  const a2 = as.length === 1 ? c.b.reshape(a, [1, ...as]) : a;
  const b2 = bs.length === 1 ? c.b.reshape(b, [...bs, 1]) : b;
  const withRow = as.length === 1 ? (bs.length === 1 ? [1] : [...ys.slice(0, -1), 1, ys.at(-1) as number]) : [...ys];
  const dy = as.length > 1 && bs.length > 1 ? c.dy : c.b.reshape(c.dy, bs.length === 1 ? [...withRow, 1] : withRow);
  const flat = (v: Value, rank: number, axis: number): Value => (rank > 1 ? v : c.b.reshape(v, v.type.shape.toSpliced(axis, 1)));
  return [
    c.wants(0) ? flat(c.b.matmul(dy, swap(c.b, b2)), as.length, -2) : null,
    c.wants(1) ? flat(c.b.matmul(swap(c.b, a2), dy), bs.length, -1) : null,
  ];
};

/** Letters of an equation of two operands; an answer that is not written is the letters named once, in order. */
function letters(equation: string): { a: string; b: string; out: string } {
  const [left = '', right] = equation.replaceAll(' ', '').split('->');
  const [a = '', b = ''] = left.split(',');
  const once = [...new Set(a + b)].filter((l) => [...(a + b)].filter((m) => m === l).length === 1).sort().join('');
  return { a, b, out: right ?? once };
}

/** d by one operand: the same kind of product of dy with the other; letters only this one had come back as copies. */
const einsum: Rule = (c) => {
  const { a, b, out } = letters(c.node.attributes.equation?.kind === 'string' ? c.node.attributes.equation.value : '');
  if (c.count !== 2) throw new Error(`Einsum ${c.node.name}: expected two operands, got ${c.count}`);
  for (const term of [a, b]) if (new Set(term).size !== term.length) throw new Error(`Einsum ${c.node.name}: expected each letter once in an operand, got ${term}`);
  const by = (own: string, other: string, otherValue: Value, shape: readonly number[]): Value => {
    const known = [...own].filter((l) => out.includes(l) || other.includes(l)).join('');
    const product = c.b.op('Einsum', [c.dy, otherValue], { equation: { kind: 'string', value: `${out},${other}->${known}` } });
    if (known === own) return product;
    const spread = c.b.reshape(product, [...own].map((l) => (known.includes(l) ? (product.type.shape[known.indexOf(l)] as number) : 1)));
    return c.b.op('Expand', [spread, c.b.int64(shape)]);
  };
  return [c.wants(0) ? by(a, b, c.x(1), c.x(0).type.shape) : null, c.wants(1) ? by(b, a, c.x(0), c.x(1).type.shape) : null];
};

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

export const matrixRules: Readonly<Record<string, Rule>> = { MatMul: matmul, Gemm: gemm, Einsum: einsum };
