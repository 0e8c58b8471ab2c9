/** The weights a run is judged by: with averaging on, their running means. */
import type { TrainingConfig } from '../../../shared/training/config.ts';
import { averageName } from '../autodiff/parameters.ts';
import type { EngineSnapshot, Weights } from './engine.ts';

/** A snapshot's running means where there are any; weights that are not trained as they are. */
export function judgedWeights({ weights, state, step }: EngineSnapshot, config: Pick<TrainingConfig, 'ema' | 'accumulation'>): Weights {
  // Before the first step of the optimiser the means are empty.
  if (!config.ema || step < config.accumulation) return weights;
  return new Map([...weights].map(([name, w]) => [name, state.get(averageName(name)) ?? w]));
}
