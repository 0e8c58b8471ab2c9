/** Random nets of the layer table: each compiles, runs, has the gradient that differences of its loss have, and keeps it when others are frozen. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { lowerForward } from '../../../shared/compile/lower.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { elementCount, type Shape } from '../../../shared/shapes/shape.ts';
import { createRandom, deriveSeed } from '../../../shared/util/random.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { legalise } from '../autodiff/legalise.ts';
import type { Rule } from '../autodiff/rule.ts';
import { rules } from '../autodiff/rules/table.ts';
import { buildStepGraph } from '../autodiff/step-graph.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { cpuBlock } from '../runtime/blocks.ts';
import type { Weights } from './engine.ts';
import { noiseOf } from './noise.ts';
import { CLASSES, documentOf, drawPlan, inner, movedWeights, networkOf, type Plan, type Planned } from './random-nets.harness.ts';

const BATCH = 4;
/** One for each layer, which is wished for in it; more to look further. */
const NETS = Number(process.env.NETLOOM_TEST_NETS ?? inner.length);
const FIRST = Number(process.env.NETLOOM_TEST_SEED ?? 1);
const seeds = Array.from({ length: NETS }, (_, i) => FIRST + i);
const planOf = (seed: number): Plan => drawPlan(seed, 2 + (seed % 6), inner[seed % inner.length] as (typeof inner)[number]);
/** A rate at which the weight itself is lost in the step, so that the step is the gradient. */
const RATE = 2 ** 20;

interface Trainer { readonly loss: () => Promise<number>; readonly gradients: () => Promise<Map<string, Float32Array>>; readonly dispose: () => Promise<void> }

/** The net's step as one session; `weights` may be changed between runs. */
async function trainer(network: Network, weights: Weights, seed: number, layerRates: Readonly<Record<string, number>> = {}): Promise<Trainer> {
  const forward = lowerForward(network, { batch: BATCH, training: true });
  const { loss, ...config } = TrainingConfigSchema.parse({ optimizer: { kind: 'sgd' }, layerRates });
  const step = buildStepGraph({ ...forward, graph: legalise(forward.graph, 'cpu') }, { ...config, accumulation: null, loss: loss as { kind: 'cross-entropy'; labelSmoothing: number; classWeights: null }, device: 'cpu', block: seed % 2 === 0 ? await cpuBlock() : null, input: { element: 'float32', offset: 0, scale: 1 } });
  expect(step.missing).toEqual([]);
  const session = await ort.InferenceSession.create(encodeModel(step.graph), { logSeverityLevel: 3 });
  const random = createRandom(deriveSeed(seed, 'data'));
  const shape = [BATCH, ...(network.layers[0]?.shape ?? [])];
  const given: Record<string, ort.Tensor> = {
    data: new ort.Tensor('float32', Float32Array.from({ length: elementCount(shape) }, () => random.normal()), shape),
    labels: new ort.Tensor('int32', Int32Array.from({ length: BATCH }, () => random.below(CLASSES)), [BATCH]),
    learning_rate: new ort.Tensor('float32', Float32Array.of(RATE), []), step: new ort.Tensor('float32', Float32Array.of(1), []), noise: new ort.Tensor('float32', noiseOf(seed, 1), [4]),
  };
  const feeds = () => Object.fromEntries(step.graph.inputs.map(({ name, type }) => [name, given[name] ?? new ort.Tensor('float32', weights.get(name)?.data as Float32Array, [...type.shape])]));
  return {
    loss: async () => ((await session.run(feeds(), ['loss'])).loss?.data as Float32Array)[0] as number,
    gradients: async () => {
      const outputs = await session.run(feeds());
      const trained = forward.weights.filter((w) => w.trainable && step.renewed.includes(w.name));
      return new Map(trained.map((w) => [w.name, (outputs[`new:${w.name}`]?.data as Float32Array).map((v, i) => ((weights.get(w.name)?.data[i] as number) - v) / RATE)]));
    },
    dispose: () => session.release(),
  };
}

/** Each weight's gradient along a random direction and at two random places, against differences of the loss; names of those that differ. */
async function wrongGradients(plan: Plan, seed: number): Promise<string[]> {
  const network = networkOf(plan);
  const weights = movedWeights(network, seed);
  const { loss, gradients, dispose } = await trainer(network, weights, seed);
  const analytic = await gradients();
  const random = createRandom(deriveSeed(seed, 'directions'));
  const wrong: string[] = [];
  const base = await loss();
  if (!Number.isFinite(base)) wrong.push(`loss ${base}`);
  for (const [name, g] of analytic) {
    const data = weights.get(name)?.data as Float32Array;
    const start = data.slice();
    const directions = [start.map(() => (random.next() < 0.5 ? -1 : 1)), ...[0, 1].map(() => { const at = random.below(start.length); return start.map((_, i) => (i === at ? 1 : 0)); })];
    const largest = g.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    for (const [k, direction] of directions.entries()) {
      const along = (gradient: Float32Array): number => gradient.reduce((s, v, i) => s + v * (direction[i] as number), 0);
      const scale = k === 0 ? Math.sqrt(g.reduce((s, v) => s + v * v, 0)) : largest;
      const seen: string[] = [];
      const move = (by: number) => start.forEach((v, i) => { data[i] = v + by * (direction[i] as number); });
      // By the mean value theorem a difference is some gradient within the step: beside a kink it lies between those of both sides.
      const agrees = async (step: number): Promise<boolean> => {
        const ends: { loss: number; slope: number }[] = [];
        for (const by of [-step, step]) {
          move(by);
          ends.push({ loss: await loss(), slope: along((await gradients()).get(name) as Float32Array) });
        }
        const [low, high] = ends as [(typeof ends)[number], (typeof ends)[number]];
        const numeric = (high.loss - low.loss) / (2 * step);
        const slopes = [low.slope, along(g), high.slope];
        const slack = 0.02 * scale + (3e-7 * Math.max(1, base)) / step;
        seen.push(`${numeric} by ${step}, slopes ${slopes.join(', ')}`);
        return numeric >= Math.min(...slopes) - slack && numeric <= Math.max(...slopes) + slack;
      };
      if (!(await agrees(1e-2)) && !(await agrees(2e-3)) && !(await agrees(5e-4))) wrong.push(`${name} ${k === 0 ? 'along a direction' : `at ${direction.indexOf(1)}`}: ${seen.join(' or ')}`);
      data.set(start);
    }
  }
  await dispose();
  return wrong;
}

/** The first layers of a failing net that already fail, written out. */
async function shortest(plan: Plan, seed: number): Promise<string> {
  for (let size = 2; size <= plan.length; size++) {
    const part = plan.slice(0, size);
    const wrong = await wrongGradients(part, seed).catch((e: unknown) => [String(e)]);
    if (wrong.length > 0) return `seed ${seed}: ${wrong.join('; ')}\n${part.map((p, i) => `${i}: ${p.type} of ${p.from.join(', ')} ${JSON.stringify(p.params)} -> ${p.shape.join('×')}`).join('\n')}\n${JSON.stringify(documentOf(part))}`;
  }
  return `seed ${seed} fails only once`;
}

describe('random nets', () => {
  it.each(seeds)('%i: the gradient is the one of differences', async (seed) => {
    const plan = planOf(seed);
    const wrong = await wrongGradients(plan, seed).catch((e: unknown) => [String(e)]);
    if (wrong.length > 0) expect.fail(await shortest(plan, seed));
  });

  it.each(seeds)('%i: freezing some leaves the gradients of the rest as they are, to the bit', async (seed) => {
    const plan = planOf(seed);
    const network = networkOf(plan);
    const weights = movedWeights(network, seed);
    const random = createRandom(deriveSeed(seed, 'frozen'));
    // A frozen layer with statistics uses them instead of the batch's: another net by design.
    const own = network.layers.filter((l) => l.weights.length > 0 && l.weights.every((w) => w.role === 'trained')).map((l) => l.id);
    const frozen = new Set(own.filter(() => random.next() < 0.5));
    const rated = network.layers.filter((l) => l.weights.length > 0 && random.next() < 0.5).map((l) => l.id);
    const gradientsOf = async (n: Network, rates?: Readonly<Record<string, number>>) => {
      const { gradients, dispose } = await trainer(n, weights, seed, rates);
      const answer = await gradients();
      await dispose();
      return answer;
    };
    const all = await gradientsOf(network);
    const thawed = await gradientsOf(networkOf(plan, frozen));
    for (const some of [thawed, await gradientsOf(network, Object.fromEntries(rated.map((id) => [id, 0])))]) {
      expect(new Map([...all].filter(([name]) => some.has(name))), `seed ${seed}: ${JSON.stringify(documentOf(plan, frozen))}`).toEqual(some);
    }
    const left = [...all.keys()].filter((name) => ![...frozen].some((id) => name.startsWith(`${id}.`)));
    expect([...thawed.keys()]).toEqual(left);
  });

  it('have every layer among them', () => {
    const seen = new Set(inner.flatMap((_, seed) => planOf(seed + 1).map((p) => p.type)));
    expect(inner.filter((t) => !seen.has(t))).toEqual([]);
  });

  it('show a rule that is wrong by a tenth', async () => {
    const table = rules as Record<string, Rule>;
    const right = table.Relu as Rule;
    const plan: Plan = [...drawPlan(1, 0, 'conv2d'), { type: 'relu', params: {}, from: [1], shape: drawPlan(1, 0, 'conv2d')[1]?.shape ?? [] }];
    expect(await wrongGradients(plan, 1)).toEqual([]);
    table.Relu = (c) => right(c).map((dx) => dx && c.b.mul(dx, c.b.scalar(1.1)));
    try {
      expect((await wrongGradients(plan, 1)).length).toBeGreaterThan(0);
    } finally {
      table.Relu = right;
    }
  });
});

describe('what random nets once found', () => {
  const input = (kind: string, shape: Shape): Planned => ({ type: 'input', params: { kind, channels: shape[0], length: shape[1] ?? 1, depth: shape[1] ?? 1, height: shape.at(-2) ?? 1, width: shape.at(-1) ?? 1 }, from: [], shape });
  const lrn = { type: 'lrn', params: { size: 3, alpha: 0.5 } } as const;
  it.each([
    ['LRN of a sequence', [input('sequence', [4, 7]), { type: 'prelu', params: {}, from: [0], shape: [4, 7] }, { ...lrn, from: [1], shape: [4, 7] }]],
    ['LRN of a volume', [input('volume', [4, 2, 3, 3]), { type: 'prelu', params: {}, from: [0], shape: [4, 2, 3, 3] }, { ...lrn, from: [1], shape: [4, 2, 3, 3] }]],
  ] as [string, Plan][])('%s runs and has its gradient', async (_name, plan) => {
    expect(await wrongGradients(plan, 3)).toEqual([]);
  });

  it.each(['max-pool', 'average-pool', 'sum-pool'] as const)('%s says that a window must reach beyond its padding', (type) => {
    const plan: Plan = [input('image', [2, 6, 6]), { type, params: { kernel: [3, 1], stride: [1, 1], padding: 'explicit', edges: [1, 0, 0, 1] }, from: [0], shape: [2, 5, 7] }];
    expect(() => networkOf(plan)).toThrow(/edges smaller than the window of 3×1/);
  });
});
