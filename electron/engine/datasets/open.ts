/** Opens a data set by reference, split and batched reproducibly. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { DataRef } from '../../../shared/protocol/values.ts';
import { assertNever } from '../../../shared/util/assert.ts';
import { createRandom, deriveSeed, shuffle } from '../../../shared/util/random.ts';
import { readCsv } from './csv.ts';
import type { Dataset, Split } from './dataset.ts';

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
    default: return assertNever(ref);
  }
}

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
