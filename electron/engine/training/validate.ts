/** Mean loss and accuracy over a set of samples, batch by batch, each sample counted once. */
import type { Dataset } from '../datasets/dataset.ts';
import { batchOf } from './batches.ts';
import type { Batch, TrainingSession } from './engine.ts';
import type { Validation } from './pace.ts';

export interface ValidateOptions {
  readonly dataset: Dataset;
  readonly indices: Int32Array;
  readonly batchSize: number;
  /** Awaited before every batch; may throw. */
  readonly gate: () => Promise<void>;
}

/** Answers the batch instead where a loss is not finite. */
export async function validate(session: TrainingSession, { dataset, indices, batchSize, gate }: ValidateOptions): Promise<Validation | { readonly spoiled: Batch }> {
  let [lossSum, weightSum, correct] = [0, 0, 0];
  for (let from = 0; from < indices.length; from += batchSize) {
    await gate();
    const batch = batchOf(dataset, indices.subarray(from, from + batchSize));
    const result = await session.evaluate(batch);
    if (!Number.isFinite(result.lossSum)) return { spoiled: batch };
    lossSum += result.lossSum;
    weightSum += result.weightSum ?? batch.size;
    correct += result.correct;
  }
  return { loss: lossSum / weightSum, accuracy: correct / indices.length };
}
