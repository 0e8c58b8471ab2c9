/** npm run check:tensorflow: LeNet-5 on Fashion-MNIST on TensorFlow, on ONNX Runtime and in TensorFlow's own Keras, from the same weights and batches. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from '../../shared/compile/compile.ts';
import { initialWeights } from '../../shared/compile/weights.ts';
import { findTemplate } from '../../shared/templates/templates.ts';
import { TrainingConfigSchema, type TrainingConfig } from '../../shared/training/config.ts';
import { required } from '../../shared/util/assert.ts';
import { createRandom } from '../../shared/util/random.ts';
import { batchOf } from '../../electron/engine/training/batches.ts';
import { openIdx } from '../../electron/engine/datasets/idx.ts';
import { createTensorflowEngine } from '../../electron/engine/tensorflow/engine.ts';
import { findTensorflow } from '../../electron/engine/tensorflow/find.ts';
import { loadTensorflow } from '../../electron/engine/tensorflow/load.ts';
import { thisSystem } from '../../electron/engine/tensorflow/system.ts';
import type { TrainingEngine, TrainingSession } from '../../electron/engine/training/engine.ts';
import { createOnnxEngine } from '../../electron/engine/training/onnx-engine.ts';
import { hasKeras, kerasLayers, KerasReference } from './keras-reference.ts';
import { leftBehind } from './tensorflow-memory.ts';

const FOLDER = process.env.NETLOOM_FASHION_MNIST ?? join(process.cwd(), '..', 'shared', 'data', 'fashion-mnist');
const BATCH = 64;
/** Steps within which losses must agree, and how well, relative to the loss. */
const [CLOSE, BOUND] = [20, 1e-3];
/** Turns of the race and steps of each. */
const [TURNS, TURN] = [21, 25];
/** Steps at the end whose mean loss is told. */
const LAST = 50;
/**
 * Rates at which a pooling window whose two largest numbers are alike to the last bits, and change places with the order of a sum,
 * does not carry its difference into every later step.
 */
const optimizers = [
  { name: 'SGD, momentum 0.9', rate: 0.001, config: { kind: 'sgd', momentum: 0.9 } },
  { name: 'Adam', rate: 0.001, config: { kind: 'adam' } },
] as const;

/** One of those that train. */
interface Side {
  readonly name: string;
  steps(count: number): Promise<{ readonly losses: readonly number[]; readonly seconds: number }>;
  accuracy(): Promise<number>;
}

/** Ends well: there is nothing to compare. */
function skip(why: string): never {
  console.log(`check:tensorflow skipped: ${why}`);
  process.exit(0);
}

const found = findTensorflow(thisSystem());
if (!found.place) {
  const [first] = found.commands;
  skip(`${found.detail}${first ? ` This would mend it: ${first.command}.` : ''} Or, with a Python that has TensorFlow: NETLOOM_PYTHON=python3 npm run check:tensorflow -- --build`);
}
await loadTensorflow().catch((e: unknown) => skip((e as Error).message));
if (!existsSync(FOLDER)) skip(`no Fashion-MNIST at ${FOLDER}. Put its IDX files there, or set NETLOOM_FASHION_MNIST to their folder.`);

const dataset = await openIdx(FOLDER);
const { train, validation } = required(dataset.split, 'a test part');
/** Every picture once, in an order that is the same for all. */
const order = new Int32Array(train);
const random = createRandom(3);
for (let i = order.length - 1; i > 0; i--) {
  const j = Math.floor(random.next() * (i + 1));
  [order[i], order[j]] = [order[j] as number, order[i] as number];
}
const batches = Array.from({ length: Math.floor(order.length / BATCH) }, (_, i) => batchOf(dataset, order.slice(i * BATCH, (i + 1) * BATCH)));

const { network } = compile(required(findTemplate('lenet-5'), 'LeNet-5').build({ size: 28, channels: 1, classes: dataset.classes.length }));
const weights = initialWeights(network, 7);

async function ours(name: string, engine: TrainingEngine, config: TrainingConfig): Promise<{ side: Side; session: TrainingSession }> {
  const session = await engine.open(network, config, weights, { element: 'uint8', offset: 0, scale: 1 / dataset.maximum });
  let at = 0;
  const side: Side = {
    name,
    async steps(count) {
      const losses: number[] = [];
      const began = performance.now();
      for (let i = 0; i < count; i++) losses.push((await session.step(required(batches[at++ % batches.length], 'a batch'), config.learningRate)).loss);
      return { losses, seconds: (performance.now() - began) / 1000 };
    },
    async accuracy() {
      let correct = 0;
      for (let i = 0; i < validation.length; i += BATCH) correct += (await session.evaluate(batchOf(dataset, validation.slice(i, i + BATCH)))).correct;
      return correct / validation.length;
    },
  };
  return { side, session };
}

const folder = mkdtempSync(join(tmpdir(), 'netloom-check-'));
const write = (name: string, values: Uint8Array | Int32Array | Float32Array): string => {
  writeFileSync(join(folder, name), new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return join(folder, name);
};
const files = { pictures: write('pictures', dataset.values as Uint8Array), labels: write('labels', dataset.labels), order: write('order', order) };
const { inputs, targets } = batchOf(dataset, validation);
const held = { pictures: write('held-pictures', inputs), labels: write('held-labels', targets) };

const python = process.env.NETLOOM_PYTHON ?? 'python3';
const keras = hasKeras(python) ? new KerasReference(python) : null;
const versions = await keras?.versions;
if (!keras) console.log(`Keras left out: python3 (or NETLOOM_PYTHON) has no tensorflow.\n`);

type Losses = readonly number[];
/** Of the first so many steps, the largest relative difference. */
const difference = (a: Losses, b: Losses, steps: number): number => Math.max(...a.slice(0, steps).map((v, i) => Math.abs(v - (b[i] as number)) / Math.abs(b[i] as number)));
const mean = (v: Losses): number => v.reduce((a, b) => a + b, 0) / v.length;
const median = (v: readonly number[]): number => v.toSorted((a, b) => a - b)[Math.floor(v.length / 2)] as number;
let failed = 0;
/** Seconds of each turn, by who took it. */
const seconds = new Map<string, number[]>();

console.log(`${found.detail}${versions ? ` Keras ${versions.keras} of TensorFlow ${versions.tensorflow}.` : ''} ${availableParallelism()} cores.\n`);
console.log(`LeNet-5 on ${order.length.toLocaleString('en-US')} pictures of Fashion-MNIST, batch ${BATCH}, one epoch from the same weights in the same order. Largest difference of a step’s loss, relative, over the first ${CLOSE} and all ${batches.length} steps; right answers on ${validation.length.toLocaleString('en-US')} held out.\n`);
console.log(`| optimiser | trained by | first loss | mean of the last ${LAST} | to the ONNX engine | to Keras | right |\n|---|---|--:|--:|--:|--:|--:|`);
try {
  for (const { name, rate, config: optimizer } of optimizers) {
    const config = TrainingConfigSchema.parse({ batchSize: BATCH, optimizer, learningRate: rate });
    const onnx = await ours('ONNX engine', createOnnxEngine('cpu'), config);
    const tensorflow = await ours('TensorFlow engine', createTensorflowEngine(loadTensorflow), config);
    const sides = [onnx.side, tensorflow.side];
    if (keras) {
      await keras.open({ layers: kerasLayers(network, weights), shape: dataset.shape, ...files, batch: BATCH, optimizer: config.optimizer, rate });
      sides.push({ name: 'Keras', steps: (count) => keras.steps(count), accuracy: () => keras.accuracy(held) });
    }
    const curves = new Map<string, Losses>();
    for (const side of sides) curves.set(side.name, (await side.steps(batches.length)).losses);
    for (const side of sides) {
      const losses = required(curves.get(side.name), side.name);
      const to = (other: string): string => {
        const reference = curves.get(other);
        if (!reference || other === side.name) return '';
        const near = difference(losses, reference, CLOSE);
        if (near > BOUND) failed++;
        return `${near.toExponential(1)}${near > BOUND ? ' **too large**' : ''}, ${difference(losses, reference, losses.length).toExponential(1)}`;
      };
      console.log(`| ${name} | ${side.name} | ${losses[0]?.toFixed(4)} | ${mean(losses.slice(-LAST)).toFixed(4)} | ${to(onnx.side.name)} | ${to('Keras')} | ${(100 * (await side.accuracy())).toFixed(2)} % |`);
    }
    const racers = [
      ...sides.map((s) => ({ name: s.name === 'Keras' ? 'Keras, train_on_batch' : s.name, run: async () => (await s.steps(TURN)).seconds })),
      ...(keras ? [{ name: 'Keras, fit', run: async () => (await keras.fit(TURN)).seconds }] : []),
    ];
    // Each goes first as often as the others; the first turn of all warms up and does not count.
    for (let turn = 0; turn <= TURNS; turn++) {
      for (let i = 0; i < racers.length; i++) {
        const { name: racer, run } = required(racers[(turn + i) % racers.length], 'a racer');
        const key = `${name} | ${racer}`;
        const taken = await run();
        if (turn > 0) seconds.set(key, [...(seconds.get(key) ?? []), taken]);
      }
    }
    await onnx.session.dispose();
    await tensorflow.session.dispose();
  }
  console.log(`\nSamples a second, ${TURNS} turns of ${TURN} steps each, all in turn.\n\n| optimiser | trained by | best | median |\n|---|---|--:|--:|`);
  const rate = (s: number): string => Math.round((TURN * BATCH) / s).toLocaleString('en-US');
  for (const [key, all] of seconds) console.log(`| ${key} | ${rate(Math.min(...all))} | ${rate(median(all))} |`);
  const runs = [1, 5, 10, 20];
  const left = await leftBehind(network, batches, runs);
  console.log(`\nTwenty runs in one process, Adam with mean weights, each closed before the next.\n\n| behind run | ${runs.join(' | ')} |\n|---|${runs.map(() => '--:|').join('')}`);
  console.log(`| tensors held | ${left.map((l) => l.tensors).join(' | ')} |\n| megabytes of the process | ${left.map((l) => Math.round(l.process)).join(' | ')} |`);
  if (required(left.at(-1), 'a run').tensors > required(left[0], 'a run').tensors) failed++;
  console.log(failed === 0 ? `\nAll within ${BOUND} over ${CLOSE} steps, and nothing left behind.` : `\n${failed} beyond ${BOUND} over ${CLOSE} steps, or left behind.`);
} finally {
  keras?.end();
  rmSync(folder, { recursive: true });
}
process.exit(failed === 0 ? 0 : 1);
