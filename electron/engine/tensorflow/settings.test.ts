/** Losses, optimisers and everything that a step may be told mean the same on both engines: losses, weights and state of eight batches. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { Sketch } from '../../../shared/templates/build.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { createRandom } from '../../../shared/util/random.ts';
import type { Batch, InputEncoding, TrainingEngine } from '../training/engine.ts';
import { createOnnxEngine } from '../training/onnx-engine.ts';
import { createTensorflowEngine } from './engine.ts';
import { PLAIN, relative } from './parity.harness.ts';

const BATCH = 5;
const SIDE = 4;
const onnx = createOnnxEngine('cpu');
const tensorflow = createTensorflowEngine(() => Promise.resolve(tf));
beforeAll(() => tf.setBackend('cpu'));

type Row = [string, object, string?];
const input: Row = ['input', { kind: 'image', height: SIDE, width: SIDE, channels: 2 }];
const middle: Row[] = [['conv2d', { filters: 3, kernel: [3, 3], padding: 'same', bias: false, activation: 'none' }], ['batch-norm', {}], ['tanh', {}]];
function drawn(rows: readonly Row[]): Network {
  const s = new Sketch();
  s.chain(null, [input, ...middle, ...rows] as Parameters<Sketch['chain']>[1]);
  const { network, problems } = compile(s.document('probe', 'test'));
  expect(problems).toEqual([]);
  return network;
}
const nets = {
  classes: (units = 3, activation = 'none') => drawn([['flatten', {}], ['dense', { units, activation }], ['output', {}]]),
  regression: () => drawn([['flatten', {}], ['dense', { units: 3, activation: 'none' }], ['output', { task: 'regression' }]]),
  pixels: () => drawn([['conv2d', { filters: 3, kernel: [1, 1], activation: 'softmax' }], ['output', { task: 'regression' }]]),
};

/** Eight batches of noise; targets are classes below `classes`, or numbers. */
function batches(network: Network, { classes, element = 'float32' }: { classes: number | null; element?: InputEncoding['element'] }): Batch[] {
  const random = createRandom(4);
  const size = BATCH;
  const places = (network.layers.at(-1)?.shape ?? []).slice(1).reduce((a, d) => a * d, 1);
  const pixels = size * 2 * SIDE * SIDE;
  return Array.from({ length: 8 }, () => ({
    inputs: element === 'uint8' ? Uint8Array.from({ length: pixels }, () => random.below(256)) : Float32Array.from({ length: pixels }, () => random.normal()),
    targets: classes === null ? Float32Array.from({ length: size * (network.layers.at(-1)?.shape[0] ?? 1) }, () => random.normal() * 2) : Int32Array.from({ length: size * places }, () => random.below(classes)),
    size,
  }));
}

async function run(engine: TrainingEngine, network: Network, change: object, all: readonly Batch[], input: InputEncoding) {
  const config = TrainingConfigSchema.parse({ batchSize: BATCH, learningRate: 0.01, ...change });
  const session = await engine.open(network, config, initialWeights(network, 5), input);
  const steps = [];
  for (const batch of all) {
    const { loss, correct, gradientNorm = 0, layerNorms } = await session.step(batch, config.learningRate);
    steps.push({ loss, correct, gradientNorm, norms: [...(layerNorms?.norms ?? [])], layers: layerNorms?.layers ?? [] });
  }
  // Fewer than the session's batch, as at the end of a set.
  const [first] = all as [Batch];
  const part = { inputs: first.inputs.slice(0, (first.inputs.length / BATCH) * 3), targets: first.targets.slice(0, (first.targets.length / BATCH) * 3), size: 3 };
  const { lossSum, weightSum, correct, outputs } = await session.evaluate(part);
  const { weights, state, step } = await session.snapshot();
  await session.dispose();
  return { steps, seen: { lossSum, weightSum, correct }, outputs, weights, state, step };
}

/** Both engines, compared in all that they say. */
async function compare(network: Network, change: object, { classes = 3, input = PLAIN }: { classes?: number | null; input?: InputEncoding } = {}): Promise<void> {
  const all = batches(network, { classes, element: input.element });
  const [ours, theirs] = [await run(onnx, network, change, all, input), await run(tensorflow, network, change, all, input)];
  const near = (x: number) => expect.closeTo(x, 4) as number;
  expect(theirs.steps).toEqual(ours.steps.map((s) => ({ ...s, loss: near(s.loss), gradientNorm: near(s.gradientNorm), norms: s.norms.map(near) })));
  expect(theirs.seen).toEqual({ ...ours.seen, lossSum: expect.closeTo(ours.seen.lossSum, 3), weightSum: ours.seen.weightSum === undefined ? undefined : expect.closeTo(ours.seen.weightSum, 4) });
  expect(relative(theirs.outputs, ours.outputs)).toBeLessThan(1e-4);
  expect([theirs.step, [...theirs.weights.keys()], [...theirs.state.keys()].sort()]).toEqual([ours.step, [...ours.weights.keys()], [...ours.state.keys()].sort()]);
  for (const [part, wanted] of [[theirs.weights, ours.weights], [theirs.state, ours.state]] as const) {
    for (const [name, w] of wanted) expect([name, part.get(name)?.shape, relative(part.get(name)?.data ?? [], w.data) < 2e-3]).toEqual([name, w.shape, true]);
  }
}

describe('losses', () => {
  it.each<[string, object, () => Network, (number | null)?]>([
    ['cross-entropy of scores', { loss: 'cross-entropy' }, () => nets.classes()],
    ['cross-entropy of probabilities', { loss: 'cross-entropy' }, () => nets.classes(3, 'softmax')],
    ['cross-entropy of soft targets, classes weighed', { loss: { kind: 'cross-entropy', labelSmoothing: 0.2, classWeights: [0.5, 2, 1] } }, () => nets.classes()],
    ['cross-entropy of every pixel, weighed', { loss: { kind: 'cross-entropy', classWeights: [1, 0, 3] } }, nets.pixels],
    ['binary cross-entropy of a sigmoid', { loss: 'binary-cross-entropy' }, () => nets.classes(1, 'sigmoid'), 2],
    ['binary cross-entropy of scores', { loss: 'binary-cross-entropy' }, () => nets.classes()],
    ['squares', { loss: 'mse' }, nets.regression, null],
    ['magnitudes', { loss: 'mae' }, nets.regression, null],
    ['Huber’s', { loss: { kind: 'huber', delta: 0.7 } }, nets.regression, null],
    ['Dice of every pixel', { loss: 'dice' }, nets.pixels],
  ])('%s', async (_, change, make, classes = 3) => compare(make(), { ...change, optimizer: { kind: 'sgd', momentum: 0.5 } }, { classes }));
});

describe('optimisers', () => {
  it.each<[string, object]>([
    ['SGD', { optimizer: { kind: 'sgd' } }], ['SGD with decay', { optimizer: { kind: 'sgd' }, weightDecay: 0.5 }],
    ['momentum with decay', { optimizer: { kind: 'sgd', momentum: 0.9 }, weightDecay: 0.5 }], ['Nesterov’s', { optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true } }],
    ['RMSProp with decay', { optimizer: { kind: 'rmsprop' }, weightDecay: 0.5 }], ['RMSProp, centred, with momentum', { optimizer: { kind: 'rmsprop', momentum: 0.5, centered: true } }],
    ['Adagrad', { optimizer: { kind: 'adagrad' } }], ['Adam with decay in the gradient', { optimizer: { kind: 'adam', beta1: 0.8, epsilon: 1e-4 }, weightDecay: 0.5 }],
    ['AdamW', { optimizer: { kind: 'adamw' }, weightDecay: 0.5 }], ['Lion with decay', { optimizer: { kind: 'lion' }, learningRate: 0.001, weightDecay: 0.5 }],
  ])('%s', async (_, change) => compare(nets.classes(), change));
});

describe('what a step may be told', () => {
  const [conv, norm, dense] = nets.classes().layers.filter((l) => l.weights.length > 0).map((l) => l.id) as [string, string, string];
  it.each<[string, object]>([
    ['the norm bounded', { clip: { kind: 'norm', limit: 0.1 } }], ['each number bounded', { clip: { kind: 'value', limit: 0.01 } }],
    ['three batches a step', { accumulation: 3, optimizer: { kind: 'adam' } }], ['three batches a step, bounded, with mean weights', { accumulation: 3, clip: { kind: 'norm', limit: 0.1 }, ema: { decay: 0.8 } }],
    ['mean weights', { ema: { decay: 0.8 } }], ['rates by layer, and one that stands', { layerRates: { [conv]: 0, [norm]: 3, [dense]: 0.5 } }], ['statistics kept', { keepStatistics: true }],
  ])('%s', async (_, change) => compare(nets.classes(), { optimizer: { kind: 'sgd', momentum: 0.9 }, learningRate: 0.05, ...change }));

  it('bytes, brought to the net’s range in the graph', () => compare(nets.classes(), {}, { input: { element: 'uint8', offset: 128, scale: 1 / 64 } }));

  it('an auxiliary output with its share of the loss', () => {
    const s = new Sketch();
    const trunk = s.chain(null, [input, ...middle, ['flatten', {}]] as Parameters<Sketch['chain']>[1]);
    s.add('auxiliary-output', { share: 0.4 }, [s.add('dense', { units: 3, activation: 'none' }, [trunk])]);
    s.add('output', {}, [s.add('dense', { units: 3, activation: 'none' }, [trunk])]);
    return compare(compile(s.document('heads', 'test')).network, { optimizer: { kind: 'sgd' } });
  });
});
