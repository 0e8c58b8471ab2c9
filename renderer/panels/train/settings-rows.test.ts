import { describe, expect, it } from 'vitest';
import { acceptsValue } from '../../../shared/layers/fields.ts';
import { ClipSchema, defaultTrainingConfig, LossSchema, OptimizerSchema, ScheduleSchema, TrainingConfigSchema, type TrainingConfig } from '../../../shared/training/config.ts';
import { fieldText, fieldValue } from '../fields.ts';
import { changedIn, fieldOf, readSetting, sections, settingRows, withSetting } from './settings-rows.ts';

const losses = ['cross-entropy', 'binary-cross-entropy', 'mse', 'mae', 'huber', 'dice'] as const;
const optimizers = ['sgd', 'rmsprop', 'adagrad', 'adam', 'adamw', 'lion'] as const;
const schedules = ['constant', 'step', 'exponential', 'cosine', 'one-cycle', 'plateau'] as const;
const clips = ['none', 'norm', 'value'] as const;
/** Settings in which every kind occurs. */
const variants: readonly TrainingConfig[] = Array.from({ length: 6 }, (_, i) => TrainingConfigSchema.parse({
  loss: LossSchema.parse(losses[i]), optimizer: OptimizerSchema.parse({ kind: optimizers[i] }), schedule: ScheduleSchema.parse({ kind: schedules[i], ...(schedules[i] === 'cosine' ? { cycles: 2 } : {}) }),
  clip: ClipSchema.parse({ kind: clips[i % 3] }), warmup: { epochs: i + 1 }, ema: i % 2 === 0 ? {} : null, earlyStopping: i % 2 === 0 ? {} : null,
}));
/** These have a control of their own. */
const own = new Set(['device', 'layerRates', 'loss.classWeights']);

const leaves = (c: TrainingConfig): string[] => Object.entries(c).flatMap(([key, value]) =>
  typeof value === 'object' && value !== null && key !== 'layerRates' ? Object.keys(value).map((inner) => `${key}.${inner}`).concat(key === 'ema' || key === 'earlyStopping' ? [key] : []) : [key]);
const visible = (c: TrainingConfig) => settingRows.filter((r) => r.when?.(c) ?? true);

describe('training settings', () => {
  it('have exactly one row for every setting that counts', () => {
    for (const c of variants) {
      expect(visible(c).map((r) => r.path.join('.')).sort()).toEqual(leaves(c).filter((l) => !own.has(l)).sort());
    }
  });

  it('show the defaults of the configuration as theirs, and accept them', () => {
    const config = defaultTrainingConfig();
    for (const c of [config, ...variants]) {
      for (const row of visible(c)) {
        const field = fieldOf(c, row);
        expect(acceptsValue(field, field.default), row.path.join('.')).toBe(true);
        expect(acceptsValue(field, readSetting(c, row)), row.path.join('.')).toBe(true);
      }
    }
    for (const row of visible(config)) expect(readSetting(config, row), row.path.join('.')).toEqual(fieldOf(config, row).default);
    for (const row of [...visible(variants[1] as TrainingConfig), ...visible(variants[4] as TrainingConfig), ...visible(variants[5] as TrainingConfig)]) {
      const [key, inner] = row.path;
      if (inner === undefined || inner === 'kind' || (key === 'warmup' && inner === 'epochs')) continue;
      expect(variants.some((c) => (row.when?.(c) ?? true) && readSetting(c, row) === row.field.default), row.path.join('.')).toBe(true);
    }
    expect(sections.map((s) => changedIn(config, s.id))).toEqual(sections.map(() => 0));
  });

  it('read and write any value, small ones too', () => {
    for (const c of variants) {
      for (const row of visible(c)) {
        if (row.field.kind === 'choice' || row.field.kind === 'bool') continue;
        const value = row.field.kind === 'int' || row.field.kind === 'number' ? row.field.min : NaN;
        expect(fieldValue(row.field, fieldText(row.field, value)), row.path.join('.')).toBe(value);
        const next = withSetting(c, row, value);
        expect(next && readSetting(next, row), row.path.join('.')).toBe(value);
      }
    }
  });

  it('bring the rate and decay that suit a new optimiser, but leave what was chosen by hand', () => {
    const row = settingRows.find((r) => r.path.join('.') === 'optimizer.kind');
    if (!row) throw new Error('no row');
    const adamw = withSetting(defaultTrainingConfig(), row, 'adamw');
    expect(adamw).toMatchObject({ optimizer: { kind: 'adamw', beta1: 0.9 }, weightDecay: 0.01, learningRate: 0.002 });
    expect(adamw && withSetting(adamw, row, 'sgd')).toMatchObject({ optimizer: { kind: 'sgd', momentum: 0.9 }, weightDecay: 0, learningRate: 0.02 });
    expect(withSetting({ ...defaultTrainingConfig(), learningRate: 0.3 }, row, 'lion')).toMatchObject({ learningRate: 0.3, weightDecay: 0.1 });
  });

  it('turn what may be absent on and off', () => {
    const row = settingRows.find((r) => r.path.join('.') === 'ema');
    if (!row) throw new Error('no row');
    const on = withSetting(defaultTrainingConfig(), row, true);
    expect(on?.ema).toEqual({ decay: 0.999 });
    expect(on && withSetting(on, row, false)?.ema).toBeNull();
    expect(on && changedIn(on, 'averaging')).toBe(1);
  });

  it('refuse a value out of bounds', () => {
    const row = settingRows.find((r) => r.path.join('.') === 'epochs');
    expect(row && withSetting(defaultTrainingConfig(), row, 0)).toBeNull();
  });
});
