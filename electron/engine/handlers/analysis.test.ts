/** Measuring by request: an answer for every layer, cancelled at once, refused while a run trains. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requests, type Answer, type Method, type Params } from '../../../shared/protocol/requests.ts';
import { findTemplate } from '../../../shared/templates/templates.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { required } from '../../../shared/util/assert.ts';
import { bundleWorker } from '../training/bundle-fixture.ts';
import { createEngine, type Engine } from './engine.ts';

let bundle: Awaited<ReturnType<typeof bundleWorker>>;
let home: string;
let engine: Engine;
beforeAll(async () => {
  bundle = await bundleWorker('worker.ts');
  home = await mkdtemp(join(tmpdir(), 'netloom-measure-'));
  engine = createEngine({ resourcesDir: fileURLToPath(new URL('../../../resources', import.meta.url)), appDir: home, workerUrl: bundle.url });
});
afterAll(async () => {
  await engine.dispose();
  await bundle.remove();
  await rm(home, { recursive: true, force: true });
});

let id = 0;
async function ask<M extends Method>(method: M, params: Params<M>): Promise<Answer<M>> {
  const answer = await engine.handle({ kind: 'request', id: ++id, method, params });
  if (!answer.ok) throw new Error(answer.error.code);
  return requests[method].answer.parse(answer.value) as Answer<M>;
}

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
  await expect(ask('analysis.measure', { document: document('lenet-5'), config: { ...config, batchSize: 65536 * 16 } })).rejects.toThrow('request.invalid');
  // VGG-16 keeps some 60 MB a sample: 65,536 of them are terabytes.
  await expect(ask('analysis.measure', { document: document('vgg-16'), config: { ...config, batchSize: 65536 } })).rejects.toThrow('engine.out-of-memory');
});

it('is refused while a run trains', async () => {
  await ask('training.start', { document: document('lenet-5-digits'), config, data: { kind: 'builtin', id: 'digits' }, from: { kind: 'fresh' }, probe: 0 });
  await expect(ask('analysis.measure', { document: document('mlp'), config })).rejects.toThrow('training.busy');
  await ask('training.stop', {});
});
