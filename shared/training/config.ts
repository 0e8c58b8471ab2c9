/** TrainingConfig: everything a run depends on besides network and data. Sizes in samples, rates per step. */
import { z } from 'zod';
import { assertNever } from '../util/assert.ts';

export const DEFAULT_SEED = 7;

const share = z.number().min(0).lt(1);
const positive = z.number().positive();

const LOSSES = ['cross-entropy', 'binary-cross-entropy', 'mse', 'mae', 'huber', 'dice'] as const;
const LossObjectSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('cross-entropy'),
    labelSmoothing: share.default(0),
    /** One weight a class; "balanced" stands for samples / (classes · samples of the class) of the training set. */
    classWeights: z.union([z.literal('balanced'), z.array(z.number().min(0)).min(1).max(100000)]).nullable().default(null),
  }),
  z.strictObject({ kind: z.literal('binary-cross-entropy') }),
  z.strictObject({ kind: z.literal('mse') }),
  z.strictObject({ kind: z.literal('mae') }),
  z.strictObject({ kind: z.literal('huber'), delta: positive.default(1) }),
  z.strictObject({ kind: z.literal('dice'), smoothing: positive.default(1) }),
]);
/** A kind alone, as older files have it, means its defaults. */
export const LossSchema = z.union([z.enum(LOSSES).transform((kind) => LossObjectSchema.parse({ kind })), LossObjectSchema]);

const adam = { beta1: share.default(0.9), beta2: share.default(0.999), epsilon: positive.default(1e-8) };
/** Names and defaults are PyTorch's (torch.optim); Lion's are its paper's. */
export const OptimizerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sgd'), momentum: z.number().min(0).max(0.999).default(0), nesterov: z.boolean().default(false) }),
  z.strictObject({ kind: z.literal('rmsprop'), rho: share.default(0.99), momentum: share.default(0), epsilon: positive.default(1e-8), centered: z.boolean().default(false) }),
  z.strictObject({ kind: z.literal('adagrad'), epsilon: positive.default(1e-10) }),
  z.strictObject({ kind: z.literal('adam'), ...adam }),
  z.strictObject({ kind: z.literal('adamw'), ...adam }),
  z.strictObject({ kind: z.literal('lion'), beta1: share.default(0.9), beta2: share.default(0.99) }),
]);

/** Bounds on the gradient before the optimiser sees it: its norm over all parameters, or each number. */
export const ClipSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('norm'), limit: positive.default(1) }),
  z.strictObject({ kind: z.literal('value'), limit: positive.default(0.5) }),
]);

/** How the rate moves over a run, as a factor of the learning rate; formulas in schedules.ts. */
export const ScheduleSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant') }),
  z.strictObject({ kind: z.literal('step'), every: z.int().min(1).max(100000).default(10), factor: positive.max(1).default(0.1) }),
  z.strictObject({ kind: z.literal('exponential'), factor: positive.max(1).default(0.95) }),
  z.strictObject({ kind: z.literal('cosine'), minimum: z.number().min(0).max(1).default(0), cycles: z.int().min(1).max(1000).default(1), growth: z.number().min(1).max(10).default(1) }),
  z.strictObject({ kind: z.literal('one-cycle'), rise: z.number().gt(0).lt(1).default(0.3), start: positive.max(1).default(0.04), end: z.number().min(0).max(1).default(4e-6) }),
  z.strictObject({
    kind: z.literal('plateau'), factor: positive.lt(1).default(0.1), patience: z.int().min(0).max(100000).default(10),
    threshold: z.number().min(0).lt(1).default(1e-4), cooldown: z.int().min(0).max(100000).default(0), minimum: z.number().min(0).max(1).default(0),
  }),
]);

/** "mixed": convolutions and products in 16 bits, weights and sums in 32, where the device can. */
export const PrecisionSchema = z.enum(['float32', 'mixed']);

export const TrainingConfigSchema = z.strictObject({
  epochs: z.int().min(1).max(100000).default(30),
  batchSize: z.int().min(1).max(65536).default(32),
  loss: LossSchema.prefault('cross-entropy'),
  optimizer: OptimizerSchema.prefault({ kind: 'adam' }),
  learningRate: z.number().positive().max(100).default(0.002),
  schedule: ScheduleSchema.prefault({ kind: 'constant' }),
  /** Before the schedule: a straight line from `from` · rate to the rate, over so many epochs (parts of one count). */
  warmup: z.strictObject({ epochs: z.number().min(0).max(100000).default(0), from: share.default(0.1) }).prefault({}),
  /** Of weights, not of biases and norms. Decoupled with SGD, AdamW and Lion; added to the gradient with Adam, RMSProp and Adagrad. */
  weightDecay: z.number().min(0).max(1).default(0),
  clip: ClipSchema.prefault({ kind: 'none' }),
  precision: PrecisionSchema.default('float32'),
  /** Batches whose mean gradient makes one step of the optimiser. */
  accumulation: z.int().min(1).max(1024).default(1),
  /** Evaluates with, and keeps, a running mean of the weights. */
  ema: z.strictObject({ decay: z.number().min(0).lt(1).default(0.999) }).nullable().default(null),
  /** Factors of the learning rate by layer id; 0 trains a layer not at all. */
  layerRates: z.record(z.string(), z.number().min(0).max(1000)).default({}),
  /** Batch norms that are trained go by their running statistics and leave them as they are: right for small batches of a net trained on many pictures. */
  keepStatistics: z.boolean().default(false),
  /** What frozen layers at the start compute is kept on disk, once a sample, where that is faster. */
  featureCache: z.boolean().default(true),
  /** Frozen layers begin to train during the run: one block more every so many epochs, from the last to the first (Howard and Ruder 2018). */
  unfreezing: z.strictObject({
    every: z.int().min(1).max(100000).default(3),
    /** Blocks that join in all; the rest stays frozen. */
    blocks: z.int().min(1).max(100000).default(3),
    /** Each block's learning rate as a share of the one that joined before it. */
    rate: positive.max(1).default(0.4),
  }).nullable().default(null),
  earlyStopping: z.strictObject({ monitor: z.enum(['loss', 'accuracy']).default('loss'), patience: z.int().min(1).max(100000).default(10), minDelta: z.number().min(0).default(0) }).nullable().default(null),
  /** A run ends with the weights of its best epoch instead of its last. */
  keepBest: z.boolean().default(true),
  /** Share of the samples held out for validation, stratified by class. */
  validationSplit: z.number().min(0.01).max(0.9).default(0.2),
  seed: z.int().min(0).max(0xffffffff).default(DEFAULT_SEED),
  /** Device id, or "auto": the first available of the list that trains the net so. */
  device: z.string().default('auto'),
  /** A checkpoint every so many seconds, and at every epoch's end. */
  checkpointSeconds: z.number().positive().max(86400).default(30),
  /** And every so many steps; 0 leaves it at seconds and epochs. */
  checkpointSteps: z.int().min(0).max(10_000_000).default(0),
});

export type Loss = z.infer<typeof LossSchema>;
export type OptimizerConfig = z.infer<typeof OptimizerSchema>;
export type ClipConfig = z.infer<typeof ClipSchema>;
export type ScheduleConfig = z.infer<typeof ScheduleSchema>;
export type TrainingConfig = z.infer<typeof TrainingConfigSchema>;

export const defaultTrainingConfig = (): TrainingConfig => TrainingConfigSchema.parse({});

/** Numbers that an optimiser keeps for each parameter beside the parameter itself. */
export function optimizerCopies(o: OptimizerConfig): number {
  switch (o.kind) {
    case 'sgd': return o.momentum > 0 ? 1 : 0;
    case 'rmsprop': return 1 + (o.centered ? 1 : 0) + (o.momentum > 0 ? 1 : 0);
    case 'adagrad':
    case 'lion': return 1;
    case 'adam':
    case 'adamw': return 2;
    default: return assertNever(o);
  }
}
