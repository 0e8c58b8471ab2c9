/** What comes along is what its card says. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { existsSync, readFileSync } from 'node:fs';
import { compile } from '../../../shared/compile/compile.ts';
import { CatalogueSchema } from '../../../shared/protocol/hub-requests.ts';
import { openDataset, splitOf } from '../datasets/open.ts';
import { evaluate } from '../insight/evaluate.ts';
import { encodingOf } from '../training/batches.ts';
import { createOnnxEngine } from '../training/onnx-engine.ts';
import { listBuiltIn, openBuiltIn } from './built-in.ts';

const root = join(import.meta.dirname, '../../..');
const resources = join(root, 'resources');
const cards = await listBuiltIn(resources);

describe('nets that come along', () => {
  it('are a few', () => expect(cards.length).toBeGreaterThanOrEqual(3));

  it.each(cards.map((c) => [c.title, c] as const))('%s is as right as it says, on digits it has not seen', async (_title, card) => {
    const { document, weights, data, training } = await openBuiltIn(resources, card.id);
    const dataset = await openDataset(data, resources);
    const { network, ready } = compile(document, { classes: dataset.classes.length, sampleShape: dataset.shape });
    expect([ready, network.layers[0]?.shape, weights !== null]).toEqual([true, [card.input[2], card.input[0], card.input[1]], true]);
    const { validation } = splitOf(dataset, training.validationSplit, training.seed);
    const session = await createOnnxEngine('cpu').open(network, { ...training, batchSize: 64 }, weights ?? new Map(), encodingOf(dataset));
    const { accuracy } = await evaluate(session, { network, dataset, indices: validation, split: 'validation', batch: 64 });
    await session.dispose();
    expect(accuracy).toBeCloseTo(card.top1 ?? NaN, 3);
  });
});

describe('the catalogue', () => {
  const catalogue = CatalogueSchema.parse(JSON.parse(readFileSync(join(resources, 'hub', 'models.json'), 'utf8')));
  const facts = join(process.env.NETLOOM_TEST_DATA ?? join(root, '../shared/data'), 'hub/onnx-model-zoo.json');

  it('has every id and every content once, behind https', () => {
    const { models } = catalogue;
    expect(new Set(models.map((m) => m.id)).size).toBe(models.length);
    expect(new Set(models.map((m) => m.sha256)).size).toBe(models.length);
    expect(models.filter((m) => !m.address.startsWith('https://'))).toEqual([]);
  });

  it.skipIf(!existsSync(facts))('agrees with what the zoo says of its files', () => {
    const { mirror, models } = JSON.parse(readFileSync(facts, 'utf8')) as { mirror: string; models: { path: string; sha256: string; bytes: number }[] };
    const key = (m: { address: string; sha256: string; bytes: number }) => `${m.address} ${m.sha256} ${m.bytes}`;
    expect(catalogue.models.map(key).sort()).toEqual(models.map((m) => key({ ...m, address: mirror + m.path })).sort());
  });
});
