/** What the dialog asks, and what follows from it: pure. */
import { headCuts, replaceHead, type HeadCut, type HeadOptions, type ReplacedHead } from '../../../shared/compile/head.ts';
import type { Document } from '../../../shared/graph/document.ts';
import type { TrainingConfig } from '../../../shared/training/config.ts';
import { finetuned, finetuneDefaults, finetuneRate } from '../../../shared/training/finetune.ts';

export interface Choices {
  readonly cut: string;
  readonly head: HeadOptions['head'];
  readonly normalise: boolean;
  readonly dropout: number;
  /** "cut": all that is kept; null: nothing; else the layer up to which. */
  readonly freeze: string | null;
  readonly learningRate: number;
  /** Share of the rate for kept layers that train. */
  readonly trunkRate: number;
  readonly keepStatistics: boolean;
  /** Epochs between two blocks that thaw; null for none. */
  readonly every: number | null;
  /** Rate of each as a share of the one before. */
  readonly blockRate: number;
}

const first = { ...finetuneDefaults, freeze: 'cut', every: null, learningRate: finetuneRate(true) } as const;

/** To begin with: the proposed cut; a pooled head where it is of maps. Null where the net cannot be cut. */
export function firstChoices(cuts: readonly HeadCut[]): Choices | null {
  const cut = cuts.find((c) => c.proposed) ?? cuts.at(-1);
  return cut ? { ...first, cut: cut.layer, head: cut.shape.length > 1 ? 'pool-dropout-dense' : 'linear' } : null;
}

/** With other layers frozen: the rate follows where nobody has set another. */
export function withFrozen(choices: Choices, freeze: string | null): Choices {
  const usual = choices.learningRate === finetuneRate(choices.freeze === 'cut');
  return { ...choices, freeze, ...(usual ? { learningRate: finetuneRate(freeze === 'cut') } : {}) };
}

/** With another cut: what was frozen stays where the new net still has it. */
export function withCut(choices: Choices, cuts: readonly HeadCut[], cut: string): Choices {
  const at = (layer: string | null) => cuts.findIndex((c) => c.layer === layer);
  const kept = choices.freeze === null || choices.freeze === 'cut' || at(choices.freeze) < at(cut);
  return { ...choices, cut, freeze: kept ? choices.freeze : 'cut' };
}

/** Layers up to which the net may be frozen, from the data on; the cut itself is "cut". */
export const freezeChoices = (cuts: readonly HeadCut[], cut: string): readonly HeadCut[] => cuts.slice(0, Math.max(0, cuts.findIndex((c) => c.layer === cut))).filter((c) => c.freezable);

export const headOf = (document: Document, choices: Choices, classes: readonly string[]): ReplacedHead =>
  replaceHead(document, { cut: choices.cut, head: choices.head, normalise: choices.normalise, dropout: choices.dropout, classes: classes.length, freeze: choices.freeze, trunkRate: choices.trunkRate, labels: classes });

/** The settings for the new head: what the data and the length of the run ask for stays as it was. */
export const configOf = (config: TrainingConfig, { learningRate, keepStatistics, every, freeze, blockRate }: Choices, { layerRates }: Pick<ReplacedHead, 'layerRates'>): TrainingConfig =>
  finetuned(config, { learningRate, headAlone: freeze === 'cut', layerRates, keepStatistics, unfreezing: every === null || freeze === null ? null : { every, rate: blockRate } });

export { headCuts };
