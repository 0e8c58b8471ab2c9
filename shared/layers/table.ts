/** The total table of layers: a forgotten row does not compile. */
import { fail, ok, type Result } from '../util/result.ts';
import { leakyRelu, relu, relu6, sigmoid, softmax, tanh } from './activation.ts';
import { conv2d } from './conv2d.ts';
import { dense, flatten } from './dense.ts';
import { acceptsValue, describeField, type Fields } from './fields.ts';
import { input, output } from './io.ts';
import { add, concat, zeroPad } from './merge.ts';
import { batchNorm, dropout } from './normalise.ts';
import { averagePool, globalAveragePool, maxPool, sumPool } from './pooling.ts';
import type { Family, LayerIssue, LayerSpec } from './spec.ts';

const rows = {
  input, conv2d, 'max-pool': maxPool, 'average-pool': averagePool, 'sum-pool': sumPool, 'global-average-pool': globalAveragePool,
  dense, flatten, 'zero-pad': zeroPad, relu, relu6, 'leaky-relu': leakyRelu, sigmoid, tanh, softmax, 'batch-norm': batchNorm, dropout, add, concat, output,
} as const;

export type LayerType = keyof typeof rows;

/** A row whose parameters have been checked by `checkParams`, so that its functions take them as they are. */
export type AnyLayerSpec = LayerSpec<LayerType, Fields>;

export const layers = rows as unknown as { readonly [T in LayerType]: AnyLayerSpec } satisfies { readonly [T in LayerType]: { readonly type: string } };

export const layerTypes = Object.keys(rows) as LayerType[];

export const isLayerType = (type: string): type is LayerType => Object.hasOwn(rows, type);

export const layerSpec = (type: LayerType): AnyLayerSpec => layers[type];

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
