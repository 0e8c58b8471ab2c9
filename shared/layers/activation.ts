/** Activations as layers of their own. */
import { float, int } from '../onnx/ir.ts';
import { noMacs, noText, noWeights, oneIn, oneOut, sameReach, sameShapeRule } from './common.ts';
import { defineLayer } from './spec.ts';

const common = { family: 'activation', inputs: oneIn, outputs: oneOut, shape: sameShapeRule, weights: noWeights, parameterArithmetic: noText, macs: noMacs, reach: sameReach } as const;

export const relu = defineLayer({
  ...common, type: 'relu', activation: 'relu', label: 'ReLU', keywords: ['rectifier', 'activation'], fields: {}, caption: () => 'max(0, x)',
  lower: ({ b, inputs }) => b.op('Relu', [inputs[0] ?? null]),
  keras: () => ({ class_name: 'ReLU', config: {} }),
  pytorch: () => 'nn.ReLU()',
  teaching: { text: 'Lets positive numbers through and stops the others. Without something like it, all layers together would be one linear map.', formula: 'y = max(0, x)' },
});

export const relu6 = defineLayer({
  ...common, type: 'relu6', seldom: true, activation: 'relu6', label: 'ReLU6', keywords: ['rectifier', 'activation', 'mobilenet', 'clip'], fields: {}, caption: () => 'between 0 and 6',
  lower: ({ b, inputs }) => b.op('Clip', [inputs[0] ?? null, b.scalar(0), b.scalar(6)]),
  keras: () => ({ class_name: 'ReLU', config: { max_value: 6 } }),
  pytorch: () => 'nn.ReLU6()',
  teaching: { text: 'ReLU that stops at 6, so that numbers of few bits can hold it; MobileNet’s activation.', formula: 'y = min(max(0, x), 6)' },
});

export const leakyRelu = defineLayer({
  ...common, type: 'leaky-relu', activation: 'leaky-relu', label: 'Leaky ReLU', keywords: ['rectifier', 'activation'],
  fields: { slope: { kind: 'number', label: 'Slope', help: 'How much of a negative number passes.', default: 0.01, min: 0, max: 1, step: 0.01 } },
  caption: (p) => `slope ${p.slope}`,
  lower: ({ b, params, inputs }) => b.op('LeakyRelu', [inputs[0] ?? null], { alpha: float(params.slope) }),
  keras: (p) => ({ class_name: 'LeakyReLU', config: { negative_slope: p.slope } }),
  pytorch: (p) => `nn.LeakyReLU(${p.slope})`,
  teaching: { text: 'Like ReLU, but a little of the negative numbers passes, so that no unit falls silent for good.', formula: 'y = x for x > 0, slope · x otherwise' },
});

export const sigmoid = defineLayer({
  ...common, type: 'sigmoid', activation: 'sigmoid', label: 'Sigmoid', keywords: ['logistic', 'activation'], fields: {}, caption: () => '0 to 1',
  lower: ({ b, inputs }) => b.op('Sigmoid', [inputs[0] ?? null]),
  keras: () => ({ class_name: 'Activation', config: { activation: 'sigmoid' } }),
  pytorch: () => 'nn.Sigmoid()',
  teaching: { text: 'Squeezes any number between 0 and 1.', formula: 'y = 1 / (1 + e^(−x))' },
});

export const tanh = defineLayer({
  ...common, type: 'tanh', activation: 'tanh', label: 'Tanh', keywords: ['hyperbolic', 'activation'], fields: {}, caption: () => '−1 to 1',
  lower: ({ b, inputs }) => b.op('Tanh', [inputs[0] ?? null]),
  keras: () => ({ class_name: 'Activation', config: { activation: 'tanh' } }),
  pytorch: () => 'nn.Tanh()',
  teaching: { text: 'Squeezes any number between −1 and 1; LeNet’s first activation.', formula: 'y = tanh(x)' },
});

type Over = 'channels' | 'rows';
export const softmax = defineLayer({
  ...common, type: 'softmax', activation: 'softmax', label: 'Softmax', keywords: ['probability', 'activation', 'attention'],
  fields: { over: { kind: 'choice', label: 'Over', help: 'Which numbers add up to 1: the channels of each place, or each row of a map, as attention does.', default: 'channels' as Over, options: [{ value: 'channels' as Over, label: 'The channels' }, { value: 'rows' as Over, label: 'Each row' }] } },
  caption: (p) => (p.over === 'rows' ? 'each row' : 'probabilities'),
  lower: ({ b, params: p, inputs }) => b.op('Softmax', [inputs[0] ?? null], { axis: int(p.over === 'rows' || inputs[0]?.type.shape.length === 2 ? -1 : 1) }),
  // Channels are Keras' last axis, rows run along the one before.
  keras: (p, [input]) => ({ class_name: 'Softmax', config: p.over === 'rows' && (input?.length ?? 1) > 1 ? { axis: -2 } : {} }),
  pytorch: (p) => `nn.Softmax(${p.over === 'rows' ? -1 : 1})`,
  teaching: { text: 'Turns numbers into probabilities: all positive, together 1.', formula: 'y[i] = e^x[i] / Σ e^x[k]' },
});
