import { describe, expect, it } from 'vitest';
import { defaultTrainingConfig, LossSchema, OptimizerSchema, TrainingConfigSchema } from './config.ts';

describe('TrainingConfig', () => {
  it('reads a file of the first version, whose loss was a word', () => {
    const old = {
      epochs: 5, batchSize: 16, loss: 'mse', optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true }, learningRate: 0.1, weightDecay: 1e-4,
      validationSplit: 0.2, seed: 3, device: 'cpu', checkpointSeconds: 30,
    };
    const config = TrainingConfigSchema.parse(old);
    expect(config).toMatchObject({ ...old, loss: { kind: 'mse' } });
    expect(config).toMatchObject({ schedule: { kind: 'constant' }, clip: { kind: 'none' }, accumulation: 1, ema: null, layerRates: {}, warmup: { epochs: 0 }, earlyStopping: null });
  });

  it('survives being written and read', () => {
    const config = TrainingConfigSchema.parse({ loss: { kind: 'cross-entropy', classWeights: [1, 2] }, schedule: { kind: 'cosine' }, ema: {}, layerRates: { a: 0.1 }, earlyStopping: {} });
    expect(TrainingConfigSchema.parse(JSON.parse(JSON.stringify(config)))).toEqual(config);
    expect(TrainingConfigSchema.parse(JSON.parse(JSON.stringify(defaultTrainingConfig())))).toEqual(defaultTrainingConfig());
  });

  it('has the defaults of torch.optim', () => {
    expect(OptimizerSchema.parse({ kind: 'rmsprop' })).toEqual({ kind: 'rmsprop', rho: 0.99, momentum: 0, epsilon: 1e-8, centered: false });
    expect(OptimizerSchema.parse({ kind: 'adagrad' })).toEqual({ kind: 'adagrad', epsilon: 1e-10 });
    expect(OptimizerSchema.parse({ kind: 'adamw' })).toEqual({ kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 });
  });

  it('refuses what is not a loss', () => {
    expect(LossSchema.safeParse('hinge').success).toBe(false);
    expect(LossSchema.safeParse({ kind: 'huber', delta: 0 }).success).toBe(false);
    expect(LossSchema.safeParse({ kind: 'mse', delta: 1 }).success).toBe(false);
  });
});
