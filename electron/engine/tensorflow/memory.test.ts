/** Runs one behind another leave nothing behind: TensorFlow frees no tensor by itself. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { required } from '../../../shared/util/assert.ts';
import { batchOf, encodingOf } from '../training/batches.ts';
import { createTensorflowEngine } from './engine.ts';
import { dataset, netWith, play } from './runs.harness.ts';

const RUNS = 20;
const BATCH = 4;

beforeAll(() => tf.setBackend('cpu'));

/** Everything that is asked of a session. */
async function use(step: number): Promise<void> {
  const network = netWith(step % 2 === 0 ? [] : ['conv-1']);
  const config = TrainingConfigSchema.parse({ batchSize: BATCH, optimizer: { kind: 'adam' }, accumulation: 2, ema: { decay: 0.9 }, weightDecay: 0.01, clip: { kind: 'norm', limit: 1 } });
  const session = await createTensorflowEngine(() => Promise.resolve(tf)).open(network, config, initialWeights(network, 3), encodingOf(dataset));
  for (let i = 0; i < 4; i++) await session.step(batchOf(dataset, [i, i + 1, i + 2, i + 3]), 0.01);
  await session.evaluate(batchOf(dataset, [0, 1]));
  for (const layers of [['conv-1'], ['dense-1', 'conv-2'], network.layers.map((l) => l.id)]) await session.forward(batchOf(dataset, [5]), layers);
  const kept = await session.snapshot();
  await session.restore(kept);
  await expect(session.restore({ ...kept, weights: new Map() })).rejects.toThrow();
  // Nothing of a step that is not taken stays either.
  const weights = new Map(kept.weights);
  const last = required(weights.get('dense-2.kernel'), 'kernel');
  weights.set('dense-2.kernel', { shape: last.shape, data: new Float32Array(last.data.length).fill(3e38) });
  await session.restore({ ...kept, weights });
  expect(Number.isFinite((await session.step(batchOf(dataset, [0, 1, 2, 3]), 0.01)).loss)).toBe(false);
  await session.dispose();
}

it(`${RUNS} sessions leave no tensor and no byte`, async () => {
  const { numTensors, numBytes, numDataBuffers } = tf.memory();
  for (let run = 0; run < RUNS; run++) await use(run);
  expect(tf.memory()).toMatchObject({ numTensors, numBytes, numDataBuffers });
});

it('a session holds no more after many steps than after few', async () => {
  const network = netWith();
  const session = await createTensorflowEngine(() => Promise.resolve(tf)).open(network, TrainingConfigSchema.parse({ batchSize: BATCH, optimizer: { kind: 'adam' } }), initialWeights(network, 3), encodingOf(dataset));
  const round = async () => {
    for (let i = 0; i < 3; i++) await session.step(batchOf(dataset, [i, i + 1, i + 2, i + 3]), 0.01);
    await session.evaluate(batchOf(dataset, [0, 1, 2, 3]));
    await session.forward(batchOf(dataset, [5]), ['conv-1']);
    await session.snapshot();
    return tf.memory().numTensors;
  };
  const after = await round();
  for (let i = 0; i < 5; i++) expect(await round()).toBe(after);
  await session.dispose();
});

it.each(['forward', 'backward'])('a step that breaks off on its way %s leaves nothing', async (way) => {
  const { numTensors, numBytes } = tf.memory();
  const full = (): never => { throw new Error('OOM when allocating tensor with shape[64,512] and type float'); };
  // The loss takes a logarithm on the way there; by a plain number only a mean's gradient divides.
  const div = (a: tf.Tensor, b: tf.Tensor | number) => (typeof b === 'number' ? full() : tf.div(a, b));
  const failing = { ...tf, ...(way === 'forward' ? { log: full } : { div }) };
  const network = netWith();
  const session = await createTensorflowEngine(() => Promise.resolve(failing as typeof tf)).open(network, TrainingConfigSchema.parse({ batchSize: BATCH }), initialWeights(network, 3), encodingOf(dataset));
  await expect(session.step(batchOf(dataset, [0, 1, 2, 3]), 0.01)).rejects.toMatchObject({ diagnostic: { code: 'engine.out-of-memory' } });
  await session.dispose();
  expect(tf.memory()).toMatchObject({ numTensors, numBytes });
});

it('a whole run, one that fails and one whose layers thaw leave nothing', async () => {
  const engine = createTensorflowEngine(() => Promise.resolve(tf));
  const round = async () => {
    const network = netWith(['conv-1', 'batch-norm-1', 'conv-2']);
    await play({ engine, network, change: { epochs: 2, unfreezing: { every: 1, blocks: 1, rate: 0.5 } } });
    const broken = new Map(initialWeights(network, 3));
    const kernel = required(broken.get('dense-1.kernel'), 'kernel');
    broken.set('dense-1.kernel', { shape: kernel.shape, data: new Float32Array(kernel.data.length).fill(NaN) });
    expect((await play({ engine, network, weights: broken })).result.state).toBe('failed');
    return tf.memory().numTensors;
  };
  const first = await round();
  expect(await round()).toBe(first);
});
