/** The data set: what it is, and samples to look at. */
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { recognise } from '../datasets/open.ts';
import type { Handlers } from './handler.ts';

/** Values as bytes for drawing. */
export function pixelsOf(dataset: Dataset, indices: readonly number[]): Uint8Array {
  const each = dataset.values.length / dataset.count;
  const out = new Uint8Array(indices.length * each);
  indices.forEach((s, k) => {
    if (s >= dataset.count) throw problem('request.invalid', { label: dataset.name }, { expected: `a sample below ${dataset.count}`, got: String(s) });
    for (let i = 0; i < each; i++) out[k * each + i] = Math.max(0, Math.min(255, Math.round(((dataset.values[s * each + i] as number) / dataset.maximum) * 255)));
  });
  return out;
}

export const dataHandlers: Handlers<'data'> = {
  'data.open': async (w, { data, validationSplit, seed }) => {
    const d = await w.dataset(data);
    const split = w.split(d, validationSplit, seed);
    const histogram = d.classes.map(() => 0);
    for (const l of d.labels) histogram[l] = (histogram[l] ?? 0) + 1;
    return { name: d.name, licence: d.licence, samples: d.count, shape: [...d.shape], classes: [...d.classes], histogram, maximum: d.maximum, trainSamples: split.train.length, validationSamples: split.validation.length, givenSplit: d.split !== undefined, skipped: [...(d.skipped ?? [])] };
  },
  'data.recognise': (_w, { path }) => recognise(path),
  'data.samples': async (w, { data, validationSplit, seed, indices }) => {
    const d = await w.dataset(data);
    const held = new Set(w.split(d, validationSplit, seed).validation);
    return { indices, labels: indices.map((i) => d.labels[i] ?? -1), splits: indices.map((i) => (held.has(i) ? 'validation' : 'train')), shape: [...d.shape], pixels: pixelsOf(d, indices) };
  },
};
