/** The same small nets in TensorFlow.js: loss, gradients and five steps of each optimiser that both have. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { layerTypes, type LayerType } from '../../../shared/layers/table.ts';
import type { Shape } from '../../../shared/shapes/shape.ts';
import { Sketch } from '../../../shared/templates/build.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { createOnnxEngine } from './onnx-engine.ts';
import { createTwin } from './tensorflow.harness.ts';

const BATCH = 4;
const CLASSES = 3;
/** Relative to the largest number of what is compared. */
const BOUND = 1e-4;

interface Case { readonly type: LayerType; readonly params?: Record<string, unknown>; readonly input?: Shape; readonly merge?: boolean }
const cases: Case[] = [
  { type: 'conv2d', params: { filters: 4, padding: 'same', activation: 'tanh' } }, { type: 'conv2d', params: { filters: 4, kernel: [2, 3], stride: [2, 1], activation: 'selu' } }, { type: 'conv2d', params: { filters: 4, bias: false } },
  { type: 'conv1d', params: { filters: 4, kernel: 3, stride: 2, padding: 'same' }, input: [3, 9] }, { type: 'depthwise-conv', params: { multiplier: 2, padding: 'same', activation: 'sigmoid' } },
  { type: 'separable-conv', params: { filters: 5, multiplier: 2 } }, { type: 'conv-transpose', params: { filters: 4, kernel: [3, 3] } }, { type: 'conv-transpose', params: { filters: 4, kernel: [2, 3], stride: [1, 2], padding: 'valid' } },
  { type: 'max-pool' }, { type: 'max-pool', params: { kernel: [3, 3], padding: 'same' } }, { type: 'average-pool' }, { type: 'average-pool', params: { kernel: [3, 2], stride: [1, 1] } },
  { type: 'max-pool-1d', params: { kernel: 3, stride: 2, padding: 'same' }, input: [3, 9] }, { type: 'average-pool-1d', input: [3, 8] },
  { type: 'global-average-pool' }, { type: 'global-max-pool' }, { type: 'permute', params: { order: 'hcw' } },
  { type: 'zero-pad', params: { edges: [1, 0, 2, 1] } }, { type: 'crop', params: { edges: [0, 1, 1, 0] } },
  { type: 'dense', params: { units: 5, activation: 'elu' }, input: [7] }, { type: 'flatten' },
  ...(['relu', 'relu6', 'leaky-relu', 'prelu', 'elu', 'selu', 'sigmoid', 'tanh', 'mish', 'softplus'] as const).map((type): Case => ({ type })),
  { type: 'softmax', input: [7] }, { type: 'tokens' },
  { type: 'batch-norm' }, { type: 'batch-norm', input: [7] }, { type: 'layer-norm', params: { over: 'channels' } },
  ...(['add', 'multiply', 'average', 'maximum', 'concat'] as const).map((type): Case => ({ type, merge: true })),
];
/** Layers that the judge cannot have, and why. It has no gradient of dilated convolutions either, and a wrong one of average pools whose padding is not counted. */
const without: Partial<Record<LayerType, string>> = {
  input: 'no arithmetic', output: 'no arithmetic', 'auxiliary-output': 'no arithmetic', 'tensor-input': 'no arithmetic', 'tensor-output': 'no arithmetic', rescale: 'TensorFlow.js knows one factor for all channels only', conv3d: 'its gradient is missing in TensorFlow.js’ plain backend', 'sum-pool': 'not in Keras', 'pixel-shuffle': 'not a layer of Keras', reshape: 'Keras folds channels last',
  upsample: 'its gradient by nearest is wrong for more than one sample, and its bilinear looks at other places',
  gelu: 'TensorFlow.js has the approximation only', silu: 'not in TensorFlow.js', 'hard-swish': 'not in TensorFlow.js', 'group-norm': 'not in TensorFlow.js', 'instance-norm': 'not in TensorFlow.js', lrn: 'not a layer of Keras',
  dropout: 'draws other numbers', 'spatial-dropout': 'draws other numbers', 'squeeze-excite': 'not a layer of Keras',
  'hard-sigmoid': 'TensorFlow.js has the older one, of slope ⅕', 'channel-slice': 'not a layer of Keras', 'channel-shuffle': 'not a layer of Keras', 'layer-scale': 'not a layer of Keras', 'stochastic-depth': 'draws other numbers',
  'class-token': 'not a layer of Keras', 'position-embedding': 'not a layer of Keras', 'take-token': 'not a layer of Keras', 'split-heads': 'not a layer of Keras', 'join-heads': 'not a layer of Keras', matmul: 'not a layer of Keras',
};

function networkOf({ type, params = {}, input = [3, 6, 6], merge = false }: Case): Network {
  const s = new Sketch();
  const [channels, ...rest] = input as [number, ...number[]];
  const start = s.add('input', { kind: { 1: 'vector', 2: 'sequence', 3: 'image' }[input.length], channels, length: rest[0] ?? 1, height: rest[0] ?? 1, width: rest[1] ?? 1 }, []);
  const first = input.length === 3 ? s.add('conv2d', { filters: 3, kernel: [1, 1], activation: 'none' }, [start]) : start;
  const x = s.add(type, params, merge ? [first, s.add('leaky-relu', { slope: 0.3 }, [first]), s.add('tanh', {}, [first])] : [first]);
  const { network } = compile(s.document('probe', 'test'));
  const shape = network.layers.find((l) => l.id === x)?.shape ?? [];
  const flat = shape.length === 1 ? x : s.add('flatten', {}, [x]);
  s.add('output', {}, [s.add('dense', { units: CLASSES, activation: 'none' }, [flat])]);
  return compile(s.document('probe', 'test')).network;
}

interface Losses { readonly ours: unknown; readonly theirs: (scores: tf.Tensor, hot: tf.Tensor) => tf.Scalar }
const mean = (loss: (y: tf.Tensor, s: tf.Tensor) => tf.Tensor) => (scores: tf.Tensor, hot: tf.Tensor) => loss(hot, scores) as tf.Scalar;
const crossEntropy: Losses = { ours: 'cross-entropy', theirs: mean((y, s) => tf.losses.softmaxCrossEntropy(y, s)) };
const losses: Readonly<Record<string, Losses>> = {
  'cross-entropy': crossEntropy,
  'label smoothing': { ours: { kind: 'cross-entropy', labelSmoothing: 0.1 }, theirs: mean((y, s) => tf.losses.softmaxCrossEntropy(y, s, undefined, 0.1)) },
  'mean squared error': { ours: 'mse', theirs: mean((y, s) => tf.losses.meanSquaredError(y, s)) },
  'mean absolute error': { ours: 'mae', theirs: mean((y, s) => tf.losses.absoluteDifference(y, s)) },
  'Huber': { ours: { kind: 'huber', delta: 0.7 }, theirs: mean((y, s) => tf.losses.huberLoss(y, s, undefined, 0.7)) },
};
const optimisers: Readonly<Record<string, { readonly ours: object; readonly theirs: () => tf.Optimizer }>> = {
  SGD: { ours: { kind: 'sgd' }, theirs: () => tf.train.sgd(0.01) },
  momentum: { ours: { kind: 'sgd', momentum: 0.9 }, theirs: () => tf.train.momentum(0.01, 0.9) },
  Nesterov: { ours: { kind: 'sgd', momentum: 0.9, nesterov: true }, theirs: () => tf.train.momentum(0.01, 0.9, true) },
  Adam: { ours: { kind: 'adam' }, theirs: () => tf.train.adam(0.01, 0.9, 0.999, 1e-8) },
  // TensorFlow adds ε under the root, we beside it, as PyTorch: with this ε it is nothing on either side.
  RMSProp: { ours: { kind: 'rmsprop', rho: 0.9, epsilon: 1e-20 }, theirs: () => tf.train.rmsprop(0.01, 0.9, 0, 1e-20) },
};

/** Largest differences over five steps, relative: of the losses, of the first gradient, of the last weights. */
async function compared(network: Network, loss: Losses, optimizer: { readonly ours: object; readonly theirs: () => tf.Optimizer }): Promise<{ losses: number; gradients: number; weights: number }> {
  const weights = initialWeights(network, 5);
  const random = createRandom(23);
  const shape = network.layers[0]?.shape ?? [];
  const inputs = Float32Array.from({ length: BATCH * shape.reduce((a, d) => a * d, 1) }, () => random.normal());
  const targets = Int32Array.from({ length: BATCH }, (_, i) => i % CLASSES);
  const twin = createTwin(network, weights);
  const x = tf.tensor(inputs, [BATCH, ...shape]);
  const hot = tf.oneHot(tf.tensor1d(targets, 'int32'), CLASSES).toFloat();
  const variables = [...twin.variables.values()];
  const { grads } = tf.variableGrads(() => loss.theirs(twin.apply(x), hot), variables);
  const theirGradients = new Map([...twin.variables].map(([name, v]) => [name, grads[v.name] as tf.Tensor]));
  const judge = optimizer.theirs();
  const theirLosses: number[] = [];
  for (let i = 0; i < 5; i++) theirLosses.push((judge.minimize(() => loss.theirs(twin.apply(x), hot), true, variables) as tf.Scalar).dataSync()[0] as number);

  const open = (config: object, rate: number) => createOnnxEngine('cpu').open(network, TrainingConfigSchema.parse({ batchSize: BATCH, loss: loss.ours, learningRate: rate, ...config }), weights, { element: 'float32', offset: 0, scale: 1 });
  const batch = { inputs, targets, size: BATCH };
  // One plain step at rate 1 is the gradient itself.
  const plain = await open({ optimizer: { kind: 'sgd' } }, 1);
  await plain.step(batch, 1);
  const after = (await plain.snapshot()).weights;
  await plain.dispose();
  const session = await open({ optimizer: optimizer.ours }, 0.01);
  const ourLosses: number[] = [];
  for (let i = 0; i < 5; i++) ourLosses.push((await session.step(batch, 0.01)).loss);
  const last = (await session.snapshot()).weights;
  await session.dispose();

  let [gradientDifference, gradientScale, weightDifference, weightScale] = [0, 1e-6, 0, 1e-6];
  for (const [name, variable] of twin.variables) {
    const start = weights.get(name) as { shape: readonly number[]; data: Float32Array };
    const turnedOf = (data: Float32Array) => twin.turnedBy(name, tf.tensor(data, [...start.shape])).dataSync();
    const own = turnedOf(start.data.map((v, i) => v - (after.get(name)?.data[i] as number)));
    const theirs = (theirGradients.get(name) as tf.Tensor).dataSync();
    own.forEach((v, i) => {
      gradientDifference = Math.max(gradientDifference, Math.abs(v - (theirs[i] as number)));
      gradientScale = Math.max(gradientScale, Math.abs(theirs[i] as number));
    });
    const ours = turnedOf(last.get(name)?.data as Float32Array);
    variable.dataSync().forEach((v, i) => {
      weightDifference = Math.max(weightDifference, Math.abs(v - (ours[i] as number)));
      weightScale = Math.max(weightScale, Math.abs(v));
    });
  }
  twin.dispose();
  return { losses: Math.max(...ourLosses.map((v, i) => Math.abs(v - (theirLosses[i] as number)) / Math.max(1e-3, Math.abs(theirLosses[i] as number)))), gradients: gradientDifference / gradientScale, weights: weightDifference / weightScale };
}

const close = (d: { losses: number; gradients: number; weights: number }): void => {
  for (const [what, by] of Object.entries(d)) expect(by, what).toBeLessThan(BOUND);
};

describe('beside TensorFlow.js', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it.each(cases)('$type $params of $input', async (test) => {
    close(await compared(networkOf(test), crossEntropy, optimisers.SGD as (typeof optimisers)[string]));
  });
  const probe: Case = { type: 'conv2d', params: { filters: 4, padding: 'same', activation: 'tanh' } };
  it.each(Object.keys(losses))('loss: %s', async (name) => {
    close(await compared(networkOf(probe), losses[name] as Losses, optimisers.SGD as (typeof optimisers)[string]));
  });
  it.each(Object.keys(optimisers))('optimiser: %s', async (name) => {
    close(await compared(networkOf(probe), crossEntropy, optimisers[name] as (typeof optimisers)[string]));
  });

  it('leaves no layer out without a reason', () => {
    expect(layerTypes.filter((t) => !cases.some((c) => c.type === t) && !(t in without))).toEqual([]);
  });
});
