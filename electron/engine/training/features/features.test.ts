/** Training on features of frozen layers is training of the whole net: same losses, same weights; and the cache behind it is sound. */
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../../../shared/compile/compile.ts';
import type { SplitNetwork } from '../../../../shared/compile/cuts.ts';
import { headCuts, replaceHead } from '../../../../shared/compile/head.ts';
import type { Network } from '../../../../shared/compile/network.ts';
import { initialWeights } from '../../../../shared/compile/weights.ts';
import type { Document } from '../../../../shared/graph/document.ts';
import type { FeatureState } from '../../../../shared/protocol/finetune-requests.ts';
import { findTemplate } from '../../../../shared/templates/templates.ts';
import { TrainingConfigSchema } from '../../../../shared/training/config.ts';
import { createRandom } from '../../../../shared/util/random.ts';
import type { Dataset, Split } from '../../datasets/dataset.ts';
import { batchOf } from '../batches.ts';
import { Control, STOP } from '../control.ts';
import type { TrainingEngine } from '../engine.ts';
import { runTraining } from '../loop.ts';
import { createOnnxEngine } from '../onnx-engine.ts';
import { PaceControl, paceOfDevice } from '../pace-of-device.ts';
import type { LoopEvent } from '../reporter.ts';
import { MemorySink } from '../run-sink.ts';
import { planFeatures } from './plan.ts';
import { withFeatures } from './session.ts';
import { clearFeatures, featuresKept, readFeatures, writeFeatures } from './store.ts';

let folder: string;
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'netloom-features-')); });
afterAll(() => rm(folder, { recursive: true, force: true }));

const random = createRandom(4);
const count = 90;
const dataset: Dataset = {
  name: 'noise', licence: '', shape: [3, 16, 16], classes: ['a', 'b', 'c'], count, maximum: 255,
  labels: Int32Array.from({ length: count }, (_, i) => i % 3), values: Uint8Array.from({ length: count * 768 }, (_, i) => (random.below(200) + 50 * (Math.floor(i / 768) % 3)) % 256),
};
const split: Split = { train: Int32Array.from({ length: 60 }, (_, i) => i), validation: Int32Array.from({ length: 30 }, (_, i) => 60 + i) };
const resnet = (findTemplate('small-resnet') as { build(o: object): Document }).build({ size: 16, channels: 3, classes: 10 });
const netWith = (head: 'linear' | 'pool-dropout-dense', cut: string | null = null): Network => compile(replaceHead(resnet, { cut, head, classes: 3, freeze: 'cut' }).document, { classes: 3, sampleShape: [3, 16, 16] }).network;
const net = netWith('pool-dropout-dense');

interface Played { readonly states: FeatureState[]; readonly losses: number[]; readonly events: LoopEvent[]; readonly sink: MemorySink; readonly result: Awaited<ReturnType<typeof runTraining>> }
async function play(network: Network, { features = true, change = {}, data = dataset, parts = split, control = new Control(), engine = createOnnxEngine('cpu'), resume, seed = 5, where = folder, warn = (e: unknown) => { throw e; } }: { features?: boolean; change?: object; data?: Dataset; parts?: Split; control?: Control; engine?: TrainingEngine; resume?: NonNullable<MemorySink['last']>; seed?: number; where?: string; warn?: (e: unknown) => void } = {}): Promise<Played> {
  const states: FeatureState[] = [];
  const losses: number[] = [];
  const events: LoopEvent[] = [];
  const source = { dataset: data, split: parts, device: 'cpu', folder: where, limit: 2 ** 30, report: (s: FeatureState | null) => { if (s) states.push(s); }, warn, stopped: () => control.command === STOP };
  const sink = new MemorySink();
  const result = await runTraining({ engine: features ? withFeatures(engine, source) : engine, sink, onStep: (_, r) => losses.push(r.loss) }, {
    run: 'r', network, config: TrainingConfigSchema.parse({ epochs: 2, batchSize: 16, learningRate: 0.01, keepBest: false, ...change }), dataset: data, split: parts, weights: initialWeights(network, seed),
    device: { id: 'cpu', reason: '' }, ...(resume ? { resume } : {}),
  }, control, (e) => events.push(e));
  return { states, losses, events, sink, result };
}
const near = (v: readonly number[]) => v.map((x) => expect.closeTo(x, 5) as number);

describe('training on features', () => {
  it('has the losses, curve and weights of the whole net, dropout included', async () => {
    const whole = await play(net, { features: false });
    const [first, again] = [await play(net), await play(net)];
    expect(first.losses).toEqual(near(whole.losses));
    expect(first.result.progress.bestAccuracy).toBe(whole.result.progress.bestAccuracy);
    expect(first.sink.points.map((p) => p.validationLoss ?? 0)).toEqual(near(whole.sink.points.map((p) => p.validationLoss ?? 0)));
    expect([...first.result.last.keys()].sort()).toEqual([...whole.result.last.keys()].sort());
    for (const [name, w] of whole.result.last) expect(Math.max(...w.data.map((v, i) => Math.abs(v - (first.result.last.get(name)?.data[i] ?? NaN))))).toBeLessThan(1e-5);
    // The second run finds them, and is the first one to the bit.
    expect([first.states.at(-1), again.states]).toMatchObject([{ samples: 90, found: 0, done: 90, computing: false }, [{ samples: 90, found: 90, done: 90, computing: false }]]);
    expect(again.losses).toEqual(first.losses);
    expect(first.states.slice(0, -1).every((s, i, all) => s.computing && s.done >= (all[i - 1]?.done ?? 0))).toBe(true);
  });

  it('computes once for any head on the same trunk, and only what it has not seen', async () => {
    await clearFeatures(folder);
    const half: Split = { train: split.train.slice(0, 32), validation: split.validation.slice(0, 8) };
    expect((await play(net, { parts: half })).states.at(-1)).toMatchObject({ found: 0, done: 40 });
    expect((await play(netWith('linear'))).states.at(-1)).toMatchObject({ found: 40, done: 90 });
    // Other pictures, and other weights of the trunk, have other features.
    const values = (dataset.values as Uint8Array).slice();
    values[0] = 255 - (values[0] as number);
    expect((await play(net, { data: { ...dataset, values } })).states.at(-1)).toMatchObject({ found: 89, done: 90 });
    expect(await featuresKept(folder)).toMatchObject({ files: 1 });
    await play(netWith('linear', headCuts(resnet).filter((c) => !c.proposed).at(-1)?.layer ?? null));
    expect(await featuresKept(folder)).toMatchObject({ files: 2 });
  });

  it('answers maps of every layer, as the whole net does', async () => {
    const source = { dataset, split, device: 'cpu', folder, limit: 2 ** 30, report: () => undefined, warn: () => undefined, stopped: () => false };
    const open = (engine: TrainingEngine) => engine.open(net, TrainingConfigSchema.parse({ batchSize: 16 }), initialWeights(net, 5), { element: 'uint8', offset: 0, scale: 1 / 255 });
    const [kept, whole] = [await open(withFeatures(createOnnxEngine('cpu'), source)), await open(createOnnxEngine('cpu'))];
    const layers = net.layers.map((l) => l.id);
    const [a, b] = [await kept.forward(batchOf(dataset, [3]), layers), await whole.forward(batchOf(dataset, [3]), layers)];
    expect(new Set(a.keys())).toEqual(new Set(b.keys()));
    for (const [layer, { data }] of b) expect([...(a.get(layer)?.data.slice(0, 50) ?? [])]).toEqual(near([...data.slice(0, 50)]));
    await kept.dispose();
    await whole.dispose();
  });

  it('goes on from a checkpoint to the same end, whatever weights it is opened with', async () => {
    const whole = await play(net, { change: { epochs: 2 } });
    const half = await play(net, { change: { epochs: 1 } });
    const rest = await play(net, { change: { epochs: 2 }, resume: half.sink.last as NonNullable<MemorySink['last']>, seed: 6 });
    expect([...half.losses, ...rest.losses]).toEqual(whole.losses);
  });

  it('follows the blocks that join, each time with a shorter trunk, and ends without', async () => {
    const change = { epochs: 4, learningRate: 0.001, unfreezing: { every: 1, blocks: 3, rate: 0.5 } };
    const whole = await play(net, { features: false, change });
    const kept = await play(net, { change });
    expect(kept.losses).toEqual(whole.losses.map((x) => expect.closeTo(x, 4) as number));
    const trunks = kept.states.filter((s) => !s.computing).map((s) => s.layer);
    expect([trunks.length, new Set(trunks).size]).toEqual([3, 3]);
    const half = await play(net, { change: { ...change, epochs: 2 } });
    const rest = await play(net, { change, resume: half.sink.last as NonNullable<MemorySink['last']> });
    expect([...half.losses, ...rest.losses]).toEqual(kept.losses);
  });

  it('is stopped while they are computed', async () => {
    await clearFeatures(folder);
    const control = new Control();
    const plain = createOnnxEngine('cpu');
    const engine: TrainingEngine = { open: async (...args) => { control.command = STOP; return plain.open(...args); } };
    const { result, states } = await play(net, { control, engine });
    expect([result.state, result.error, states.at(-1)?.computing, (await featuresKept(folder)).files]).toEqual(['stopped', null, true, 0]);
  });

  it('is what a timing steps on: the frozen layers are left out of it, and nothing is kept', async () => {
    await clearFeatures(folder);
    const parts: Split = { train: split.train.slice(0, 32), validation: split.validation };
    const timed = async (change: object) => {
      const [opened, losses]: [number[], number[]] = [[], []];
      const onnx = createOnnxEngine('cpu');
      const engine: TrainingEngine = {
        open: async (...given) => {
          opened.push(given[0].layers.length);
          const session = await onnx.open(...given);
          const step = session.step.bind(session);
          session.step = async (batch, rate) => {
            const result = await step(batch, rate);
            losses.push(result.loss);
            return result;
          };
          return session;
        },
      };
      const config = TrainingConfigSchema.parse({ batchSize: 16, learningRate: 0.01, ...change });
      const pace = await paceOfDevice(engine, { network: net, config, weights: initialWeights(net, 5), dataset, split: parts, seconds: 0.001, control: new PaceControl().words });
      return { features: pace?.features, opened, losses: losses.slice(0, 2) };
    };
    const whole = await timed({ featureCache: false });
    expect(whole).toMatchObject({ features: null, opened: [net.layers.length] });
    const { cut, trunk, head } = planFeatures(net, { layerRates: {}, keepStatistics: false }, 62) as SplitNetwork;
    expect(head.layers.length).toBeLessThan(trunk.layers.length);
    expect(await timed({})).toEqual({ features: cut.name, opened: [trunk.layers.length, head.layers.length], losses: near(whole.losses) });
    expect((await featuresKept(folder)).bytes).toBe(0);
  });

  it('is not done where nothing is frozen, where it would not pay, or where it is switched off', async () => {
    const plan = (network: Network, samples = 90, config = {}) => planFeatures(network, TrainingConfigSchema.parse(config), samples)?.cut.id ?? null;
    const first = net.layers.find((l) => l.macs > 0) as Network['layers'][number];
    expect(plan(net)).toBe(net.layers.findLast((l) => l.frozen)?.id);
    expect(plan(compile(resnet, {}).network)).toBe(null);
    // Only a dense layer's worth of sums for each of its numbers, or maps of a million pictures.
    expect(plan({ ...net, layers: net.layers.map((l) => ({ ...l, macs: 0 })), macs: 0 })).toBe(null);
    expect(plan({ ...net, layers: net.layers.map((l) => ({ ...l, frozen: l.id === first.id })) }, 1_000_000)).toBe(null);
    expect((await play(net, { change: { featureCache: false, epochs: 1 } })).states).toEqual([]);
  });
});

describe('features on disk', () => {
  const rows = (n: number, width = 4) => ({ width, rows: new Map(Array.from({ length: n }, (_, i) => [i.toString(16).padStart(32, '0'), i])), values: Float32Array.from({ length: n * width }, (_, i) => i / 7) });

  it('come back as they were written; another width or no file is nothing', async () => {
    await writeFeatures(folder, 'a', rows(5));
    expect(await readFeatures(folder, 'a', 4)).toEqual(rows(5));
    expect([await readFeatures(folder, 'a', 5), await readFeatures(folder, 'none', 4)]).toEqual([null, null]);
    expect((await readdir(folder)).filter((f) => f.endsWith('.tmp'))).toEqual([]);
  });

  it('that are damaged anywhere are not used', async () => {
    await writeFeatures(folder, 'a', rows(5));
    const whole = await readFile(join(folder, 'a.features'));
    for (const at of [0, 33, 37, 45, 97, 97 + 80, whole.length - 1]) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] as number) ^ 1;
      await writeFile(join(folder, 'a.features'), bytes);
      expect(await readFeatures(folder, 'a', 4)).toBe(null);
    }
    for (const length of [0, 10, 96, whole.length - 4]) {
      await writeFile(join(folder, 'a.features'), whole.subarray(0, length));
      expect(await readFeatures(folder, 'a', 4)).toBe(null);
    }
  });

  it('that cannot be written are a word of warning, not the end of a run', async () => {
    const where = join(folder, 'a file');
    await writeFile(where, '');
    const warnings: unknown[] = [];
    const { result, losses } = await play(net, { where, warn: (e) => warnings.push(e) });
    expect([result.state, losses]).toEqual(['finished', (await play(net)).losses]);
    expect(warnings).toMatchObject([{ diagnostic: { code: 'project.write' } }]);
  });

  it('are computed anew in place of damaged ones', async () => {
    const before = await play(net);
    for (const name of (await readdir(folder)).filter((f) => f.endsWith('.features'))) await writeFile(join(folder, name), 'nothing');
    const after = await play(net);
    expect([after.states.at(-1), after.losses]).toEqual([{ ...(before.states.at(-1) as FeatureState), found: 0 }, before.losses]);
  });

  it('leave room: what was used longest ago goes, what was written last stays', async () => {
    await clearFeatures(folder);
    for (const [name, age] of [['old', 300], ['older', 600], ['new', 10]] as const) {
      await writeFeatures(folder, name, rows(5), 1e9);
      const time = new Date(Date.now() - age * 1000);
      await utimes(join(folder, `${name}.features`), time, time);
    }
    // Used again: now it is the youngest.
    await readFeatures(folder, 'older', 4);
    const { bytes } = await featuresKept(folder);
    await writeFeatures(folder, 'last', rows(5), bytes);
    expect((await readdir(folder)).filter((f) => f.endsWith('.features')).sort()).toEqual(['last.features', 'new.features', 'older.features']);
    await writeFile(join(folder, 'last.features.1-1.tmp'), 'half');
    await clearFeatures(folder);
    expect([await featuresKept(folder), (await readdir(folder)).filter((f) => f.includes('.features'))]).toEqual([{ files: 0, bytes: 0 }, []]);
  });
});
