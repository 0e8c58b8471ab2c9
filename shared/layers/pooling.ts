/** Pooling layers: one number for each window of a map. */
import { fail, ok, type Result } from '../util/result.ts';
import { int } from '../onnx/ir.ts';
import { formatShape, type Shape } from '../shapes/shape.ts';
import { allReach, noMacs, noText, noWeights, oneIn, oneOut, onnxPads, paddingFields, paddingText, pair, python, times, tuple, windowAttributes, windowReach, windowShape, type WindowParams } from './common.ts';
import { defineLayer, type LayerIssue, type ShapeAnswer } from './spec.ts';

const fields = {
  kernel: pair('Window', 'Height and width of the window.', 2),
  stride: pair('Stride', 'How far the window moves between two outputs.', 2),
  ...paddingFields,
} as const;

const caption = (p: WindowParams): string => [times(p.kernel), `stride ${p.stride[0] === p.stride[1] ? p.stride[0] : times(p.stride)}`, p.padding === 'valid' ? '' : paddingText(p)].filter(Boolean).join(' · ');
const shape = (p: WindowParams, [input]: readonly Shape[]): Result<ShapeAnswer, LayerIssue> => {
  const [top, right, bottom, left] = p.edges;
  // A window of nothing but padding has no answer: ONNX Runtime refuses it.
  const empty = p.padding === 'explicit' && (Math.max(top, bottom) >= p.kernel[0] || Math.max(left, right) >= p.kernel[1]);
  if (empty) return fail({ code: 'field.invalid', field: 'edges', args: { expected: `edges smaller than the window of ${times(p.kernel)}`, got: p.edges.join(', ') } });
  return windowShape(p, input, input?.[0] ?? 0);
};
const area = (p: WindowParams): number => p.kernel[0] * p.kernel[1];

/** A pool reads as a layer without weights; its additions are not multiply-adds. */
const common = { family: 'pooling', inputs: oneIn, outputs: oneOut, fields, caption, shape, weights: noWeights, parameterArithmetic: noText, reach: windowReach } as const;

/** The layer with its even padding, or behind a layer that pads what is uneven: PyTorch pads opposite sides alike, by half a window at most. */
function pytorchOf(p: WindowParams, input: Shape | undefined, fill: string, layer: (padding: string) => string): string {
  const [top, left, bottom, right] = input?.length === 3 ? (onnxPads(p, input) as [number, number, number, number]) : [0, 0, 0, 0];
  if (top === bottom && left === right && 2 * top <= p.kernel[0] && 2 * left <= p.kernel[1]) return layer(tuple([top, left]));
  return `nn.Sequential(nn.ConstantPad2d(${tuple([left, right, top, bottom])}, ${fill}), ${layer('0')})`;
}

export const maxPool = defineLayer({
  ...common,
  type: 'max-pool',
  keepsSpread: true,
  label: 'Max pool',
  keywords: ['pooling', 'maximum', 'subsample'],
  macs: noMacs,
  lower: ({ b, params: p, inputs, inputShapes }) => b.op('MaxPool', [inputs[0] ?? null], windowAttributes(p, inputShapes[0] as Shape)),
  keras: (p) => ({ class_name: 'MaxPooling2D', config: { pool_size: p.kernel, strides: p.stride, padding: p.padding } }),
  pytorch: (p, [input]) => pytorchOf(p, input, "float('-inf')", (padding) => `nn.MaxPool2d(${tuple(p.kernel)}, stride=${tuple(p.stride)}, padding=${padding})`),
  teaching: { text: 'Keeps the largest number of each window: the strongest answer of a filter nearby, wherever exactly it was. Maps get smaller and small shifts of the picture matter less.', formula: 'y[c, i, j] = max x[c, i·s + u, j·s + v]' },
});

export const averagePool = defineLayer({
  ...common,
  type: 'average-pool',
  keepsSpread: true,
  label: 'Average pool',
  keywords: ['pooling', 'mean', 'subsample'],
  fields: { ...fields, countPadding: { kind: 'bool', label: 'Count padding', help: 'Whether padded zeros count in the mean.', default: false } },
  macs: noMacs,
  lower: ({ b, params: p, inputs, inputShapes }) => b.op('AveragePool', [inputs[0] ?? null], { ...windowAttributes(p, inputShapes[0] as Shape), count_include_pad: int(p.countPadding ? 1 : 0) }),
  keras: (p) => ({ class_name: 'AveragePooling2D', config: { pool_size: p.kernel, strides: p.stride, padding: p.padding } }),
  // Uneven padding that does not count has no layer there: the sums are divided by the sums of ones.
  pytorch: (p, [input]) => {
    const pool = pytorchOf(p, input, '0', (padding) => `nn.AvgPool2d(${tuple(p.kernel)}, stride=${tuple(p.stride)}, padding=${padding}, count_include_pad=${python(p.countPadding)})`);
    return p.countPadding || !pool.startsWith('nn.Sequential') ? pool : `(lambda pool: pool(x) / pool(torch.ones_like(x)))(${pool})`;
  },
  teaching: { text: 'Takes the mean of each window: a smaller, smoother map.', formula: 'y[c, i, j] = mean x[c, i·s + u, j·s + v]' },
});

export const sumPool = defineLayer({
  ...common,
  type: 'sum-pool', seldom: true,
  label: 'Sum pool',
  keywords: ['pooling', 'add', 'subsample'],
  macs: noMacs,
  lower: ({ b, params: p, inputs, inputShapes }) => {
    // The mean over the whole window, padding counted, times its area: ONNX has no sum pool.
    const mean = b.op('AveragePool', [inputs[0] ?? null], { ...windowAttributes(p, inputShapes[0] as Shape), count_include_pad: int(1) });
    return b.mul(mean, b.scalar(area(p)));
  },
  keras: () => null,
  pytorch: (p, [input]) => pytorchOf(p, input, '0', (padding) => `nn.AvgPool2d(${tuple(p.kernel)}, stride=${tuple(p.stride)}, padding=${padding}, divisor_override=1)`),
  teaching: { text: 'Adds up each window, as the first subsampling layers did before a learned factor.', formula: 'y[c, i, j] = Σ x[c, i·s + u, j·s + v]' },
});

/** [channels, …] to [channels]. */
const oneOfEachMap = (_p: unknown, [input]: readonly Shape[]): Result<ShapeAnswer, LayerIssue> =>
  (input && input.length >= 2 ? ok({ shape: [input[0] as number], arithmetic: [`${formatShape(input)} → ${input[0]}`] }) : fail({ code: 'shape.needs-maps', args: { got: input ? formatShape(input) : 'nothing' } }));

/** What the pools over a whole map share. */
const overAll = {
  family: 'pooling', fields: {}, inputs: oneIn, outputs: oneOut, shape: oneOfEachMap, weights: noWeights, parameterArithmetic: noText, macs: noMacs, reach: allReach,
} as const;

export const globalAveragePool = defineLayer({
  ...overAll,
  type: 'global-average-pool',
  label: 'Global average',
  keywords: ['pooling', 'gap', 'mean'],
  caption: () => 'mean of each map',
  lower: ({ b, inputs }) => b.op('Flatten', [b.op('GlobalAveragePool', [inputs[0] ?? null])], { axis: int(1) }),
  keras: (_p, [input]) => ({ class_name: `GlobalAveragePooling${(input?.length ?? 3) - 1}D`, config: {} }),
  pytorch: (_p, [input]) => `nn.Sequential(nn.AdaptiveAvgPool${(input?.length ?? 3) - 1}d(1), nn.Flatten())`,
  teaching: { text: 'One number for each map: its mean. It replaces large dense layers at the end of a net and takes pictures of any size.', formula: 'y[c] = mean x[c, ·, ·]' },
});

export const globalMaxPool = defineLayer({
  ...overAll,
  type: 'global-max-pool', seldom: true,
  label: 'Global max',
  keywords: ['pooling', 'gmp', 'maximum'],
  caption: () => 'largest of each map',
  lower: ({ b, inputs }) => b.op('Flatten', [b.op('GlobalMaxPool', [inputs[0] ?? null])], { axis: int(1) }),
  keras: (_p, [input]) => ({ class_name: `GlobalMaxPooling${(input?.length ?? 3) - 1}D`, config: {} }),
  pytorch: (_p, [input]) => `nn.Sequential(nn.AdaptiveMaxPool${(input?.length ?? 3) - 1}d(1), nn.Flatten())`,
  teaching: { text: 'One number for each map: its largest. It asks whether a pattern is there, not how often.', formula: 'y[c] = max x[c, ·, ·]' },
});
