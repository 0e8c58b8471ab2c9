/** Test harness: a small net with a memory of every kind and runs of it on either engine, through the loop and its files. */
import { compile } from '../../../shared/compile/compile.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import type { Document } from '../../../shared/graph/document.ts';
import { Sketch } from '../../../shared/templates/build.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { createRandom } from '../../../shared/util/random.ts';
import type { Dataset, Split } from '../datasets/dataset.ts';
import { createRun, readCheckpoint } from '../projects/runs.ts';
import { Control } from '../training/control.ts';
import type { TrainingEngine, Weights } from '../training/engine.ts';
import { checkpointOf, openFileSink } from '../training/file-sink.ts';
import { runTraining } from '../training/loop.ts';
import type { LoopEvent } from '../training/reporter.ts';
import type { LoopOptions } from '../training/run-options.ts';
import { MemorySink, type Checkpoint, type RunSink } from '../training/run-sink.ts';

const SIDE = 6;
const COUNT = 60;
const random = createRandom(2);
const labels = Int32Array.from({ length: COUNT }, () => random.below(3));
/** Bytes of noise, a little brighter class by class. */
export const dataset: Dataset = {
  name: 'noise', licence: '', shape: [1, SIDE, SIDE], classes: ['a', 'b', 'c'], count: COUNT, maximum: 255, labels,
  values: Uint8Array.from({ length: COUNT * SIDE * SIDE }, (_, i) => random.below(150) + 50 * (labels[Math.floor(i / (SIDE * SIDE))] as number)),
};
/** Eight steps of six samples. */
export const split: Split = { train: Int32Array.from({ length: 48 }, (_, i) => i), validation: Int32Array.from({ length: 12 }, (_, i) => 48 + i) };
export const STEPS = 8;

// No bias before the norm: its gradient is rounding alone, of which Adam makes whole steps.
const s = new Sketch();
s.chain(null, [
  ['input', { kind: 'image', height: SIDE, width: SIDE, channels: 1 }], ['conv2d', { filters: 4, kernel: [3, 3], padding: 'same', bias: false, activation: 'none' }], ['batch-norm', {}], ['relu', {}],
  ['conv2d', { filters: 4, kernel: [3, 3], stride: [2, 2], activation: 'tanh' }], ['dropout', { rate: 0.3 }], ['flatten', {}], ['dense', { units: 8, activation: 'tanh' }], ['dense', { units: 3, activation: 'none' }], ['output', {}],
]);
const drawn = s.document('small', 'test');

/** The net, with these of its layers frozen. */
export function netWith(frozen: readonly string[] = []): Network {
  const document: Document = { ...drawn, graph: { ...drawn.graph, nodes: drawn.graph.nodes.map((n) => (frozen.includes(n.id) ? { ...n, frozen: true } : n)) } };
  return compile(document, { classes: 3, sampleShape: [1, SIDE, SIDE] }).network;
}

export interface Played { readonly losses: readonly number[]; readonly events: readonly LoopEvent[]; readonly sink: MemorySink; readonly result: Awaited<ReturnType<typeof runTraining>> }

export interface PlayOptions {
  readonly engine: TrainingEngine;
  readonly network?: Network;
  readonly change?: object;
  readonly resume?: Checkpoint;
  readonly weights?: Weights;
  readonly control?: Control;
  readonly sink?: MemorySink;
  readonly onStep?: (step: number) => void;
  /** The loop's clock. */
  readonly now?: () => number;
}

/** A run of three epochs. */
export async function play({ engine, network = netWith(), change = {}, resume, weights, control = new Control(), sink = new MemorySink(), onStep, now }: PlayOptions): Promise<Played> {
  const losses: number[] = [];
  const events: LoopEvent[] = [];
  const config = TrainingConfigSchema.parse({ epochs: 3, batchSize: 6, learningRate: 0.01, keepBest: false, ...change });
  const options: LoopOptions = { run: 'r', network, config, dataset, split, weights: weights ?? initialWeights(network, 3), device: { id: 'test', reason: 'test' }, ...(resume ? { resume } : {}) };
  const step = (n: number, r: { readonly loss: number }): void => {
    losses.push(r.loss);
    onStep?.(n);
  };
  const result = await runTraining({ engine, sink, onStep: step, ...(now ? { now } : {}) }, options, control, (e) => events.push(e));
  return { losses, events, sink, result };
}

/** A sink that also writes to a run's folder as the app does. */
class TwoSinks extends MemorySink {
  readonly #file: RunSink;
  constructor(file: RunSink) {
    super();
    this.#file = file;
  }
  override async checkpoint(checkpoint: Checkpoint): Promise<void> {
    await super.checkpoint(checkpoint);
    await this.#file.checkpoint(checkpoint);
  }
}

/** A run's folder under `home`: a sink into it, and its checkpoint read back from disk. */
export async function runFolder(home: string, id: string): Promise<{ readonly sink: MemorySink; readonly checkpoint: () => Promise<Checkpoint> }> {
  const folder = await createRun(home, { id, name: id, started: '2026-11-21T00:00:00.000Z', state: 'running', epochs: 0, bestAccuracy: null, finalLoss: null, seconds: 0, parameters: 0, device: 'test', settings: {} });
  return {
    sink: new TwoSinks(openFileSink(folder)),
    checkpoint: async () => {
      const { tensors, position } = await readCheckpoint(folder);
      return checkpointOf(tensors, position);
    },
  };
}

/** Largest |a / b − 1|; infinite where there are not as many. */
export const apart = (a: readonly number[], b: readonly number[]): number => (a.length === b.length && a.length > 0 ? Math.max(...a.map((x, i) => Math.abs(x / (b[i] as number) - 1))) : Infinity);

/** Largest difference of any number of any weight; infinite where names or sizes differ. */
export function weightsApart(a: Weights, b: Weights): number {
  if (a.size !== b.size) return Infinity;
  return Math.max(...[...a].map(([name, w]) => Math.max(0, ...w.data.map((v, i) => Math.abs(v - (b.get(name)?.data[i] ?? Infinity))))));
}
