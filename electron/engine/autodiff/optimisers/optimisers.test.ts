/** Every optimiser over several steps against its paper's formula in plain numbers. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../../../shared/onnx/builder.ts';
import { encodeModel } from '../../onnx-io/model.ts';
import { updates, type UpdateOptions } from '../parameters.ts';
import type { OptimizerSpec } from './optimisers.ts';

const START = [0.5, -1.2, 2, 0.03, -0.4];
const RATE = 0.1;
const STEPS = 7;
const gradientAt = (t: number): number[] => START.map((_, i) => Math.sin(3 * t + i) * (i === 3 ? 0.01 : 1) + (i === 4 ? 2 : 0));

/** One number's way, from the formula: state s is whatever the formula keeps. */
type Plain = (p: number, g: number, s: Record<string, number>, t: number) => number;
const plain: Record<string, { spec: OptimizerSpec; formula: Plain; decoupled: boolean }> = {
  'SGD': { spec: { kind: 'sgd', momentum: 0, nesterov: false }, decoupled: true, formula: (p, g) => p - RATE * g },
  'momentum (Polyak 1964)': { spec: { kind: 'sgd', momentum: 0.9, nesterov: false }, decoupled: true, formula: (p, g, s) => p - RATE * (s.v = 0.9 * (s.v ?? 0) + g) },
  'Nesterov (Sutskever et al. 2013, as in torch)': {
    spec: { kind: 'sgd', momentum: 0.9, nesterov: true }, decoupled: true,
    formula: (p, g, s) => {
      s.v = 0.9 * (s.v ?? 0) + g;
      return p - RATE * (g + 0.9 * s.v);
    },
  },
  'RMSProp': { spec: { kind: 'rmsprop', rho: 0.9, momentum: 0, epsilon: 1e-8, centered: false }, decoupled: false, formula: (p, g, s) => p - (RATE * g) / (Math.sqrt(s.s = 0.9 * (s.s ?? 0) + 0.1 * g * g) + 1e-8) },
  'RMSProp, centred, with momentum (Graves 2013)': {
    spec: { kind: 'rmsprop', rho: 0.9, momentum: 0.5, epsilon: 1e-4, centered: true }, decoupled: false,
    formula: (p, g, s) => {
      s.s = 0.9 * (s.s ?? 0) + 0.1 * g * g;
      s.m = 0.9 * (s.m ?? 0) + 0.1 * g;
      s.v = 0.5 * (s.v ?? 0) + g / (Math.sqrt(s.s - s.m * s.m) + 1e-4);
      return p - RATE * s.v;
    },
  },
  'Adagrad (Duchi et al. 2011)': { spec: { kind: 'adagrad', epsilon: 1e-10 }, decoupled: false, formula: (p, g, s) => p - (RATE * g) / (Math.sqrt(s.s = (s.s ?? 0) + g * g) + 1e-10) },
  ...Object.fromEntries((['adam', 'adamw'] as const).map((kind) => [`${kind} (Kingma and Ba 2015, algorithm 1)`, {
    spec: { kind, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, decoupled: kind === 'adamw',
    formula: (p: number, g: number, s: Record<string, number>, t: number) => {
      s.m = 0.9 * (s.m ?? 0) + 0.1 * g;
      s.v = 0.999 * (s.v ?? 0) + 0.001 * g * g;
      return p - (RATE * (s.m / (1 - 0.9 ** t))) / (Math.sqrt(s.v / (1 - 0.999 ** t)) + 1e-8);
    },
  }])),
  'Lion (Chen et al. 2023, algorithm 2)': {
    spec: { kind: 'lion', beta1: 0.9, beta2: 0.99 }, decoupled: true,
    formula: (p, g, s) => {
      const direction = Math.sign(0.9 * (s.m ?? 0) + 0.1 * g);
      s.m = 0.99 * (s.m ?? 0) + 0.01 * g;
      return p - RATE * direction;
    },
  },
};

interface Part { readonly name: string; readonly from: number; readonly to: number; readonly decays: boolean; readonly layer?: string; readonly matrix?: boolean }

/** The parameters after STEPS steps, each part of START a weight of its own; and the running means. */
async function run(options: UpdateOptions, parts: readonly Part[]): Promise<{ weights: number[]; means: number[] }> {
  const b = new GraphBuilder();
  const learningRate = b.input('learning_rate', { element: 'float32', shape: [] });
  const step = b.input('step', { element: 'float32', shape: [] });
  const trained = parts.map((p) => {
    const shape = p.matrix ? [1, p.to - p.from] : [p.to - p.from];
    b.input(p.name, { element: 'float32', shape });
    return { weight: { name: p.name, layer: p.layer ?? p.name, shape, trainable: true, decays: p.decays }, gradient: b.input(`gradient:${p.name}`, { element: 'float32', shape }) };
  });
  const { renewed, state } = updates(b, trained, options, { learningRate, step });
  for (const { name, value } of renewed) b.output(`new:${name}`, value);
  const session = await ort.InferenceSession.create(encodeModel(b.build('update')), { logSeverityLevel: 3 });
  const of = (data: readonly number[], dims: readonly number[]) => new ort.Tensor('float32', Float32Array.from(data), [...dims]);
  const held = new Map<string, ort.Tensor>(state.map((s) => [s.name, of(new Array<number>(s.shape.reduce((a, d) => a * d, 1)).fill(0), s.shape)]));
  trained.forEach(({ weight }, i) => held.set(weight.name, of(START.slice(parts[i]?.from, parts[i]?.to), weight.shape)));
  for (let t = 1; t <= STEPS; t++) {
    const gradients = Object.fromEntries(trained.map(({ weight }, i) => [`gradient:${weight.name}`, of(gradientAt(t).slice(parts[i]?.from, parts[i]?.to), weight.shape)]));
    const out = await session.run({ ...Object.fromEntries(held), ...gradients, learning_rate: of([RATE], []), step: of([t], []) });
    for (const { name } of renewed) held.set(name, out[`new:${name}`] as ort.Tensor);
  }
  await session.release();
  const read = (name: string): number[] => [...((held.get(name)?.data ?? []) as Float32Array)];
  return { weights: parts.flatMap((p) => read(p.name)), means: parts.flatMap((p) => read(`state:ema:${p.name}`)) };
}

function expected({ formula, decoupled }: (typeof plain)[string], decay: number): number[] {
  return START.map((p0, i) => {
    const s: Record<string, number> = {};
    let p = p0;
    for (let t = 1; t <= STEPS; t++) {
      const g = gradientAt(t)[i] as number;
      p = decoupled ? formula(p * (1 - RATE * decay), g, s, t) : formula(p, g + decay * p, s, t);
    }
    return p;
  });
}

const whole: readonly Part[] = [{ name: 'w', from: 0, to: 5, decays: true, matrix: true }];
const bits: readonly Part[] = [{ name: 'a', from: 0, to: 2, decays: true }, { name: 'b', from: 2, to: 3, decays: true }, { name: 'c', from: 3, to: 5, decays: true }];
const near = (values: readonly number[]) => values.map((v) => expect.closeTo(v, 4) as number);

describe.each(Object.entries(plain))('%s', (_, row) => {
  it.each([0, 0.05])('with weight decay %s', async (weightDecay) => {
    const options: UpdateOptions = { optimizer: row.spec, weightDecay, device: 'cpu' };
    const want = expected(row, weightDecay);
    expect((await run(options, whole)).weights).toEqual(near(want));
    expect((await run({ ...options, device: 'webgpu' }, whole)).weights).toEqual(near(want));
    // Vectors go through the update as one.
    expect((await run(options, bits)).weights).toEqual(near(want));
  });
});

/** Printed by torch.optim (PyTorch 2) for the same start, gradients and rate; weight decay 0 with SGD, 0.05 with the rest. */
const torch: readonly (readonly [row: string, decay: number, values: readonly number[]])[] = [
  ['SGD', 0, [0.4526794, -1.1629453, 2.0873621, 0.0305735, -1.8253905]],
  ['momentum (Polyak 1964)', 0, [0.4558547, -0.984294, 2.2772386, 0.0308388, -5.1959424]],
  ['Nesterov (Sutskever et al. 2013, as in torch)', 0, [0.4129486, -0.9688098, 2.3368766, 0.0313284, -6.1417384]],
  ['RMSProp', 0.05, [0.2110345, -0.9328525, 2.149386, 0.0729562, -1.6383829]],
  ['RMSProp, centred, with momentum (Graves 2013)', 0.05, [0.0324346, -0.6702601, 2.2680547, 0.0748226, -2.9775035]],
  ['Adagrad (Duchi et al. 2011)', 0.05, [0.4067805, -1.1132547, 2.0475104, 0.0342458, -0.7676271]],
  ['adam (Kingma and Ba 2015, algorithm 1)', 0.05, [0.3705274, -0.9775807, 2.0865417, -0.05911, -1.0785847]],
  ['adamw (Kingma and Ba 2015, algorithm 1)', 0.05, [0.389296, -0.9941794, 2.0767179, 0.1416829, -1.0555343]],
];

it.each(torch)('%s is PyTorch’s', async (row, weightDecay, values) => {
  const { spec } = plain[row] as (typeof plain)[string];
  expect((await run({ optimizer: spec, weightDecay, device: 'cpu' }, whole)).weights).toEqual(near(values));
});

describe('updates', () => {
  const sgd: UpdateOptions = { optimizer: { kind: 'sgd', momentum: 0, nesterov: false }, weightDecay: 0, device: 'cpu' };
  const total = START.map((_, i) => Array.from({ length: STEPS }, (__, t) => gradientAt(t + 1)[i] as number).reduce((a, g) => a + g, 0));

  it('multiply the rate by layer', async () => {
    const parts = bits.map((p) => ({ ...p, layer: p.name === 'b' ? 'slow' : 'fast' }));
    const { weights } = await run({ ...sgd, layerRates: { slow: 0.1 } }, parts);
    expect(weights).toEqual(near(START.map((p, i) => p - RATE * (i === 2 ? 0.1 : 1) * (total[i] as number))));
  });

  it('let only those decay that do', async () => {
    const parts = bits.map((p) => ({ ...p, decays: p.name === 'b' }));
    const { weights } = await run({ ...sgd, weightDecay: 0.5 }, parts);
    const decayed = expected(plain.SGD as (typeof plain)[string], 0.5);
    expect(weights).toEqual(near(START.map((p, i) => (i === 2 ? (decayed[i] as number) : p - RATE * (total[i] as number)))));
  });

  it.each([['as vectors', bits], ['alone', whole]])('keep a running mean that starts as a copy (%s)', async (_, parts) => {
    const { means } = await run({ ...sgd, ema: { decay: 0.15 } }, parts);
    const want = START.map((p0, i) => {
      let [p, mean] = [p0, 0];
      for (let t = 1; t <= STEPS; t++) {
        p -= RATE * (gradientAt(t)[i] as number);
        const d = Math.min(0.15, (t - 1) / (t + 8));
        mean = d * mean + (1 - d) * p;
      }
      return mean;
    });
    expect(means).toEqual(near(want));
  });
});
