/** The training settings as rows: label, help, unit, and how the value reads and changes. Pure. */
import type { TrainingConfig } from '../../../shared/training/config.ts';

interface NumberRow {
  readonly kind: 'number';
  readonly field: keyof TrainingConfig;
  readonly label: string;
  readonly help: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly decimals: number;
  /** It may change while a run is under way. */
  readonly live?: boolean;
}

export const numberRows: readonly NumberRow[] = [
  { kind: 'number', field: 'epochs', label: 'Epochs', help: 'How often every training sample is seen.', min: 1, max: 100000, step: 1, decimals: 0 },
  { kind: 'number', field: 'batchSize', label: 'Batch size', help: 'Samples of one step. Larger is faster, smaller often learns better.', min: 1, max: 65536, step: 1, decimals: 0 },
  { kind: 'number', field: 'learningRate', label: 'Learning rate', help: 'How far one step goes. Takes effect at once while training.', min: 1e-7, max: 100, step: 0.001, decimals: 7, live: true },
  { kind: 'number', field: 'weightDecay', label: 'Weight decay', help: 'Shrinks the weights a little in every step; not biases and norms.', min: 0, max: 1, step: 0.0001, decimals: 6 },
  { kind: 'number', field: 'validationSplit', label: 'Validation share', help: 'Samples held out of training, the same share of every class.', min: 0.01, max: 0.9, step: 0.05, decimals: 3 },
  { kind: 'number', field: 'seed', label: 'Seed', help: 'First weights, split and order follow from it: the same seed gives the same run.', min: 0, max: 4294967295, step: 1, decimals: 0 },
  { kind: 'number', field: 'checkpointSeconds', label: 'Checkpoint every (s)', help: 'A run that is cut off loses at most this much; each epoch’s end is kept too.', min: 1, max: 86400, step: 5, decimals: 0 },
];

export const losses = [{ value: 'cross-entropy', label: 'Cross-entropy' }, { value: 'mse', label: 'Mean squared error' }] as const;
export const optimizers = [{ value: 'adam', label: 'Adam' }, { value: 'sgd', label: 'SGD' }] as const;

/** Fields that have a control of their own besides the number rows. */
export const otherFields: readonly (keyof TrainingConfig)[] = ['loss', 'optimizer', 'device'];
