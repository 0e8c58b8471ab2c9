/** Whole nets on both engines: the same losses, predictions and maps from the same weights and batches. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Network } from '../../../shared/compile/network.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { required } from '../../../shared/util/assert.ts';
import type { TrainingEngine, Weights } from '../training/engine.ts';
import { createOnnxEngine } from '../training/onnx-engine.ts';
import { createTensorflowEngine } from './engine.ts';
import { batchesFor, lively, PLAIN, reduced, relative } from './parity.harness.ts';

const BATCH = 4;
const STEPS = 20;
/** With these weights no step comes near a kink: ONNX Runtime itself answers within 3e-5 of its own losses when they begin 3e-7 apart. */
const SEED = 15;
/** Of losses, of answers (probabilities), and of maps beside their largest number. */
const BOUNDS = { losses: 1e-3, answers: 1e-5, maps: 1e-4 };

const nets: readonly (readonly [string, () => Network])[] = [
  ['LeNet-5', () => reduced('lenet-5', { size: 14, by: 3 })],
  ['VGG-small', () => reduced('vgg-small', { size: 8, by: 16 })],
  ['ResNet-20', () => reduced('resnet-20', { size: 8, by: 8 })],
  ['DenseNet-BC', () => reduced('densenet-bc', { size: 8, by: 6, repeat: 2 })],
  ['MobileNetV2', () => reduced('mobilenet-v2', { size: 10, by: 16, repeat: 1 })],
  ['U-Net', () => reduced('u-net-small', { size: 8, by: 16 })],
];
const optimisers = {
  SGD: { optimizer: { kind: 'sgd' }, learningRate: 0.01 },
  momentum: { optimizer: { kind: 'sgd', momentum: 0.9 }, learningRate: 0.01 },
  Adam: { optimizer: { kind: 'adam' }, learningRate: 0.001 },
  // More than anybody would take: in twenty steps less decay moves no loss by a thousandth.
  AdamW: { optimizer: { kind: 'adamw' }, learningRate: 0.001, weightDecay: 1 },
} as const;

const onnx = createOnnxEngine('cpu');
const tensorflow = createTensorflowEngine(() => Promise.resolve(tf));
beforeAll(() => tf.setBackend('cpu'));

async function trained(engine: TrainingEngine, network: Network, change: object): Promise<{ losses: Float64Array; weights: Weights }> {
  const config = TrainingConfigSchema.parse({ batchSize: BATCH, ...change });
  const session = await engine.open(network, config, lively(network, SEED), PLAIN);
  const batches = batchesFor(network, BATCH, 4);
  const losses = new Float64Array(STEPS);
  for (let step = 0; step < STEPS; step++) losses[step] = (await session.step(required(batches[step % batches.length], 'batch'), config.learningRate)).loss;
  const { weights } = await session.snapshot();
  await session.dispose();
  return { losses, weights };
}

/** What a net says of a batch that it did not learn, and every layer's output. */
async function seen(engine: TrainingEngine, network: Network, weights: Weights) {
  const session = await engine.open(network, TrainingConfigSchema.parse({ batchSize: BATCH }), weights, PLAIN);
  const batch = required(batchesFor(network, BATCH, 1, 9)[0], 'batch');
  const { outputs, ...sums } = await session.evaluate(batch);
  const maps = await session.forward(batch, network.layers.map((l) => l.id));
  await session.dispose();
  return { outputs, sums, maps };
}

describe.each(nets)('%s', (_, make) => {
  const network = make();

  it.each(Object.entries(optimisers))(`has the same losses over ${STEPS} steps of %s`, async (_name, change) => {
    const [ours, theirs] = [await trained(onnx, network, change), await trained(tensorflow, network, change)];
    // It learns: what is compared is not one number twenty times.
    expect(Math.abs((ours.losses.at(-1) ?? 0) - (ours.losses[0] ?? 0))).toBeGreaterThan(0.01);
    expect(Math.max(...theirs.losses.map((loss, i) => Math.abs(loss / (ours.losses[i] as number) - 1)))).toBeLessThan(BOUNDS.losses);
  });

  it('answers the same, and has the same maps, with the weights of a training', async () => {
    const { weights } = await trained(onnx, network, optimisers.momentum);
    const [ours, theirs] = [await seen(onnx, network, weights), await seen(tensorflow, network, weights)];
    expect(Math.max(...theirs.outputs.map((v, i) => Math.abs(v - (ours.outputs[i] as number))))).toBeLessThan(BOUNDS.answers);
    expect(theirs.sums).toEqual({ ...ours.sums, lossSum: expect.closeTo(ours.sums.lossSum, 3) });
    for (const { id } of network.layers) {
      const [map, wanted] = [required(theirs.maps.get(id), id), required(ours.maps.get(id), id)];
      expect([id, map.shape]).toEqual([id, wanted.shape]);
      expect(relative(map.data, wanted.data), id).toBeLessThan(BOUNDS.maps);
    }
  });
});
