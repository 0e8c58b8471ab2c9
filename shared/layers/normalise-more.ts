/** Normalisations that do not look across the batch, and dropout of whole maps. */
import { float, int } from '../onnx/ir.ts';
import { formatShape, type Shape } from '../shapes/shape.ts';
import { fail, ok } from '../util/result.ts';
import { noMacs, noText, noWeights, oneIn, oneOut, sameReach, sameShapeRule } from './common.ts';
import { maskThreshold, uniformFromIndex } from './random-mask.ts';
import { defineLayer, type WeightSpec } from './spec.ts';

const common = { family: 'normalise', keepsSpread: true, inputs: oneIn, outputs: oneOut, reach: sameReach } as const;
const epsilon = { kind: 'number', label: 'Epsilon', help: 'Added to the variance, so that nothing is divided by zero.', default: 0.00001, min: 1e-12, max: 1, step: 0.00001 } as const;
const scaleAndBias = (shape: Shape): WeightSpec[] => [
  { name: 'scale', shape, initializer: { kind: 'constant', value: 1 }, role: 'trained', decays: false },
  { name: 'bias', shape, initializer: { kind: 'constant', value: 0 }, role: 'trained', decays: false },
];
const needsMaps = (input: Shape | undefined) => fail({ code: 'shape.needs-maps', args: { got: input ? formatShape(input) : 'nothing' } } as const);

type Over = 'all' | 'channels';
export const layerNorm = defineLayer({
  ...common, type: 'layer-norm', label: 'Layer norm', keywords: ['layernorm', 'normalisation', 'transformer', 'convnext'],
  fields: {
    over: { kind: 'choice', label: 'Over', help: 'All numbers of a sample at once, or the channels of each place.', default: 'all' as Over, options: [{ value: 'all' as Over, label: 'The whole sample' }, { value: 'channels' as Over, label: 'The channels of a place' }] },
    epsilon,
  },
  caption: (p) => (p.over === 'all' ? 'whole sample' : 'channels'),
  shape: sameShapeRule,
  weights: (p, [input]) => scaleAndBias(p.over === 'all' ? (input ?? []) : [input?.[0] ?? 0]),
  parameterArithmetic: (p, [input]) => `2·${p.over === 'all' ? (input ?? []).join('·') : (input?.[0] ?? 0)}`,
  macs: noMacs,
  lower: ({ b, params: p, inputs, weight }) => {
    const x = inputs[0];
    if (!x) throw new Error('Layer norm without input');
    const rank = x.type.shape.length;
    if (p.over === 'all' || rank === 2) return b.op('LayerNormalization', [x, weight('scale'), weight('bias')], { axis: int(1), epsilon: float(p.epsilon) });
    // The operator normalises the last axes: channels go there and come back.
    const last = [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];
    const y = b.op('LayerNormalization', [b.transpose(x, last), weight('scale'), weight('bias')], { axis: int(-1), epsilon: float(p.epsilon) });
    return b.transpose(y, last.map((_, i) => last.indexOf(i)));
  },
  keras: (p, [input]) => (p.over === 'channels' || input?.length === 1 ? { class_name: 'LayerNormalization', config: { axis: -1, epsilon: p.epsilon } } : null),
  pytorch: (p, [input]) => (p.over === 'all' || input?.length === 1 ? `nn.LayerNorm([${(input ?? []).join(', ')}], eps=${p.epsilon})` : `F.layer_norm(x.movedim(1, -1), [${input?.[0] ?? 0}], scale, bias, ${p.epsilon}).movedim(-1, 1)`),
  teaching: { text: 'Brings the numbers of one sample to mean 0 and variance 1, whatever the rest of the batch holds, then scales and shifts them by learned numbers.', formula: 'y = γ · (x − μ) / √(σ² + ε) + β' },
});

export const groupNorm = defineLayer({
  ...common, type: 'group-norm', seldom: true, label: 'Group norm', keywords: ['groupnorm', 'normalisation'],
  fields: { groups: { kind: 'int', label: 'Groups', help: 'Channels are normalised in so many groups; the groups must divide them.', default: 8, min: 1, max: 65536 }, epsilon },
  caption: (p) => `${p.groups} groups`,
  shape: (p, [input]) => {
    if (!input || input.length < 2) return needsMaps(input);
    const channels = input[0] as number;
    return channels % p.groups === 0 ? ok({ shape: input, arithmetic: [] }) : fail({ code: 'shape.divisible', field: 'groups', args: { what: 'channels', value: channels, by: p.groups } });
  },
  weights: (_p, [input]) => scaleAndBias([input?.[0] ?? 0]),
  parameterArithmetic: (_p, [input]) => `2·${input?.[0] ?? 0}`,
  macs: noMacs,
  lower: ({ b, params: p, inputs, weight }) => {
    const x = inputs[0];
    if (!x) throw new Error('Group norm without input');
    const { shape } = x.type;
    const [n, channels] = shape as [number, number];
    const filled = (v: number) => b.constant({ element: 'float32', shape: [p.groups], data: new Float32Array(p.groups).fill(v) }, 'unit');
    // Each group as one map of an instance norm; opset 18's own operator scales by group, not by channel.
    const normal = b.op('InstanceNormalization', [b.reshape(x, [n, p.groups, shape.slice(1).reduce((a, d) => a * d, 1) / p.groups]), filled(1), filled(0)], { epsilon: float(p.epsilon) });
    const wide = (v: ReturnType<typeof weight>) => b.reshape(v, [channels, ...shape.slice(2).map(() => 1)]);
    return b.add(b.mul(b.reshape(normal, shape), wide(weight('scale'))), wide(weight('bias')));
  },
  keras: (p) => ({ class_name: 'GroupNormalization', config: { groups: p.groups, epsilon: p.epsilon } }),
  pytorch: (p, [input]) => `nn.GroupNorm(${p.groups}, ${input?.[0] ?? 0}, eps=${p.epsilon})`,
  teaching: { text: 'Normalises groups of maps within one sample: as good as batch norm where batches are small.', formula: 'y = γ · (x − μ_g) / √(σ_g² + ε) + β' },
});

export const instanceNorm = defineLayer({
  ...common, type: 'instance-norm', seldom: true, label: 'Instance norm', keywords: ['instancenorm', 'style', 'normalisation'],
  fields: { epsilon },
  caption: () => 'each map alone',
  shape: (_p, [input]) => (input && input.length >= 2 ? ok({ shape: input, arithmetic: [] }) : needsMaps(input)),
  weights: (_p, [input]) => scaleAndBias([input?.[0] ?? 0]),
  parameterArithmetic: (_p, [input]) => `2·${input?.[0] ?? 0}`,
  macs: noMacs,
  lower: ({ b, params: p, inputs, weight }) => b.op('InstanceNormalization', [inputs[0] ?? null, weight('scale'), weight('bias')], { epsilon: float(p.epsilon) }),
  keras: (p, [input]) => ({ class_name: 'GroupNormalization', config: { groups: input?.[0] ?? 1, epsilon: p.epsilon } }),
  pytorch: (p, [input]) => `nn.InstanceNorm${(input?.length ?? 3) - 1}d(${input?.[0] ?? 0}, eps=${p.epsilon}, affine=True)`,
  teaching: { text: 'Normalises each map of each sample by itself. What is left is the pattern without its contrast: the trick of style transfer.', formula: 'y[c] = γ[c] · (x[c] − μ[c]) / √(σ[c]² + ε) + β[c]' },
});

export const lrn = defineLayer({
  ...common, type: 'lrn', seldom: true, label: 'LRN', keywords: ['local response', 'alexnet', 'normalisation'], weights: noWeights, parameterArithmetic: noText,
  fields: {
    size: { kind: 'int', label: 'Channels', help: 'How many neighbouring channels are added up; an odd number.', default: 5, min: 1, max: 255 },
    alpha: { kind: 'number', label: 'α', help: 'Weight of the neighbours.', default: 0.0001, min: 0, max: 10, step: 0.0001 },
    beta: { kind: 'number', label: 'β', help: 'Exponent.', default: 0.75, min: 0, max: 10, step: 0.05 },
    bias: { kind: 'number', label: 'k', help: 'Added to the sum.', default: 1, min: 0.001, max: 100, step: 0.5 },
  },
  caption: (p) => `${p.size} channels`,
  shape: (p, [input]) => {
    if (!input || input.length < 2) return needsMaps(input);
    return p.size % 2 === 1 ? ok({ shape: input, arithmetic: [] }) : fail({ code: 'field.invalid', field: 'size', args: { expected: 'an odd number', got: String(p.size) } });
  },
  macs: noMacs,
  lower: ({ b, params: p, inputs }) => {
    const x = inputs[0];
    if (!x) throw new Error('LRN without input');
    const { shape } = x.type;
    const attributes = { size: int(p.size), alpha: float(p.alpha), beta: float(p.beta), bias: float(p.bias) };
    if (shape.length === 4) return b.op('LRN', [x], attributes);
    // ONNX Runtime takes pictures only; the places of a map are all alike here.
    const [n, channels, ...places] = shape as [number, number, ...number[]];
    return b.reshape(b.op('LRN', [b.reshape(x, [n, channels, places.reduce((a, d) => a * d, 1), 1])], attributes), shape);
  },
  keras: () => null,
  pytorch: (p) => `nn.LocalResponseNorm(${p.size}, alpha=${p.alpha}, beta=${p.beta}, k=${p.bias})`,
  teaching: { text: 'Divides each number by what its neighbours in other maps add up to, as AlexNet did before batch norm.', formula: 'y[c] = x[c] / (k + α/n · Σ x[c′]²)^β' },
});

export const spatialDropout = defineLayer({
  ...common, type: 'spatial-dropout', seldom: true, label: 'Spatial dropout', keywords: ['regularise', 'noise', 'maps', 'channels'], weights: noWeights, parameterArithmetic: noText, macs: noMacs,
  fields: { rate: { kind: 'number', label: 'Rate', help: 'Share of the maps set to zero in each training step.', default: 0.2, min: 0, max: 0.95, step: 0.05 } },
  caption: (p) => `${Math.round(p.rate * 100)} % of the maps`,
  shape: (_p, [input]) => (input && input.length >= 2 ? ok({ shape: input, arithmetic: [] }) : needsMaps(input)),
  lower: ({ b, params, inputs, training, random }) => {
    const x = inputs[0];
    if (!x) throw new Error('Spatial dropout without input');
    if (!training || params.rate === 0) return x;
    const { noise, layerSeed } = random();
    const threshold = maskThreshold(params.rate);
    const uniform = uniformFromIndex(b, x.type.shape.map((d, i) => (i < 2 ? d : 1)), noise, layerSeed);
    return b.mul(x, b.mul(b.cast(b.op('Greater', [uniform, b.scalar(threshold)]), 'float32'), b.scalar(1 / (1 - threshold))));
  },
  keras: (p, [input]) => ({ class_name: `SpatialDropout${(input?.length ?? 3) - 1}D`, config: { rate: p.rate } }),
  pytorch: (p, [input]) => `nn.Dropout${(input?.length ?? 3) - 1}d(${p.rate})`,
  teaching: { text: 'Drops whole maps instead of single numbers, whose neighbours would give them away.', formula: 'y[c] = x[c] · m[c] / (1 − rate)' },
});
