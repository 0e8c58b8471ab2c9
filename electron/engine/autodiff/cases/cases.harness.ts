/** Every case of every family. */
import type { GradientCase } from '../gradient.harness.ts';
import { activationCases } from './activation.harness.ts';
import { elementwiseCases } from './elementwise.harness.ts';
import { matrixCases } from './matrix.harness.ts';
import { normaliseCases } from './normalise.harness.ts';
import { indexCases, resizeCases, shapeCases, windowCases } from './places.harness.ts';
import { reduceCases } from './reduce.harness.ts';

export const gradientCases: readonly GradientCase[] = [
  ...elementwiseCases, ...activationCases, ...reduceCases, ...matrixCases, ...normaliseCases, ...shapeCases, ...indexCases, ...windowCases, ...resizeCases,
];

/** The operator whose rule a case is for: its name's first word. */
export const operatorOf = (test: GradientCase): string => test.name.split(/[ ,]/, 1)[0] as string;
