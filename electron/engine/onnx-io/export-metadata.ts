/** What an exported file says of itself: what goes in, what comes out, how good it was, and whose words it carries. */
import type { Network, NetworkLayer } from '../../../shared/compile/network.ts';
import { layerSpec } from '../../../shared/layers/table.ts';
import type { ExportOptions } from '../../../shared/protocol/export-requests.ts';

export interface ExportInfo {
  readonly classes: readonly string[];
  /** What a stored value is divided by to become a number from 0 to 1. */
  readonly maximum: number;
  /** Of this version of the app, at this time (ISO 8601); left out of the file where not given. */
  readonly made?: { readonly version: string; readonly date: string };
  /** On validation samples. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** Range and order that a layer brings pictures to; null for one that is part of the net proper. */
export const preparationOf = (layer: NetworkLayer) => layerSpec(layer.type).prepares?.(layer.params as never) ?? null;

const ranges: Readonly<Record<ExportOptions['input'], (maximum: number) => string>> = {
  unit: () => 'values from 0 to 1',
  stored: (maximum) => `values from 0 to ${maximum}`,
  prepared: () => 'values as its preprocessing makes them',
};

/** In words, for people who find the file. */
function docString(network: Network, info: ExportInfo, options: ExportOptions): string {
  const card = options.card.trim();
  return [`${network.name}, made with Netloom. Input: ${ranges[options.input](info.maximum)}, channels first.`, ...(card === '' ? [] : [card])].join('\n\n');
}

/** Numbers as JSON, texts as they are; keys that tools look for come without a prefix. */
export function exportMetadata(network: Network, info: ExportInfo, options: ExportOptions): { readonly docString: string; readonly producerVersion?: string; readonly metadata: Readonly<Record<string, string>> } {
  const prepared = network.layers.flatMap((l) => preparationOf(l) ?? [])[0];
  const outside = options.input === 'prepared' ? prepared : undefined;
  const channels = network.layers.find((l) => l.inputs.length === 0)?.shape;
  const range = { unit: [0, 1], stored: [0, info.maximum], prepared: null }[options.input];
  const facts = {
    input_scale: String(options.input === 'stored' ? 1 : 1 / info.maximum),
    ...(range ? { input_range: JSON.stringify(range) } : {}),
    ...(channels?.length === 3 ? { input_layout: 'NCHW', ...(channels[0] === 3 ? { input_order: outside?.order ?? 'rgb' } : {}) } : {}),
    // What is left to whoever feeds the file: y = (x · factor − mean) / deviation, x from 0 to 1.
    ...(outside ? { input_factor: String(outside.scale) } : {}),
    input_mean: JSON.stringify(outside?.mean ?? [0]),
    input_deviation: JSON.stringify(outside?.deviation ?? [1]),
    ...(info.metrics ? { metrics: JSON.stringify(info.metrics) } : {}),
    ...(info.made ? { created: info.made.date } : {}),
    ...(options.card.trim() === '' ? {} : { model_card: options.card.trim() }),
  };
  return {
    docString: docString(network, info, options),
    ...(info.made ? { producerVersion: info.made.version } : {}),
    metadata: { ...(options.labels && info.classes.length > 0 ? { classes: JSON.stringify(info.classes) } : {}), ...(options.metadata ? facts : {}) },
  };
}
