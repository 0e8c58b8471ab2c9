/** Timing devices by request: a real one, one that is not there, cancelled, beside a run, and one whose thread dies. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NetloomError } from '../../../shared/diagnostics/diagnostic.ts';
import type { EngineMessage } from '../../../shared/protocol/messages.ts';
import { raceEvents } from '../../../shared/protocol/race-requests.ts';
import { Sketch } from '../../../shared/templates/build.ts';
import { findTemplate } from '../../../shared/templates/templates.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { required } from '../../../shared/util/assert.ts';
import { installPure } from '../tensorflow/installed.harness.ts';
import type { Engine } from './engine.ts';
import { startEngine, type TriedEngine } from './engine.harness.ts';

const tried: TriedEngine[] = [];
let engine: Engine;
let ask: TriedEngine['ask'];

async function start(script?: string): Promise<TriedEngine> {
  const started = await startEngine(script);
  tried.push(started);
  return started;
}
beforeAll(async () => {
  ({ engine, ask } = await start());
});
afterAll(async () => {
  delete process.env.NETLOOM_TEST_DEATH;
  delete process.env.NETLOOM_TEST_STEP_MS;
  for (const t of tried) await t.end();
});

const refusal = async (asked: Promise<unknown>): Promise<unknown> => asked.catch((e: unknown) => (e instanceof NetloomError ? e.diagnostic.code : e));

const config = TrainingConfigSchema.parse({ batchSize: 16, epochs: 500, device: 'cpu' });
const data = { kind: 'builtin', id: 'digits' } as const;
const document = required(findTemplate('lenet-5-digits'), 'template').build();
const net = { document, config, data, seconds: 0.2 };

describe('race.device', () => {
  it('answers the pace of the processor, and leaves no run and no weights behind', async () => {
    const told: string[] = [];
    const off = engine.onEvent((m: EngineMessage) => { if (m.kind === 'event' && m.event === 'race.progress') told.push(raceEvents['race.progress'].parse(m.data).phase); });
    const pace = await ask('race.device', { ...net, device: 'cpu' });
    off();
    if (!pace?.ok) throw new Error(JSON.stringify(pace));
    expect(pace).toMatchObject({ device: 'cpu', samples: 16 });
    expect(pace.steps).toBeGreaterThanOrEqual(1);
    expect(pace.samplesPerSecond * pace.stepMs).toBeCloseTo(16_000, 6);
    // A fifth of 1,797 digits is held out; whole batches of sixteen remain.
    const { trainSamples } = await ask('data.open', { data, validationSplit: config.validationSplit, seed: config.seed });
    expect(pace.epochSeconds).toBeCloseTo((Math.floor(trainSamples / 16) * pace.stepMs) / 1000, 9);
    expect(told[0]).toBe('opening');
    expect(await ask('runs.list', {})).toEqual([]);
    expect(engine.workspace.weights).toBeNull();
  });

  it('says why a device does not run it, as that device’s answer', async () => {
    expect(await ask('race.device', { ...net, device: 'tpu' })).toMatchObject({ ok: false, device: 'tpu', error: { code: 'engine.device' } });
    expect(await ask('race.device', { ...net, config: { ...config, precision: 'mixed' }, device: 'cpu' })).toMatchObject({ ok: false, error: { code: 'engine.precision' } });
  });

  it('refuses a net that no run could train', async () => {
    expect(await refusal(ask('race.device', { ...net, document: required(findTemplate('lenet-5'), 'template').build(), device: 'cpu' }))).toBe('graph.data-shape');
  });

  it('is cancelled, is alone, and runs again after it', async () => {
    const long = ask('race.device', { ...net, seconds: 60, device: 'cpu' });
    expect(await refusal(ask('race.device', { ...net, device: 'cpu' }))).toBe('training.racing');
    expect(await refusal(ask('training.start', { document, config, data, from: { kind: 'fresh' }, probe: 0 }))).toBe('training.racing');
    expect(await refusal(ask('analysis.measure', { document, config }))).toBe('training.racing');
    await ask('race.cancel', {});
    // What was cancelled is waited for.
    expect(await ask('race.device', { ...net, seconds: 0.01, device: 'cpu' })).toMatchObject({ ok: true });
    expect(await long).toBeNull();
  });

  it('is refused while a run trains', async () => {
    await ask('training.start', { document, config, data, from: { kind: 'fresh' }, probe: 0 });
    expect(await refusal(ask('race.device', { ...net, device: 'cpu' }))).toBe('training.busy');
    await ask('training.stop', {});
  });
});

it.each([['exit', 'its compute thread ended with code 9'], ['throw', 'out of luck']] as const)('a device whose thread dies (%s) is told apart, and the next one is timed', async (death, cause) => {
  process.env.NETLOOM_TEST_DEATH = death;
  process.env.NETLOOM_TEST_STEP_MS = '5';
  const mortal = await start('host-fixture.ts');
  const sketch = new Sketch();
  const dense = sketch.chain(null, [['input', { kind: 'image', height: 8, width: 8, channels: 1 }], ['flatten', {}], ['dense', { units: 10, activation: 'softmax' }]]);
  sketch.add('output', {}, [dense]);
  // By this name the toy engine finds its weight.
  const named = JSON.parse(JSON.stringify(sketch.document('One layer', 'test:one-layer')).replaceAll(`"${dense}"`, '"dense"')) as typeof document;
  const asked = { ...net, document: named, device: 'cpu' };
  // Time enough for the third step, in which it dies.
  const dead = await mortal.ask('race.device', { ...asked, seconds: 60 });
  expect(dead).toMatchObject({ ok: false, error: { code: 'training.device-ended', args: { device: 'cpu', cause } } });
  delete process.env.NETLOOM_TEST_DEATH;
  expect(await mortal.ask('race.device', asked)).toMatchObject({ ok: true, samples: 16 });
});

describe('TensorFlow where a person has installed it', () => {
  const before = process.env.NETLOOM_HOME;
  let own: string;
  let tf: TriedEngine;
  beforeAll(async () => {
    own = await mkdtemp(join(tmpdir(), 'netloom-own-'));
    await installPure(own);
    // The compute thread looks there itself.
    process.env.NETLOOM_HOME = own;
    delete process.env.TF_CPP_MIN_LOG_LEVEL;
    tf = await start();
  });
  afterAll(async () => {
    if (before === undefined) delete process.env.NETLOOM_HOME;
    else process.env.NETLOOM_HOME = before;
    await rm(own, { recursive: true, force: true });
  });

  it('is timed beside ONNX Runtime, on the thread that ships, and again', async () => {
    expect((await tf.ask('system.devices', {})).at(-1)).toMatchObject({ id: 'tensorflow', available: true });
    const tiny = { ...net, config: { ...config, batchSize: 2 }, seconds: 0.01 };
    for (const device of ['tensorflow', 'cpu', 'tensorflow']) expect(await tf.ask('race.device', { ...tiny, device })).toMatchObject({ ok: true, device, samples: 2 });
    // The library reads the process's environment, not the thread's.
    expect(process.env.TF_CPP_MIN_LOG_LEVEL).toBe('2');
  });

  it('says what it does not train', async () => {
    expect(await tf.ask('race.device', { ...net, config: { ...config, precision: 'mixed' }, device: 'tensorflow' })).toMatchObject({ ok: false, error: { code: 'engine.precision', args: { device: 'tensorflow' } } });
  });
});
