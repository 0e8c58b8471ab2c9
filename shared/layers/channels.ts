/** Layers that move or weigh whole channels, and one that leaves a branch out: the small parts of nets since 2016. */
import type { Value } from '../onnx/builder.ts';
import { formatShape, type Shape } from '../shapes/shape.ts';
import { fail, ok } from '../util/result.ts';
import { noMacs, noText, noWeights, oneIn, oneOut, sameReach, sameShapeRule } from './common.ts';
import { maskThreshold, uniformFromIndex } from './random-mask.ts';
import { defineLayer } from './spec.ts';

const common = { seldom: true, inputs: oneIn, outputs: oneOut, macs: noMacs, reach: sameReach } as const;
const plain = { ...common, weights: noWeights, parameterArithmetic: noText } as const;
const needsMaps = (input: Shape | undefined) => fail({ code: 'shape.needs-maps', args: { got: input ? formatShape(input) : 'nothing' } } as const);

export const channelShuffle = defineLayer({
  ...plain, type: 'channel-shuffle', label: 'Channel shuffle', family: 'dense', keywords: ['shufflenet', 'groups', 'mix'],
  fields: { groups: { kind: 'int', label: 'Groups', help: 'Neighbours of the result come from different ones of so many groups; they must divide the channels.', default: 2, min: 1, max: 65536 } },
  caption: (p) => `${p.groups} groups`,
  shape: (p, [input]) => {
    if (!input || input.length < 2) return needsMaps(input);
    const channels = input[0] as number;
    return channels % p.groups === 0 ? ok({ shape: input, arithmetic: [] }) : fail({ code: 'shape.divisible', field: 'groups', args: { what: 'channels', value: channels, by: p.groups } });
  },
  lower: ({ b, params: p, inputs }) => {
    const x = inputs[0] as Value;
    const [n, channels, ...rest] = x.type.shape as [number, number, ...number[]];
    const dealt = b.transpose(b.reshape(x, [n, p.groups, channels / p.groups, ...rest]), [0, 2, 1, ...rest.map((_, i) => i + 3)]);
    return b.reshape(dealt, x.type.shape);
  },
  keras: () => null,
  pytorch: (p) => `nn.ChannelShuffle(${p.groups})`,
  teaching: { text: 'Deals the channels out like cards, so that the next layer of groups sees something of every group before it.', formula: 'y[c·g + k] = x[k·C/g + c]' },
});

export const channelSlice = defineLayer({
  ...plain, type: 'channel-slice', label: 'Channel slice', family: 'dense', keywords: ['split', 'chunk', 'shufflenet', 'part', 'select'],
  fields: {
    parts: { kind: 'int', label: 'Parts', help: 'Channels are cut into so many equal parts.', default: 2, min: 1, max: 65536 },
    part: { kind: 'int', label: 'Part', help: 'Which of them goes on, counted from 1.', default: 1, min: 1, max: 65536 },
  },
  caption: (p) => `part ${p.part} of ${p.parts}`,
  shape: (p, [input]) => {
    if (!input) return needsMaps(input);
    const [channels, ...rest] = input as [number, ...number[]];
    if (channels % p.parts !== 0) return fail({ code: 'shape.divisible', field: 'parts', args: { what: 'channels', value: channels, by: p.parts } });
    if (p.part > p.parts) return fail({ code: 'field.invalid', field: 'part', args: { expected: `a part from 1 to ${p.parts}`, got: String(p.part) } });
    return ok({ shape: [channels / p.parts, ...rest], arithmetic: [`${channels} / ${p.parts} = ${channels / p.parts}`] });
  },
  lower: ({ b, params: p, inputs, outputShape }) => {
    const size = outputShape[0] as number;
    return b.op('Slice', [inputs[0] as Value, b.int64([(p.part - 1) * size]), b.int64([p.part * size]), b.int64([1])]);
  },
  keras: () => null,
  pytorch: (p) => `x.chunk(${p.parts}, 1)[${p.part - 1}]`,
  teaching: { text: 'Lets one part of the channels through. Two of them split the maps into two branches without any work.', formula: 'y[c] = x[(part − 1)·C/parts + c]' },
});

export const layerScale = defineLayer({
  ...common, type: 'layer-scale', label: 'Layer scale', family: 'normalise', keywords: ['layerscale', 'convnext', 'gamma', 'residual'],
  fields: { start: { kind: 'number', label: 'Start', help: 'What every factor is before training: small, so that a deep net begins close to its shortcuts.', default: 0.000001, min: 0, max: 10, step: 0.01 } },
  caption: (p) => `from ${p.start}`,
  shape: sameShapeRule,
  weights: (p, [input]) => [{ name: 'scale', shape: [input?.[0] ?? 0], initializer: { kind: 'constant', value: p.start }, role: 'trained', decays: false }],
  parameterArithmetic: (_p, [input]) => String(input?.[0] ?? 0),
  lower: ({ b, inputs, weight }) => {
    const x = inputs[0] as Value;
    return b.mul(x, b.reshape(weight('scale'), [x.type.shape[1] as number, ...x.type.shape.slice(2).map(() => 1)]));
  },
  keras: () => null,
  pytorch: (_p, [input]) => (input && input.length > 1 ? `x * scale[:, ${input.slice(1).map(() => 'None').join(', ')}]` : 'x * scale'),
  teaching: { text: 'Multiplies each channel of a residual branch by a learned factor that starts near zero: the net begins shallow and grows deep as it learns (Touvron et al., 2021).', formula: 'y[c] = λ[c] · x[c]' },
});

export const stochasticDepth = defineLayer({
  ...plain, type: 'stochastic-depth', keepsSpread: true, label: 'Stochastic depth', family: 'normalise', keywords: ['drop path', 'droppath', 'regularise', 'residual', 'noise'],
  fields: { rate: { kind: 'number', label: 'Rate', help: 'Share of the samples for which the branch is left out in each training step.', default: 0.1, min: 0, max: 0.95, step: 0.05 } },
  caption: (p) => `${Number((p.rate * 100).toFixed(1))} % left out`,
  shape: sameShapeRule,
  lower: ({ b, params, inputs, training, random }) => {
    const x = inputs[0] as Value;
    const threshold = maskThreshold(params.rate);
    if (!training || threshold === 0) return x;
    const { noise, layerSeed } = random();
    const uniform = uniformFromIndex(b, x.type.shape.map((d, i) => (i === 0 ? d : 1)), noise, layerSeed);
    return b.mul(x, b.mul(b.cast(b.op('Greater', [uniform, b.scalar(threshold)]), 'float32'), b.scalar(1 / (1 - threshold))));
  },
  keras: () => null,
  pytorch: (p) => `torchvision.ops.StochasticDepth(${p.rate}, 'row')`,
  teaching: { text: 'In each training step the whole branch is left out for a random part of the samples, and only the shortcut is taken. Deep nets train faster so and lean less on single blocks. In use nothing is left out (Huang et al., 2016).', formula: 'y = x · m / (1 − rate), one m a sample, 0 with probability rate' },
});
