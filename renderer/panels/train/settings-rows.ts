/** The training settings as rows: label, help, bounds, when they matter, and how the value reads and changes. Pure. */
import type { Field } from '../../../shared/layers/fields.ts';
import { LossSchema, OptimizerSchema, ScheduleSchema, TrainingConfigSchema, ClipSchema, type TrainingConfig } from '../../../shared/training/config.ts';

export const sections = [
  { id: 'basics', label: 'Basics' },
  { id: 'optimiser', label: 'Optimiser details' },
  { id: 'schedule', label: 'Schedule' },
  { id: 'regularisation', label: 'Regularisation' },
  { id: 'gradients', label: 'Gradients' },
  { id: 'averaging', label: 'Averaging and stopping' },
  { id: 'finetune', label: 'Fine-tuning' },
  { id: 'layers', label: 'Rates by layer' },
  { id: 'run', label: 'Data and run' },
] as const;
/** Of the controls, in the kit's units: room for the longest choice. */
export const CONTROL_WIDTH = 208;
export type SectionId = (typeof sections)[number]['id'];

export interface SettingRow {
  readonly section: SectionId;
  /** Key of the config, and key within it. */
  readonly path: readonly [keyof TrainingConfig, string?];
  readonly field: Field;
  readonly when?: (c: TrainingConfig) => boolean;
}

const int = (label: string, help: string, fallback: number, min: number, max: number, unit?: string): Field => ({ kind: 'int', label, help, default: fallback, min, max, ...(unit === undefined ? {} : { unit }) });
const number = (label: string, help: string, fallback: number, min: number, max: number, step: number, unit?: string): Field => ({ kind: 'number', label, help, default: fallback, min, max, step, ...(unit === undefined ? {} : { unit }) });
const bool = (label: string, help: string, fallback: boolean): Field => ({ kind: 'bool', label, help, default: fallback });
const choice = (label: string, help: string, fallback: string, options: readonly (readonly [value: string, label: string])[]): Field => ({ kind: 'choice', label, help, default: fallback, options: options.map(([value, text]) => ({ value, label: text })) });

const optimizer = (...kinds: readonly TrainingConfig['optimizer']['kind'][]) => (c: TrainingConfig): boolean => kinds.includes(c.optimizer.kind);
const schedule = (...kinds: readonly TrainingConfig['schedule']['kind'][]) => (c: TrainingConfig): boolean => kinds.includes(c.schedule.kind);
const loss = (kind: TrainingConfig['loss']['kind']) => (c: TrainingConfig): boolean => c.loss.kind === kind;
const EPSILON_MAX = 1;

export const settingRows: readonly SettingRow[] = [
  { section: 'basics', path: ['loss', 'kind'], field: choice('Loss', 'What training makes small. Cross-entropy for one class a sample, binary cross-entropy for yes-or-no answers, Dice for regions of a picture, the others for numbers.', 'cross-entropy', [['cross-entropy', 'Cross-entropy'], ['binary-cross-entropy', 'Binary cross-entropy'], ['mse', 'Mean squared error'], ['mae', 'Mean absolute error'], ['huber', 'Huber'], ['dice', 'Dice']]) },
  { section: 'basics', path: ['loss', 'delta'], when: loss('huber'), field: number('Huber δ', 'Errors up to this size count squared, larger ones by their amount.', 1, 1e-6, 1e6, 0.1) },
  { section: 'basics', path: ['loss', 'smoothing'], when: loss('dice'), field: number('Dice smoothing', 'Added above and below the fraction, so that an empty class counts as found.', 1, 1e-6, 1e6, 0.1) },
  { section: 'basics', path: ['optimizer', 'kind'], field: choice('Optimiser', 'How the gradient becomes a step. AdamW and Adam need little tuning; SGD with momentum often ends a little better; Lion wants a tenth of Adam’s rate.', 'adam', [['sgd', 'SGD'], ['rmsprop', 'RMSProp'], ['adagrad', 'Adagrad'], ['adam', 'Adam'], ['adamw', 'AdamW'], ['lion', 'Lion']]) },
  { section: 'basics', path: ['learningRate'], field: number('Learning rate', 'How far one step goes. Takes effect at once while training.', 0.002, 1e-9, 100, 0.001) },
  { section: 'basics', path: ['epochs'], field: int('Epochs', 'How often every training sample is seen.', 30, 1, 100000) },
  { section: 'basics', path: ['batchSize'], field: int('Batch size', 'Samples of one step. Larger is faster, smaller often learns better.', 32, 1, 65536) },

  { section: 'optimiser', path: ['optimizer', 'momentum'], when: optimizer('sgd', 'rmsprop'), field: number('Momentum', 'Share of the last step that carries on; 0.9 is usual with SGD.', 0, 0, 0.999, 0.05) },
  { section: 'optimiser', path: ['optimizer', 'nesterov'], when: optimizer('sgd'), field: bool('Nesterov', 'Looks ahead along the momentum before it steps.', false) },
  { section: 'optimiser', path: ['optimizer', 'rho'], when: optimizer('rmsprop'), field: number('ρ', 'Share of the mean square that stays from step to step.', 0.99, 0, 0.9999, 0.01) },
  { section: 'optimiser', path: ['optimizer', 'centered'], when: optimizer('rmsprop'), field: bool('Centred', 'Divides by the gradient’s spread around its mean.', false) },
  { section: 'optimiser', path: ['optimizer', 'beta1'], when: optimizer('adam', 'adamw', 'lion'), field: number('β₁', 'Share of the mean gradient that stays from step to step.', 0.9, 0, 0.9999, 0.01) },
  { section: 'optimiser', path: ['optimizer', 'beta2'], when: optimizer('adam', 'adamw'), field: number('β₂', 'Share of the mean square that stays from step to step.', 0.999, 0, 0.99999, 0.001) },
  { section: 'optimiser', path: ['optimizer', 'beta2'], when: optimizer('lion'), field: number('β₂', 'Share of the kept mean that stays from step to step.', 0.99, 0, 0.99999, 0.001) },
  { section: 'optimiser', path: ['optimizer', 'epsilon'], when: optimizer('rmsprop', 'adam', 'adamw'), field: number('ε', 'Keeps the division finite where gradients vanish.', 1e-8, 1e-12, EPSILON_MAX, 1e-8) },
  { section: 'optimiser', path: ['optimizer', 'epsilon'], when: optimizer('adagrad'), field: number('ε', 'Keeps the division finite where gradients vanish.', 1e-10, 1e-12, EPSILON_MAX, 1e-10) },

  { section: 'schedule', path: ['schedule', 'kind'], field: choice('Schedule', 'How the learning rate moves over the run.', 'constant', [['constant', 'Constant'], ['step', 'Steps down'], ['exponential', 'Exponential'], ['cosine', 'Cosine'], ['one-cycle', 'One cycle'], ['plateau', 'On a plateau']]) },
  { section: 'schedule', path: ['schedule', 'every'], when: schedule('step'), field: int('Every', 'Epochs between two steps down.', 10, 1, 100000, 'epochs') },
  { section: 'schedule', path: ['schedule', 'factor'], when: schedule('step', 'plateau'), field: number('Factor', 'What the rate is multiplied by each time.', 0.1, 1e-6, 0.999999, 0.1) },
  { section: 'schedule', path: ['schedule', 'factor'], when: schedule('exponential'), field: number('Factor', 'What the rate is multiplied by after every epoch.', 0.95, 1e-6, 1, 0.01) },
  { section: 'schedule', path: ['schedule', 'minimum'], when: schedule('cosine', 'plateau'), field: number('Lowest', 'As a share of the learning rate.', 0, 0, 1, 0.01) },
  { section: 'schedule', path: ['schedule', 'cycles'], when: schedule('cosine'), field: int('Cycles', 'More than one starts again from the full rate.', 1, 1, 1000) },
  { section: 'schedule', path: ['schedule', 'growth'], when: (c) => c.schedule.kind === 'cosine' && c.schedule.cycles > 1, field: number('Growth', 'How many times as long each cycle is as the one before.', 1, 1, 10, 0.5) },
  { section: 'schedule', path: ['schedule', 'rise'], when: schedule('one-cycle'), field: number('Rise', 'Share of the run in which the rate climbs.', 0.3, 0.001, 0.999, 0.05) },
  { section: 'schedule', path: ['schedule', 'start'], when: schedule('one-cycle'), field: number('Start', 'As a share of the learning rate, which is the peak.', 0.04, 1e-6, 1, 0.01) },
  { section: 'schedule', path: ['schedule', 'end'], when: schedule('one-cycle'), field: number('End', 'As a share of the learning rate, which is the peak.', 4e-6, 0, 1, 0.001) },
  { section: 'schedule', path: ['schedule', 'patience'], when: schedule('plateau'), field: int('Patience', 'Epochs without a better validation loss before the rate falls.', 10, 0, 100000, 'epochs') },
  { section: 'schedule', path: ['schedule', 'threshold'], when: schedule('plateau'), field: number('Threshold', 'Share by which the loss must fall to count as better.', 1e-4, 0, 0.999, 1e-4) },
  { section: 'schedule', path: ['schedule', 'cooldown'], when: schedule('plateau'), field: int('Cool-down', 'Epochs after a fall in which nothing is counted.', 0, 0, 100000, 'epochs') },
  { section: 'schedule', path: ['warmup', 'epochs'], field: number('Warm-up', 'Epochs in which the rate climbs in a straight line; parts of one count. Steadies large rates and batches.', 0, 0, 100000, 0.5, 'epochs') },
  { section: 'schedule', path: ['warmup', 'from'], when: (c) => c.warmup.epochs > 0, field: number('Warm-up from', 'As a share of the learning rate.', 0.1, 0, 0.999, 0.05) },

  { section: 'regularisation', path: ['weightDecay'], field: number('Weight decay', 'Shrinks the weights a little in every step; not biases and norms. 0.01 is usual with AdamW, 0.0005 with SGD.', 0, 0, 1, 0.0001) },
  { section: 'regularisation', path: ['loss', 'labelSmoothing'], when: loss('cross-entropy'), field: number('Label smoothing', 'Share of certainty that the targets give to all classes alike; 0.1 is usual. Keeps a net from being too sure.', 0, 0, 0.999, 0.05) },

  { section: 'gradients', path: ['clip', 'kind'], field: choice('Clipping', 'Bounds the gradient before the step: its norm over all weights, or every number. Keeps rare large gradients from spoiling a run.', 'none', [['none', 'None'], ['norm', 'By norm'], ['value', 'By value']]) },
  { section: 'gradients', path: ['clip', 'limit'], when: (c) => c.clip.kind === 'norm', field: number('Largest norm', 'Longer gradients are scaled down to it. The gradients’ norms are shown while training.', 1, 1e-9, 1e9, 0.1) },
  { section: 'gradients', path: ['clip', 'limit'], when: (c) => c.clip.kind === 'value', field: number('Largest value', 'Larger numbers are cut to it.', 0.5, 1e-9, 1e9, 0.1) },
  { section: 'gradients', path: ['accumulation'], field: int('Batches a step', 'Gradients of so many batches are averaged before one step: as a batch so many times as large, in the memory of one.', 1, 1, 1024) },

  { section: 'averaging', path: ['keepBest'], field: bool('Keep the best', 'A run ends with the weights of its best epoch by validation accuracy, not of its last.', true) },
  { section: 'averaging', path: ['ema'], field: bool('Mean of the weights', 'Validates with, and keeps, a running mean of the weights: steadier, and often a little better.', false) },
  { section: 'averaging', path: ['ema', 'decay'], when: (c) => c.ema !== null, field: number('Decay', 'Share of the mean that stays from step to step; smaller in the first steps.', 0.999, 0, 0.99999, 0.001) },
  { section: 'averaging', path: ['earlyStopping'], field: bool('Stop early', 'Ends the run when the validation no longer gets better.', false) },
  { section: 'averaging', path: ['earlyStopping', 'monitor'], when: (c) => c.earlyStopping !== null, field: choice('Watch', 'What has to get better.', 'loss', [['loss', 'Loss'], ['accuracy', 'Accuracy']]) },
  { section: 'averaging', path: ['earlyStopping', 'patience'], when: (c) => c.earlyStopping !== null, field: int('Patience', 'Epochs without a gain before the run ends.', 10, 1, 100000, 'epochs') },
  { section: 'averaging', path: ['earlyStopping', 'minDelta'], when: (c) => c.earlyStopping !== null, field: number('Smallest gain', 'A change below this counts as none.', 0, 0, 1e6, 0.001) },

  { section: 'finetune', path: ['unfreezing'], field: bool('Unfreeze step by step', 'Frozen layers begin to train during the run, block by block, from the last to the first.', false) },
  { section: 'finetune', path: ['unfreezing', 'every'], when: (c) => c.unfreezing !== null, field: int('A block every', 'Epochs before the next block joins.', 3, 1, 100000, 'epochs') },
  { section: 'finetune', path: ['unfreezing', 'blocks'], when: (c) => c.unfreezing !== null, field: int('Blocks', 'How many join in all; what lies before them stays frozen.', 3, 1, 100000) },
  { section: 'finetune', path: ['unfreezing', 'rate'], when: (c) => c.unfreezing !== null, field: number('Rate of each block', 'As a share of the one that joined before it: early layers know what is true of all pictures.', 0.4, 1e-6, 1, 0.1) },
  { section: 'finetune', path: ['keepStatistics'], field: bool('Keep norms’ statistics', 'Batch norms that train go by the means they learned before and leave them as they are. Right for a pretrained net and small batches.', false) },
  { section: 'finetune', path: ['featureCache'], field: bool('Keep features', 'What frozen layers compute of a sample is computed once and kept on disk, where that is faster.', true) },

  { section: 'run', path: ['precision'], field: choice('Precision', 'Mixed: convolutions and products in 16 bits, weights and sums in 32. Faster on graphics cards that have it; the CPU has not.', 'float32', [['float32', '32 bit'], ['mixed', 'Mixed']]) },
  { section: 'run', path: ['validationSplit'], field: number('Validation share', 'Samples held out of training, the same share of every class.', 0.2, 0.01, 0.9, 0.05) },
  { section: 'run', path: ['seed'], field: int('Seed', 'First weights, split and order follow from it: the same seed gives the same run.', 7, 0, 4294967295) },
  { section: 'run', path: ['checkpointSeconds'], field: number('Checkpoint every', 'A run that is cut off loses at most this much; each epoch’s end is kept too.', 30, 1, 86400, 5, 's') },
  { section: 'run', path: ['checkpointSteps'], field: number('and every', 'A checkpoint after so many steps besides; 0 for none.', 0, 0, 10_000_000, 100, 'steps') },
];

/** Rates and decays to begin with: where the settings still have the last optimiser's, a change brings the new one's. */
const suggested: Readonly<Record<TrainingConfig['optimizer']['kind'], { readonly learningRate: number; readonly weightDecay: number }>> = {
  sgd: { learningRate: 0.02, weightDecay: 0 }, rmsprop: { learningRate: 0.001, weightDecay: 0 }, adagrad: { learningRate: 0.01, weightDecay: 0 },
  adam: { learningRate: 0.002, weightDecay: 0 }, adamw: { learningRate: 0.002, weightDecay: 0.01 }, lion: { learningRate: 0.0002, weightDecay: 0.1 },
};

/** The field as it stands in these settings: its default may follow from them. */
export function fieldOf(c: TrainingConfig, { path: [key], field }: SettingRow): Field {
  return field.kind === 'number' && (key === 'learningRate' || key === 'weightDecay') ? { ...field, default: suggested[c.optimizer.kind][key] } : field;
}

export function readSetting(c: TrainingConfig, { path: [key, inner], field }: SettingRow): unknown {
  const value: unknown = c[key];
  if (inner === undefined) return field.kind === 'bool' && typeof value !== 'boolean' ? value !== null : value;
  return (value as Readonly<Record<string, unknown>>)[inner];
}

/** A kind with its defaults; SGD begins with the usual momentum. */
function ofKind(key: string, kind: string): unknown {
  if (key === 'loss') return LossSchema.parse(kind);
  if (key === 'schedule') return ScheduleSchema.parse({ kind });
  if (key === 'clip') return ClipSchema.parse({ kind });
  return OptimizerSchema.parse(kind === 'sgd' ? { kind, momentum: 0.9 } : { kind });
}

/** The settings with another value in this row; null when they would not be valid. */
export function withSetting(c: TrainingConfig, { path: [key, inner], field }: SettingRow, value: unknown): TrainingConfig | null {
  let change: Readonly<Record<string, unknown>>;
  if (inner === 'kind') {
    const [before, after] = key === 'optimizer' ? [suggested[c.optimizer.kind], suggested[value as TrainingConfig['optimizer']['kind']]] : [null, null];
    change = { [key]: ofKind(key, String(value)), ...(before && c.learningRate === before.learningRate ? { learningRate: after.learningRate } : {}), ...(before && c.weightDecay === before.weightDecay ? { weightDecay: after.weightDecay } : {}) };
  } else if (inner !== undefined) change = { [key]: { ...(c[key] as object), [inner]: value } };
  else change = { [key]: field.kind === 'bool' && typeof c[key] !== 'boolean' ? (value === true ? {} : null) : value };
  const parsed = TrainingConfigSchema.safeParse({ ...c, ...change });
  return parsed.success ? parsed.data : null;
}

export const rowsOf = (c: TrainingConfig, section: SectionId): readonly SettingRow[] => settingRows.filter((r) => r.section === section && (r.when?.(c) ?? true));

/** How many settings of a section differ from their defaults, so that a closed section tells. */
export const changedIn = (c: TrainingConfig, section: SectionId): number => rowsOf(c, section).filter((r) => readSetting(c, r) !== fieldOf(c, r).default).length;
