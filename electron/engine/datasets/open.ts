/** Opens a data set by reference, split and batched reproducibly. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { DataRef } from '../../../shared/protocol/values.ts';
import { assertNever } from '../../../shared/util/assert.ts';
import { createRandom, deriveSeed, shuffle } from '../../../shared/util/random.ts';
import { readCsv } from './csv.ts';
import type { Dataset, Split } from './dataset.ts';
import { isIdxName, openIdx } from './idx.ts';
import { openPictures } from './pictures.ts';

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw problem('data.unreadable', { label: basename(path), file: path }, { reason: (cause as NodeJS.ErrnoException).code === 'ENOENT' ? `no file at ${path}` : (cause as Error).message });
  }
}

export async function openDataset(ref: DataRef, resourcesDir: string): Promise<Dataset> {
  switch (ref.kind) {
    case 'builtin': return readCsv(await bytesOf(join(resourcesDir, 'data', 'digits.csv.gz')), { name: 'Digits', licence: 'CC BY 4.0, E. Alpaydin and C. Kaynak, UCI', file: 'digits.csv.gz', maximum: 16 });
    case 'csv': return readCsv(await bytesOf(ref.path), { name: basename(ref.path).replace(/\.csv(\.gz)?$/i, ''), file: basename(ref.path) });
    case 'idx': return openIdx(ref.path);
    case 'pictures': return openPictures(ref.path, ref);
    default: return assertNever(ref);
  }
}

/** What lies at a path: a CSV file, IDX pictures (a file of them or their folder), or a folder of classes. Throws data.unreadable. */
export async function recognise(path: string): Promise<DataRef> {
  try {
    if (!(await stat(path)).isDirectory()) return isIdxName(basename(path)) ? { kind: 'idx', path } : { kind: 'csv', path };
    return { kind: (await readdir(path)).some(isIdxName) ? 'idx' : 'pictures', path };
  } catch (cause) {
    throw problem('data.unreadable', { label: basename(path), file: path }, { reason: (cause as NodeJS.ErrnoException).code === 'ENOENT' ? `nothing at ${path}` : (cause as Error).message });
  }
}

/** The parts that the files make, or else `share` of every class held out. */
export const splitOf = (dataset: Dataset, share: number, seed: number): Split => dataset.split ?? stratifiedSplit(dataset.labels, share, seed);

/** Holds out `share` of every class (rounded), drawn from the seed; both parts in rising order. */
export function stratifiedSplit(labels: Int32Array, share: number, seed: number): Split {
  const byClass = new Map<number, number[]>();
  labels.forEach((c, i) => {
    const list = byClass.get(c) ?? [];
    list.push(i);
    byClass.set(c, list);
  });
  const train: number[] = [];
  const validation: number[] = [];
  for (const [c, indices] of [...byClass].sort(([a], [b]) => a - b)) {
    shuffle(indices, createRandom(deriveSeed(seed, `split ${c}`)));
    const held = Math.min(Math.round(indices.length * share), indices.length - 1);
    validation.push(...indices.slice(0, held));
    train.push(...indices.slice(held));
  }
  const rising = (list: number[]) => Int32Array.from(list.sort((a, b) => a - b));
  return { train: rising(train), validation: rising(validation) };
}

/** The training order of one epoch: a function of seed and epoch alone, so that a resumed run goes on with it. */
export function epochOrder(train: Int32Array, seed: number, epoch: number): Int32Array {
  return shuffle(train.slice(), createRandom(deriveSeed(seed, `epoch ${epoch}`)));
}

export interface GatheredBatch { readonly inputs: Float32Array | Uint8Array; readonly targets: Int32Array; readonly size: number }

/** Copies samples into one tensor of `batch` rows; missing rows repeat zeros and are beyond `size`. */
export function gather(dataset: Dataset, indices: Int32Array, start: number, batch: number): GatheredBatch {
  const each = dataset.values.length / dataset.count;
  const size = Math.min(batch, indices.length - start);
  const inputs = dataset.values instanceof Uint8Array ? new Uint8Array(batch * each) : new Float32Array(batch * each);
  const targets = new Int32Array(batch);
  for (let i = 0; i < size; i++) {
    const s = indices[start + i] as number;
    inputs.set(dataset.values.subarray(s * each, (s + 1) * each), i * each);
    targets[i] = dataset.labels[s] as number;
  }
  return { inputs, targets, size };
}
