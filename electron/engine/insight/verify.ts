/** Runs an exported file again and compares it with the net in the app. */
import type { Network } from '../../../shared/compile/network.ts';
import { batchOf, encodingOf } from '../training/batches.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { RuntimeSession, tensor } from '../runtime/session.ts';
import { answerLayer } from './predict.ts';
import type { TrainingSession } from '../training/engine.ts';

export interface VerifyOptions {
  readonly network: Network;
  readonly dataset: Dataset;
  readonly samples: readonly number[];
  /** Bytes of the exported file: one float32 input between 0 and 1, batch first. */
  readonly model: Uint8Array;
}

/** Largest absolute difference of an output over the samples. Throws engine.load when the file cannot be loaded. */
export async function verifyExport(session: TrainingSession, options: VerifyOptions): Promise<{ maxDifference: number }> {
  const { network, dataset, samples, model } = options;
  const { scale, offset } = encodingOf(dataset);
  const last = answerLayer(network);
  const exported = await RuntimeSession.open(model, { device: 'cpu' });
  let maxDifference = 0;
  try {
    for (const sample of samples) {
      const batch = batchOf(dataset, [sample]);
      const values = Float32Array.from(batch.inputs, (x) => (x - offset) * scale);
      const answer = Object.values(await exported.run({ [exported.inputNames[0] ?? 'input']: tensor('float32', values, [1, ...dataset.shape]) }))[0]?.data as Float32Array;
      const expected = (await session.forward(batch, [last])).get(last)?.data ?? new Float32Array();
      expected.forEach((v, i) => (maxDifference = Math.max(maxDifference, Math.abs(v - (answer[i] ?? NaN)))));
    }
  } finally {
    await exported.dispose();
  }
  return { maxDifference };
}
