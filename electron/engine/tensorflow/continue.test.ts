/** A run goes over from one engine to the other through its checkpoint on disk, and neither the loop nor its files can tell which engine runs. */
import * as tf from '@tensorflow/tfjs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { required } from '../../../shared/util/assert.ts';
import type { FeatureState } from '../../../shared/protocol/finetune-requests.ts';
import { Control, PAUSE, STOP } from '../training/control.ts';
import type { Weights } from '../training/engine.ts';
import { withFeatures } from '../training/features/session.ts';
import { createOnnxEngine } from '../training/onnx-engine.ts';
import type { LoopEvent } from '../training/reporter.ts';
import { createTensorflowEngine } from './engine.ts';
import { apart, dataset, netWith, play, runFolder, split, STEPS, weightsApart, type Played } from './runs.harness.ts';

const BOUND = 1e-3;
const onnx = createOnnxEngine('cpu');
const tensorflow = createTensorflowEngine(() => Promise.resolve(tf));
let home: string;
beforeAll(async () => {
  await tf.setBackend('cpu');
  home = await mkdtemp(join(tmpdir(), 'netloom-continue-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const stopAt = (control: Control, at: number) => (step: number): void => void (step === at && (control.command = STOP));
const points = (...runs: readonly Played[]) => runs.flatMap(({ sink }) => sink.points).map(({ step, epoch, validationLoss, validationAccuracy, thawed }) => ({ step, epoch, validationLoss, validationAccuracy, thawed }));
const near = (run: Played) => points(run).map((p) => (p.validationLoss === undefined ? p : { ...p, validationLoss: expect.closeTo(p.validationLoss, 3) as number }));
const states = (events: readonly LoopEvent[]): string[] => events.flatMap((e) => (e.kind === 'progress' ? [e.progress.state] : [])).filter((v, i, all) => v !== all[i - 1]);

const everything = {
  loss: { kind: 'cross-entropy', labelSmoothing: 0.1, classWeights: 'balanced' }, weightDecay: 0.01, accumulation: 3, ema: { decay: 0.9 },
  clip: { kind: 'norm', limit: 0.5 }, warmup: { epochs: 0.5 }, layerRates: { 'conv-1': 0.5 }, schedule: { kind: 'one-cycle' },
};
const cases: readonly (readonly [string, object])[] = [
  ['SGD with momentum', { optimizer: { kind: 'sgd', momentum: 0.9 } }],
  // Ten is one batch into the fourth gathering of three.
  ['Adam, gathering three batches, mean weights', { optimizer: { kind: 'adam' }, accumulation: 3, ema: { decay: 0.9 } }],
  ['RMSProp, centred, with momentum', { optimizer: { kind: 'rmsprop', momentum: 0.5, centered: true }, learningRate: 0.001 }],
  ['AdamW with everything', { ...everything, optimizer: { kind: 'adamw' } }],
];

describe.each(cases)('%s', (name, change) => {
  it('ten steps on one engine and the rest on the other are a run on one', async () => {
    const whole = await play({ engine: onnx, change });
    expect(whole.losses.length).toBe(3 * STEPS);
    for (const [from, to, way] of [[onnx, tensorflow, 'there'], [tensorflow, onnx, 'back'], [tensorflow, tensorflow, 'own']] as const) {
      const control = new Control();
      const folder = await runFolder(home, `${name.replaceAll(/\W+/g, '-')}-${way}`);
      const first = await play({ engine: from, change, control, sink: folder.sink, onStep: stopAt(control, 10) });
      expect([first.result.state, first.losses.length]).toEqual(['stopped', 10]);
      // Other weights than the checkpoint's: it must not matter with what it is opened.
      const second = await play({ engine: to, change, resume: await folder.checkpoint(), weights: initialWeights(netWith(), 9) });
      expect(apart([...first.losses, ...second.losses], whole.losses)).toBeLessThan(BOUND);
      expect(points(first, second)).toEqual(near(whole));
      expect([weightsApart(second.result.last, whole.result.last) < BOUND, weightsApart(second.result.kept, whole.result.kept) < BOUND]).toEqual([true, true]);
      expect([...required(second.sink.last, 'checkpoint').snapshot.state.keys()].sort()).toEqual([...required(whole.sink.last, 'checkpoint').snapshot.state.keys()].sort());
    }
  });
});

describe('the loop on TensorFlow', () => {
  it('tells what it tells of the other engine', async () => {
    // By a clock of steps, so that both tell of the same ones.
    const clock = () => {
      let time = 0;
      return () => (time += 100);
    };
    const [ours, theirs] = [await play({ engine: onnx, now: clock() }), await play({ engine: tensorflow, now: clock() })];
    expect(states(theirs.events)).toEqual(states(ours.events));
    expect(points(theirs)).toEqual(near(ours));
    const gradients = ({ events }: Played) => events.flatMap((e) => (e.kind === 'gradients' ? [{ step: e.step, layers: e.gradients.layers, norms: [...e.gradients.norms] }] : []));
    expect(gradients(ours).length).toBeGreaterThan(3);
    expect(gradients(theirs)).toEqual(gradients(ours).map((g) => ({ ...g, norms: g.norms.map((n) => expect.closeTo(n, 3) as number) })));
    expect(theirs.result.progress).toMatchObject({ epoch: 3, step: STEPS, state: 'finished', bestEpoch: ours.result.progress.bestEpoch, bestAccuracy: ours.result.progress.bestAccuracy });
  });

  it('stops and holds within one step, and goes on', async () => {
    const control = new Control();
    const stopped = await play({ engine: tensorflow, control, onStep: stopAt(control, 4) });
    expect([stopped.result.state, stopped.losses.length]).toEqual(['stopped', 4]);
    const held = new Control();
    let done = 0;
    const running = play({ engine: tensorflow, control: held, onStep: (step) => {
      done = step;
      if (step === 3) held.command = PAUSE;
    } });
    const later = () => new Promise((go) => setTimeout(go, 5));
    while (held.command !== PAUSE) await later();
    // A held run streams the maps that are asked for, and does not train.
    for (let frames = 0; frames < 2; frames++) {
      held.wantMaps();
      while (held.mapsWanted) await later();
    }
    expect(done).toBe(3);
    held.goOn(null);
    const { losses, events } = await running;
    expect(states(events)).toEqual(['preparing', 'running', 'paused', 'running', 'finished']);
    expect(events.find((e) => e.kind === 'progress' && e.progress.state === 'paused')).toMatchObject({ progress: { step: 3, epoch: 1 } });
    expect(losses).toEqual((await play({ engine: tensorflow })).losses);
  });

  it('streams the maps that the other engine streams', async () => {
    const frames = async (engine: typeof onnx) => {
      const control = new Control();
      control.probe = 7;
      control.wantMaps();
      const { events } = await play({ engine, control, change: { epochs: 1 } });
      return events.flatMap((e) => (e.kind === 'maps' ? [e.frame] : []));
    };
    const [ours, theirs] = [required((await frames(onnx))[0], 'frame'), required((await frames(tensorflow))[0], 'frame')];
    expect(theirs).toMatchObject({ sample: 7, label: dataset.labels[7], step: ours.step, prediction: ours.prediction.map((p) => expect.closeTo(p, 5) as number) });
    expect(theirs.layers.map(({ layer, channels, height, width }) => [layer, channels, height, width])).toEqual(ours.layers.map(({ layer, channels, height, width }) => [layer, channels, height, width]));
    // Bytes of a grey scale: rounding may fall on either side.
    for (const [i, { pixels, layer }] of theirs.layers.entries()) expect(Math.max(...pixels.map((p, k) => Math.abs(p - (ours.layers[i]?.pixels[k] ?? NaN)))), layer).toBeLessThanOrEqual(1);
  });

  it('leaves frozen layers as they are', async () => {
    const network = netWith(['conv-1', 'batch-norm-1']);
    const start = initialWeights(network, 3);
    const [ours, theirs] = [await play({ engine: onnx, network }), await play({ engine: tensorflow, network })];
    expect(apart(theirs.losses, ours.losses)).toBeLessThan(BOUND);
    const moved = [...start].filter(([name, w]) => w.data.some((v, i) => v !== theirs.result.last.get(name)?.data[i])).map(([name]) => name.split('.')[0]);
    expect([...new Set(moved)]).toEqual(['conv-2', 'dense-1', 'dense-2']);
  });

  it('thaws block by block as the other engine does, and goes over to it at a border', async () => {
    const network = netWith(['conv-1', 'batch-norm-1', 'conv-2', 'dense-1']);
    const change = { optimizer: { kind: 'adam' }, learningRate: 0.001, unfreezing: { every: 1, blocks: 2, rate: 0.5 } };
    const [ours, theirs] = [await play({ engine: onnx, network, change }), await play({ engine: tensorflow, network, change })];
    expect(apart(theirs.losses, ours.losses)).toBeLessThan(BOUND);
    expect(theirs.sink.points.flatMap((p) => p.thawed ?? [])).toEqual([1, 2]);
    const ends = ({ events }: Played): Weights[] => events.flatMap((e) => (e.kind === 'weights' ? [e.weights] : []));
    ends(theirs).forEach((weights, i) => expect(weightsApart(weights, required(ends(ours)[i], 'weights'))).toBeLessThan(BOUND));
    const first = await play({ engine: onnx, network, change: { ...change, epochs: 1 } });
    const rest = await play({ engine: tensorflow, network, change, resume: required(first.sink.last, 'checkpoint') });
    expect(apart([...first.losses, ...rest.losses], ours.losses)).toBeLessThan(BOUND);
  });

  it('trains on kept features of what is frozen', async () => {
    const network = netWith(['conv-1', 'batch-norm-1', 'conv-2']);
    const told: FeatureState[] = [];
    const source = { dataset, split, device: 'tensorflow', folder: join(home, 'features'), limit: 2 ** 30, report: (state: FeatureState | null) => { if (state) told.push(state); }, warn: (e: unknown) => { throw e; }, stopped: () => false };
    const whole = await play({ engine: onnx, network });
    const kept = await play({ engine: withFeatures(tensorflow, source), network });
    expect([kept.result.error, told.at(-1)]).toMatchObject([null, { samples: 60, done: 60, found: 0, computing: false }]);
    expect(apart(kept.losses, whole.losses)).toBeLessThan(BOUND);
    expect((await play({ engine: withFeatures(tensorflow, source), network })).losses).toEqual(kept.losses);
    expect(told.at(-1)).toMatchObject({ found: 60 });
  });

  it('takes no step that is not finite, and names the layer', async () => {
    const network = netWith();
    const control = new Control();
    const wild = await play({ engine: tensorflow, network, control, onStep: (step) => void (step === STEPS + 2 && control.setLearningRate(1e30)) });
    expect([wild.result.state, wild.result.error?.code]).toEqual(['failed', 'training.not-finite']);
    // What is left is the last epoch's end.
    expect([wild.result.last, wild.sink.last?.position.step]).toEqual([wild.sink.last?.snapshot.weights, STEPS]);
    const weights = new Map(initialWeights(network, 3));
    const kernel = required(weights.get('conv-2.kernel'), 'kernel');
    weights.set('conv-2.kernel', { shape: kernel.shape, data: new Float32Array(kernel.data.length).fill(NaN) });
    const broken = await play({ engine: tensorflow, network, weights });
    expect(broken.result.error).toMatchObject({ code: 'training.not-finite', place: { node: 'conv-2' }, args: { what: 'weights', step: 1 } });
    weights.set('conv-2.kernel', kernel);
    const last = required(weights.get('dense-2.kernel'), 'kernel');
    weights.set('dense-2.kernel', { shape: last.shape, data: new Float32Array(last.data.length).fill(3e38) });
    const overflown = await play({ engine: tensorflow, network, weights });
    expect(overflown.result.error).toEqual((await play({ engine: onnx, network, weights })).result.error);
    expect(overflown.result.error).toMatchObject({ code: 'training.not-finite', place: { node: 'dense-2' }, args: { what: 'outputs', step: 1 } });
  });

  it('refuses a checkpoint whose optimiser was another', async () => {
    const first = await play({ engine: onnx, change: { optimizer: { kind: 'sgd', momentum: 0.9 }, epochs: 1 } });
    const { result } = await play({ engine: tensorflow, change: { optimizer: { kind: 'adam' } }, resume: required(first.sink.last, 'checkpoint') });
    expect(result.error?.code).toBe('training.checkpoint-mismatch');
  });
});
