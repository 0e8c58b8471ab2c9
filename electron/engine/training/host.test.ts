import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import type { CurvePoint, MapsFrame, Progress } from '../../../shared/protocol/values.ts';
import { defaultTrainingConfig } from '../../../shared/training/config.ts';
import { bundleWorker } from './bundle-fixture.ts';
import { ComputeHost } from './host.ts';
import type { TrainRequest } from './messages.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { toyOptions } from './toy-problem.ts';

let bundle: Awaited<ReturnType<typeof bundleWorker>>;
const hosts: ComputeHost[] = [];
let folder: string;
beforeAll(async () => {
  bundle = await bundleWorker('host-fixture.ts');
  folder = await mkdtemp(join(tmpdir(), 'netloom-host-'));
});
afterAll(async () => {
  await bundle.remove();
  await rm(folder, { recursive: true, force: true });
});
afterEach(async () => {
  delete process.env.NETLOOM_TEST_GATE;
  delete process.env.NETLOOM_TEST_STEP_MS;
  delete process.env.NETLOOM_TEST_DEATH;
  for (const host of hosts.splice(0)) await host.dispose();
});

function hostWithLog() {
  const log = { progress: [] as Progress[], points: [] as CurvePoint[], maps: [] as MapsFrame[], died: [] as (readonly [Diagnostic, string | null])[], weights: 0 };
  const host = new ComputeHost(bundle.url, {
    progress: (p) => void log.progress.push(p),
    points: (_, p) => void log.points.push(...p),
    maps: (f) => void log.maps.push(f),
    weights: () => void log.weights++,
    died: (error, run) => void log.died.push([error, run]),
  });
  hosts.push(host);
  return { host, log };
}

function request(change = {}): TrainRequest<Dataset> {
  const { run, network, config, dataset, split, weights } = toyOptions(change);
  return { run, network, config, dataset, split, weights, device: { id: 'cpu', reason: 'test' }, folder: null, resume: null };
}
const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((r) => setTimeout(r, 5));
};

/** Makes the first step wait: `begun` resolves when it has begun, `open` lets it end. */
function gated(name: string) {
  const gate = join(folder, name);
  process.env.NETLOOM_TEST_GATE = gate;
  return { begun: () => until(() => existsSync(`${gate}.begun`)), open: () => writeFile(gate, '') };
}

describe('ComputeHost', () => {
  it('trains on its thread, tells of it and keeps the curve', async () => {
    const { host, log } = hostWithLog();
    const done = host.train(request(), 2);
    expect(host.status().progress).toMatchObject({ state: 'preparing', stepsPerEpoch: 7 });
    expect(() => host.train(request())).toThrow(/already|other training/);
    host.wantMaps();
    const result = await done;
    expect(result).toMatchObject({ state: 'finished', error: null });
    expect(result.last.get('dense.kernel')?.data).toBeInstanceOf(Float32Array);
    await until(() => log.progress.at(-1)?.state === 'finished');
    expect(log.points.filter((p) => p.loss !== undefined).length).toBe(21);
    expect(host.status().curve).toEqual(log.points);
    expect(log.maps.map((f) => f.sample)).toEqual([2]);
    expect(log.weights).toBe(3);
    expect(host.training).toBe(false);
    expect(() => host.pause()).toThrow(/Press Train/);
  });

  it('answers while a step blocks the compute thread, and stops after that step', async () => {
    const { begun, open } = gated('stop');
    const { host, log } = hostWithLog();
    const done = host.train(request());
    await begun();
    await until(() => log.progress.some((p) => p.state === 'running'));
    expect(host.pause().state).toBe('paused');
    expect(host.resume().state).toBe('running');
    expect(host.stop().state).toBe('stopping');
    expect(host.status().progress?.state).toBe('stopping');
    await open();
    const result = await done;
    expect([result.state, result.progress.step]).toEqual(['stopped', 1]);
    expect(log.progress.map((p) => p.state)).not.toContain('paused');
  });

  it('pauses, and works on jobs while paused', async () => {
    const { begun, open } = gated('pause');
    const { host, log } = hostWithLog();
    const options = request();
    const done = host.train(options);
    await begun();
    await until(() => log.progress.some((p) => p.state === 'running'));
    host.pause();
    await open();
    await until(() => log.progress.some((p) => p.state === 'paused' && p.step === 1));
    const { network, weights, dataset, split } = options;
    const evaluation = await host.job('evaluate', { network, weights, device: 'cpu', dataset, indices: split.validation, split: 'validation', loss: defaultTrainingConfig().loss });
    expect(evaluation.samples).toBe(25);
    expect(evaluation.loss).toBeCloseTo(Math.log(3));
    await new Promise((r) => setTimeout(r, 100));
    expect(host.status().progress).toMatchObject({ state: 'paused', step: 1 });
    host.resume();
    expect((await done).state).toBe('finished');
  });

  it('sends a data set again after it was forgotten', async () => {
    const { host } = hostWithLog();
    const { network, weights, dataset } = request();
    const others = Array.from({ length: 4 }, () => ({ ...dataset }));
    const frames = await Promise.all([dataset, ...others, dataset].map((d) => host.job('maps', { network, weights, device: 'cpu', dataset: d, sample: 1, step: 0 })));
    for (const frame of frames) expect(frame).toEqual(frames[0]);
  });

  it('brings a job’s diagnostic back', async () => {
    const { host } = hostWithLog();
    const { network, weights } = request();
    await expect(host.job('filters', { network, weights, layer: 'dense' })).rejects.toMatchObject({ diagnostic: { code: 'training.no-filters' } });
  });

  it.each(['exit', 'throw'])('survives the death of its thread (%s) and trains on a fresh one', async (death) => {
    process.env.NETLOOM_TEST_DEATH = death;
    process.env.NETLOOM_TEST_STEP_MS = '5';
    const { host, log } = hostWithLog();
    const result = await host.train(request());
    expect(result).toMatchObject({ state: 'failed', error: { code: 'engine.died' }, progress: { state: 'failed' } });
    expect(log.died).toMatchObject([[{ code: 'engine.died' }, 'r1']]);
    if (death === 'throw') expect(log.died[0]?.[0].args).toEqual({ cause: 'out of luck' });
    delete process.env.NETLOOM_TEST_DEATH;
    expect((await host.train(request())).state).toBe('finished');
  });
});
