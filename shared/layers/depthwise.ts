/** Convolutions that look at each map alone, and the pair that MobileNet made of one. */
import { int, ints } from '../onnx/ir.ts';
import type { Shape } from '../shapes/shape.ts';
import { activationField, activations, kerasActivation, oneIn, oneOut, onnxPads, paddingFields, paddingText, pair, python, strideText, times, tuple, windowAttributes, windowReach, windowShape, type Activation, type WindowParams } from './common.ts';
import { initializerFields, initializerOf } from './initializers.ts';
import { defineLayer, type WeightSpec } from './spec.ts';

const windowFields = {
  kernel: pair('Kernel', 'Height and width of the window.', 3),
  stride: pair('Stride', 'How far the window moves between two outputs.', 1),
  ...paddingFields,
  dilation: pair('Dilation', 'Distance between the kernel’s taps; 1 is a plain kernel.', 1),
  multiplier: { kind: 'int', label: 'Multiplier', help: 'Maps made of each input map.', default: 1, min: 1, max: 1024 },
} as const;
const tail = {
  bias: { kind: 'bool', label: 'Bias', help: 'Adds one learned number to each map. Leave it out before a BatchNorm.', default: true },
  activation: activationField,
  ...initializerFields,
} as const;

const zeros = (count: number): WeightSpec => ({ name: 'bias', shape: [count], initializer: { kind: 'constant', value: 0 }, role: 'trained', decays: false });
const area = (p: WindowParams): number => p.kernel[0] * p.kernel[1];
const channelsOf = (input: Shape | undefined): number => input?.[0] ?? 0;
const places = (output: Shape): number => output.slice(1).reduce((a, b) => a * b, 1);
const caption = (p: WindowParams & { activation: Activation }, first: string): string => [first, times(p.kernel), strideText(p.stride), paddingText(p), p.activation === 'none' ? '' : activations[p.activation].label].filter(Boolean).join(' · ');

/** Zeros of an uneven padding as a layer of their own, and the even padding as an argument. */
function pytorchPads(p: WindowParams, input: Shape | undefined): { front: string; padding: string } {
  const [top, left, bottom, right] = input?.length === 3 ? (onnxPads(p, input) as [number, number, number, number]) : [0, 0, 0, 0];
  return top === bottom && left === right ? { front: '', padding: tuple([top, left]) } : { front: `nn.ZeroPad2d(${tuple([left, right, top, bottom])})`, padding: '0' };
}
const chained = (parts: readonly string[]): string => {
  const kept = parts.filter(Boolean);
  return kept.length === 1 ? (kept[0] as string) : `nn.Sequential(${kept.join(', ')})`;
};

export const depthwiseConv = defineLayer({
  type: 'depthwise-conv', label: 'DepthwiseConv', family: 'convolution', keywords: ['convolution', 'depthwise', 'mobilenet', 'separable'],
  fields: { ...windowFields, ...tail },
  inputs: oneIn, outputs: oneOut,
  caption: (p) => caption(p, p.multiplier > 1 ? `${p.multiplier} a map` : 'each map'),
  shape: (p, [input]) => windowShape(p, input, channelsOf(input) * p.multiplier),
  weights: (p, [input], following) => {
    const count = channelsOf(input) * p.multiplier;
    return [
      { name: 'kernel', shape: [count, 1, ...p.kernel], initializer: initializerOf(p, following, { fanIn: area(p), fanOut: area(p) * p.multiplier }, 'he-normal'), role: 'trained', decays: true },
      ...(p.bias ? [zeros(count)] : []),
    ];
  },
  parameterArithmetic: (p, [input]) => `${p.kernel[0]}·${p.kernel[1]}·${channelsOf(input) * p.multiplier}${p.bias ? ` + ${channelsOf(input) * p.multiplier}` : ''}`,
  macs: (p, _inputs, output) => area(p) * output.reduce((a, b) => a * b, 1),
  reach: windowReach,
  lower: ({ b, params: p, inputs, inputShapes, weight }) => {
    const attributes = { ...windowAttributes(p, inputShapes[0] as Shape), dilations: ints(p.dilation), group: int(channelsOf(inputShapes[0])) };
    return activations[p.activation].lower(b, b.op('Conv', [inputs[0] ?? null, weight('kernel'), ...(p.bias ? [weight('bias')] : [])], attributes));
  },
  keras: (p) => ({ class_name: 'DepthwiseConv2D', config: { kernel_size: p.kernel, strides: p.stride, padding: p.padding, dilation_rate: p.dilation, depth_multiplier: p.multiplier, use_bias: p.bias, activation: kerasActivation(p.activation) } }),
  pytorch: (p, [input]) => {
    const c = channelsOf(input);
    const { front, padding } = pytorchPads(p, input);
    return chained([front, `nn.Conv2d(${c}, ${c * p.multiplier}, ${tuple(p.kernel)}, stride=${tuple(p.stride)}, padding=${padding}, dilation=${tuple(p.dilation)}, groups=${c}, bias=${python(p.bias)})`, activations[p.activation].pytorch ?? '']);
  },
  teaching: { text: 'Each map has its own small kernel and no other map is seen: a ninth of the work of a 3×3 convolution with nine maps, and less still with more. A 1×1 convolution after it mixes the maps.', formula: 'y[c, i, j] = b[c] + Σ w[c, u, v] · x[c, i·s + u, j·s + v]' },
});

export const separableConv = defineLayer({
  type: 'separable-conv', seldom: true, label: 'SeparableConv', family: 'convolution', keywords: ['convolution', 'depthwise', 'pointwise', 'xception'],
  fields: { filters: { kind: 'int', label: 'Filters', help: 'How many maps come out of the 1×1 half.', default: 16, min: 1, max: 65536 }, ...windowFields, ...tail },
  inputs: oneIn, outputs: oneOut,
  caption: (p) => caption(p, `${p.filters} filters`),
  shape: (p, [input]) => windowShape(p, input, p.filters),
  weights: (p, [input], following) => {
    const middle = channelsOf(input) * p.multiplier;
    return [
      { name: 'depthwise', shape: [middle, 1, ...p.kernel], initializer: initializerOf({ ...p, activation: 'none' }, undefined, { fanIn: area(p), fanOut: area(p) * p.multiplier }, 'glorot-uniform'), role: 'trained', decays: true },
      { name: 'pointwise', shape: [p.filters, middle, 1, 1], initializer: initializerOf(p, following, { fanIn: middle, fanOut: p.filters }, 'he-normal'), role: 'trained', decays: true },
      ...(p.bias ? [zeros(p.filters)] : []),
    ];
  },
  parameterArithmetic: (p, [input]) => `${p.kernel[0]}·${p.kernel[1]}·${channelsOf(input) * p.multiplier} + ${channelsOf(input) * p.multiplier}·${p.filters}${p.bias ? ` + ${p.filters}` : ''}`,
  macs: (p, [input], output) => channelsOf(input) * p.multiplier * (area(p) + p.filters) * places(output),
  reach: windowReach,
  lower: ({ b, params: p, inputs, inputShapes, weight }) => {
    const attributes = { ...windowAttributes(p, inputShapes[0] as Shape), dilations: ints(p.dilation), group: int(channelsOf(inputShapes[0])) };
    const maps = b.op('Conv', [inputs[0] ?? null, weight('depthwise')], attributes);
    return activations[p.activation].lower(b, b.op('Conv', [maps, weight('pointwise'), ...(p.bias ? [weight('bias')] : [])]));
  },
  keras: (p) => ({ class_name: 'SeparableConv2D', config: { filters: p.filters, kernel_size: p.kernel, strides: p.stride, padding: p.padding, dilation_rate: p.dilation, depth_multiplier: p.multiplier, use_bias: p.bias, activation: kerasActivation(p.activation) } }),
  pytorch: (p, [input]) => {
    const c = channelsOf(input);
    const { front, padding } = pytorchPads(p, input);
    return chained([front, `nn.Conv2d(${c}, ${c * p.multiplier}, ${tuple(p.kernel)}, stride=${tuple(p.stride)}, padding=${padding}, dilation=${tuple(p.dilation)}, groups=${c}, bias=False)`, `nn.Conv2d(${c * p.multiplier}, ${p.filters}, 1, bias=${python(p.bias)})`, activations[p.activation].pytorch ?? '']);
  },
  teaching: { text: 'A convolution taken apart: first each map alone looks around, then a 1×1 convolution mixes the maps. Nearly as good, and several times cheaper.', formula: 'y[f] = b[f] + Σ p[f, c] · (w[c] ∗ x[c])' },
});
