/** The same steps on both devices; runs where there is a GPU or a software one (NETLOOM_TEST_WEBGPU). */
import { describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { Sketch } from '../../../shared/templates/build.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { live, type DeviceId } from '../runtime/session.ts';
import type { Batch, EngineSnapshot } from './engine.ts';
import { createOnnxEngine } from './onnx-engine.ts';

function smallNet(): Network {
  const s = new Sketch();
  s.chain(null, [
    // No bias before batch norm: its gradient is nothing but rounding, which Adam would blow up to full steps.
    ['input', { kind: 'image', height: 6, width: 6, channels: 1 }], ['conv2d', { filters: 3, kernel: [3, 3], padding: 'same', bias: false }], ['batch-norm', {}], ['relu', {}], ['max-pool', {}],
    ['flatten', {}], ['dropout', { rate: 0.25 }], ['dense', { units: 3, activation: 'softmax' }], ['output', {}],
  ]);
  return compile(s.document('small', 'test'), {}).network;
}

function batches(): Batch[] {
  const random = createRandom(5);
  return Array.from({ length: 4 }, () => ({ inputs: Uint8Array.from({ length: 8 * 36 }, () => random.below(256)), targets: Int32Array.from({ length: 8 }, () => random.below(3)), size: 8 }));
}

async function twentySteps(device: DeviceId): Promise<{ losses: number[]; end: EngineSnapshot; lossSum: number; tap: Float32Array }> {
  const network = smallNet();
  const config = TrainingConfigSchema.parse({ batchSize: 8, learningRate: 0.01 });
  const session = await createOnnxEngine(device).open(network, config, initialWeights(network, 3), { element: 'uint8', offset: 0, scale: 1 / 255 });
  const all = batches();
  const losses: number[] = [];
  for (let i = 0; i < 20; i++) losses.push((await session.step(all[i % 4] as Batch, 0.01)).loss);
  // To memory and back: as a resumed run would.
  const middle = await session.snapshot();
  await session.restore(structuredClone(middle));
  const short = { ...(all[0] as Batch), size: 3, inputs: (all[0] as Batch).inputs.slice(0, 3 * 36), targets: (all[0] as Batch).targets.slice(0, 3) };
  const { lossSum } = await session.evaluate(short);
  const tap = (await session.forward(short, [network.layers[1]?.id ?? ''])).values().next().value?.data as Float32Array;
  const end = await session.snapshot();
  expect(end).toEqual(middle);
  await session.dispose();
  return { losses, end, lossSum, tap };
}

const available = process.env.NETLOOM_TEST_WEBGPU !== undefined || process.env.VK_ICD_FILENAMES !== undefined;
if (!available) console.info('WebGPU parity skipped: no GPU and no software Vulkan (npm test finds one, or set VK_ICD_FILENAMES)');

describe.runIf(available)('WebGPU beside the CPU', () => {
  it('has the same losses over twenty steps to a thousandth', async () => {
    const [gpu, cpu] = [await twentySteps('webgpu'), await twentySteps('cpu')];
    cpu.losses.forEach((loss, i) => expect(Math.abs((gpu.losses[i] as number) - loss) / loss).toBeLessThan(1e-3));
    expect(cpu.losses[19]).not.toBeCloseTo(cpu.losses[0] as number, 2);
    expect(Math.abs(gpu.lossSum - cpu.lossSum) / cpu.lossSum).toBeLessThan(1e-3);
    gpu.tap.forEach((v, i) => expect(v).toBeCloseTo(cpu.tap[i] as number, 2));
    expect([...gpu.end.weights.keys()]).toEqual([...cpu.end.weights.keys()]);
  });

  const settings: readonly (readonly [string, object])[] = [
    ['Lion, clipping by norm, gathered', { optimizer: { kind: 'lion' }, clip: { kind: 'norm', limit: 0.5 }, accumulation: 2, learningRate: 1e-4 }],
    ['AdamW, decay, mean weights', { optimizer: { kind: 'adamw' }, weightDecay: 0.01, ema: { decay: 0.9 } }],
    ['RMSProp, centred, clipping by value, Huber', { optimizer: { kind: 'rmsprop', momentum: 0.5, centered: true }, clip: { kind: 'value' }, loss: { kind: 'huber' } }],
    ['Adagrad, smoothed labels, class weights', { optimizer: { kind: 'adagrad' }, loss: { kind: 'cross-entropy', labelSmoothing: 0.1, classWeights: [1, 2, 0.5] } }],
    ['Nesterov, Dice', { optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true }, loss: 'dice' }],
    ['SGD, mean absolute error', { optimizer: { kind: 'sgd' }, loss: 'mae' }],
    ['SGD, binary cross-entropy', { optimizer: { kind: 'sgd' }, loss: 'binary-cross-entropy' }],
  ];
  it.each(settings)('has the same losses with %s', async (_, change) => {
    const config = TrainingConfigSchema.parse({ batchSize: 8, learningRate: 0.01, ...change });
    const network = smallNet();
    const losses = async (device: DeviceId): Promise<number[]> => {
      const session = await createOnnxEngine(device).open(network, config, initialWeights(network, 3), { element: 'uint8', offset: 0, scale: 1 / 255 });
      const seen: number[] = [];
      for (let i = 0; i < 8; i++) seen.push((await session.step(batches()[i % 4] as Batch, config.learningRate)).loss);
      seen.push((await session.evaluate(batches()[0] as Batch)).lossSum);
      await session.dispose();
      return seen;
    };
    const [gpu, cpu] = [await losses('webgpu'), await losses('cpu')];
    cpu.forEach((loss, i) => expect(Math.abs((gpu[i] as number) - loss) / loss).toBeLessThan(2e-3));
    expect(new Set(cpu).size).toBeGreaterThan(6);
  });

  it('holds one tensor for each weight and state while it trains, and none after', async () => {
    const network = smallNet();
    const weights = initialWeights(network, 3);
    const before = { ...live };
    for (let run = 0; run < 2; run++) {
      const session = await createOnnxEngine('webgpu').open(network, TrainingConfigSchema.parse({ batchSize: 8, optimizer: { kind: 'sgd', momentum: 0.9 } }), weights, { element: 'uint8', offset: 0, scale: 1 / 255 });
      const batch = batches()[0] as Batch;
      for (let i = 0; i < 2; i++) await session.step(batch, 0.01);
      // The weights go to infinity; the step after is not taken, and holds nothing either.
      await session.step(batch, Infinity);
      expect((await session.step(batch, 0.01)).loss).toBeNaN();
      await session.restore(await session.snapshot());
      const held = await session.snapshot();
      expect(live.tensors - before.tensors).toBe(held.weights.size + held.state.size);
      await session.evaluate(batch);
      await session.dispose();
      expect(live).toEqual(before);
    }
  });
});
