/** Cross-entropies, taken from scores, so that no probability is ever rounded to zero before its logarithm. */
import { problem } from '../../../../shared/diagnostics/diagnostic.ts';
import type { GraphBuilder, Value } from '../../../../shared/onnx/builder.ts';
import { axesFrom, CLASS_AXIS, classVector, type LossPart, type Scores } from './targets.ts';

export interface CrossEntropySpec { readonly kind: 'cross-entropy'; readonly labelSmoothing?: number; readonly classWeights?: readonly number[] | null }
/** Smallest probability whose logarithm is taken when a net's own probabilities are all there is. */
const TINY = 1e-7;

/**
 * Softmax cross-entropy (torch.nn.CrossEntropyLoss): Σ_c −w_c·q_c·log softmax(z)_c with smoothed targets
 * q = (1 − ε)·target + ε/C (Szegedy et al. 2016), where log softmax(z) = z − m − log Σ exp(z − m), m = max z. The mean is
 * weighted by w of the true class. m cancels, so it is left out of differentiation. Throws training.one-output, training.class-weights.
 */
export function crossEntropy(b: GraphBuilder, spec: CrossEntropySpec, { logits }: Scores, targets: Value): LossPart {
  const { shape } = logits.type;
  const classes = shape[CLASS_AXIS] as number;
  if (classes === 1) throw problem('training.one-output', { label: 'Loss' }, {});
  const weights = spec.classWeights ?? null;
  if (weights && weights.length !== classes) throw problem('training.class-weights', { label: 'Loss' }, { expected: classes, got: weights.length });
  const peak = b.max(logits, [CLASS_AXIS]);
  const shifted = b.sub(logits, peak);
  const logSum = b.log(b.sum(b.exp(shifted), [CLASS_AXIS]));
  const epsilon = spec.labelSmoothing ?? 0;
  const smooth = epsilon > 0 ? b.add(b.mul(targets, b.scalar(1 - epsilon)), b.scalar(epsilon / classes)) : targets;
  const axes = axesFrom(logits, 2);
  const overPlaces = (v: Value) => (axes.length > 0 ? b.mean(v, axes.map((a) => a - 1), false) : v);
  if (!weights) {
    // Targets add up to 1: Σ q·(log Σ − z) = log Σ − Σ q·z.
    const chosen = b.sum(b.mul(shifted, smooth), [CLASS_AXIS], false);
    return { perSample: overPlaces(b.sub(b.reshape(logSum, chosen.type.shape), chosen)), weight: null, detached: [peak] };
  }
  const vector = classVector(b, Float32Array.from(weights), shape.length);
  const terms = b.mul(b.mul(smooth, vector), b.sub(logSum, shifted));
  const own = b.sum(b.mul(targets, vector), [CLASS_AXIS], false);
  return { perSample: overPlaces(b.sum(terms, [CLASS_AXIS], false)), weight: overPlaces(own), detached: [peak] };
}

/**
 * Binary cross-entropy, mean over a sample's outputs. From scores (torch.nn.BCEWithLogitsLoss): max(z, 0) − z·t + log(1 + exp(−|z|));
 * with |z| = 2·max(z, 0) − z. After a Softmax only the probabilities can be meant: −t·log p − (1 − t)·log(1 − p).
 */
export function binaryCrossEntropy(b: GraphBuilder, scores: Scores, targets: Value): LossPart {
  const { logits, outputs, activation } = scores;
  const over = (v: Value) => b.mean(v, axesFrom(v, 1), false);
  if (activation === 'softmax') {
    const p = b.op('Clip', [outputs, b.scalar(TINY), b.scalar(1 - TINY)]);
    const miss = b.mul(b.sub(b.scalar(1), targets), b.log(b.sub(b.scalar(1), p)));
    return { perSample: b.neg(over(b.add(b.mul(targets, b.log(p)), miss))), weight: null };
  }
  const positive = b.op('Relu', [logits]);
  const magnitude = b.sub(b.add(positive, positive), logits);
  const tail = b.log(b.add(b.exp(b.neg(magnitude)), b.scalar(1)));
  return { perSample: over(b.add(b.sub(positive, b.mul(logits, targets)), tail)), weight: null };
}
