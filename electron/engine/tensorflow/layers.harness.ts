/** Test harness: the same small net on both engines, with the same weights and batches. */
import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-node';
import { expect } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { lowerForward } from '../../../shared/compile/lower.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { render } from '../../../shared/diagnostics/diagnostic.ts';
import type { LayerType } from '../../../shared/layers/table.ts';
import { elementCount, type Shape } from '../../../shared/shapes/shape.ts';
import { Sketch } from '../../../shared/templates/build.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { encodeModel } from '../onnx-io/model.ts';
import type { TrainingEngine, Weights } from '../training/engine.ts';
import { noiseOf } from '../training/noise.ts';
import { createOnnxEngine } from '../training/onnx-engine.ts';
import { createTensorflowEngine } from './engine.ts';
import { channelsFirst } from './laid.ts';
import { runGraph } from './run-graph.ts';

await tf.setBackend('cpu');

export const BATCH = 3;
const CLASSES = 3;
const PROBE = 'probe-1';
const RATE = 0.1;

export interface How {
  readonly config?: Readonly<Record<string, unknown>>;
  /** Few different numbers, all exact: many are zero, or equal to their neighbours. One step, since what follows is rounded. */
  readonly even?: boolean;
}

export interface Case extends How {
  readonly type: LayerType;
  readonly params?: Readonly<Record<string, unknown>>;
  /** Channels first; a picture of 3 × 6 × 5 unless told. */
  readonly input?: Shape;
  /** Whatever stands around the layer; answers what leads on. Alone behind what feeds it unless told. */
  readonly draw?: (s: Sketch, x: string, probe: (...inputs: string[]) => string) => string;
  readonly frozen?: boolean;
}

/** What trains before the layer, so that its gradient by its input is seen: by the axes of a sample. */
const before: readonly (readonly [LayerType, Record<string, unknown>])[] = [['dense', { units: 4 }], ['conv1d', { filters: 4, kernel: 1 }], ['conv2d', { filters: 4, kernel: [1, 1] }], ['conv3d', { filters: 4, depth: 1, kernel: [1, 1] }]];

/** Input, a layer that trains, the layer that is looked at (PROBE), classes. */
export function netOf({ type, params = {}, input = [3, 6, 5], draw, frozen = false }: Case): Network {
  const s = new Sketch();
  const [channels, ...rest] = input as [number, ...number[]];
  const start = s.add('input', { kind: ['vector', 'sequence', 'image', 'volume'][rest.length], channels, length: rest[0] ?? 1, depth: rest[0] ?? 1, height: rest.at(-2) ?? 1, width: rest.at(-1) ?? 1 }, []);
  const [kind, given] = before[rest.length] as (typeof before)[number];
  const x = s.add(kind, { ...given, activation: 'none' }, [start]);
  const probe = (...inputs: string[]) => s.add(type, params, inputs, 'probe');
  const out = draw ? draw(s, x, probe) : probe(x);
  const shape = compile(s.document('probe', 'test')).network.layers.find((l) => l.id === out)?.shape ?? [];
  s.add('output', {}, [s.add('dense', { units: CLASSES, activation: 'none' }, [shape.length === 1 ? out : s.add('flatten', {}, [out])])]);
  const { network, problems, ready } = compile(s.document('probe', 'test'));
  expect(ready, problems.map((p) => render(p.diagnostic).sentence).join('\n')).toBe(true);
  return frozen ? { ...network, layers: network.layers.map((l) => (l.id === PROBE ? { ...l, frozen } : l)) } : network;
}

interface Seen { readonly losses: readonly number[]; readonly norms: readonly number[]; readonly moved: Weights; readonly outputs: Float32Array; readonly taps: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }> }

/** Weights that no initialiser left at one number, so that every part of a layer has a say. */
export function someWeights(network: Network, seed: number): Weights {
  const random = createRandom(seed);
  const roles = new Map(network.layers.flatMap((l) => l.weights.map((w) => [w.fullName, w] as const)));
  return new Map([...initialWeights(network, seed)].map(([name, { shape, data }]) => {
    const variance = roles.get(name)?.role === 'statistic' && name.endsWith('variance');
    return [name, { shape, data: data.map((v) => (variance ? 0.5 + random.next() : v + 0.2 * random.normal())) }];
  }));
}

const halves = (v: number): number => Math.round(v * 2) / 2;

async function seen(engine: TrainingEngine, network: Network, weights: Weights, { config: change = {}, even = false }: How): Promise<Seen> {
  const config = TrainingConfigSchema.parse({ batchSize: BATCH, optimizer: { kind: 'sgd' }, learningRate: RATE, ...change });
  const session = await engine.open(network, config, weights, { element: 'float32', offset: 0.5, scale: 2 });
  try {
    const random = createRandom(23);
    const drawn = () => (even ? halves(random.normal()) : random.normal());
    const batches = (even ? [0] : [0, 1]).map(() => ({ inputs: Float32Array.from({ length: BATCH * elementCount(network.layers[0]?.shape ?? []) }, drawn), targets: Int32Array.from({ length: BATCH }, (_, i) => i % CLASSES), size: BATCH }));
    const [losses, norms]: [number[], number[]] = [[], []];
    for (const batch of batches) {
      const { loss, gradientNorm } = await session.step(batch, RATE);
      losses.push(loss);
      norms.push(gradientNorm ?? Number.NaN);
    }
    const last = (await session.snapshot()).weights;
    const moved = new Map([...last].map(([name, { shape, data }]) => [name, { shape, data: data.map((v, i) => v - (weights.get(name)?.data[i] ?? Number.NaN)) }]));
    const [first] = batches as [(typeof batches)[number]];
    const tapped = network.layers.filter((l) => l.inputs.length > 0 && l.types.length > 0).map((l) => l.id);
    return { losses, norms, moved, outputs: (await session.evaluate(first)).outputs, taps: await session.forward(first, tapped) };
  } finally {
    await session.dispose();
  }
}

const largest = (data: Float32Array): number => data.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
/** Largest difference, relative to the largest number and to `least`. */
const apart = (a: Float32Array, b: Float32Array, least: number): number => (a.length === b.length ? largest(a.map((v, i) => v - (b[i] as number))) / Math.max(largest(b), least) : Number.POSITIVE_INFINITY);

/** A case on both engines, as `differences` tells. */
export function differencesOf(c: Case): Promise<Record<string, number>> {
  const network = netOf(c);
  return differences(network, new Map([...someWeights(network, 5)].map(([name, { shape, data }]) => [name, { shape, data: c.even ? data.map(halves) : data }])), c);
}

/** Trains on both engines: what differs, each by what it is, relative. Empty where nothing differs by more than `bound`. */
export async function differences(network: Network, weights: Weights, how: How = {}, bound = 1e-4): Promise<Record<string, number>> {
  const ours = await seen(createOnnxEngine('cpu'), network, weights, how);
  const theirs = await seen(createTensorflowEngine(() => Promise.resolve(tf)), network, weights, how);
  const most = Math.max(...[...ours.moved.values()].map(({ data }) => largest(data)));
  const trained = network.layers.some((l) => !l.frozen && l.weights.some((w) => w.role === 'trained'));
  expect(most).toBeGreaterThan(trained ? 1e-5 : -1);
  // Small gradients are judged beside the net's largest: two engines round sums in another order.
  const scale = Math.max(1e-2 * most, 1e-7);
  const found: Record<string, number> = {};
  const note = (what: string, difference: number): void => {
    if (!(difference <= bound)) found[what] = difference;
  };
  expect([...theirs.moved.keys()]).toEqual([...ours.moved.keys()]);
  note('loss', apart(Float32Array.from(theirs.losses), Float32Array.from(ours.losses), 1e-3));
  note('gradient norm', apart(Float32Array.from(theirs.norms), Float32Array.from(ours.norms), 1e-3));
  note('outputs', apart(theirs.outputs, ours.outputs, 1e-2));
  for (const [name, { shape, data }] of ours.moved) {
    expect(theirs.moved.get(name)?.shape).toEqual(shape);
    note(`moved ${name}`, apart(theirs.moved.get(name)?.data ?? new Float32Array(), data, scale));
  }
  for (const [name, { shape, data }] of ours.taps) {
    expect(theirs.taps.get(name)?.shape).toEqual(shape);
    note(`map ${name}`, apart(theirs.taps.get(name)?.data ?? new Float32Array(), data, 1e-2));
  }
  return found;
}

/** What a training step's forward pass answers for these samples on ONNX Runtime and on TensorFlow. */
export async function trainedForward(network: Network, x: Float32Array, step: number): Promise<readonly [Float32Array, Float32Array]> {
  const { graph } = lowerForward(network, { batch: BATCH, training: true });
  const shape = [BATCH, ...(network.layers[0]?.shape ?? [])];
  const noise = noiseOf(7, step);
  const session = await ort.InferenceSession.create(encodeModel(graph), { logSeverityLevel: 3 });
  const ours = (await session.run({ input: new ort.Tensor('float32', x, shape), noise: new ort.Tensor('float32', noise, [noise.length]) })).output?.data as Float32Array;
  await session.release();
  const theirs = tf.tidy(() => {
    const answers = runGraph(tf, graph, new Map([['input', { tensor: tf.tensor(x, shape), last: false }], ['noise', { tensor: tf.tensor1d(noise), last: false }]]), { layers: new Map(), taped: false });
    return channelsFirst(tf, answers.get('output') ?? expect.fail('no output')).dataSync();
  });
  return [ours, theirs as Float32Array];
}
