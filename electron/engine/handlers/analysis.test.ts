/** Measuring by request: an answer for every layer, cancelled at once, refused while a run trains. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findTemplate } from '../../../shared/templates/templates.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { required } from '../../../shared/util/assert.ts';
import { startEngine, type TriedEngine } from './engine.harness.ts';

let tried: TriedEngine;
let ask: TriedEngine['ask'];
beforeAll(async () => {
  tried = await startEngine();
  ({ ask } = tried);
});
afterAll(() => tried.end());

const config = TrainingConfigSchema.parse({ batchSize: 16, epochs: 500, device: 'cpu' });
const document = (template: string) => required(findTemplate(template), 'template').build();

it('answers times for every layer of a net that does not fit the data set', async () => {
  const timings = await ask('analysis.measure', { document: document('lenet-5'), config });
  expect(timings).toMatchObject({ batch: 16, device: 'cpu', steps: 5 });
  expect(timings?.layers).toHaveLength(10);
});

it('is cancelled before it is done, and measures again', async () => {
  const first = ask('analysis.measure', { document: document('lenet-5'), config: { ...config, batchSize: 4096 } });
  await ask('analysis.cancel', {});
  expect(await first).toBeNull();
  expect((await ask('analysis.measure', { document: document('mlp'), config }))?.layers.length).toBeGreaterThan(3);
});

it('is refused where a step would not fit into memory, before anything is computed', async () => {
  await expect(ask('analysis.measure', { document: document('lenet-5'), config: { ...config, batchSize: 65536 * 16 } })).rejects.toMatchObject({ diagnostic: { code: 'request.invalid' } });
  // VGG-16 keeps some 60 MB a sample: 65,536 of them are terabytes.
  await expect(ask('analysis.measure', { document: document('vgg-16'), config: { ...config, batchSize: 65536 } })).rejects.toMatchObject({ diagnostic: { code: 'engine.out-of-memory' } });
});

it('is refused while a run trains', async () => {
  await ask('training.start', { document: document('lenet-5-digits'), config, data: { kind: 'builtin', id: 'digits' }, from: { kind: 'fresh' }, probe: 0 });
  await expect(ask('analysis.measure', { document: document('mlp'), config })).rejects.toMatchObject({ diagnostic: { code: 'training.busy' } });
  await ask('training.stop', {});
});
