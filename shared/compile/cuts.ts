/** Where a network may be cut in two: values that everything on its way from the data to the answers passes through. */
import { layerSpec } from '../layers/table.ts';
import { lowerForward, type LowerOptions } from './lower.ts';
import type { Network, NetworkLayer } from './network.ts';

const isSink = (l: NetworkLayer): boolean => layerSpec(l.type).outputs.length === 0;
/** Data enters here; an operator of constants is fed by nobody either, but its values belong to no sample. */
const isSource = (l: NetworkLayer): boolean => layerSpec(l.type).inputs.length === 0;

/** Layers that lead to one of these, themselves included; nothing is looked for beyond `ends`. */
export function leadingTo(network: Network, starts: readonly string[], ends: ReadonlySet<string> = new Set()): Set<string> {
  const layers = new Map(network.layers.map((l) => [l.id, l]));
  const seen = new Set(starts);
  for (const id of seen) if (!ends.has(id)) for (const from of layers.get(id)?.inputs ?? []) seen.add(from);
  return seen;
}

/** Layers whose values depend on the data. */
function dependingOnData(network: Network): Set<string> {
  const found = new Set<string>();
  for (const l of network.layers) if (isSource(l) || l.inputs.some((from) => found.has(from))) found.add(l.id);
  return found;
}

/**
 * Layers in order whose output, numbers for each sample, every way from data to answers passes through; Inputs, outputs and
 * what leads to no answer are none. Auxiliary outputs count as answers unless told.
 */
export function cutsOf(network: Network, { auxiliary = true } = {}): readonly NetworkLayer[] {
  const { taps } = lowerForward(network, { batch: 1, training: false });
  const flowing = dependingOnData(network);
  const answers = network.layers.filter((l) => isSink(l) && (auxiliary || !layerSpec(l.type).auxiliary));
  const used = leadingTo(network, answers.map((l) => l.id));
  const way = network.layers.filter((l) => flowing.has(l.id) && used.has(l.id));
  const place = new Map(way.map((l, i) => [l.id, i]));
  const lastUse = way.map(() => -1);
  /** Layers of which another output than the first goes on. */
  const several = new Set<string>();
  way.forEach((l, i) => l.inputs.forEach((from, k) => {
    const at = place.get(from);
    if (at !== undefined) lastUse[at] = i;
    if ((l.inputPorts?.[k] ?? 0) !== 0) several.add(from);
  }));
  const lastSource = way.findLastIndex(isSource);
  const firstSink = way.findIndex(isSink);
  const cuts: NetworkLayer[] = [];
  let reach = -1;
  way.forEach((l, i) => {
    // No wire from before this layer leads past it.
    if (i >= lastSource && i < firstSink && reach <= i && !isSource(l) && !several.has(l.id) && taps.has(l.id)) cuts.push(l);
    reach = Math.max(reach, lastUse[i] as number);
  });
  return cuts;
}

/** What of the settings decides whether a weight changes. */
export interface Trained extends Pick<LowerOptions, 'keepStatistics'> { readonly layerRates?: Readonly<Record<string, number>> }

/**
 * Layers whose value for a sample is the same in every step: they depend on no weight that is trained, no statistics that are
 * gathered and no random number. Found in the graph as it is lowered for training, so that no layer has to say it of itself.
 */
export function fixedLayers(network: Network, { layerRates = {}, keepStatistics = false }: Trained): Set<string> {
  const forward = lowerForward(network, { batch: 2, training: true, keepStatistics });
  const moving = new Set(['noise', ...forward.weights.filter((w) => w.trainable && layerRates[w.layer] !== 0).map((w) => w.name), ...forward.updates.keys()]);
  for (const name of forward.updates.keys()) {
    const tap = forward.taps.get(name.slice(0, name.lastIndexOf('.')));
    if (tap !== undefined) moving.add(tap);
  }
  for (const node of forward.graph.nodes) if (node.inputs.some((i) => moving.has(i))) for (const o of node.outputs) moving.add(o);
  return new Set(network.layers.filter((l) => {
    const tap = forward.taps.get(l.id);
    return tap !== undefined && !moving.has(tap);
  }).map((l) => l.id));
}

const count = (layers: readonly NetworkLayer[], pick: (l: NetworkLayer) => number): number => layers.reduce((n, l) => n + pick(l), 0);
const networkOf = (name: string, layers: readonly NetworkLayer[]): Network => ({ name, layers, parameters: count(layers, (l) => l.parameters), macs: count(layers, (l) => l.macs) });

export interface SplitNetwork {
  /** The layer whose value crosses. */
  readonly cut: NetworkLayer;
  /** From the data to the cut. */
  readonly trunk: Network;
  /** From the cut, which is its input under the same id, to the answers. */
  readonly head: Network;
}

/** Parts a network at one of its cuts. */
export function splitAt(network: Network, cut: NetworkLayer): SplitNetwork {
  const before = leadingTo(network, [cut.id]);
  const sinks = network.layers.filter(isSink).map((l) => l.id);
  const after = leadingTo(network, sinks, new Set([cut.id]));
  const entry: NetworkLayer = { ...cut, type: 'input', params: {}, inputs: [], inputShapes: [], weights: [], parameters: 0, parameterArithmetic: '', macs: 0, bypassed: false };
  return {
    cut,
    trunk: networkOf(`${network.name} trunk`, network.layers.filter((l) => before.has(l.id))),
    head: networkOf(network.name, network.layers.flatMap((l) => (l.id === cut.id ? [entry] : after.has(l.id) ? [l] : []))),
  };
}
