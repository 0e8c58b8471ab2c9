/** When a run has stopped getting better: a reducer over its epochs. */
import type { TrainingConfig } from './config.ts';

/** Part of a checkpoint. */
export interface StoppingState { readonly best: number | null; readonly bad: number }
export const freshStopping: StoppingState = { best: null, bad: 0 };

type EarlyStopping = NonNullable<TrainingConfig['earlyStopping']>;

/** Told an epoch's validation, as keras.callbacks.EarlyStopping: an improvement is one by more than minDelta. */
export function stoppingAfter(c: EarlyStopping, state: StoppingState, validation: { readonly loss: number; readonly accuracy: number }): StoppingState {
  const value = c.monitor === 'loss' ? -validation.loss : validation.accuracy;
  return state.best === null || value > state.best + c.minDelta ? { best: value, bad: 0 } : { best: state.best, bad: state.bad + 1 };
}

export const stopsNow = (c: EarlyStopping, state: StoppingState): boolean => state.bad >= c.patience;
