/** Cases of matrix products. */
import { float, int } from '../../../../shared/onnx/ir.ts';
import type { GradientCase } from '../gradient.harness.ts';
import { op, text } from './helpers.harness.ts';

const einsum = (equation: string, shapes: GradientCase['shapes'], how = ''): GradientCase => ({ name: `Einsum ${equation}${how}`, shapes, build: op('Einsum', { equation: text(equation) }) });
const biases: readonly (readonly number[] | null)[] = [null, [2], [1, 2], [3, 1], [3, 2], [1], []];
const yes = [0, 1] as const;

export const matrixCases: GradientCase[] = [
  { name: 'MatMul', shapes: [[3, 4], [4, 2]], build: op('MatMul') },
  { name: 'MatMul batched', shapes: [[2, 3, 4], [2, 4, 2]], build: op('MatMul') },
  { name: 'MatMul of a batch by one', shapes: [[2, 3, 4], [4, 2]], build: op('MatMul') },
  { name: 'MatMul of one by a batch', shapes: [[3, 4], [2, 4, 2]], build: op('MatMul') },
  { name: 'MatMul broadcast both ways', shapes: [[2, 1, 3, 4], [5, 4, 2]], build: op('MatMul') },
  { name: 'MatMul of a row', shapes: [[4], [4, 3]], build: op('MatMul') },
  { name: 'MatMul of a row by a batch', shapes: [[4], [2, 4, 3]], build: op('MatMul') },
  { name: 'MatMul by a column', shapes: [[3, 4], [4]], build: op('MatMul') },
  { name: 'MatMul of a batch by a column', shapes: [[2, 3, 4], [4]], build: op('MatMul') },
  { name: 'MatMul of two vectors', shapes: [[4], [4]], build: op('MatMul') },
  ...yes.flatMap((transA) => yes.flatMap((transB) => biases.map((bias): GradientCase => ({
    name: `Gemm${transA ? ' Aᵀ' : ''}${transB ? ' Bᵀ' : ''}, ${bias ? `bias [${bias.join(', ')}]` : 'no bias'}`,
    shapes: [transA ? [4, 3] : [3, 4], transB ? [2, 4] : [4, 2], ...(bias ? [bias] : [])],
    build: op('Gemm', { transA: int(transA), transB: int(transB), ...(bias?.length === 2 ? { alpha: float(0.5), beta: float(2) } : {}) }),
  })))),
  einsum('bij,bjk->bik', [[2, 3, 4], [2, 4, 5]]),
  einsum('bhid,bhjd->bhij', [[1, 2, 3, 2], [1, 2, 4, 2]]),
  einsum('ij,jk', [[2, 3], [3, 4]]),
  einsum('ij,ij->', [[2, 3], [2, 3]]),
  einsum('i,jk->kij', [[3], [2, 4]]),
  einsum('abc,c->a', [[2, 3, 4], [4]], ', a letter summed out alone'),
  einsum('abc,bd->', [[2, 3, 4], [3, 2]], ', all summed out'),
  einsum('bij,bjk->bik', [[2, 3, 4], [1, 4, 5]], ', one spread over the batch'),
  einsum('bij,bjk->ik', [[2, 3, 4], [1, 4, 1]], ', sizes of one summed out'),
  einsum('ij->ji', [[2, 3]], ', one operand'),
  einsum('ij->i', [[2, 3]], ', one operand summed'),
  einsum('ii->i', [[3, 3]], ', a diagonal'),
  einsum('bii,i->b', [[2, 3, 3], [3]], ', a trace'),
  einsum('ab,bc,cd->ad', [[2, 3], [3, 2], [2, 4]], ', three operands'),
];
