/** The settings that a net with a new head trains with. */
import type { z } from 'zod';
import { TrainingConfigSchema, type TrainingConfig } from './config.ts';

export interface FinetuneSettings {
  readonly learningRate: number;
  /** All that is kept is frozen at the start. */
  readonly headAlone: boolean;
  readonly layerRates: Readonly<Record<string, number>>;
  readonly keepStatistics: boolean;
  /** Frozen blocks that thaw; null for none. */
  readonly unfreezing: { readonly every: number; readonly rate: number } | null;
}

/** Kept layers move at half of the new ones' rate: on a few hundred pictures of another task a tenth has them learn nothing. */
export const finetuneDefaults = { normalise: true, trunkRate: 0.5, blockRate: 0.4, dropout: 0.2, keepStatistics: true } as const;

/** A head that begins alone bears a larger rate than a net of many layers. */
export const finetuneRate = (headAlone: boolean): number => (headAlone ? 0.01 : 0.002);

/** Blocks that thaw one after another, at most: the deepest ones of a pretrained net are best left as they are. */
const THAWED = 3;

/**
 * How the rate moves. Adam's first steps move each weight by the whole rate, whatever its gradient: behind a thousand features of
 * unit size, much alike from sample to sample, that is a logit by ten, and the loss with it. So the rate of a head that trains alone
 * rises from a small one, and falls again (Smith and Topin 2019); where blocks join later it stays up for them.
 */
function moving(headAlone: boolean, thaws: boolean): Pick<z.input<typeof TrainingConfigSchema>, 'schedule' | 'warmup'> {
  if (headAlone && !thaws) return { schedule: { kind: 'one-cycle' }, warmup: { epochs: 0 } };
  return { schedule: { kind: 'constant' }, warmup: headAlone ? { epochs: 1, from: 0 } : { epochs: 0 } };
}

/** Loss, optimiser, rates and their schedule for classes behind a trunk that has learned; epochs, batch, data and device stay as they were. */
export function finetuned(config: TrainingConfig, { learningRate, headAlone, layerRates, keepStatistics, unfreezing }: FinetuneSettings): TrainingConfig {
  return TrainingConfigSchema.parse({
    ...config, ...moving(headAlone, unfreezing !== null), loss: 'cross-entropy', optimizer: { kind: 'adam' }, learningRate, weightDecay: 0, layerRates, keepStatistics,
    unfreezing: unfreezing && { ...unfreezing, blocks: THAWED },
  });
}
