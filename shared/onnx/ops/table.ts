/** The table of operator signatures. */
import { elementwiseOps } from './elementwise.ts';
import { matrixOps } from './matrix.ts';
import type { OpSignature } from './signature.ts';
import { tensorOps } from './tensor.ts';
import { windowOps } from './window.ts';

export const operators: Readonly<Record<string, OpSignature>> = { ...elementwiseOps, ...windowOps, ...tensorOps, ...matrixOps };
