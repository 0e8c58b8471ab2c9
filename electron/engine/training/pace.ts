/** What follows from a run's place: the rate of a step, and what an epoch's validation changes. Pure. */
import type { TrainingConfig } from '../../../shared/training/config.ts';
import { stoppingAfter, stopsNow } from '../../../shared/training/early-stopping.ts';
import { plateauAfter, rateFactor } from '../../../shared/training/schedules.ts';
import type { RunPosition } from './run-sink.ts';

/** The rate of the batch after `step` others: the chosen one, moved by the schedule, which counts steps of the optimiser. */
export function rateAt(config: TrainingConfig, position: RunPosition, stepsPerEpoch: number, step: number): number {
  const { accumulation, epochs } = config;
  return position.learningRate * rateFactor(config, { step: Math.floor(step / accumulation), stepsPerEpoch: stepsPerEpoch / accumulation, epochs }, position.plateau);
}

/** What plateau and early stopping learn from an epoch. */
export function judgedBy({ schedule, earlyStopping }: TrainingConfig, { plateau, stopping }: RunPosition, validation: Validation): Pick<RunPosition, 'plateau' | 'stopping'> {
  return {
    plateau: schedule.kind === 'plateau' ? plateauAfter(schedule, plateau, validation.loss) : plateau,
    stopping: earlyStopping ? stoppingAfter(earlyStopping, stopping, validation) : stopping,
  };
}

export interface Validation { readonly loss: number; readonly accuracy: number }

/** Whether the run is over: its epochs are done, or early stopping has lost patience. */
export const isOver = (config: TrainingConfig, position: RunPosition): boolean =>
  position.epoch >= config.epochs || (config.earlyStopping !== null && stopsNow(config.earlyStopping, position.stopping));
