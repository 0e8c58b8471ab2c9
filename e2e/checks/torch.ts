/** npm run check:torch: from the same weights and batches, our losses of twenty steps beside PyTorch's. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { compile } from '../../shared/compile/compile.ts';
import { initialWeights } from '../../shared/compile/weights.ts';
import { elementCount } from '../../shared/shapes/shape.ts';
import { referenceNet } from '../../shared/templates/reference.ts';
import { TrainingConfigSchema } from '../../shared/training/config.ts';
import { createRandom } from '../../shared/util/random.ts';
import { createOnnxEngine } from '../../electron/engine/training/onnx-engine.ts';

const BATCH = 16;
const BATCHES = 20;
const STEPS = 20;
/** Relative difference of a step's loss. */
const BOUND = 1e-3;
const nets = ['lenet-5', 'vgg-11', 'resnet-18', 'densenet-bc', 'mobilenet-v2', 'u-net'];
/**
 * New batches each step and rates at which PyTorch’s float32 stays with its own float64: a net of this depth soon learns its batches by heart, and
 * a pooling window whose two largest numbers change places carries rounding into every later step.
 */
const optimizers = [
  { name: 'SGD, momentum 0.9', kind: 'sgd', rate: 0.0001, decay: 0, config: { kind: 'sgd', momentum: 0.9 } },
  { name: 'AdamW', kind: 'adamw', rate: 0.00001, decay: 0.01, config: { kind: 'adamw' } },
] as const;
/** MobileNetV2 multiplies rounding more than the others: here PyTorch leaves its own float64 by more than the bound at the common rate. */
const slower: Readonly<Record<string, number>> = { 'mobilenet-v2': 0.1 };
const only = process.argv.find((a) => a.startsWith('--nets='))?.slice('--nets='.length).split(',');

const python = process.env.NETLOOM_PYTHON ?? 'python3';
if (spawnSync(python, ['-c', 'import torch, numpy'], { stdio: 'ignore' }).status !== 0) {
  console.log('check:torch skipped: python3 (or NETLOOM_PYTHON) has no torch and numpy. Install both with pip, then run it again.');
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), 'netloom-check-'));
const child = spawn(python, [join(process.cwd(), 'e2e', 'bench', 'torch_reference.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
const next = async (): Promise<unknown> => JSON.parse((await lines.next()).value as string);
const { version } = (await next()) as { version: string };
const ask = (command: unknown): Promise<unknown> => {
  child.stdin.write(`${JSON.stringify(command)}\n`);
  return next();
};
const bytes = (v: Float32Array | Int32Array): Uint8Array => new Uint8Array(v.buffer, v.byteOffset, v.byteLength);

console.log(`Losses of ${STEPS} steps, batch ${BATCH}, beside PyTorch ${version}: largest relative difference, and PyTorch's own between float32 and float64.\n`);
console.log('| net | optimiser | first loss | last loss | difference | PyTorch float32 to float64 | ours to float64 |\n|---|---|--:|--:|--:|--:|--:|');
let failed = 0;
const largest = (a: readonly number[], b: readonly number[]): number => Math.max(...a.map((v, i) => Math.abs(v - (b[i] as number)) / Math.abs(b[i] as number)));

for (const id of nets.filter((n) => only?.includes(n) ?? true)) {
  const { network } = compile(referenceNet(id));
  const weights = initialWeights(network, 1);
  const shape = network.layers[0]?.shape ?? [];
  const output = network.layers.at(-1)?.shape ?? [];
  const [classes = 1, ...places] = output;
  const random = createRandom(11);
  const inputs = Float32Array.from({ length: BATCHES * BATCH * elementCount(shape) }, () => random.normal());
  const labels = Int32Array.from({ length: BATCHES * BATCH * elementCount(places) }, () => Math.floor(random.next() * classes));
  let offset = 0;
  const index = network.layers.flatMap((l) => l.weights.map((w) => {
    const count = elementCount(w.shape);
    offset += count;
    return { layer: l.id, name: w.name, shape: w.shape, offset: offset - count, count, decays: w.decays };
  }));
  const all = new Float32Array(offset);
  for (const l of network.layers) for (const w of l.weights) all.set(weights.get(w.fullName)?.data ?? [], index.find((e) => e.layer === l.id && e.name === w.name)?.offset);
  const files = { weights: join(folder, 'weights'), inputs: join(folder, 'inputs'), labels: join(folder, 'labels') };
  writeFileSync(files.weights, bytes(all));
  writeFileSync(files.inputs, bytes(inputs));
  writeFileSync(files.labels, bytes(labels));

  for (const o of optimizers) {
    const rate = o.rate * (slower[id] ?? 1);
    const config = TrainingConfigSchema.parse({ batchSize: BATCH, optimizer: o.config, learningRate: rate, weightDecay: o.decay });
    const session = await createOnnxEngine('cpu').open(network, config, weights, { element: 'float32', offset: 0, scale: 1 });
    const own: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      const at = step % BATCHES;
      const [n, m] = [BATCH * elementCount(shape), BATCH * elementCount(places)];
      own.push((await session.step({ inputs: inputs.subarray(at * n, (at + 1) * n), targets: labels.subarray(at * m, (at + 1) * m), size: BATCH }, rate)).loss);
    }
    await session.dispose();
    const job = { layers: network.layers, index, ...files, optimizer: o.kind, rate, decay: o.decay, batch: BATCH, steps: STEPS, places };
    const torch = (await ask({ train: { ...job, double: false } })) as number[];
    const exact = (await ask({ train: { ...job, double: true } })) as number[];
    const difference = largest(own, torch);
    const ok = difference <= BOUND;
    if (!ok) failed++;
    const show = (v: number): string => v.toExponential(1);
    console.log(`| ${id} | ${o.name} | ${own[0]?.toFixed(4)} | ${own.at(-1)?.toFixed(4)} | ${show(difference)}${ok ? '' : ' **too large**'} | ${show(largest(torch, exact))} | ${show(largest(own, exact))} |`);
  }
}
child.stdin.end();
rmSync(folder, { recursive: true });
console.log(failed === 0 ? `\nAll within ${BOUND}.` : `\n${failed} beyond ${BOUND}.`);
process.exit(failed === 0 ? 0 : 1);
