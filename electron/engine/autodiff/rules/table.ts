/** All gradient rules, and the three spellings of "no gradient". */
import { defer } from '../deferred.ts';
import type { Rule } from '../rule.ts';
import { convRules } from './conv.ts';
import { deferredRules } from './deferred-rules.ts';
import { elementwiseRules } from './elementwise.ts';
import { matrixRules } from './matrix.ts';
import { normaliseRules } from './normalise.ts';
import { poolRules } from './pool.ts';
import { reduceRules } from './reduce.ts';
import { shapeRules } from './shape.ts';

/** These answer with one node, which lowerGraph writes out. */
const deferred = Object.fromEntries(Object.entries(deferredRules).map(([op, uses]) => [op, defer(op, uses)]));

export const rules: Readonly<Record<string, Rule>> = { ...elementwiseRules, ...reduceRules, ...shapeRules, ...matrixRules, ...convRules, ...poolRules, ...normaliseRules, ...deferred };

/** Inputs that carry no gradient though the operator has a rule: shapes, axes, indices, conditions. */
export const stoppedInputs: Readonly<Record<string, readonly number[]>> = {
  Reshape: [1], Expand: [1], Squeeze: [1], Unsqueeze: [1], Slice: [1, 2, 3, 4], Pad: [1, 2, 3], Where: [0], Clip: [1, 2],
  ReduceSum: [1], ReduceMean: [1], ReduceMax: [1], ReduceMin: [1], ReduceSumSquare: [1],
};

/** Piecewise constant: the gradient is zero by design. Anything in neither table is forbidden: nobody has written its rule. */
export const zeroGradient: ReadonlySet<string> = new Set(['Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'Equal', 'Not', 'And', 'Or', 'ArgMax', 'ArgMin', 'Floor', 'Ceil', 'Round', 'Sign', 'Shape']);
