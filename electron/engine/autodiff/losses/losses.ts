/** Losses as graph pieces: per-sample loss, its weight in the mean, and the number of right answers. */
import type { GraphBuilder, Value } from '../../../../shared/onnx/builder.ts';
import { int, type Node } from '../../../../shared/onnx/ir.ts';
import { assertNever } from '../../../../shared/util/assert.ts';
import { binaryCrossEntropy, crossEntropy, type CrossEntropySpec } from './cross-entropy.ts';
import { absoluteError, dice, huber, squaredError } from './regression.ts';
import { axesFrom, CLASS_AXIS, classVector, scoresOf, targetValues, type LossPart, type Scores } from './targets.ts';

export type LossSpec =
  | CrossEntropySpec
  | { readonly kind: 'binary-cross-entropy' }
  | { readonly kind: 'mse' }
  | { readonly kind: 'mae' }
  | { readonly kind: 'huber'; readonly delta?: number }
  | { readonly kind: 'dice'; readonly smoothing?: number };
/** A kind alone means its defaults. */
export type LossChoice = LossSpec | LossSpec['kind'];

export interface LossValues extends LossPart {
  /** float32 [N]: share of a sample's answers that are right, 0 or 1 where it has one; null where targets are values. */
  readonly correct: Value | null;
}

function part(b: GraphBuilder, spec: LossSpec, scores: Scores, targets: Value): LossPart {
  switch (spec.kind) {
    case 'cross-entropy': return crossEntropy(b, spec, scores, targets);
    case 'binary-cross-entropy': return binaryCrossEntropy(b, scores, targets);
    case 'mse': return squaredError(b, scores, targets);
    case 'mae': return absoluteError(b, scores, targets);
    case 'huber': return huber(b, spec.delta ?? 1, scores, targets);
    case 'dice': return dice(b, spec.smoothing ?? 1, scores, targets);
    default: return assertNever(spec);
  }
}

/** The first class of which `which` [N, C, …] is true; C where there is none. */
function firstOf(b: GraphBuilder, which: Value): Value {
  const { shape } = which.type;
  const classes = shape[CLASS_AXIS] as number;
  const numbered = b.op('Where', [which, classVector(b, Float32Array.from({ length: classes }, (_, i) => i), shape.length), b.scalar(classes)]);
  return b.op('ReduceMin', [numbered, b.int64([CLASS_AXIS])], { keepdims: int(0) });
}

/** The largest score's class (first of equals) against the label; with one output, a probability above one half. */
function rightAnswers(b: GraphBuilder, { logits, outputs, activation }: Scores, labels: Value): Value {
  const classes = logits.type.shape[CLASS_AXIS] as number;
  // Classes are counted in float32: ArgMax answers int64, which not every device can cast.
  const winner = classes === 1
    ? b.cast(b.reshape(b.op('Greater', [outputs, b.scalar(activation === 'none' ? 0 : 0.5)]), labels.type.shape), 'float32')
    : firstOf(b, b.op('Equal', [logits, b.max(logits, [CLASS_AXIS])]));
  const right = b.cast(b.op('Equal', [winner, b.cast(labels, 'float32')]), 'float32');
  return labels.type.shape.length > 1 ? b.mean(right, axesFrom(right, 1), false) : right;
}

/**
 * The loss of outputs [N, C, …] against targets: int32 labels [N, …], or float32 values in the outputs' shape. Labels stand for
 * their one-hot vectors wherever a loss wants values. Throws training.targets, training.class-weights.
 */
export function lossValues(b: GraphBuilder, choice: LossChoice, nodes: readonly Node[], predictions: Value, targets: Value): LossValues {
  const spec: LossSpec = typeof choice === 'string' ? { kind: choice } : choice;
  const scores = scoresOf(b, nodes, predictions);
  const values = targetValues(b, predictions, targets);
  return { ...part(b, spec, scores, values), correct: targets.type.element === 'int32' ? rightAnswers(b, scores, targets) : null };
}

/** The mean over the batch, weighted where the loss is. */
export function meanLoss(b: GraphBuilder, { perSample, weight }: LossPart): Value {
  return weight ? b.div(b.sum(perSample, [0], false), b.sum(weight, [0], false)) : b.mean(perSample, [0], false);
}
