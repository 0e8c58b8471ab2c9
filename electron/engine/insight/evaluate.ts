/** How good a net is on a set of samples, exactly: every sample counts once. */
import type { Network } from '../../../shared/compile/network.ts';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { Evaluation } from '../../../shared/protocol/values.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { batchOf } from '../training/batches.ts';
import type { TrainingSession } from '../training/engine.ts';
import { allNumbers, notFinite } from './not-finite.ts';
import { argmax, probabilities } from './predict.ts';

const MISTAKES = 60;

export interface EvaluateOptions {
  readonly network: Network;
  readonly dataset: Dataset;
  readonly indices: Int32Array;
  readonly split: Evaluation['split'];
  /** Samples a run, at most the session's batch. */
  readonly batch: number;
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** Precision, recall and F1 of every class from confusion[truth][prediction]; 0 where a class was never predicted or never occurs. */
export function perClass(confusion: readonly (readonly number[])[]): Evaluation['perClass'] {
  return confusion.map((row, c) => {
    const hits = row[c] ?? 0;
    const support = row.reduce((a, n) => a + n, 0);
    const predicted = confusion.reduce((a, r) => a + (r[c] ?? 0), 0);
    const precision = ratio(hits, predicted);
    const recall = ratio(hits, support);
    return { precision, recall, f1: ratio(2 * precision * recall, precision + recall), support };
  });
}

/** Runs every sample through the net once. Throws training.no-samples when there are none, insight.not-finite where an answer is no number. */
export async function evaluate(session: TrainingSession, options: EvaluateOptions): Promise<Evaluation> {
  const { network, dataset, indices, split, batch } = options;
  if (indices.length === 0) throw problem('training.no-samples', { label: dataset.name }, { split });
  const count = dataset.classes.length;
  const confusion = Array.from({ length: count }, () => new Array<number>(count).fill(0));
  const mistakes: Evaluation['mistakes'] = [];
  let lossSum = 0;
  let weightSum = 0;
  let hits = 0;
  for (let start = 0; start < indices.length; start += batch) {
    const part = indices.subarray(start, start + batch);
    const result = await session.evaluate(batchOf(dataset, part));
    const width = result.outputs.length / part.length;
    for (const [i, sample] of part.entries()) {
      const p = probabilities(result.outputs.slice(i * width, (i + 1) * width), network);
      if (!allNumbers(p)) throw await notFinite(session, network, batchOf(dataset, [sample]));
      const truth = dataset.labels[sample] as number;
      const prediction = argmax(p);
      const row = confusion[truth];
      if (row && prediction < count) row[prediction] = (row[prediction] as number) + 1;
      if (prediction === truth) hits++;
      else mistakes.push({ sample, truth, prediction, confidence: p[prediction] as number });
    }
    if (!Number.isFinite(result.lossSum)) throw await notFinite(session, network, batchOf(dataset, part.subarray(0, 1)));
    lossSum += result.lossSum;
    weightSum += result.weightSum ?? part.length;
  }
  return {
    split,
    samples: indices.length,
    loss: lossSum / weightSum,
    accuracy: hits / indices.length,
    classes: [...dataset.classes],
    confusion,
    perClass: perClass(confusion),
    mistakes: mistakes.sort((a, b) => b.confidence - a.confidence).slice(0, MISTAKES),
  };
}
