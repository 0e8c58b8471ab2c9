/** npm run bench: training speed of each net on each device, beside PyTorch in the same run where Python has it. */
import { spawn, spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { compile } from '../../shared/compile/compile.ts';
import type { Network } from '../../shared/compile/network.ts';
import { initialWeights } from '../../shared/compile/weights.ts';
import { findTemplate } from '../../shared/templates/templates.ts';
import { TrainingConfigSchema } from '../../shared/training/config.ts';
import { elementCount } from '../../shared/shapes/shape.ts';
import { listDevices } from '../../electron/engine/runtime/devices.ts';
import type { DeviceId } from '../../electron/engine/runtime/session.ts';
import { profile } from './profile.ts';
import { createOnnxEngine } from '../../electron/engine/training/onnx-engine.ts';

interface Job { readonly template: string; readonly batch: number; readonly steps: number }
interface Rate { readonly best: number; readonly median: number }

const nets: readonly (readonly [template: string, steps: number])[] = [['lenet-5', 40], ['mnist-cnn', 4], ['vgg-small', 2], ['resnet-18', 1], ['densenet-bc', 1], ['mobilenet-v2', 1]];
const option = (name: string): string | undefined => process.argv.find((a) => a.startsWith(`--${name}=`))?.slice(name.length + 3);
const only = option('nets')?.split(',');
const batches = (option('batches') ?? '32,128').split(',').map(Number);
const jobs: readonly Job[] = nets.filter(([net]) => only?.includes(net) ?? true).flatMap(([template, steps]) => batches.map((batch) => ({ template, batch, steps: Math.max(1, Math.round((steps * 32) / batch)) })));
const ROUNDS = 5;

const networkOf = (id: string): Network => {
  const template = findTemplate(id);
  if (!template) throw new Error(`No template ${id}`);
  return compile(template.build()).network;
};

const profiled = option('profile');
if (profiled) {
  for (const batch of batches) await profile(networkOf(profiled), batch, Number(option('threads') ?? 2), option('without'));
  process.exit(0);
}

/** Images per second over rounds of steps, after one round of warm-up. */
async function measure(job: Job, device: DeviceId): Promise<Rate> {
  const network = networkOf(job.template);
  const shape = network.layers[0]?.shape ?? [];
  const config = TrainingConfigSchema.parse({ batchSize: job.batch, optimizer: { kind: 'sgd', momentum: 0.9 }, learningRate: 0.01 });
  const session = await createOnnxEngine(device).open(network, config, initialWeights(network, 1), { element: 'float32', offset: 0, scale: 1 });
  const inputs = Float32Array.from({ length: job.batch * elementCount(shape) }, (_, i) => ((i * 2654435761) >>> 0) / 2 ** 32);
  const targets = Int32Array.from({ length: job.batch }, (_, i) => i % 10);
  const rates: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const began = performance.now();
    // Each step waits for its loss, so the device has finished it.
    for (let s = 0; s < job.steps; s++) await session.step({ inputs, targets, size: job.batch }, 0.01);
    if (round > 0) rates.push((job.batch * job.steps) / ((performance.now() - began) / 1000));
  }
  await session.dispose();
  rates.sort((a, b) => a - b);
  return { best: rates.at(-1) ?? 0, median: rates[Math.floor(rates.length / 2)] ?? 0 };
}

const python = process.env.NETLOOM_PYTHON ?? 'python3';

/** PyTorch's rates by job and device; null where Python or torch is missing. */
async function measureTorch(devices: readonly string[]): Promise<{ version: string; threads: number; rates: Map<string, Rate> } | null> {
  if (spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status !== 0) return null;
  const child = spawn(python, [join(process.cwd(), 'e2e', 'bench', 'torch_reference.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => JSON.parse((await lines.next()).value as string);
  const about = (await next()) as { version: string; cuda: boolean; threads: number };
  const rates = new Map<string, Rate>();
  for (const job of jobs) {
    for (const device of about.cuda && devices.includes('webgpu') ? ['cpu', 'cuda'] : ['cpu']) {
      child.stdin.write(`${JSON.stringify({ layers: networkOf(job.template).layers, batch: job.batch, steps: job.steps, rounds: ROUNDS, classes: 10, device })}\n`);
      rates.set(`${job.template} ${device}`, (await next()) as Rate);
    }
  }
  child.stdin.end();
  return { ...about, rates };
}

const software = process.env.VK_ICD_FILENAMES?.includes('swiftshader') === true;
const devices = (await listDevices()).filter((d) => d.available && (d.id !== 'webgpu' || !software)).map((d) => d.id as DeviceId);
const torch = await measureTorch(devices);
console.log(`Training speed, images per second, ${cpus()[0]?.model.trim() ?? 'CPU'} with ${cpus().length} threads; SGD with momentum, best and median of ${ROUNDS} rounds.`);
console.log(torch ? `PyTorch ${torch.version} with ${torch.threads} threads in the same run.` : 'PyTorch was not found by python3 (or NETLOOM_PYTHON): no comparison.');
console.log('\n| net | batch | device | Netloom best | Netloom median | PyTorch best | PyTorch median | ratio of medians |\n|---|--:|---|--:|--:|--:|--:|--:|');
for (const job of jobs) {
  for (const device of devices) {
    const own = await measure(job, device);
    const other = torch?.rates.get(`${job.template} ${device === 'webgpu' ? 'cuda' : device}`);
    const n = (v: number | undefined) => (v === undefined ? '–' : Math.round(v).toLocaleString('en-US'));
    console.log(`| ${job.template} | ${job.batch} | ${device} | ${n(own.best)} | ${n(own.median)} | ${n(other?.best)} | ${n(other?.median)} | ${other ? (own.median / other.median).toFixed(2) : '–'} |`);
  }
}
