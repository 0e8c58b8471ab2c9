/** Signatures of matrix products. */
import { MICROSOFT_DOMAIN } from '../ir.ts';
import { broadcastShapes, requireKind, requireSameElement, showShape, type, type InferContext, type OpSignature } from './signature.ts';

function product(c: InferContext, a: readonly number[], b: readonly number[]): number[] {
  if (a.length === 0 || b.length === 0) c.refuse('factors with at least one axis', `${showShape(a)} and ${showShape(b)}`);
  if (a.length === 1) return product(c, [1, ...a], b).toSpliced(-2, 1);
  if (b.length === 1) return product(c, a, [...b, 1]).slice(0, -1);
  if (a.at(-1) !== b.at(-2)) c.refuse(`${a.at(-1)} rows in the second factor`, String(b.at(-2)));
  return [...broadcastShapes(c, [a.slice(0, -2), b.slice(0, -2)]), a.at(-2) as number, b.at(-1) as number];
}

const swap = (s: readonly number[], yes: boolean): number[] => (yes && s.length > 1 ? [...s.slice(0, -2), s.at(-1) as number, s.at(-2) as number] : [...s]);
const swapped = (c: InferContext): number[] => product(c, swap(c.input(0).shape, c.int('transA', 0) === 1), swap(c.input(1).shape, c.int('transB', 0) === 1));

const gemm = (c: InferContext) => {
  requireSameElement(c);
  for (const i of [0, 1]) if (c.input(i).shape.length !== 2) c.refuse(`input ${i} to be a matrix`, showShape(c.input(i).shape));
  const shape = swapped(c);
  const bias = c.optional(2)?.shape ?? [];
  const sum = broadcastShapes(c, [shape, bias]);
  if (sum.length !== 2 || sum.some((d, i) => d !== shape[i])) c.refuse(`a third input that broadcasts to ${showShape(shape)}`, showShape(bias));
  return [type(requireKind(c, 0, 'number').element, shape)];
};

const fused = (c: InferContext) => {
  requireSameElement(c);
  for (const name of ['transBatchA', 'transBatchB']) if (c.int(name, 0) !== 0) c.refuse(`${name} left out`, String(c.int(name, 0)), 'beyond');
  return [type(requireKind(c, 0, 'float').element, swapped(c))];
};

/** Sizes by letter ("bij,bjk->bik"); implicit outputs are the letters named once, in alphabetical order. No ellipsis. */
const einsum = (c: InferContext) => {
  requireSameElement(c);
  const equation = c.string('equation', '').replaceAll(' ', '');
  const [left = '', right] = equation.split('->');
  const terms = left.split(',');
  if (equation.includes('.') || terms.length !== c.count) c.refuse(`an equation of ${c.count} terms without ellipsis`, equation, 'beyond');
  const sizes = new Map<string, number>();
  terms.forEach((term, i) => {
    const shape = c.input(i).shape;
    if (term.length !== shape.length) c.refuse(`${term.length} axes in input ${i}`, showShape(shape));
    [...term].forEach((letter, k) => {
      const size = shape[k] as number;
      const known = sizes.get(letter) ?? 1;
      if (known !== 1 && size !== 1 && known !== size) c.refuse(`the size ${known} for ${letter}`, String(size));
      sizes.set(letter, known === 1 ? size : known);
    });
  });
  const letters = [...left.replaceAll(',', '')];
  const out = right !== undefined ? [...right] : [...sizes.keys()].filter((l) => letters.filter((m) => m === l).length === 1).sort();
  return [type(requireKind(c, 0, 'number').element, out.map((l) => sizes.get(l) ?? c.refuse('letters of the inputs in the output', l)))];
};

const matmul = (c: InferContext) => {
  requireSameElement(c);
  return [type(requireKind(c, 0, 'number').element, product(c, c.input(0).shape, c.input(1).shape))];
};

export const matrixOps: Readonly<Record<string, OpSignature>> = {
  MatMul: { since: 13, inputs: [2, 2], infer: matmul },
  FusedMatMul: { since: 1, domains: [MICROSOFT_DOMAIN], inputs: [2, 2], infer: fused },
  Gemm: { since: 13, inputs: [2, 3], infer: gemm },
  Einsum: { since: 12, inputs: [1, 4096], infer: einsum },
};
