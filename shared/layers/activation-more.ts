/** Activations with a bend of their own: learned, exponential, smooth, hard. */
import { float } from '../onnx/ir.ts';
import { activations, gelu as geluOf, noMacs, noText, noWeights, oneIn, oneOut, sameReach, sameShapeRule, type Activation } from './common.ts';
import { defineLayer } from './spec.ts';

const common = { family: 'activation', inputs: oneIn, outputs: oneOut, shape: sameShapeRule, parameterArithmetic: noText, macs: noMacs, reach: sameReach } as const;
const plain = { ...common, weights: noWeights, fields: {} } as const;
const lowerAs = (name: Activation) => ({ b, inputs }: { b: Parameters<(typeof activations)['relu']['lower']>[0]; inputs: readonly Parameters<(typeof activations)['relu']['lower']>[1][] }) => activations[name].lower(b, inputs[0] as (typeof inputs)[number]);

type Shared = 'channel' | 'all';
export const prelu = defineLayer({
  ...common, type: 'prelu', seldom: true, activation: 'leaky-relu', label: 'PReLU', keywords: ['rectifier', 'parametric', 'activation'],
  fields: { shared: { kind: 'choice', label: 'Slope', help: 'One learned slope for each channel, or one for all.', default: 'channel' as Shared, options: [{ value: 'channel' as Shared, label: 'One a channel' }, { value: 'all' as Shared, label: 'One for all' }] } },
  caption: (p) => (p.shared === 'all' ? 'one slope' : 'a slope a channel'),
  weights: (p, [input]) => [{ name: 'slope', shape: [p.shared === 'all' ? 1 : (input?.[0] ?? 0), ...(input ?? []).slice(1).map(() => 1)], initializer: { kind: 'constant', value: 0.25 }, role: 'trained', decays: false }],
  parameterArithmetic: (p, [input]) => (p.shared === 'all' ? '1' : String(input?.[0] ?? 0)),
  lower: ({ b, inputs, weight }) => b.op('PRelu', [inputs[0] ?? null, weight('slope')]),
  keras: (p, [input]) => (p.shared === 'channel' ? { class_name: 'PReLU', config: { alpha_initializer: { class_name: 'Constant', config: { value: 0.25 } }, shared_axes: (input ?? []).slice(1).map((_, i) => i + 1) } } : null),
  pytorch: (p, [input]) => `nn.PReLU(${p.shared === 'all' ? 1 : (input?.[0] ?? 1)})`,
  teaching: { text: 'A leaky ReLU that learns how much of the negative numbers to let through.', formula: 'y = x for x > 0, a · x otherwise' },
});

export const elu = defineLayer({
  ...common, weights: noWeights, type: 'elu', seldom: true, activation: 'elu', label: 'ELU', keywords: ['exponential', 'activation'],
  fields: { alpha: { kind: 'number', label: 'α', help: 'What large negative numbers come close to, with a minus sign.', default: 1, min: 0.01, max: 10, step: 0.1 } },
  caption: (p) => `α ${p.alpha}`,
  lower: ({ b, params, inputs }) => b.op('Elu', [inputs[0] ?? null], { alpha: float(params.alpha) }),
  keras: (p) => ({ class_name: 'ELU', config: { alpha: p.alpha } }),
  pytorch: (p) => `nn.ELU(${p.alpha})`,
  teaching: { text: 'Like ReLU above zero; below, it bends softly towards −α, so that means stay near zero.', formula: 'y = x for x > 0, α · (eˣ − 1) otherwise' },
});

export const selu = defineLayer({
  ...plain, type: 'selu', seldom: true, activation: 'selu', label: 'SELU', keywords: ['self-normalising', 'activation'], caption: () => 'self-normalising',
  lower: lowerAs('selu'),
  keras: () => ({ class_name: 'Activation', config: { activation: 'selu' } }),
  pytorch: () => 'nn.SELU()',
  teaching: { text: 'An ELU with two constants chosen so that outputs keep mean 0 and variance 1 from layer to layer, if the kernels start as LeCun’s.', formula: 'y = 1.0507 · (x or 1.6733 · (eˣ − 1))' },
});

export const gelu = defineLayer({
  ...common, weights: noWeights, type: 'gelu', activation: 'gelu', label: 'GELU', keywords: ['gaussian', 'transformer', 'activation'],
  fields: { approximate: { kind: 'bool', label: 'By tanh', help: 'The older, slightly different formula of many published nets.', default: false } },
  caption: (p) => (p.approximate ? 'by tanh' : 'exact'),
  lower: ({ b, params, inputs }) => geluOf(b, inputs[0] as (typeof inputs)[number], params.approximate),
  keras: (p) => (p.approximate ? null : { class_name: 'Activation', config: { activation: 'gelu' } }),
  pytorch: (p) => (p.approximate ? "nn.GELU(approximate='tanh')" : 'nn.GELU()'),
  teaching: { text: 'Weighs each number by how large it is among normal ones: a smooth ReLU.', formula: 'y = x · Φ(x)' },
});

export const silu = defineLayer({
  ...plain, type: 'silu', activation: 'silu', label: 'SiLU', keywords: ['swish', 'efficientnet', 'activation'], caption: () => 'x · σ(x)',
  lower: lowerAs('silu'),
  keras: () => ({ class_name: 'Activation', config: { activation: 'silu' } }),
  pytorch: () => 'nn.SiLU()',
  teaching: { text: 'Each number times its own sigmoid: smooth, and a little negative below zero.', formula: 'y = x · σ(x)' },
});

export const hardSwish = defineLayer({
  ...plain, type: 'hard-swish', seldom: true, activation: 'hard-swish', label: 'Hard swish', keywords: ['hardswish', 'mobilenet', 'activation'], caption: () => 'by straight lines',
  lower: lowerAs('hard-swish'),
  keras: () => ({ class_name: 'Activation', config: { activation: 'hard_silu' } }),
  pytorch: () => 'nn.Hardswish()',
  teaching: { text: 'SiLU made of straight lines, for devices to which exponentials are dear.', formula: 'y = x · clip(x / 6 + ½, 0, 1)' },
});

export const hardSigmoid = defineLayer({
  ...plain, type: 'hard-sigmoid', seldom: true, activation: 'hard-sigmoid', label: 'Hard sigmoid', keywords: ['hardsigmoid', 'mobilenet', 'gate', 'activation'], caption: () => '0 to 1, by straight lines',
  lower: lowerAs('hard-sigmoid'),
  keras: () => ({ class_name: 'Activation', config: { activation: 'hard_sigmoid' } }),
  pytorch: () => 'nn.Hardsigmoid()',
  teaching: { text: 'A sigmoid made of three straight lines: 0 below −3, 1 above 3. MobileNetV3 opens and closes its maps with it.', formula: 'y = clip(x / 6 + ½, 0, 1)' },
});

export const mish = defineLayer({
  ...plain, type: 'mish', seldom: true, activation: 'mish', label: 'Mish', keywords: ['activation', 'yolo'], caption: () => 'x · tanh(softplus x)',
  lower: lowerAs('mish'),
  keras: () => ({ class_name: 'Activation', config: { activation: 'mish' } }),
  pytorch: () => 'nn.Mish()',
  teaching: { text: 'A smooth relative of SiLU.', formula: 'y = x · tanh(ln(1 + eˣ))' },
});

export const softplus = defineLayer({
  ...plain, type: 'softplus', seldom: true, activation: 'softplus', label: 'Softplus', keywords: ['activation', 'smooth', 'rectifier'], caption: () => 'ln(1 + eˣ)',
  lower: lowerAs('softplus'),
  keras: () => ({ class_name: 'Activation', config: { activation: 'softplus' } }),
  pytorch: () => 'nn.Softplus()',
  teaching: { text: 'ReLU with its corner rounded; never quite zero, so it also makes positive numbers such as variances.', formula: 'y = ln(1 + eˣ)' },
});
