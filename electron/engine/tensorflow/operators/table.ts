/** Every operator that runs on TensorFlow, by name; all are of the standard domain. */
import { activationRows } from './activation.ts';
import { convolutionRows } from './convolution.ts';
import { elementwiseRows } from './elementwise.ts';
import { matrixRows } from './matrix.ts';
import { normaliseRows } from './normalise.ts';
import type { OperatorRow } from './operator.ts';
import { poolingRows } from './pooling.ts';
import { reduceRows } from './reduce.ts';
import { resizeRows } from './resize.ts';
import { shapeRows } from './shape.ts';

export const operatorTable: Readonly<Record<string, OperatorRow>> = {
  ...elementwiseRows, ...activationRows, ...reduceRows, ...shapeRows, ...matrixRows, ...convolutionRows, ...poolingRows, ...normaliseRows, ...resizeRows,
};
