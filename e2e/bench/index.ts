/** npm run bench: training speed of each net on each device, beside PyTorch in the same run where Python has it. */
import { spawn, spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { compile } from '../../shared/compile/compile.ts';
import type { Network } from '../../shared/compile/network.ts';
import { initialWeights } from '../../shared/compile/weights.ts';
import { referenceNet } from '../../shared/templates/reference.ts';
import { TrainingConfigSchema } from '../../shared/training/config.ts';
import { elementCount } from '../../shared/shapes/shape.ts';
import { trainingDevices } from '../../electron/engine/training/devices.ts';
import type { TrainingDevice } from '../../electron/engine/training/engine.ts';
import { canvasBench } from './canvas.ts';
import { compileTimes } from './compile.ts';
import { importOnce, importTimes } from './import.ts';
import { memory } from './memory.ts';
import { trainForReal } from './train.ts';
import { profile } from './profile.harness.ts';
import { engineOf } from '../../electron/engine/training/engines.ts';

interface Job { readonly template: string; readonly batch: number; readonly steps: number }
interface Rate { readonly best: number; readonly median: number }

/** Whether this runs from the archive of bench:pack, with everything beside it. */
const packed = process.env.NETLOOM_PACKED === '1';
const nets: readonly (readonly [template: string, steps: number])[] = [['lenet-5', 300], ['mnist-cnn', 50], ['vgg-small', 8], ['resnet-18', 3], ['densenet-bc', 2], ['mobilenet-v2', 6]];
const option = (name: string): string | undefined => process.argv.find((a) => a.startsWith(`--${name}=`))?.slice(name.length + 3);
const only = option('nets')?.split(',');
const batches = (option('batches') ?? '32,128').split(',').map(Number);
const jobs: readonly Job[] = nets.filter(([net]) => only?.includes(net) ?? true).flatMap(([template, steps]) => batches.map((batch) => ({ template, batch, steps: Number(option('steps') ?? Math.max(1, Math.round((steps * 32) / batch))) })));
const ROUNDS = 5;

const networkOf = (id: string): Network => compile(referenceNet(id)).network;

if (process.argv.some((a) => /^--memory(=|$)/.test(a))) {
  for (const device of (option('devices') ?? 'cpu').split(',')) await memory(device as TrainingDevice, Number(option('memory') ?? 2000), Number(option('runs') ?? 20));
  process.exit(0);
}

if (process.argv.some((a) => /^--train(=|$)/.test(a))) {
  await trainForReal(option('train')?.split(',') ?? [], (option('devices') ?? 'cpu') as TrainingDevice, Number(option('epochs') ?? 0) || null);
  process.exit(0);
}

if (process.argv.some((a) => /^--compile(=|$)/.test(a))) {
  await compileTimes((option('compile') ?? 'lenet-5,resnet-18,resnet-50').split(','));
  process.exit(0);
}

const imported = option('import-once');
if (imported !== undefined) {
  await importOnce(imported);
  process.exit(0);
}

if (process.argv.some((a) => /^--import(=|$)/.test(a))) {
  importTimes((option('import') ?? 'resnet-50,vgg-16,densenet-201').split(','));
  process.exit(0);
}

if (process.argv.some((a) => /^--canvas(=|$)/.test(a))) {
  await canvasBench(join(import.meta.dirname, '..', '..'), (option('canvas') ?? 'resnet-152,densenet-201').split(','));
  process.exit(0);
}

const profiled = option('profile');
if (profiled) {
  for (const batch of batches) await profile(networkOf(profiled), batch, Number(option('threads') ?? 2), option('without'));
  process.exit(0);
}

/** Something that can be timed round by round. */
interface Contestant { round(steps: number): Promise<number>; close(): Promise<void> }

async function ours(job: Job, device: TrainingDevice): Promise<Contestant> {
  const network = networkOf(job.template);
  const config = TrainingConfigSchema.parse({ batchSize: job.batch, optimizer: { kind: 'sgd', momentum: 0.9 }, learningRate: 0.01 });
  const session = await engineOf(device).open(network, config, initialWeights(network, 1), { element: 'float32', offset: 0, scale: 1 });
  const inputs = Float32Array.from({ length: job.batch * elementCount(network.layers[0]?.shape ?? []) }, (_, i) => ((i * 2654435761) >>> 0) / 2 ** 32);
  const targets = Int32Array.from({ length: job.batch }, (_, i) => i % 10);
  return {
    async round(steps) {
      const began = performance.now();
      // Each step waits for its loss, so the device has finished it.
      for (let s = 0; s < steps; s++) await session.step({ inputs, targets, size: job.batch }, 0.01);
      return (job.batch * steps) / ((performance.now() - began) / 1000);
    },
    close: () => session.dispose(),
  };
}

const python = process.env.NETLOOM_PYTHON ?? 'python3';
interface Torch { readonly version: string; readonly threads: number; readonly cuda: boolean; open(job: Job, device: string): Promise<Contestant>; close(): void }

/** PyTorch in a process of its own; null where Python or torch is missing. */
async function startTorch(): Promise<Torch | null> {
  if (spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status !== 0) return null;
  const child = spawn(python, [join(import.meta.dirname, ...(packed ? [] : ['..', '..', 'e2e', 'bench']), 'torch_reference.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => JSON.parse((await lines.next()).value as string);
  const ask = async (command: unknown): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(command)}\n`);
    return next();
  };
  const about = (await next()) as { version: string; cuda: boolean; threads: number };
  return {
    ...about,
    async open(job, device) {
      await ask({ open: { layers: networkOf(job.template).layers, batch: job.batch, classes: 10, device } });
      return { round: async (steps) => (await ask({ steps })) as number, close: () => Promise.resolve() };
    },
    close: () => void child.stdin.end(),
  };
}

/** Rates of the contestants, who take turns, so that both meet the same neighbours on the machine; the first round is not counted. */
async function race(contestants: readonly Contestant[], steps: number): Promise<Rate[]> {
  const rates = contestants.map((): number[] => []);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [i, c] of contestants.entries()) {
      // The other's threads spin on for a while after their work.
      await setTimeout(300);
      const rate = await c.round(steps);
      if (round > 0) rates[i]?.push(rate);
    }
  }
  return rates.map((r) => {
    const sorted = r.sort((a, b) => a - b);
    return { best: sorted.at(-1) ?? 0, median: sorted[sorted.length >> 1] ?? 0 };
  });
}

const software = process.env.VK_ICD_FILENAMES?.includes('swiftshader') === true;
const present = await trainingDevices();
const devices = present.filter((d) => d.available && (d.id !== 'webgpu' || !software || option('devices') !== undefined)).map((d) => d.id as TrainingDevice).filter((d) => option('devices')?.split(',').includes(d) ?? true);
const torch = option('against') === 'none' ? null : await startTorch();
console.log(`Training speed, images per second, ${cpus()[0]?.model.trim() ?? 'CPU'} with ${cpus().length} threads; SGD with momentum, best and median of ${ROUNDS} rounds, in turn.`);
for (const d of present) console.log(d.available ? `${d.id}: ${d.name}. ${d.detail}` : `${d.id} is left out: ${d.detail}`);
console.log(torch ? `PyTorch ${torch.version} with ${torch.threads} threads in the same run.` : 'PyTorch was not found by python3 (or NETLOOM_PYTHON): no comparison.');
console.log('\n| net | batch | device | Netloom best | Netloom median | PyTorch best | PyTorch median | ratio of medians |\n|---|--:|---|--:|--:|--:|--:|--:|');
const ratios = new Map<TrainingDevice, number[]>();
for (const job of jobs) {
  for (const device of devices) {
    const own = await ours(job, device);
    const other = torch && (device === 'cpu' || torch.cuda) ? await torch.open(job, device === 'cpu' ? 'cpu' : 'cuda') : null;
    const [mine, theirs] = await race(other ? [own, other] : [own], job.steps) as [Rate, Rate?];
    await own.close();
    const n = (v: number | undefined) => (v === undefined ? '–' : Math.round(v).toLocaleString('en-US'));
    if (theirs) ratios.set(device, [...(ratios.get(device) ?? []), mine.median / theirs.median]);
    console.log(`| ${job.template} | ${job.batch} | ${device} | ${n(mine.best)} | ${n(mine.median)} | ${n(theirs?.best)} | ${n(theirs?.median)} | ${theirs ? (mine.median / theirs.median).toFixed(2) : '–'} |`);
  }
}
for (const [device, all] of ratios) {
  const sorted = all.sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
  console.log(`\nMedian ratio on ${device}: ${median.toFixed(2)} over ${sorted.length} rows.`);
}
torch?.close();
