/** What the settings do to a step, seen from outside the engine: on weights, losses and norms. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { Sketch } from '../../../shared/templates/build.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { judgedWeights } from './averages.ts';
import { balancedWeights } from './class-weights.ts';
import type { Batch, TrainingSession, Weights } from './engine.ts';
import { blame } from './guard.ts';
import { createOnnxEngine } from './onnx-engine.ts';

const input = { kind: 'image', height: 4, width: 4, channels: 1 } as const;
function small(): Network {
  const s = new Sketch();
  s.chain(null, [['input', input], ['conv2d', { filters: 2, kernel: [3, 3], padding: 'same' }], ['tanh', {}], ['flatten', {}], ['dense', { units: 3 }], ['output', {}]]);
  return compile(s.document('small', 'test'), { classes: 3, sampleShape: [1, 4, 4] }).network;
}
const network = small();
const [conv, dense] = network.layers.filter((l) => l.weights.length > 0).map((l) => l.id) as [string, string];
const first = initialWeights(network, 3);

function batchOf(size: number, seed = 1): Batch {
  const random = createRandom(seed);
  return { inputs: Float32Array.from({ length: size * 16 }, () => random.normal()), targets: Int32Array.from({ length: size }, (_, i) => (i * 7) % 3), size };
}
const rowsOf = (b: Batch, from: number, to: number): Batch => ({ inputs: b.inputs.slice(from * 16, to * 16), targets: b.targets.slice(from, to), size: to - from });

function open(change: object, weights: Weights = first): Promise<TrainingSession> {
  const config = TrainingConfigSchema.parse({ batchSize: 8, optimizer: { kind: 'sgd' }, ...change });
  return createOnnxEngine('cpu').open(network, config, weights, { element: 'float32', offset: 0, scale: 1 });
}
const weightsOf = async (session: TrainingSession): Promise<Weights> => (await session.snapshot()).weights;
const numbers = (w: Weights, of: (name: string) => boolean = () => true): number[] => [...w].flatMap(([n, t]) => (of(n) ? [...t.data] : []));
const near = (values: readonly number[], digits = 5) => values.map((v) => expect.closeTo(v, digits) as number);
const norm = (v: readonly number[]): number => Math.hypot(...v);

/** The gradient, from one plain SGD step of rate 1. */
async function gradient(batch: Batch, change: object = {}): Promise<{ of: (layer?: string) => number[]; weights: Weights }> {
  const session = await open({ batchSize: batch.size, ...change });
  await session.step(batch, 1);
  const weights = await weightsOf(session);
  await session.dispose();
  return { weights, of: (layer) => numbers(first, (n) => layer === undefined || n.startsWith(`${layer}.`)).map((v, i) => v - (numbers(weights, (n) => layer === undefined || n.startsWith(`${layer}.`))[i] as number)) };
}

describe('a step', () => {
  it('tells the norm of the gradient, whole and by layer', async () => {
    const batch = batchOf(8);
    const g = await gradient(batch);
    const session = await open({});
    const { gradientNorm, layerNorms } = await session.step(batch, 0.1);
    expect(gradientNorm).toBeCloseTo(norm(g.of()), 4);
    expect(layerNorms?.layers).toEqual([conv, dense]);
    expect([...(layerNorms?.norms ?? [])]).toEqual(near([norm(g.of(conv)), norm(g.of(dense))], 4));
    await session.dispose();
  });

  it('clips the norm of the whole gradient, and lets a small one be', async () => {
    const g = (await gradient(batchOf(8))).of();
    const cut = (await gradient(batchOf(8), { clip: { kind: 'norm', limit: norm(g) / 4 } })).of();
    expect(cut).toEqual(near(g.map((v) => v / 4)));
    expect((await gradient(batchOf(8), { clip: { kind: 'norm', limit: norm(g) * 4 } })).of()).toEqual(near(g));
  });

  it('clips every number', async () => {
    const g = (await gradient(batchOf(8))).of();
    const limit = Math.max(...g.map(Math.abs)) / 3;
    expect((await gradient(batchOf(8), { clip: { kind: 'value', limit } })).of()).toEqual(near(g.map((v) => Math.max(-limit, Math.min(limit, v)))));
  });

  it('of four gathered batches is the step of one four times as large', async () => {
    const [batch, next] = [batchOf(32), batchOf(32, 2)];
    const settings = { optimizer: { kind: 'adam' }, ema: { decay: 0.5 }, clip: { kind: 'norm', limit: 0.1 } };
    const large = await open({ ...settings, batchSize: 32 });
    const pieces = await open({ ...settings, batchSize: 8, accumulation: 4 });
    for (const whole of [batch, next]) {
      await large.step(whole, 0.01);
      for (let i = 0; i < 4; i++) {
        const before = numbers(await weightsOf(pieces));
        await pieces.step(rowsOf(whole, 8 * i, 8 * i + 8), 0.01);
        if (i < 3) expect(numbers(await weightsOf(pieces))).toEqual(before);
      }
    }
    const [a, b] = [await large.snapshot(), await pieces.snapshot()];
    expect(numbers(b.weights)).toEqual(near(numbers(a.weights), 4));
    expect(numbers(judgedWeights(b, { ema: { decay: 0.5 }, accumulation: 4 }))).toEqual(near(numbers(judgedWeights(a, { ema: { decay: 0.5 }, accumulation: 1 })), 4));
    await large.dispose();
    await pieces.dispose();
  });

  it('moves layers by their own rates, and one of rate 0 not at all', async () => {
    const g = await gradient(batchOf(8));
    const slow = await gradient(batchOf(8), { layerRates: { [conv]: 0.25 } });
    expect(slow.of(conv)).toEqual(near(g.of(conv).map((v) => v / 4)));
    expect(slow.of(dense)).toEqual(near(g.of(dense)));
    const still = await gradient(batchOf(8), { layerRates: { [conv]: 0 } });
    expect(still.of(conv).every((v) => v === 0)).toBe(true);
    expect(still.of(dense)).toEqual(near(g.of(dense)));
  });

  it('is judged by the mean weights where they are kept', async () => {
    const settings = { ema: { decay: 0.9 }, optimizer: { kind: 'sgd', momentum: 0.9 } };
    const session = await open(settings);
    for (let i = 0; i < 6; i++) await session.step(batchOf(8, i), 0.3);
    const snapshot = await session.snapshot();
    const means = judgedWeights(snapshot, { ema: { decay: 0.9 }, accumulation: 1 });
    expect(numbers(means)).not.toEqual(near(numbers(snapshot.weights), 3));
    const plain = await open({}, means);
    const [a, b] = [await session.evaluate(batchOf(8, 9)), await plain.evaluate(batchOf(8, 9))];
    expect(a.lossSum).toBeCloseTo(b.lossSum, 5);
    await session.dispose();
    await plain.dispose();
  });

  it('begins its mean with the weights it begins with', async () => {
    const session = await open({ ema: { decay: 0.9 } });
    const { state } = await session.snapshot();
    expect(state.get(`state:ema:${conv}.kernel`)?.data).toEqual(first.get(`${conv}.kernel`)?.data);
    await session.dispose();
  });

  it('weighs classes in training and in evaluation alike', async () => {
    const batch = batchOf(8);
    const loss = { kind: 'cross-entropy', classWeights: [1, 5, 0.2] };
    const session = await open({ loss });
    const { lossSum, weightSum } = await session.evaluate(batch);
    expect(weightSum).toBeCloseTo([...batch.targets].reduce((a, t) => a + (loss.classWeights[t] as number), 0), 5);
    expect((await session.step(batch, 0.1)).loss).toBeCloseTo(lossSum / (weightSum as number), 5);
    await session.dispose();
  });
});

it('balanced weights give every class the same say', () => {
  const labels = [0, 0, 0, 1, 2, 2, 3];
  const weights = balancedWeights(labels, [0, 1, 2, 3, 4, 5], 4);
  expect(weights).toEqual([6 / 12, 6 / 4, 6 / 8, 0]);
});

it('learns a class for each place of a picture', async () => {
  const s = new Sketch();
  s.chain(null, [['input', input], ['conv2d', { filters: 3, kernel: [1, 1] }], ['output', {}]]);
  const pictures = compile(s.document('pixels', 'test')).network;
  const kernel = pictures.layers.flatMap((l) => l.weights);
  const zeros: Weights = new Map(kernel.map((w) => [w.fullName, { shape: w.shape, data: new Float32Array(w.shape.reduce((a, d) => a * d, 1)) }]));
  const config = TrainingConfigSchema.parse({ batchSize: 2, optimizer: { kind: 'sgd' }, loss: { kind: 'cross-entropy' } });
  const session = await createOnnxEngine('cpu').open(pictures, config, zeros, { element: 'float32', offset: 0, scale: 1 });
  const inputs = batchOf(2).inputs as Float32Array;
  // The class follows from the pixel: dark or bright.
  const batch: Batch = { inputs, targets: Int32Array.from(inputs, (v) => (v > 0 ? 2 : 0)), size: 2 };
  expect((await session.step(batch, 1)).loss).toBeCloseTo(Math.log(3), 5);
  for (let i = 0; i < 60; i++) await session.step(batch, 1);
  const { lossSum, correct } = await session.evaluate(batch);
  expect(lossSum / 2).toBeLessThan(0.3);
  expect(correct / 2).toBeGreaterThan(0.9);
  await session.dispose();
});

it('names the layer whose gradient overflows while all outputs are finite', async () => {
  const s = new Sketch();
  s.chain(null, [['input', input], ['flatten', {}], ['dense', { units: 4 }], ['dense', { units: 4 }], ['dense', { units: 3 }], ['output', {}]]);
  const net = compile(s.document('steep', 'test'), { classes: 3, sampleShape: [1, 4, 4] }).network;
  const layers = net.layers.filter((l) => l.weights.length > 0);
  const weights = initialWeights(net, 1);
  // Outputs of about 1e17 and then 1: their squares are finite. The middle layer's gradient is 1e17 · 1e3 and its square is not.
  const scale = (i: number, by: number) => {
    const name = layers[i]?.weights[0]?.fullName as string;
    const w = weights.get(name);
    if (w) weights.set(name, { shape: w.shape, data: w.data.map((v) => v * by) });
  };
  scale(0, 1e17);
  scale(1, 1e-20);
  scale(2, 1e3);
  const config = TrainingConfigSchema.parse({ batchSize: 8, optimizer: { kind: 'sgd' } });
  const session = await createOnnxEngine('cpu').open(net, config, weights, { element: 'float32', offset: 0, scale: 1 });
  const batch = batchOf(8);
  const { loss, gradientNorm, layerNorms } = await session.step(batch, 0.1);
  expect(Number.isFinite(loss)).toBe(true);
  expect(gradientNorm).toBe(Infinity);
  expect(await blame(session, net, batch, 1, layerNorms)).toMatchObject({ code: 'training.not-finite', place: { node: layers[1]?.id }, args: { what: 'gradients' } });
  await session.dispose();
});
