/** Normalising and regularising layers. */
import type { Value } from '../onnx/builder.ts';
import { float, int } from '../onnx/ir.ts';
import { noMacs, noText, noWeights, oneIn, oneOut, sameReach, sameShapeRule } from './common.ts';
import { maskThreshold, uniformFromIndex } from './random-mask.ts';
import { defineLayer } from './spec.ts';

const constant = (value: number) => ({ kind: 'constant', value }) as const;

export const batchNorm = defineLayer({
  type: 'batch-norm',
  label: 'Batch norm',
  family: 'normalise',
  keepsSpread: true,
  keywords: ['batchnorm', 'normalisation', 'bn'],
  fields: {
    momentum: { kind: 'number', label: 'Momentum', help: 'Share of the old running mean and variance that stays after a step.', default: 0.9, min: 0, max: 0.9999, step: 0.01 },
    epsilon: { kind: 'number', label: 'Epsilon', help: 'Added to the variance, so that nothing is divided by zero.', default: 0.00001, min: 1e-12, max: 1, step: 0.00001 },
  },
  inputs: oneIn,
  outputs: oneOut,
  caption: (p) => `momentum ${p.momentum}`,
  shape: sameShapeRule,
  weights: (_p, [input]) => {
    const shape = [input?.[0] ?? 0];
    return [
      { name: 'scale', shape, initializer: constant(1), role: 'trained', decays: false },
      { name: 'bias', shape, initializer: constant(0), role: 'trained', decays: false },
      { name: 'mean', shape, initializer: constant(0), role: 'statistic', decays: false },
      { name: 'variance', shape, initializer: constant(1), role: 'statistic', decays: false },
    ];
  },
  parameterArithmetic: (_p, [input]) => `2·${input?.[0] ?? 0}`,
  macs: noMacs,
  reach: sameReach,
  lower: ({ b, params, inputs, weight, training, updateStatistic }) => {
    const x = inputs[0];
    if (!x) throw new Error('Batch norm without input');
    const attributes = { epsilon: float(params.epsilon) };
    const running = [weight('mean'), weight('variance')] as const;
    if (!training) return b.op('BatchNormalization', [x, weight('scale'), weight('bias'), ...running], attributes);
    const count = x.type.shape.reduce((n, d, i) => (i === 1 ? n : n * d), 1);
    const channels = x.type.shape[1] as number;
    const filled = (v: number) => b.constant({ element: 'float32', shape: [channels], data: new Float32Array(channels).fill(v) }, 'unread');
    // Momentum 0: the second and third output are the batch's own mean and variance.
    const [y, mean, variance] = b.ops('BatchNormalization', [x, weight('scale'), weight('bias'), filled(0), filled(1)], { attributes: { ...attributes, training_mode: int(1), momentum: float(0) }, outputs: 3 }) as [Value, Value, Value];
    // Ioffe and Szegedy (2015), algorithm 1; the running variance takes the unbiased estimate, as PyTorch does.
    const keep = b.scalar(params.momentum);
    const take = (correction: number) => b.scalar((1 - params.momentum) * correction);
    updateStatistic('mean', b.add(b.mul(running[0], keep), b.mul(mean, take(1))));
    updateStatistic('variance', b.add(b.mul(running[1], keep), b.mul(variance, take(count / Math.max(count - 1, 1)))));
    return y;
  },
  keras: (p) => ({ class_name: 'BatchNormalization', config: { momentum: p.momentum, epsilon: p.epsilon } }),
  pytorch: (p, [input]) => `nn.BatchNorm${input?.length === 3 ? '2d' : '1d'}(${input?.[0] ?? 0}, eps=${p.epsilon}, momentum=${Number((1 - p.momentum).toFixed(6))})`,
  teaching: { text: 'Brings every map to mean 0 and variance 1 over the batch, then scales and shifts it by learned numbers. Deep nets train faster and bear a larger learning rate. After training, running averages stand in for the batch.', formula: 'y = γ · (x − μ) / √(σ² + ε) + β' },
});

export const dropout = defineLayer({
  type: 'dropout',
  label: 'Dropout',
  family: 'normalise',
  keepsSpread: true,
  keywords: ['regularise', 'noise'],
  fields: { rate: { kind: 'number', label: 'Rate', help: 'Share of the numbers set to zero in each training step.', default: 0.5, min: 0, max: 0.95, step: 0.05 } },
  inputs: oneIn,
  outputs: oneOut,
  caption: (p) => `${Math.round(p.rate * 100)} % dropped`,
  shape: sameShapeRule,
  weights: noWeights,
  parameterArithmetic: noText,
  macs: noMacs,
  reach: sameReach,
  lower: ({ b, params, inputs, training, random }) => {
    const x = inputs[0];
    if (!x) throw new Error('Dropout without input');
    if (!training || params.rate === 0) return x;
    const { noise, layerSeed } = random();
    const uniform = uniformFromIndex(b, x.type.shape, noise, layerSeed);
    const threshold = maskThreshold(params.rate);
    const kept = b.cast(b.op('Greater', [uniform, b.scalar(threshold)]), 'float32');
    return b.mul(x, b.mul(kept, b.scalar(1 / (1 - threshold))));
  },
  keras: (p) => ({ class_name: 'Dropout', config: { rate: p.rate } }),
  pytorch: (p) => `nn.Dropout(${p.rate})`,
  teaching: { text: 'In each training step a random part of the numbers is set to zero, so that no unit can rely on one other alone. In use nothing is dropped.', formula: 'y = x · m / (1 − rate), m = 0 with probability rate' },
});
