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

/** A batch of exactly these samples. What goes in is copied from the data set when it is asked for: features stand in for it where they are kept. */
export function batchOf(dataset: Dataset, indices: ArrayLike<number>): Batch {
  let inputs: Uint8Array | Float32Array | null = null;
  return {
    get inputs() {
      return (inputs ??= inputsOf(dataset, indices));
    },
    targets: Int32Array.from({ length: indices.length }, (_, i) => dataset.labels[indices[i] as number] as number),
    size: indices.length,
    samples: indices,
  };
}

function inputsOf(dataset: Dataset, indices: ArrayLike<number>): Uint8Array | Float32Array {
  const length = dataset.shape.reduce((a, d) => a * d, 1);
  const inputs = dataset.values instanceof Uint8Array ? new Uint8Array(indices.length * length) : new Float32Array(indices.length * length);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] as number;
    inputs.set(dataset.values.subarray(index * length, (index + 1) * length), i * length);
  }
  return inputs;
}
