/** Modern blocks train alike on both devices, in a net of more biases and norms than a shader of WebGPU has buffers. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { convNext, invertedResidual, shuffleUnit, transformer } from '../../../shared/templates/blocks-modern.ts';
import { Sketch } from '../../../shared/templates/build.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { createRandom } from '../../../shared/util/random.ts';
import type { DeviceId } from '../runtime/session.ts';
import { createOnnxEngine } from './onnx-engine.ts';

const [BATCH, SIDE, WIDTH] = [4, 8, 8];

/** Patches of 2 pixels, one block of each kind, three classes. */
function everyBlock(): Network {
  const s = new Sketch();
  const patches = s.chain(null, [['input', { kind: 'image', height: SIDE, width: SIDE, channels: 3 }], ['conv2d', { filters: WIDTH, kernel: [2, 2], stride: [2, 2] }]]);
  const gated = s.place(invertedResidual({ hidden: 24, width: WIDTH, gate: { squeezed: 3, gate: 'hard-sigmoid' }, activation: ['hard-swish', {}] }), patches);
  const maps = s.place(shuffleUnit(WIDTH / 2), s.place(convNext(WIDTH), gated));
  const tokens = s.chain(maps, [['tokens', {}], ['class-token', {}], ['position-embedding', {}]]);
  s.chain(s.place(transformer(WIDTH, 2), tokens), [['take-token', {}], ['dense', { units: 3, activation: 'softmax' }], ['output', {}]]);
  const { network, problems } = compile(s.document('modern', 'test'));
  expect(problems).toEqual([]);
  return network;
}

async function losses(network: Network, device: DeviceId): Promise<number[]> {
  const random = createRandom(5);
  const batch = { inputs: Float32Array.from({ length: BATCH * 3 * SIDE * SIDE }, () => random.normal()), targets: Int32Array.from({ length: BATCH }, (_, i) => i % 3), size: BATCH };
  const session = await createOnnxEngine(device).open(network, TrainingConfigSchema.parse({ batchSize: BATCH, optimizer: { kind: 'sgd', momentum: 0.9 } }), initialWeights(network, 3), { element: 'float32', offset: 0, scale: 1 });
  const seen: number[] = [];
  for (let i = 0; i < 3; i++) seen.push((await session.step(batch, 0.02)).loss);
  await session.dispose();
  return seen;
}

const available = process.env.NETLOOM_TEST_WEBGPU !== undefined || process.env.VK_ICD_FILENAMES !== undefined;
describe.runIf(available)('modern blocks on WebGPU', () => {
  it('the losses of the CPU, to a thousandth', async () => {
    const network = everyBlock();
    expect(network.layers.flatMap((l) => l.weights.filter((w) => w.shape.length === 1)).length).toBeGreaterThan(16);
    const [gpu, cpu] = [await losses(network, 'webgpu'), await losses(network, 'cpu')];
    cpu.forEach((loss, i) => expect(Math.abs((gpu[i] as number) - loss) / loss).toBeLessThan(1e-3));
    // The weights moved.
    expect(Math.abs((cpu[2] as number) - (cpu[0] as number)) / (cpu[0] as number)).toBeGreaterThan(0.01);
  });
});
