/** The total table of layers: a forgotten row does not compile. */
import { fail, ok, type Result } from '../util/result.ts';
import { elu, gelu, hardSigmoid, hardSwish, mish, prelu, selu, silu, softplus } from './activation-more.ts';
import { leakyRelu, relu, relu6, sigmoid, softmax, tanh } from './activation.ts';
import { joinHeads, matmul, splitHeads } from './attention.ts';
import { channelShuffle, channelSlice, layerScale, stochasticDepth } from './channels.ts';
import { convTranspose } from './conv-transpose.ts';
import { conv1d, conv3d } from './conv-nd.ts';
import { conv2d } from './conv2d.ts';
import { dense, flatten } from './dense.ts';
import { depthwiseConv, separableConv } from './depthwise.ts';
import { acceptsValue, describeField, type Fields } from './fields.ts';
import { auxiliaryOutput, input, output } from './io.ts';
import { average, maximum, multiply, squeezeExcite } from './merge-more.ts';
import { add, concat, zeroPad } from './merge.ts';
import { groupNorm, instanceNorm, layerNorm, lrn, spatialDropout } from './normalise-more.ts';
import { batchNorm, dropout } from './normalise.ts';
import { averagePool1d, maxPool1d } from './pooling-1d.ts';
import { averagePool, globalAveragePool, globalMaxPool, maxPool, sumPool } from './pooling.ts';
import { crop, permute, pixelShuffle, reshape, upsample } from './spatial.ts';
import type { Family, LayerIssue, LayerSpec } from './spec.ts';
import { operator } from './operator.ts';
import { rescale } from './rescale.ts';
import { tensorInput, tensorOutput } from './tensors.ts';
import { classToken, positionEmbedding, takeToken, tokens } from './tokens.ts';

const rows = {
  input, conv2d, conv1d, conv3d, 'depthwise-conv': depthwiseConv, 'separable-conv': separableConv, 'conv-transpose': convTranspose,
  'max-pool': maxPool, 'average-pool': averagePool, 'sum-pool': sumPool, 'max-pool-1d': maxPool1d, 'average-pool-1d': averagePool1d, 'global-average-pool': globalAveragePool, 'global-max-pool': globalMaxPool, upsample, 'pixel-shuffle': pixelShuffle,
  dense, flatten, reshape, permute, 'zero-pad': zeroPad, crop, 'channel-slice': channelSlice, 'channel-shuffle': channelShuffle,
  tokens, 'class-token': classToken, 'position-embedding': positionEmbedding, 'take-token': takeToken, 'split-heads': splitHeads, 'join-heads': joinHeads,
  relu, relu6, 'leaky-relu': leakyRelu, prelu, elu, selu, gelu, silu, 'hard-swish': hardSwish, mish, softplus, sigmoid, 'hard-sigmoid': hardSigmoid, tanh, softmax,
  'batch-norm': batchNorm, 'layer-norm': layerNorm, 'group-norm': groupNorm, 'instance-norm': instanceNorm, lrn, dropout, 'spatial-dropout': spatialDropout, 'stochastic-depth': stochasticDepth, 'layer-scale': layerScale, rescale,
  add, multiply, average, maximum, concat, matmul, 'squeeze-excite': squeezeExcite, output, 'auxiliary-output': auxiliaryOutput,
  'tensor-input': tensorInput, 'tensor-output': tensorOutput,
} as const;

/** What a layer node of a document may be. */
export type LayerType = keyof typeof rows;
/** Rows of a compiled net: a layer's, or that of an operator kept as its file has it. */
export type RowType = LayerType | 'operator';

/** A row whose parameters have been checked by `checkParams`, so that its functions take them as they are. */
export type AnyLayerSpec = LayerSpec<RowType, Fields>;

export const layers = rows as unknown as { readonly [T in LayerType]: AnyLayerSpec } satisfies { readonly [T in LayerType]: { readonly type: string } };

export const layerTypes = Object.keys(rows) as LayerType[];

export const isLayerType = (type: string): type is LayerType => Object.hasOwn(rows, type);

const all: { readonly [T in RowType]: AnyLayerSpec } = { ...layers, operator: operator as unknown as AnyLayerSpec };
export const layerSpec = (type: RowType): AnyLayerSpec => all[type];

export function defaultParams(type: LayerType): Record<string, unknown> {
  return Object.fromEntries(Object.entries(layers[type].fields).map(([name, field]) => [name, field.default]));
}

export type CheckedParams = Parameters<AnyLayerSpec['caption']>[0];

/** Missing values become defaults; unknown names and values out of bounds are issues. */
export function checkParams(type: LayerType, params: Readonly<Record<string, unknown>>): Result<CheckedParams, readonly LayerIssue[]> {
  const { fields } = layers[type];
  const issues: LayerIssue[] = [];
  for (const name of Object.keys(params)) {
    if (!Object.hasOwn(fields, name)) issues.push({ code: 'field.invalid', field: name, args: { expected: `a field of ${layers[type].label}`, got: name } });
  }
  const checked: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const value = params[name] ?? field.default;
    if (!acceptsValue(field, value)) issues.push({ code: 'field.invalid', field: field.label, args: { expected: describeField(field), got: JSON.stringify(value) } });
    checked[name] = value;
  }
  return issues.length > 0 ? fail(issues) : ok(checked as CheckedParams);
}

export const families: Readonly<Record<Family, { readonly label: string; readonly glyph: string }>> = {
  convolution: { label: 'Convolution', glyph: '∗' },
  pooling: { label: 'Pooling', glyph: '▾' },
  dense: { label: 'Dense and shape', glyph: '≡' },
  activation: { label: 'Activation', glyph: 'ƒ' },
  normalise: { label: 'Normalise and regularise', glyph: '~' },
  merge: { label: 'Merge', glyph: '+' },
  io: { label: 'Input and output', glyph: '◦' },
};
