/** Convolutions along one axis and through volumes. */
import { int, ints } from '../onnx/ir.ts';
import type { Shape } from '../shapes/shape.ts';
import { activationField, activations, kerasActivation, oneIn, oneOut, pair, python, sameReach, times, tuple } from './common.ts';
import { initializerFields, initializerOf, type InitializerChoice } from './initializers.ts';
import { defineLayer, type WeightSpec } from './spec.ts';
import { extentField, sidesField, windowsAttributes, windowsOf, windowsShape, type Sides, type Window } from './windows.ts';

const filters = { kind: 'int', label: 'Filters', help: 'How many maps come out; each has its own kernel.', default: 16, min: 1, max: 65536 } as const;
const bias = { kind: 'bool', label: 'Bias', help: 'Adds one learned number to each map. Leave it out before a BatchNorm.', default: true } as const;

const weightsOf = (kernel: readonly number[], channels: number, p: { readonly filters: number; readonly bias: boolean; readonly activation: string; readonly initializer: InitializerChoice; readonly initializerValue: number }, following: string | undefined): WeightSpec[] => {
  const area = kernel.reduce((a, k) => a * k, 1);
  return [
    { name: 'kernel', shape: [p.filters, channels, ...kernel], initializer: initializerOf(p, following, { fanIn: channels * area, fanOut: p.filters * area }, 'he-normal'), role: 'trained', decays: true },
    ...(p.bias ? [{ name: 'bias', shape: [p.filters], initializer: { kind: 'constant', value: 0 }, role: 'trained', decays: false } as const] : []),
  ];
};

const attributesOf = (w: Window, input: Shape) => ({ ...windowsAttributes(w, input), dilations: ints(w.dilation), group: int(1) });

/** The PyTorch layer, with the odd zero of "same" in front where padding is uneven. */
function pytorchOf(rank: 1 | 3, w: Window, input: Shape | undefined, p: { readonly filters: number; readonly bias: boolean; readonly activation: keyof typeof activations }): string {
  const windows = input?.length === rank + 1 ? windowsOf(w, input) : [];
  const even = windows.every((v) => v.before === v.after);
  const pads = even ? (windows.length > 0 ? windows.map((v) => v.before) : w.kernel.map(() => 0)) : w.kernel.map(() => 0);
  const value = (v: readonly number[]) => (rank === 1 ? String(v[0]) : tuple(v));
  const conv = `nn.Conv${rank}d(${input?.[0] ?? 0}, ${p.filters}, ${value(w.kernel)}, stride=${value(w.stride)}, padding=${value(pads)}, dilation=${value(w.dilation)}, bias=${python(p.bias)})`;
  const zeros = even ? '' : `nn.ConstantPad${rank}d(${tuple(windows.toReversed().flatMap((v) => [v.before, v.after]))}, 0)`;
  const parts = [zeros, conv, activations[p.activation].pytorch ?? ''].filter(Boolean);
  return parts.length > 1 ? `nn.Sequential(${parts.join(', ')})` : conv;
}

const line = (p: { kernel: number; stride: number; dilation: number; padding: Sides }): Window => ({ kernel: [p.kernel], stride: [p.stride], dilation: [p.dilation], padding: p.padding });

export const conv1d = defineLayer({
  type: 'conv1d', seldom: true, label: 'Conv1D', family: 'convolution', keywords: ['convolution', 'sequence', 'series', 'signal', 'text'],
  fields: {
    filters, kernel: extentField('Kernel', 'Length of the window.', 3), stride: extentField('Stride', 'How far the window moves between two outputs.', 1),
    padding: sidesField, dilation: extentField('Dilation', 'Distance between the kernel’s taps; 1 is a plain kernel.', 1), bias, activation: activationField, ...initializerFields,
  },
  inputs: oneIn, outputs: oneOut,
  caption: (p) => [`${p.filters} filters`, p.kernel > 1 ? String(p.kernel) : 'each place', p.stride > 1 ? `stride ${p.stride}` : '', p.kernel > 1 ? p.padding : '', p.activation === 'none' ? '' : activations[p.activation].label].filter(Boolean).join(' · '),
  shape: (p, [input]) => windowsShape(line(p), input, p.filters, ['length'], 'shape.needs-sequence'),
  weights: (p, [input], following) => weightsOf([p.kernel], input?.[0] ?? 0, p, following),
  parameterArithmetic: (p, [input]) => `${p.kernel}·${input?.[0] ?? 0}·${p.filters}${p.bias ? ` + ${p.filters}` : ''}`,
  macs: (p, [input], output) => p.kernel * (input?.[0] ?? 0) * output.reduce((a, b) => a * b, 1),
  reach: sameReach,
  lower: ({ b, params: p, inputs, inputShapes, weight }) => activations[p.activation].lower(b, b.op('Conv', [inputs[0] ?? null, weight('kernel'), ...(p.bias ? [weight('bias')] : [])], attributesOf(line(p), inputShapes[0] as Shape))),
  keras: (p) => ({ class_name: 'Conv1D', config: { filters: p.filters, kernel_size: [p.kernel], strides: [p.stride], padding: p.padding, dilation_rate: [p.dilation], use_bias: p.bias, activation: kerasActivation(p.activation) } }),
  pytorch: (p, [input]) => pytorchOf(1, line(p), input, p),
  teaching: { text: 'A filter slides along one axis: time, or a row of readings. What it finds, it finds wherever it stands.', formula: 'y[f, i] = b[f] + Σ w[f, c, u] · x[c, i·s + u]' },
});

interface Cube { readonly depth: number; readonly kernel: readonly [number, number]; readonly strideDepth: number; readonly stride: readonly [number, number]; readonly padding: Sides }
const cube = (p: Cube): Window => ({ kernel: [p.depth, ...p.kernel], stride: [p.strideDepth, ...p.stride], dilation: [1, 1, 1], padding: p.padding });

export const conv3d = defineLayer({
  type: 'conv3d', seldom: true, label: 'Conv3D', family: 'convolution', keywords: ['convolution', 'volume', 'video', 'voxel'],
  fields: {
    filters, depth: extentField('Kernel depth', 'Extent of the window along the depth.', 3), kernel: pair('Kernel', 'Height and width of the window.', 3),
    strideDepth: extentField('Stride in depth', 'How far the window moves along the depth.', 1), stride: pair('Stride', 'How far the window moves down and across.', 1),
    padding: sidesField, bias, activation: activationField, ...initializerFields,
  },
  inputs: oneIn, outputs: oneOut,
  caption: (p) => [`${p.filters} filters`, times([p.depth, ...p.kernel]), p.padding, p.activation === 'none' ? '' : activations[p.activation].label].filter(Boolean).join(' · '),
  shape: (p, [input]) => windowsShape(cube(p), input, p.filters, ['depth', 'height', 'width'], 'shape.needs-volume'),
  weights: (p, [input], following) => weightsOf(cube(p).kernel, input?.[0] ?? 0, p, following),
  parameterArithmetic: (p, [input]) => `${cube(p).kernel.join('·')}·${input?.[0] ?? 0}·${p.filters}${p.bias ? ` + ${p.filters}` : ''}`,
  macs: (p, [input], output) => cube(p).kernel.reduce((a, k) => a * k, 1) * (input?.[0] ?? 0) * output.reduce((a, b) => a * b, 1),
  reach: sameReach,
  lower: ({ b, params: p, inputs, inputShapes, weight }) => activations[p.activation].lower(b, b.op('Conv', [inputs[0] ?? null, weight('kernel'), ...(p.bias ? [weight('bias')] : [])], attributesOf(cube(p), inputShapes[0] as Shape))),
  keras: (p) => ({ class_name: 'Conv3D', config: { filters: p.filters, kernel_size: cube(p).kernel, strides: cube(p).stride, padding: p.padding, use_bias: p.bias, activation: kerasActivation(p.activation) } }),
  pytorch: (p, [input]) => pytorchOf(3, cube(p), input, p),
  teaching: { text: 'The window has depth too: it slides through a volume, or through the frames of a film.', formula: 'y[f, k, i, j] = b[f] + Σ w[f, c, t, u, v] · x[c, k + t, i + u, j + v]' },
});
