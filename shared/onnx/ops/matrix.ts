/** Signatures of matrix products. */
import { broadcastShapes, type, type InferContext, type OpSignature } from './signature.ts';

function product(c: InferContext, a: readonly number[], b: readonly number[]): number[] {
  if (a.length === 1) return product(c, [1, ...a], b).toSpliced(-2, 1);
  if (b.length === 1) return product(c, a, [...b, 1]).slice(0, -1);
  if (a.at(-1) !== b.at(-2)) c.refuse(`${a.at(-1)} rows in the second factor`, String(b.at(-2)));
  return [...broadcastShapes(c, [a.slice(0, -2), b.slice(0, -2)]), a.at(-2) as number, b.at(-1) as number];
}

const swap = (s: readonly number[], yes: boolean): number[] => (yes ? [...s.slice(0, -2), s.at(-1) as number, s.at(-2) as number] : [...s]);

export const matrixOps: Readonly<Record<string, OpSignature>> = {
  MatMul: { inputs: [2, 2], infer: (c) => [type(c.input(0).element, product(c, c.input(0).shape, c.input(1).shape))] },
  /** com.microsoft */
  FusedMatMul: { inputs: [2, 2], infer: (c) => [type(c.input(0).element, product(c, swap(c.input(0).shape, c.int('transA', 0) === 1), swap(c.input(1).shape, c.int('transB', 0) === 1)))] },
  Gemm: { inputs: [2, 3], infer: (c) => [type(c.input(0).element, product(c, swap(c.input(0).shape, c.int('transA', 0) === 1), swap(c.input(1).shape, c.int('transB', 0) === 1)))] },
};
