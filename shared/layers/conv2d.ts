/** Conv2D: filters that slide over maps. */
import { fail, ok } from '../util/result.ts';
import { int, ints } from '../onnx/ir.ts';
import type { Shape } from '../shapes/shape.ts';
import { activationField, activations, kerasActivation, oneIn, oneOut, onnxPads, paddingFields, paddingText, pair, python, strideText, times, tuple, windowAttributes, windowReach, windowShape } from './common.ts';
import { initializerFields, initializerOf } from './initializers.ts';
import { defineLayer } from './spec.ts';

const perGroup = (input: Shape | undefined, groups: number): number => ((input?.[0] ?? 0) / groups) | 0;

export const conv2d = defineLayer({
  type: 'conv2d',
  label: 'Conv2D',
  family: 'convolution',
  keywords: ['convolution', 'filter', 'kernel', 'depthwise'],
  fields: {
    filters: { kind: 'int', label: 'Filters', help: 'How many maps come out; each has its own kernel.', default: 16, min: 1, max: 65536 },
    kernel: pair('Kernel', 'Height and width of the window.', 3),
    stride: pair('Stride', 'How far the window moves between two outputs.', 1),
    ...paddingFields,
    dilation: pair('Dilation', 'Distance between the kernel’s taps; 1 is a plain kernel.', 1),
    groups: { kind: 'int', label: 'Groups', help: 'Channels split into groups that do not see each other. As many groups as channels is a depthwise convolution.', default: 1, min: 1, max: 65536 },
    bias: { kind: 'bool', label: 'Bias', help: 'Adds one learned number to each map. Leave it out before a BatchNorm.', default: true },
    activation: activationField,
    ...initializerFields,
  },
  inputs: oneIn,
  outputs: oneOut,
  caption: (p) => [`${p.filters} filters`, times(p.kernel), strideText(p.stride), paddingText(p), p.activation === 'none' ? '' : activations[p.activation].label].filter(Boolean).join(' · '),
  shape: (p, [input]) => {
    const answer = windowShape(p, input, p.filters);
    if (!answer.ok || !input) return answer;
    const channels = input[0] as number;
    return channels % p.groups === 0 && p.filters % p.groups === 0 ? ok(answer.value) : fail({ code: 'shape.groups', field: 'groups', args: { groups: p.groups, channels, filters: p.filters } });
  },
  weights: (p, [input], following) => {
    const channels = perGroup(input, p.groups);
    const area = p.kernel[0] * p.kernel[1];
    const fans = { fanIn: channels * area, fanOut: (p.filters / p.groups) * area };
    return [
      { name: 'kernel', shape: [p.filters, channels, ...p.kernel], initializer: initializerOf(p, following, fans, 'he-normal'), role: 'trained', decays: true } as const,
      ...(p.bias ? [{ name: 'bias', shape: [p.filters], initializer: { kind: 'constant', value: 0 }, role: 'trained', decays: false } as const] : []),
    ];
  },
  parameterArithmetic: (p, [input]) => `${p.kernel[0]}·${p.kernel[1]}·${perGroup(input, p.groups)}·${p.filters}${p.bias ? ` + ${p.filters}` : ''}`,
  macs: (p, [input], output) => p.kernel[0] * p.kernel[1] * perGroup(input, p.groups) * output.reduce((a, b) => a * b, 1),
  reach: windowReach,
  lower: ({ b, params: p, inputs, inputShapes, weight }) => {
    const attributes = { ...windowAttributes(p, inputShapes[0] as Shape), dilations: ints(p.dilation), group: int(p.groups) };
    const y = b.op('Conv', [inputs[0] ?? null, weight('kernel'), ...(p.bias ? [weight('bias')] : [])], attributes);
    return activations[p.activation].lower(b, y);
  },
  keras: (p) => ({
    class_name: 'Conv2D',
    config: { filters: p.filters, kernel_size: p.kernel, strides: p.stride, padding: p.padding, dilation_rate: p.dilation, groups: p.groups, use_bias: p.bias, activation: kerasActivation(p.activation) },
  }),
  pytorch: (p, [input]) => {
    const [top, left, bottom, right] = input?.length === 3 ? (onnxPads(p, input) as [number, number, number, number]) : [0, 0, 0, 0];
    const even = top === bottom && left === right;
    const conv = `nn.Conv2d(${input?.[0] ?? 0}, ${p.filters}, ${tuple(p.kernel)}, stride=${tuple(p.stride)}, padding=${even ? tuple([top, left]) : '0'}, dilation=${tuple(p.dilation)}, groups=${p.groups}, bias=${python(p.bias)})`;
    const parts = [even ? '' : `nn.ZeroPad2d(${tuple([left, right, top, bottom])})`, conv, activations[p.activation].pytorch ?? ''].filter(Boolean);
    return parts.length > 1 ? `nn.Sequential(${parts.join(', ')})` : conv;
  },
  teaching: {
    text: 'Each filter slides over all input maps and adds up the products of its kernel with the patch below it: one number for each place, one map for each filter. The same weights serve every place, so a pattern is found wherever it stands.',
    formula: 'y[f, i, j] = b[f] + Σ w[f, c, u, v] · x[c, i·s + u, j·s + v]',
  },
});
