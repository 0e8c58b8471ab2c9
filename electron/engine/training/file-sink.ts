/** A run's results in its folder, and the checkpoint read back. */
import { z } from 'zod';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { CurvePoint, RunState } from '../../../shared/protocol/values.ts';
import { freshStopping } from '../../../shared/training/early-stopping.ts';
import { freshPlateau } from '../../../shared/training/schedules.ts';
import { appendMetrics, updateRun, writeBest, writeCheckpoint } from '../projects/runs.ts';
import type { Weights } from './engine.ts';
import type { Checkpoint, RunPosition, RunSink } from './run-sink.ts';

const WEIGHT = 'weight/';
const STATE = 'state/';

const PositionSchema = z.object({
  epoch: z.int(), stepInEpoch: z.int(), step: z.int(), learningRate: z.number(),
  bestAccuracy: z.number().nullable(), bestEpoch: z.int().nullable(),
  window: z.object({ loss: z.number(), correct: z.number(), samples: z.number(), steps: z.number() }),
  seconds: z.number(), optimiserStep: z.int(),
  plateau: z.object({ factor: z.number(), best: z.number().nullable(), bad: z.int(), cooldown: z.int() }).default(freshPlateau),
  stopping: z.object({ best: z.number().nullable(), bad: z.int() }).default(freshStopping),
});

const prefixed = (prefix: string, weights: Weights) => [...weights].map(([name, w]) => [prefix + name, w] as const);

class FileSink implements RunSink {
  readonly #folder: string;
  #finalLoss: number | null = null;
  constructor(folder: string) {
    this.#folder = folder;
  }

  async checkpoint({ snapshot, position }: Checkpoint): Promise<void> {
    const tensors = new Map([...prefixed(WEIGHT, snapshot.weights), ...prefixed(STATE, snapshot.state)]);
    await writeCheckpoint(this.#folder, tensors, { ...position, optimiserStep: snapshot.step });
  }
  async best(weights: Weights): Promise<void> {
    await writeBest(this.#folder, weights);
  }
  async metrics(points: readonly CurvePoint[]): Promise<void> {
    this.#finalLoss = points.findLast((p) => p.loss !== undefined)?.loss ?? this.#finalLoss;
    await appendMetrics(this.#folder, points);
  }
  /** Epochs are the run's owner's to note: it knows whether the last one was whole. */
  async state(state: RunState, { bestAccuracy, seconds }: RunPosition): Promise<void> {
    await updateRun(this.#folder, { state, bestAccuracy, seconds, ...(this.#finalLoss === null ? {} : { finalLoss: this.#finalLoss }) });
  }
}

/** For a folder that createRun has made. */
export const openFileSink = (folder: string): RunSink => new FileSink(folder);

/** What readCheckpoint answered, as the loop wants it. Throws project.weights when it has no place in a run. */
export function checkpointOf(tensors: Weights, position: unknown): Checkpoint {
  const parsed = PositionSchema.safeParse(position);
  if (!parsed.success) throw problem('project.weights', { label: 'Checkpoint' }, { expected: 'a checkpoint with its place in the run', got: 'one without' });
  const { optimiserStep, ...place } = parsed.data;
  const part = (prefix: string): Weights => new Map([...tensors].flatMap(([name, t]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), t] as const] : [])));
  return { snapshot: { weights: part(WEIGHT), state: part(STATE), step: optimiserStep }, position: place };
}
