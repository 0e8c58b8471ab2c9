/** Pooling along a sequence. */
import { int } from '../onnx/ir.ts';
import type { Shape } from '../shapes/shape.ts';
import { noMacs, noText, noWeights, oneIn, oneOut, sameReach } from './common.ts';
import { defineLayer } from './spec.ts';
import { extentField, sidesField, windowsAttributes, windowsOf, windowsShape, type Sides, type Window } from './windows.ts';

interface Params { readonly kernel: number; readonly stride: number; readonly padding: Sides }
const line = (p: Params): Window => ({ kernel: [p.kernel], stride: [p.stride], dilation: [1], padding: p.padding });

const common = {
  family: 'pooling', keepsSpread: true, inputs: oneIn, outputs: oneOut, weights: noWeights, parameterArithmetic: noText, macs: noMacs, reach: sameReach,
  fields: { kernel: extentField('Window', 'Length of the window.', 2), stride: extentField('Stride', 'How far the window moves between two outputs.', 2), padding: sidesField },
  caption: (p: Params) => [String(p.kernel), `stride ${p.stride}`, p.padding === 'valid' ? '' : p.padding].filter(Boolean).join(' · '),
  shape: (p: Params, [input]: readonly Shape[]) => windowsShape(line(p), input, input?.[0] ?? 0, ['length'], 'shape.needs-sequence'),
} as const;

/** The layer, with the uneven padding of "same" in front of it: PyTorch pads both sides alike. */
function pytorchOf(layer: (padding: number) => string, p: Params, input: Shape | undefined, fill: string): string {
  const [axis] = input?.length === 2 ? windowsOf(line(p), input) : [];
  if (!axis || axis.before === axis.after) return layer(axis?.before ?? 0);
  return `nn.Sequential(nn.ConstantPad1d((${axis.before}, ${axis.after}), ${fill}), ${layer(0)})`;
}

export const maxPool1d = defineLayer({
  ...common, type: 'max-pool-1d', seldom: true, label: 'Max pool 1D', keywords: ['pooling', 'maximum', 'sequence', 'subsample'],
  lower: ({ b, params: p, inputs, inputShapes }) => b.op('MaxPool', [inputs[0] ?? null], windowsAttributes(line(p), inputShapes[0] as Shape)),
  keras: (p) => ({ class_name: 'MaxPooling1D', config: { pool_size: p.kernel, strides: p.stride, padding: p.padding } }),
  pytorch: (p, [input]) => pytorchOf((padding) => `nn.MaxPool1d(${p.kernel}, stride=${p.stride}, padding=${padding})`, p, input, "float('-inf')"),
  teaching: { text: 'Keeps the largest number of each stretch of a sequence.', formula: 'y[c, i] = max x[c, i·s + u]' },
});

export const averagePool1d = defineLayer({
  ...common, type: 'average-pool-1d', seldom: true, label: 'Average pool 1D', keywords: ['pooling', 'mean', 'sequence', 'subsample'],
  lower: ({ b, params: p, inputs, inputShapes }) => b.op('AveragePool', [inputs[0] ?? null], { ...windowsAttributes(line(p), inputShapes[0] as Shape), count_include_pad: int(0) }),
  keras: (p) => ({ class_name: 'AveragePooling1D', config: { pool_size: p.kernel, strides: p.stride, padding: p.padding } }),
  // Padding does not count: "same" takes the stretch that is there, which ceil_mode does.
  pytorch: (p, [input]) => {
    const [axis] = input?.length === 2 ? windowsOf(line(p), input) : [];
    const even = !axis || axis.before === axis.after;
    return `nn.AvgPool1d(${p.kernel}, stride=${p.stride}, padding=${axis?.before ?? 0}, ${even ? '' : 'ceil_mode=True, '}count_include_pad=False)`;
  },
  teaching: { text: 'Takes the mean of each stretch of a sequence.', formula: 'y[c, i] = mean x[c, i·s + u]' },
});
