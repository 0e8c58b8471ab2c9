/** What a run is given and what it answers. */
import type { Network } from '../../../shared/compile/network.ts';
import type { Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import type { Progress } from '../../../shared/protocol/values.ts';
import type { TrainingConfig } from '../../../shared/training/config.ts';
import type { Dataset, Split } from '../datasets/dataset.ts';
import type { StepResult, TrainingEngine, Weights } from './engine.ts';
import type { Checkpoint, RunSink } from './run-sink.ts';

export interface LoopDeps {
  readonly engine: TrainingEngine;
  readonly sink: RunSink;
  /** Milliseconds that never go back. */
  readonly now?: () => number;
  /** Every step's exact result; `step` counts from 1. */
  readonly onStep?: (step: number, result: StepResult) => void;
}

export interface LoopOptions {
  readonly run: string;
  readonly network: Network;
  readonly config: TrainingConfig;
  readonly dataset: Dataset;
  readonly split: Split;
  /** To begin with; a checkpoint's take their place. */
  readonly weights: Weights;
  readonly device: { readonly id: string; readonly reason: string };
  /** Goes on from here as if the run had never stopped. */
  readonly resume?: Checkpoint;
  /** The best epoch's weights of the sittings before. */
  readonly best?: Weights;
}

export interface RunResult {
  readonly state: 'finished' | 'stopped' | 'failed';
  readonly error: Diagnostic | null;
  /** As the run left them; after a failure the last healthy checkpoint's. */
  readonly last: Weights;
  /** Of the best validation accuracy; null before the first validation. */
  readonly best: Weights | null;
  /** What the run leaves behind: the best where the settings say so, with averaging on the running means. */
  readonly kept: Weights;
  readonly progress: Progress;
}
