/** Network -> analysis: a row for each layer, sums by group, totals. */
import { titleOf, type Network, type NetworkLayer } from '../compile/network.ts';
import { activationBytes } from './memory.ts';
import { drawnPath, sumOf, treeOf, widest, type Amounts, type AnalysisRow, type LayerRow, type Leaf } from './tree.ts';

/** Measured milliseconds of one training step by layer id. */
export type LayerTimes = ReadonlyMap<string, { readonly forward: number; readonly backward: number }>;

/** What the canvas shows of one drawn node: over all its copies, and of a group over all it holds. */
export interface DrawnAmounts extends Amounts { readonly receptiveField: readonly [number, number] | null; readonly layers: number }

export interface Analysis {
  readonly batchSize: number;
  readonly layers: readonly LayerRow[];
  readonly tree: readonly AnalysisRow[];
  readonly totals: Amounts;
  /** By the path of the drawn node, ids joined by "/". */
  readonly drawn: ReadonlyMap<string, DrawnAmounts>;
}

const SEPARATOR = ' / ';

/** Names of the groups and of the layer itself; the ids stand in where a name holds the separator. */
function namesOf(layer: NetworkLayer): readonly string[] {
  const ids = layer.id.split('/');
  const names = layer.name.split(SEPARATOR);
  if (names.length === ids.length) return names;
  return [...ids.slice(0, -1), ids.length === 1 ? layer.name : (names.at(-1) as string)];
}

function rowOf(layer: NetworkLayer, batchSize: number, times: LayerTimes | null): LayerRow {
  const time = times?.get(layer.id);
  const absent = times ? 0 : null;
  return {
    kind: 'layer', id: layer.id, path: drawnPath(layer.id).join('/'), name: namesOf(layer).at(-1) as string, type: layer.type, title: titleOf(layer), frozen: layer.frozen,
    shape: layer.shape, receptiveField: layer.receptiveField, parameters: layer.parameters, macs: layer.macs, activationBytes: activationBytes(layer, batchSize),
    forwardMs: time?.forward ?? absent, backwardMs: time?.backward ?? absent,
  };
}

/** For each layer the ids of those that read it. */
function readersOf(network: Network): (id: string) => readonly string[] {
  const readers = new Map<string, string[]>();
  for (const layer of network.layers) {
    for (const id of layer.inputs) {
      const list = readers.get(id);
      if (list) list.push(layer.id);
      else readers.set(id, [layer.id]);
    }
  }
  return (id) => readers.get(id) ?? [];
}

function drawnOf(rows: readonly LayerRow[]): Map<string, DrawnAmounts> {
  const members = new Map<string, LayerRow[]>();
  for (const row of rows) {
    const parts = row.path.split('/');
    parts.forEach((_, i) => {
      const key = parts.slice(0, i + 1).join('/');
      const list = members.get(key);
      if (list) list.push(row);
      else members.set(key, [row]);
    });
  }
  return new Map([...members].map(([key, own]) => [key, { ...sumOf(own), receptiveField: widest(own), layers: own.length }]));
}

/** Every layer whose shape is known. `times`, where measured, must be of this network. */
export function analyse(network: Network, batchSize: number, times: LayerTimes | null = null): Analysis {
  const readers = readersOf(network);
  const leaves = network.layers.map((layer): Leaf => ({
    row: rowOf(layer, batchSize, times),
    groupNames: namesOf(layer).slice(0, -1),
    leaves: (group) => {
      const inside = (id: string) => id.startsWith(`${group}/`) || id.startsWith(`${group}#`);
      return readers(layer.id).some((id) => !inside(id));
    },
  }));
  const layers = leaves.map((l) => l.row);
  return { batchSize, layers, tree: treeOf(leaves), totals: sumOf(layers), drawn: drawnOf(layers) };
}
