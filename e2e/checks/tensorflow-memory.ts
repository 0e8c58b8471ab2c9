/** What twenty runs one behind another leave behind in TensorFlow and in the process. */
import { initialWeights } from '../../shared/compile/weights.ts';
import type { Network } from '../../shared/compile/network.ts';
import { TrainingConfigSchema } from '../../shared/training/config.ts';
import { createTensorflowEngine } from '../../electron/engine/tensorflow/engine.ts';
import { loadTensorflow } from '../../electron/engine/tensorflow/load.ts';
import type { Batch } from '../../electron/engine/training/engine.ts';

const [RUNS, STEPS] = [20, 40];
/** Tensors, their bytes, and the process' megabytes behind each run. */
interface Left { readonly tensors: number; readonly bytes: number; readonly process: number }

/** Opens, trains, evaluates, reads maps, restores and closes twenty times; answers what is left behind the runs of these numbers. */
export async function leftBehind(network: Network, batches: readonly Batch[], runs: readonly number[]): Promise<readonly Left[]> {
  const tf = await loadTensorflow();
  const engine = createTensorflowEngine(() => Promise.resolve(tf));
  const config = TrainingConfigSchema.parse({ batchSize: batches[0]?.size ?? 1, optimizer: { kind: 'adamw' }, ema: {} });
  const left: Left[] = [];
  for (let run = 1; run <= RUNS; run++) {
    const session = await engine.open(network, config, initialWeights(network, run), { element: 'uint8', offset: 0, scale: 1 / 255 });
    for (const batch of batches.slice(0, STEPS)) await session.step(batch, 0.001);
    for (const batch of batches.slice(0, 2)) {
      await session.evaluate(batch);
      await session.forward(batch, [network.layers[1]?.id ?? '']);
    }
    await session.restore(await session.snapshot());
    await session.dispose();
    globalThis.gc?.();
    const { numTensors, numBytes } = tf.memory();
    if (runs.includes(run)) left.push({ tensors: numTensors, bytes: numBytes, process: process.memoryUsage().rss / 2 ** 20 });
  }
  return left;
}
