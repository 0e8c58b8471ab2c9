/** The learning rate over a run, as points of a small curve. Pure. */
import type { TrainingConfig } from '../../../shared/training/config.ts';
import { rateFactor } from '../../../shared/training/schedules.ts';

export interface RatePoint { readonly epoch: number; readonly rate: number }

/** At most `most` points, first and last step among them; a plateau is drawn as if it never came. */
export function ratePoints(config: TrainingConfig, trainSamples: number, most = 240): RatePoint[] {
  const batch = Math.max(1, Math.min(config.batchSize, trainSamples));
  const stepsPerEpoch = Math.max(1, Math.floor(trainSamples / batch)) / config.accumulation;
  const total = Math.max(1, Math.floor(config.epochs * stepsPerEpoch));
  const count = Math.min(most, total);
  return Array.from({ length: count }, (_, i) => {
    const step = count === 1 ? 0 : Math.round((i * (total - 1)) / (count - 1));
    return { epoch: step / stepsPerEpoch, rate: config.learningRate * rateFactor(config, { step, stepsPerEpoch, epochs: config.epochs }) };
  });
}
