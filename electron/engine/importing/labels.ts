/** Class names that belong to a number of answers: those of ImageNet, by which most pretrained nets for pictures were trained. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface KnownLabels { readonly names: readonly string[]; /** Whose they are, for a report. */ readonly source: string }

/** What comes before ImageNet's own classes, by how many answers there are in all; TensorFlow's nets put "background" first. */
const before: Readonly<Record<number, readonly string[]>> = { 1000: [], 1001: ['background'] };

/** Names for this many answers of a net that takes pictures; null where none are known. */
export async function labelsFor(count: number, resourcesDir: string): Promise<KnownLabels | null> {
  const first = before[count];
  if (!first) return null;
  const text = await readFile(join(resourcesDir, 'labels', 'imagenet.txt'), 'utf8');
  const names = [...first, ...text.split('\n').filter((line) => line !== '')];
  return names.length === count ? { names, source: 'ImageNet’s, by their number' } : null;
}
