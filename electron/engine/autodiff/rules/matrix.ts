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

/** Letters of each operand and of the answer; one that is not written is the letters named once, in alphabetical order. */
function letters(equation: string): { terms: string[]; out: string } {
  const [left = '', right] = equation.replaceAll(' ', '').split('->');
  const all = [...left.replaceAll(',', '')];
  const once = all.filter((l) => all.filter((m) => m === l).length === 1).sort().join('');
  return { terms: left.split(','), out: right ?? once };
}

/** [n, n] of ones on the diagonal. */
const diagonal = (b: GraphBuilder, n: number): Value => b.constant({ element: 'float32', shape: [n, n], data: Float32Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0)) }, 'diagonal');

/** A letter that no term has. */
const freshLetter = (used: string): string => [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'].find((l) => !used.includes(l)) ?? '';

/**
 * d by one operand: the same kind of product of dy with the others. Letters only this operand had were summed out and come back
 * as copies, as do sizes of 1 spread in the others; where it names a letter twice the answer lies on that diagonal.
 */
const einsum: Rule = (c) => {
  const { terms, out } = letters(c.node.attributes.equation?.kind === 'string' ? c.node.attributes.equation.value : '');
  const by = (i: number): Value => {
    const factors = [{ term: out, value: c.dy }, ...terms.flatMap((term, k) => (k === i ? [] : [{ term, value: c.x(k) }]))];
    const { shape } = c.x(i).type;
    let used = [...terms, out].join('');
    const own = [...(terms[i] as string)].map((letter, k, all) => {
      if (all.indexOf(letter) === k) return letter;
      const fresh = freshLetter(used);
      used += fresh;
      factors.push({ term: letter + fresh, value: diagonal(c.b, shape[k] as number) });
      return fresh;
    });
    const known = own.filter((l) => factors.some((f) => f.term.includes(l)));
    const equation = `${factors.map((f) => f.term).join()}->${known.join('')}`;
    const product = c.b.op('Einsum', factors.map((f) => f.value), { equation: { kind: 'string', value: equation } });
    const sizes = own.map((l) => product.type.shape[known.indexOf(l)] ?? 1);
    const spread = known.length === own.length ? product : c.b.reshape(product, sizes);
    return sizes.every((d, k) => d >= (shape[k] as number)) ? spread : c.b.op('Expand', [spread, c.b.int64(shape)]);
  };
  return terms.map((_, i) => (c.wants(i) ? by(i) : null));
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
