/** Gradients that the lowering writes out, because the best way depends on device, layout and shape. */
import type { Deferred } from '../deferred.ts';
import { expandGradient as batchNormTraining } from '../lowering/batch-norm.ts';
import type { Rule } from '../rule.ts';
import { convRules } from './conv.ts';
import { elementwiseRules } from './elementwise.ts';
import { normaliseRules } from './normalise.ts';
import { poolRules } from './pool.ts';

const batchNorm: Rule = (c) => (c.int('training_mode', 0) === 1 ? batchNormTraining(c) : (normaliseRules.BatchNormalization as Rule)(c));

export const deferredRules: Readonly<Record<string, Deferred>> = {
  Conv: { inputs: [0, 1], outputs: [], expand: convRules.Conv as Rule },
  Relu: { inputs: [], outputs: [0], expand: elementwiseRules.Relu as Rule },
  Clip: { inputs: [1, 2], outputs: [0], expand: elementwiseRules.Clip as Rule },
  MaxPool: { inputs: [0], outputs: [0], expand: poolRules.MaxPool as Rule },
  AveragePool: { inputs: [0], outputs: [], expand: poolRules.AveragePool as Rule },
  GlobalAveragePool: { inputs: [0], outputs: [], expand: poolRules.GlobalAveragePool as Rule },
  BatchNormalization: { inputs: [0, 1, 2, 3, 4], outputs: [1, 2], expand: batchNorm },
};
