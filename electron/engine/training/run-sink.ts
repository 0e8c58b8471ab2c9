/** Where a run's results go, and what a checkpoint holds: all that an exact resume needs. */
import type { CurvePoint, RunState } from '../../../shared/protocol/values.ts';
import { freshStopping, type StoppingState } from '../../../shared/training/early-stopping.ts';
import { freshPlateau, type PlateauState } from '../../../shared/training/schedules.ts';
import type { CurveWindow } from './curve.ts';
import type { EngineSnapshot, Weights } from './engine.ts';

/** Where in the run: the order of the data and the random numbers of a step follow from the seed and these. */
export interface RunPosition {
  /** Epochs finished, counted with their validation. */
  readonly epoch: number;
  /** Steps finished in the current epoch. */
  readonly stepInEpoch: number;
  /** Steps finished in the whole run. */
  readonly step: number;
  /** As chosen, before the schedule. */
  readonly learningRate: number;
  readonly bestAccuracy: number | null;
  /** 1-based. */
  readonly bestEpoch: number | null;
  readonly window: CurveWindow;
  /** Seconds trained so far, pauses not counted. */
  readonly seconds: number;
  readonly plateau: PlateauState;
  readonly stopping: StoppingState;
}

export const firstPosition: RunPosition = {
  epoch: 0, stepInEpoch: 0, step: 0, learningRate: 0, bestAccuracy: null, bestEpoch: null, window: { loss: 0, correct: 0, samples: 0, steps: 0 }, seconds: 0,
  plateau: freshPlateau, stopping: freshStopping,
};

export interface Checkpoint { readonly snapshot: EngineSnapshot; readonly position: RunPosition }

/** Writing must be atomic: a run that dies while writing still has the checkpoint before. */
export interface RunSink {
  checkpoint(checkpoint: Checkpoint): Promise<void>;
  best(weights: Weights, result: { readonly accuracy: number; readonly loss: number; readonly epoch: number }): Promise<void>;
  /** Appends to the metrics of the run. */
  metrics(points: readonly CurvePoint[]): Promise<void>;
  /** The run ended, or its state changed. */
  state(state: RunState, position: RunPosition): Promise<void>;
}

/** Keeps everything in memory, for runs without a project folder and for tests. */
export class MemorySink implements RunSink {
  last: Checkpoint | null = null;
  bestWeights: Weights | null = null;
  readonly points: CurvePoint[] = [];
  runState: RunState = 'preparing';
  checkpoint(checkpoint: Checkpoint): Promise<void> {
    this.last = checkpoint;
    return Promise.resolve();
  }
  best(weights: Weights): Promise<void> {
    this.bestWeights = weights;
    return Promise.resolve();
  }
  metrics(points: readonly CurvePoint[]): Promise<void> {
    this.points.push(...points);
    return Promise.resolve();
  }
  state(state: RunState): Promise<void> {
    this.runState = state;
    return Promise.resolve();
  }
}
