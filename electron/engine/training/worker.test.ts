/** The real compute thread, bundled as it ships: training into a folder, resume from it, jobs and the check of an export. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { ExportOptionsSchema } from '../../../shared/protocol/export-requests.ts';
import { findTemplate } from '../../../shared/templates/templates.ts';
import { required } from '../../../shared/util/assert.ts';
import { defaultTrainingConfig, TrainingConfigSchema } from '../../../shared/training/config.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { openDataset, stratifiedSplit } from '../datasets/open.ts';
import { exportOnnx } from '../onnx-io/export.ts';
import { createRun, readCheckpoint, readCurve, readRun } from '../projects/runs.ts';
import { bundleWorker } from './bundle-fixture.ts';
import { CANCEL, DONE, proofControl, type ProofSubject } from './export-proof.ts';
import { checkpointOf } from './file-sink.ts';
import { ComputeHost } from './host.ts';
import type { TrainRequest } from './messages.ts';

let bundle: Awaited<ReturnType<typeof bundleWorker>>;
let home: string;
let dataset: Dataset;
let host: ComputeHost;
beforeAll(async () => {
  bundle = await bundleWorker('worker.ts');
  home = await mkdtemp(join(tmpdir(), 'netloom-test-'));
  dataset = await openDataset({ kind: 'builtin', id: 'digits' }, fileURLToPath(new URL('../../../resources', import.meta.url)));
  host = new ComputeHost(bundle.url);
});
afterAll(async () => {
  await host.dispose();
  await bundle.remove();
  await rm(home, { recursive: true, force: true });
});

const network = compile(required(findTemplate('lenet-5-digits'), 'template').build(), { classes: 10, sampleShape: [1, 8, 8] }).network;

async function requestFor(id: string): Promise<TrainRequest<Dataset>> {
  const config = TrainingConfigSchema.parse({ epochs: 3 });
  const folder = await createRun(home, { id, name: 'n', started: new Date(0).toISOString(), state: 'preparing', epochs: 3, bestAccuracy: null, finalLoss: null, seconds: 0, parameters: 1, device: 'cpu', settings: {} });
  return { run: id, network, config, dataset, split: stratifiedSplit(dataset.labels, 0.2, 7), weights: initialWeights(network, 7), device: { id: 'cpu', reason: 'test' }, folder, resume: null };
}

describe('the compute thread as it ships', () => {
  it('leaves a whole run on disk', async () => {
    const request = await requestFor('whole');
    const result = await host.train(request);
    expect(result).toMatchObject({ state: 'finished', error: null });
    const folder = request.folder as string;
    expect((await readCurve(folder)).filter((p) => p.validationLoss !== undefined).length).toBe(3);
    expect(await readRun(folder)).toMatchObject({ state: 'finished', bestAccuracy: result.progress.bestAccuracy });
    expect((await readFile(join(folder, 'best.safetensors'))).length).toBeGreaterThan(1000);
  });

  it('is stopped, and resumed from disk to the same end', async () => {
    const whole = await requestFor('unbroken');
    const unbroken = await host.train(whole);
    const request = await requestFor('broken');
    const first = host.train(request);
    const held = async (epoch: number, step: number) => {
      for (let p = host.status().progress; p?.state !== 'paused' || p.epoch !== epoch || p.step !== step; p = host.status().progress) await new Promise((r) => setTimeout(r, 5));
    };
    // Within its second epoch, however fast it is.
    host.step('epoch');
    await held(2, 0);
    host.step('batch');
    await held(2, 1);
    host.stop();
    const stopped = await first;
    const { tensors, position } = await readCheckpoint(request.folder as string);
    const resume = checkpointOf(tensors, position);
    expect(resume.snapshot.weights).toEqual(stopped.last);
    const second = await host.train({ ...request, resume });
    expect(second.last).toEqual(unbroken.last);
    expect(await readCurve(request.folder as string)).toEqual(await readCurve(whole.folder as string));
  });

  it('does the short jobs', async () => {
    const { weights, split } = await requestFor('jobs');
    const model = { network, weights, device: 'cpu' as const };
    const frame = await host.job('maps', { ...model, dataset, sample: 3, step: 0 });
    expect(frame.layers.map((l) => l.layer)).toEqual(network.layers.map((l) => l.id));
    expect([...required(frame.layers[0], 'picture').pixels]).toEqual([...dataset.values.slice(192, 256)].map((v) => Math.round((v * 255) / Math.max(...dataset.values.slice(192, 256)))));
    expect(frame.prediction.reduce((a, b) => a + b)).toBeCloseTo(1);
    const conv = required(network.layers.find((l) => l.weights.some((w) => w.shape.length === 4)), 'convolution');
    const filters = await host.job('filters', { network, weights, layer: conv.id });
    expect(filters.values.length).toBe(filters.shape.reduce((a, b) => a * b));
    const evaluation = await host.job('evaluate', { ...model, dataset, indices: split.validation, split: 'validation', loss: defaultTrainingConfig().loss });
    expect(evaluation.samples).toBe(split.validation.length);
    const predictions = await host.job('predict', { ...model, image: dataset.values.slice(0, 64), encoding: { element: dataset.values instanceof Uint8Array ? 'uint8' : 'float32', offset: 0, scale: 1 / 16 }, classes: dataset.classes, k: 3 });
    expect(predictions.length).toBe(3);
  });

  it('finds an exported file equal, one with other weights different, and stops when asked to', async () => {
    const { weights } = await requestFor('export');
    const info = { classes: dataset.classes, maximum: dataset.maximum };
    const prove = async (bytes: Uint8Array, change: Partial<ProofSubject> = {}, control = proofControl()) => {
      const path = join(home, 'exported.onnx');
      await writeFile(path, bytes);
      const subject = { path, batch: null, stored: false, prepared: null, softened: [], ...change };
      const answer = await host.job('verify', { network, weights, device: 'cpu', dataset, samples: [0, 500, 1000, 3, 7], subject, control });
      return answer && { ...answer, done: control[DONE] };
    };
    const same = required(await prove(exportOnnx(network, weights, info)), 'proof');
    expect([same.absolute < 1e-5, same.largest > 0.1, same.samples, same.done]).toEqual([true, true, 5, 5]);
    // What is kept of it are the first samples as the file took them.
    expect([same.inputs[0]?.shape, Array.from(same.inputs[0]?.data as Float32Array).slice(0, 64)]).toEqual([[4, 1, 8, 8], Array.from(dataset.values.slice(0, 64), (v) => v * Math.fround(1 / 16))]);
    const forms = [
      [{ batch: 3 }, { batch: 3 }],
      [{ input: 'stored' }, { stored: true }],
    ] as const;
    for (const [change, subject] of forms) expect(required(await prove(exportOnnx(network, weights, info, ExportOptionsSchema.parse(change)), subject), 'proof').absolute).toBeLessThan(1e-5);
    const other = required(await prove(exportOnnx(network, initialWeights(network, 8), info)), 'proof');
    expect(other.absolute).toBeGreaterThan(1e-3);
    // Values that are not scaled in the file are not what the net was given.
    expect(required(await prove(exportOnnx(network, weights, info), { stored: true }), 'proof').absolute).toBeGreaterThan(1e-3);
    const stopped = proofControl();
    stopped[CANCEL] = 1;
    expect(await prove(exportOnnx(network, weights, info), {}, stopped)).toBeNull();
    await expect(prove(new Uint8Array(8))).rejects.toThrow();
  });
});
