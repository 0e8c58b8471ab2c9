/** Losses as graph pieces: per-sample loss and the number of right answers. */
import type { GraphBuilder, Value } from '../../../../shared/onnx/builder.ts';
import { int, type Node } from '../../../../shared/onnx/ir.ts';
import { assertNever } from '../../../../shared/util/assert.ts';

export type LossKind = 'cross-entropy' | 'mse';

export interface LossValues {
  /** float32 [N] */
  readonly perSample: Value;
  /** float32 [N]: 1 where the largest output is the true class (first of equals), else 0; null where there are no classes. */
  readonly correct: Value | null;
}

/** The value before a final softmax over the last axis, so that the logarithm is taken stably; other values as they are. */
export function logitsOf(b: GraphBuilder, nodes: readonly Node[], predictions: Value): Value {
  let name = predictions.name;
  for (;;) {
    const node = nodes.find((n) => n.outputs[0] === name);
    if (!node) return predictions;
    const axis = node.attributes.axis?.kind === 'int' ? node.attributes.axis.value : -1;
    const rank = predictions.type.shape.length;
    if (node.op === 'Softmax' && (axis === -1 || axis === rank - 1)) return b.value(node.inputs[0] as string);
    if (node.op !== 'Identity') return predictions;
    name = node.inputs[0] as string;
  }
}

/** [N, C]: 1 in the column of each label. Labels are int32 [N]. */
function oneHot(b: GraphBuilder, labels: Value, classes: number): Value {
  const columns = b.constant({ element: 'float32', shape: [1, classes], data: Float32Array.from({ length: classes }, (_, i) => i) }, 'columns');
  const rows = b.reshape(b.cast(labels, 'float32'), [labels.type.shape[0] as number, 1]);
  return b.cast(b.op('Equal', [rows, columns]), 'float32');
}

/** −log softmax(z)[label] = log Σ exp(z − max z) − (z[label] − max z). */
function softmaxCrossEntropy(b: GraphBuilder, logits: Value, labels: Value): LossValues {
  const hot = oneHot(b, labels, logits.type.shape[1] as number);
  const shifted = b.sub(logits, b.max(logits, [1]));
  const logSum = b.log(b.sum(b.exp(shifted), [1], false));
  const perSample = b.sub(logSum, b.sum(b.mul(shifted, hot), [1], false));
  const winner = b.op('ArgMax', [logits], { axis: int(1), keepdims: int(0) });
  const correct = b.cast(b.op('Equal', [b.cast(winner, 'int32'), labels]), 'float32');
  return { perSample, correct };
}

/** Mean over a sample's outputs of (ŷ − y)². */
function meanSquaredError(b: GraphBuilder, predictions: Value, targets: Value): LossValues {
  const difference = b.sub(predictions, targets);
  return { perSample: b.mean(b.mul(difference, difference), predictions.type.shape.flatMap((_, i) => (i === 0 ? [] : [i])), false), correct: null };
}

/**
 * The loss of predictions [N, C] against targets: int32 [N] labels. With `mse` the labels stand for their one-hot vectors
 * (least-squares classification), and right answers are counted all the same.
 */
export function lossValues(b: GraphBuilder, kind: LossKind, nodes: readonly Node[], predictions: Value, labels: Value): LossValues {
  const logits = logitsOf(b, nodes, predictions);
  const classified = softmaxCrossEntropy(b, logits, labels);
  switch (kind) {
    case 'cross-entropy': return classified;
    case 'mse': return { ...meanSquaredError(b, predictions, oneHot(b, labels, predictions.type.shape[1] as number)), correct: classified.correct };
    default: return assertNever(kind);
  }
}
