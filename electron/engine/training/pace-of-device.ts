/** How fast one device trains a net: some seconds of real steps after one that is not counted. */
import type { Network } from '../../../shared/compile/network.ts';
import type { Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import { RacePhaseSchema, type RacePhase } from '../../../shared/protocol/race-requests.ts';
import type { TrainingConfig } from '../../../shared/training/config.ts';
import type { Dataset, Split } from '../datasets/dataset.ts';
import { batchOf, encodingOf, epochOrder } from './batches.ts';
import { resolveLoss } from './class-weights.ts';
import type { TrainingEngine, Weights } from './engine.ts';
import { withFewFeatures } from './features/session.ts';

const CANCEL = 0;
const PHASE = 1;
const STEPS = 2;
const ELAPSED = 3;
const WORDS = 4;

const phases = RacePhaseSchema.options;

/** What both threads know of a timing while it runs; over memory that they share. */
export class PaceControl {
  readonly words: Int32Array;

  constructor(words: Int32Array = new Int32Array(new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT))) {
    this.words = words;
  }

  /** Asks to end after the batch that runs now; nothing takes it back. */
  cancel(): void {
    Atomics.store(this.words, CANCEL, 1);
  }
  get cancelled(): boolean {
    return Atomics.load(this.words, CANCEL) !== 0;
  }

  get phase(): RacePhase {
    return phases[Atomics.load(this.words, PHASE)] ?? 'opening';
  }
  set phase(phase: RacePhase) {
    Atomics.store(this.words, PHASE, phases.indexOf(phase));
  }

  /** Steps that were timed so far, and the milliseconds they took. */
  get timed(): { readonly steps: number; readonly ms: number } {
    return { steps: Atomics.load(this.words, STEPS), ms: Atomics.load(this.words, ELAPSED) };
  }
  set timed({ steps, ms }: { readonly steps: number; readonly ms: number }) {
    Atomics.store(this.words, STEPS, steps);
    Atomics.store(this.words, ELAPSED, Math.round(ms));
  }
}

/** Generic over how the data set is handed over. */
export interface PaceOptions<D = Dataset> {
  readonly network: Network;
  readonly config: TrainingConfig;
  readonly weights: Weights;
  readonly dataset: D;
  readonly split: Split;
  /** Steps go on until so many have passed; one step that takes longer counts as it is. */
  readonly seconds: number;
  /** Of a PaceControl. */
  readonly control: Int32Array;
}

/**
 * `samples`: of one step of the optimiser, over all its batches; `stepMs`: the median; `notes`: what of the net stays as it is, or
 * goes slower than it could; `features`: the layer whose kept features the steps read, where a run would keep some.
 */
export interface MeasuredPace { readonly samples: number; readonly steps: number; readonly stepMs: number; readonly notes: readonly Diagnostic[]; readonly features: string | null }

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1] ?? 0, sorted[sorted.length >> 1] ?? 0];
  return (low + high) / 2;
}

/**
 * Trains on batches in the order of a run's first epoch, with weights of its own, on features of frozen layers where a run would.
 * The first step fetches memory and compiles kernels; it is not counted. With accumulation a step is all batches up to the
 * optimiser's. Null when it was cancelled. Throws what the engine throws; the session is freed in every case.
 */
export async function paceOfDevice(engine: TrainingEngine, o: PaceOptions, now: () => number = () => performance.now()): Promise<MeasuredPace | null> {
  const { config, dataset, split } = o;
  const { train } = split;
  const control = new PaceControl(o.control);
  const size = Math.min(config.batchSize, train.length);
  const order = epochOrder(train, config.seed, 0);
  const inEpoch = Math.floor(order.length / size);
  let taken = 0;
  if (control.cancelled) return null;
  let features: string | null = null;
  const session = await withFewFeatures(engine, { dataset, split, told: (layer) => { features = layer; } }).open(o.network, { ...config, batchSize: size, loss: resolveLoss(config.loss, dataset, train) }, o.weights, encodingOf(dataset));
  /** Whether the step was taken to its end. */
  const step = async (): Promise<boolean> => {
    for (let i = 0; i < config.accumulation; i++) {
      if (control.cancelled) return false;
      // As a run does it: what a driver throws beside its step must come through.
      await new Promise((resolve) => setImmediate(resolve));
      const from = (taken++ % inEpoch) * size;
      await session.step(batchOf(dataset, order.subarray(from, from + size)), config.learningRate);
    }
    return !control.cancelled;
  };
  try {
    control.phase = 'warming';
    if (!(await step())) return null;
    control.phase = 'timing';
    const times: number[] = [];
    const began = now();
    for (let last = began; last - began < o.seconds * 1000;) {
      if (!(await step())) return null;
      const ended = now();
      times.push(ended - last);
      last = ended;
      control.timed = { steps: times.length, ms: ended - began };
    }
    return { samples: size * config.accumulation, steps: times.length, stepMs: median(times), notes: (await session.missing?.()) ?? [], features };
  } finally {
    await session.dispose().catch(() => undefined);
  }
}
