/** Which samples make which batch: seeded per epoch, so that any epoch's order can be made again without the ones before. */
import { createRandom, deriveSeed, shuffle } from '../../../shared/util/random.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { Batch, InputEncoding } from './engine.ts';

/** The training indices in the order of epoch `epoch` (from 0). */
export function epochOrder(train: Int32Array, seed: number, epoch: number): Int32Array {
  return shuffle(Int32Array.from(train), createRandom(deriveSeed(seed, `epoch ${epoch}`)));
}

/** Stored samples become x / maximum in the graph. */
export function encodingOf(dataset: Pick<Dataset, 'values' | 'maximum'>): InputEncoding {
  return { element: dataset.values instanceof Uint8Array ? 'uint8' : 'float32', offset: 0, scale: 1 / dataset.maximum };
}

/** A batch of exactly these samples, copied from the data set. */
export function batchOf(dataset: Dataset, indices: ArrayLike<number>): Batch {
  const size = indices.length;
  const length = dataset.shape.reduce((a, d) => a * d, 1);
  const inputs = dataset.values instanceof Uint8Array ? new Uint8Array(size * length) : new Float32Array(size * length);
  const targets = new Int32Array(size);
  for (let i = 0; i < size; i++) {
    const index = indices[i] as number;
    inputs.set(dataset.values.subarray(index * length, (index + 1) * length), i * length);
    targets[i] = dataset.labels[index] as number;
  }
  return { inputs, targets, size };
}
