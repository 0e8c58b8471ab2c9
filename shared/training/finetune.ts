/** The settings that a net with a new head trains with. */
import { TrainingConfigSchema, type TrainingConfig } from './config.ts';

export interface FinetuneSettings {
  readonly learningRate: number;
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

/** Loss, optimiser and rates for classes behind a trunk that has learned; epochs, batch, data and device stay as they were. */
export function finetuned(config: TrainingConfig, { learningRate, layerRates, keepStatistics, unfreezing }: FinetuneSettings): TrainingConfig {
  return TrainingConfigSchema.parse({
    ...config, loss: 'cross-entropy', optimizer: { kind: 'adam' }, learningRate, weightDecay: 0, layerRates, keepStatistics, unfreezing: unfreezing && { ...unfreezing, blocks: THAWED },
  });
}
