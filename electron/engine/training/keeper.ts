/** Which state of a run is kept, and when the next is due. */
import type { TrainingConfig } from '../../../shared/training/config.ts';
import type { EngineSnapshot } from './engine.ts';
import type { Checkpoint, RunSink } from './run-sink.ts';

export class Keeper {
  readonly #sink: RunSink;
  readonly #now: () => number;
  #at = 0;
  #step = 0;
  #healthy: EngineSnapshot | null = null;

  constructor(sink: RunSink, now: () => number) {
    this.#sink = sink;
    this.#now = now;
  }

  /** The last state whose numbers were sound; null before the run has begun. */
  get healthy(): EngineSnapshot | null {
    return this.#healthy;
  }

  /** What a run begins with is no worse than a checkpoint. */
  begin(snapshot: EngineSnapshot, step: number): void {
    this.#healthy = snapshot;
    this.#at = this.#now();
    this.#step = step;
  }

  /** By seconds, and by steps where they are set. */
  due({ checkpointSeconds, checkpointSteps }: Pick<TrainingConfig, 'checkpointSeconds' | 'checkpointSteps'>, step: number): boolean {
    return this.#now() - this.#at >= checkpointSeconds * 1000 || (checkpointSteps > 0 && step - this.#step >= checkpointSteps);
  }

  /** Writes a sound state; the one before stays where writing fails. */
  async keep(checkpoint: Checkpoint): Promise<void> {
    await this.#sink.checkpoint(checkpoint);
    this.begin(checkpoint.snapshot, checkpoint.position.step);
  }
}
