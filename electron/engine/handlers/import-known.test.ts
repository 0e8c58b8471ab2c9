/** Nets of others see in plain pictures what they are known to see: their preprocessing was guessed, put in, and runs. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { withPreprocessing } from '../../../shared/compile/preprocessing.ts';
import { required } from '../../../shared/util/assert.ts';
import { readImage } from '../datasets/image.ts';
import { startEngine, type TriedEngine } from './engine.harness.ts';
import { drawFile } from './import.ts';

const data = join(import.meta.dirname, '../../../../shared/data');
const here = existsSync(join(data, 'expected/imagenet_expected.json'));
if (!here) console.log('What known nets see is skipped: there is no ../shared/data beside the project.');

interface Case { readonly net: string; readonly input: string; readonly top5: readonly { readonly index: number; readonly value: number }[] }
const all = here ? (JSON.parse(readFileSync(join(data, 'expected/imagenet_expected.json'), 'utf8')) as { cases: Case[] }).cases : [];
const nets = [...new Set(all.map((c) => c.net))];

describe.skipIf(!here)('nets of ImageNet', () => {
  let tried: TriedEngine;
  beforeAll(async () => { tried = await startEngine(); });
  afterAll(() => tried.end());

  it.each(nets)('%s', async (file) => {
    const w = tried.engine.workspace;
    const { document, report, subject } = await drawFile(w, join(data, file), {});
    const { network } = compile(withPreprocessing(document, report.preprocessing?.values ?? null));
    const [, side] = required(network.layers[0], 'input').shape;
    expect(document.labels?.length).toBe(report.labels?.count);
    for (const { input, top5 } of all.filter((c) => c.net === file).slice(0, 3)) {
      const image = await readImage(join(data, 'expected/inputs', input), [3, side as number, side as number], 1);
      const seen = await w.host.job('predict', { network, weights: subject.weights, device: 'cpu', image, encoding: { element: 'float32', offset: 0, scale: 1 }, classes: document.labels ?? [], k: 5 });
      expect(seen.map((p) => p.index)).toEqual(top5.map((t) => t.index));
      top5.forEach((t, i) => expect(Math.abs((seen[i]?.probability ?? 0) - t.value)).toBeLessThan(1e-3));
    }
  });
});
