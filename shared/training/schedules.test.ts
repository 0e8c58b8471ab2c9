import { describe, expect, it } from 'vitest';
import { TrainingConfigSchema, type ScheduleConfig } from './config.ts';
import { freshStopping, stoppingAfter, stopsNow } from './early-stopping.ts';
import { freshPlateau, plateauAfter, rateFactor } from './schedules.ts';

const factors = (change: object, epochs: number, stepsPerEpoch: number): number[] => {
  const config = TrainingConfigSchema.parse(change);
  return Array.from({ length: epochs * stepsPerEpoch }, (_, step) => rateFactor(config, { step, stepsPerEpoch, epochs }));
};
const near = (values: readonly number[]) => values.map((v) => expect.closeTo(v, 5) as number);

// The numbers are those that PyTorch 2's torch.optim.lr_scheduler prints for the same settings.
describe('schedules as in PyTorch', () => {
  it('constant', () => {
    expect(factors({}, 3, 2)).toEqual([1, 1, 1, 1, 1, 1]);
  });
  it('StepLR(2, 0.5)', () => {
    expect(factors({ schedule: { kind: 'step', every: 2, factor: 0.5 } }, 6, 1)).toEqual([1, 1, 0.5, 0.5, 0.25, 0.25]);
    expect(factors({ schedule: { kind: 'step', every: 1, factor: 0.5 } }, 2, 3)).toEqual([1, 1, 1, 0.5, 0.5, 0.5]);
  });
  it('ExponentialLR(0.9)', () => {
    expect(factors({ schedule: { kind: 'exponential', factor: 0.9 } }, 4, 1)).toEqual(near([1, 0.9, 0.81, 0.729]));
  });
  it('CosineAnnealingLR(8, 0.1)', () => {
    expect(factors({ schedule: { kind: 'cosine', minimum: 0.1 } }, 2, 4)).toEqual(near([1, 0.965746, 0.868198, 0.722208, 0.55, 0.377792, 0.231802, 0.134254]));
  });
  it('CosineAnnealingWarmRestarts(2, T_mult = 2)', () => {
    expect(factors({ schedule: { kind: 'cosine', minimum: 0.1, cycles: 2, growth: 2 } }, 1, 6)).toEqual(near([1, 0.55, 1, 0.868198, 0.55, 0.231802]));
  });
  it('OneCycleLR', () => {
    expect(factors({ schedule: { kind: 'one-cycle' } }, 1, 10)).toEqual(near([0.04, 0.52, 1, 0.950485, 0.811746, 0.611262, 0.388742, 0.188258, 0.049519, 4e-6]));
    expect(factors({ schedule: { kind: 'one-cycle' } }, 1, 1).every(Number.isFinite)).toBe(true);
  });
  it('LinearLR(0.1, 1, 4) before CosineAnnealingLR(6)', () => {
    expect(factors({ schedule: { kind: 'cosine' }, warmup: { epochs: 0.4, from: 0.1 } }, 1, 10)).toEqual(near([0.1, 0.325, 0.55, 0.775, 1, 0.933013, 0.75, 0.5, 0.25, 0.066987]));
  });
  it('ReduceLROnPlateau(0.5, patience = 1, cooldown = 2, threshold = 0.1, min_lr = 0.2)', () => {
    const schedule = { kind: 'plateau', factor: 0.5, patience: 1, cooldown: 2, threshold: 0.1, minimum: 0.2 } satisfies ScheduleConfig;
    const losses = [1, 0.95, 0.8, 0.79, 0.78, 0.77, 0.76, 0.75, 0.74, 0.73, 0.72, 0.71, 0.5, 0.49, 0.48, 0.47, 0.46, 0.45, 0.44, 0.43, 0.42];
    let state = freshPlateau;
    const seen = losses.map((loss) => (state = plateauAfter(schedule, JSON.parse(JSON.stringify(state)) as typeof state, loss)).factor);
    expect(seen).toEqual([1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2]);
    const config = TrainingConfigSchema.parse({ schedule });
    expect(rateFactor(config, { step: 3, stepsPerEpoch: 2, epochs: 9 }, state)).toBe(0.2);
  });
  it('a warm-up longer than the run', () => {
    expect(factors({ warmup: { epochs: 9, from: 0 } }, 1, 4)).toEqual([0, 0.25, 0.5, 0.75]);
  });
});

describe('early stopping', () => {
  const run = (change: object, values: readonly number[]): number => {
    const { earlyStopping } = TrainingConfigSchema.parse({ earlyStopping: change });
    if (!earlyStopping) throw new Error('no early stopping');
    let state = freshStopping;
    return values.findIndex((v) => stopsNow(earlyStopping, (state = stoppingAfter(earlyStopping, state, { loss: v, accuracy: v }))));
  };
  it('waits for its patience after the best epoch', () => {
    expect(run({ monitor: 'loss', patience: 2 }, [1, 0.5, 0.6, 0.4, 0.5, 0.45, 0.1])).toBe(5);
    expect(run({ monitor: 'accuracy', patience: 2 }, [0.5, 0.6, 0.55, 0.7, 0.6, 0.7])).toBe(5);
  });
  it('takes a smaller gain for none', () => {
    expect(run({ monitor: 'loss', patience: 2, minDelta: 0.1 }, [1, 0.95, 0.94, 0.5])).toBe(2);
  });
});
