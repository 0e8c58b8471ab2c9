/** Class weights that follow from the data. */
import type { Loss } from '../../../shared/training/config.ts';
import type { LossSpec } from '../autodiff/losses/losses.ts';

/** samples / (classes · samples of the class), as scikit-learn's "balanced"; 0 for a class that never occurs. */
export function balancedWeights(labels: ArrayLike<number>, indices: ArrayLike<number>, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (let i = 0; i < indices.length; i++) {
    const label = labels[indices[i] as number] as number;
    counts[label] = (counts[label] ?? 0) + 1;
  }
  return counts.map((n) => (n === 0 ? 0 : indices.length / (classes * n)));
}

/** The loss with its "balanced" weights counted out on the training samples. */
export function resolveLoss(loss: Loss, dataset: { readonly labels: ArrayLike<number>; readonly classes: readonly unknown[] }, train: ArrayLike<number>): Loss {
  if (loss.kind !== 'cross-entropy' || loss.classWeights !== 'balanced') return loss;
  return { ...loss, classWeights: balancedWeights(dataset.labels, train, dataset.classes.length) };
}

/** What the graph is built from. A loss must have been resolved before. */
export function plainLoss(loss: Loss): LossSpec {
  if (loss.kind !== 'cross-entropy') return loss;
  const { classWeights } = loss;
  if (classWeights === 'balanced') throw new Error('Balanced class weights must be counted before a graph is built');
  return { ...loss, classWeights };
}
