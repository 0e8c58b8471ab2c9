/** All gradient rules, and the three spellings of "no gradient". */
import type { Node } from '../../../../shared/onnx/ir.ts';
import { signatureOf } from '../../../../shared/onnx/ops/table.ts';
import { defer } from '../deferred.ts';
import type { Rule } from '../rule.ts';
import { activationRules } from './activation.ts';
import { convTransposeRules } from './conv-transpose.ts';
import { convRules } from './conv.ts';
import { deferredRules } from './deferred-rules.ts';
import { elementwiseRules } from './elementwise.ts';
import { gridSampleRules } from './grid-sample.ts';
import { indexRules } from './index.ts';
import { matrixRules } from './matrix.ts';
import { normaliseRules } from './normalise.ts';
import { poolRules } from './pool.ts';
import { reduceRules } from './reduce.ts';
import { resizeRules } from './resize.ts';
import { shapeRules } from './shape.ts';

/** These answer with one node, which lowerGraph writes out. */
const deferred = Object.fromEntries(Object.entries(deferredRules).map(([op, uses]) => [op, defer(op, uses)]));

export const rules: Readonly<Record<string, Rule>> = { ...elementwiseRules, ...activationRules, ...reduceRules, ...shapeRules, ...matrixRules, ...convRules, ...poolRules, ...normaliseRules, ...convTransposeRules, ...indexRules, ...resizeRules, ...gridSampleRules, ...deferred };

/** The rule of a node; undefined where nobody has written one, or where the domain's operator of that name is another. */
export const ruleOf = (node: Node): Rule | undefined => (signatureOf(node) && Object.hasOwn(rules, node.op) ? rules[node.op] : undefined);

/** Inputs that carry no gradient though the operator has a rule: shapes, axes, indices, conditions, and a clip's bounds. */
export const stoppedInputs: Readonly<Record<string, readonly number[]>> = {
  Reshape: [1], Expand: [1], Squeeze: [1], Unsqueeze: [1], Slice: [1, 2, 3, 4], Pad: [1, 2, 3], Where: [0], Clip: [1, 2], Tile: [1], Split: [1],
  Gather: [1], GatherElements: [1], ScatterElements: [1], Resize: [1, 2, 3], Dropout: [1, 2], Trilu: [1], CumSum: [1],
  ReduceSum: [1], ReduceMean: [1], ReduceMax: [1], ReduceMin: [1], ReduceSumSquare: [1], ReduceL1: [1], ReduceL2: [1], ReduceLogSum: [1], ReduceLogSumExp: [1], ReduceProd: [1],
};

/** Rules that read the gradients of all outputs; every other one answers for output 0 alone. */
export const manyOutputs: ReadonlySet<string> = new Set(['Split']);

/** Piecewise constant, or made of sizes: the gradient is zero by design. Anything in neither table is forbidden: nobody has written its rule. */
export const zeroGradient: ReadonlySet<string> = new Set([
  'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'Equal', 'Not', 'And', 'Or', 'ArgMax', 'ArgMin', 'Floor', 'Ceil', 'Round', 'Sign', 'Shape', 'Size',
  'Xor', 'OneHot', 'Hardmax', 'NonZero', 'IsNaN', 'IsInf', 'Constant', 'ConstantOfShape', 'EyeLike', 'Range',
  'RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike', 'Bernoulli', 'Multinomial',
]);

/** Whether nothing flows through a node by design. */
export const hasZeroGradient = (node: Node): boolean => (node.domain === '' || node.domain === 'ai.onnx') && zeroGradient.has(node.op);
