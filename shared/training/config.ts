/** TrainingConfig: everything a run depends on besides network and data. Sizes in samples, rates per step. */
import { z } from 'zod';

export const DEFAULT_SEED = 7;

export const LossSchema = z.enum(['cross-entropy', 'mse']);
export const OptimizerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sgd'), momentum: z.number().min(0).max(0.999).default(0), nesterov: z.boolean().default(false) }),
  z.strictObject({ kind: z.literal('adam'), beta1: z.number().min(0).lt(1).default(0.9), beta2: z.number().min(0).lt(1).default(0.999), epsilon: z.number().positive().default(1e-8) }),
]);

export const TrainingConfigSchema = z.strictObject({
  epochs: z.int().min(1).max(100000).default(30),
  batchSize: z.int().min(1).max(65536).default(32),
  loss: LossSchema.default('cross-entropy'),
  optimizer: OptimizerSchema.prefault({ kind: 'adam' }),
  learningRate: z.number().positive().max(100).default(0.002),
  weightDecay: z.number().min(0).max(1).default(0),
  /** Share of the samples held out for validation, stratified by class. */
  validationSplit: z.number().min(0.01).max(0.9).default(0.2),
  seed: z.int().min(0).max(0xffffffff).default(DEFAULT_SEED),
  /** Device id, or "auto": the first available of the list. */
  device: z.string().default('auto'),
  /** A checkpoint every so many seconds, and at every epoch's end. */
  checkpointSeconds: z.number().positive().max(86400).default(30),
});

export type Loss = z.infer<typeof LossSchema>;
export type OptimizerConfig = z.infer<typeof OptimizerSchema>;
export type TrainingConfig = z.infer<typeof TrainingConfigSchema>;

export const defaultTrainingConfig = (): TrainingConfig => TrainingConfigSchema.parse({});
