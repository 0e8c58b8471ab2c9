/** Replacing a net's head: where it may be cut, and the net with other last layers, as one edit. */
import { problem } from '../diagnostics/diagnostic.ts';
import type { Document, DrawnGraph, LayerNode, WireEnd } from '../graph/document.ts';
import type { Edit } from '../graph/edit.ts';
import { NODE } from '../graph/layout.ts';
import { freshId, freshName, wireId } from '../graph/operations.ts';
import { checkParams, defaultParams, layerSpec, type LayerType } from '../layers/table.ts';
import type { Shape } from '../shapes/shape.ts';
import { compile } from './compile.ts';
import { cutsOf, leadingTo } from './cuts.ts';
import { lowerForward } from './lower.ts';
import type { Network, NetworkLayer } from './network.ts';
import { nodeStem } from './repairs.ts';
import { drawable, freezable, freezeLayers, trimTo } from './trim.ts';

export interface HeadCut {
  /** Id in the network. */
  readonly layer: string;
  readonly name: string;
  /** What the layer is, in words. */
  readonly label: string;
  /** Of the value, without the batch. */
  readonly shape: Shape;
  /** Trained numbers up to and with this layer. */
  readonly parameters: number;
  /** The last features before the classifier. */
  readonly proposed: boolean;
  /** Whether the net can be frozen up to it, when it is not the cut itself. */
  readonly freezable: boolean;
}

const answers = (network: Network): NetworkLayer | undefined => network.layers.find((l) => layerSpec(l.type).outputs.length === 0 && !layerSpec(l.type).auxiliary);

/** The last of the cuts before the net's last kernel; what hands its input on in use (Dropout) is no feature of its own. */
function proposedCut(network: Network, cuts: readonly NetworkLayer[]): NetworkLayer | undefined {
  const answer = answers(network);
  const way = answer ? leadingTo(network, [answer.id]) : new Set<string>();
  const classifier = network.layers.findLast((l) => way.has(l.id) && l.weights.some((w) => w.role === 'trained' && w.shape.length > 1));
  const before = classifier ? leadingTo(network, classifier.inputs) : way;
  const { taps } = lowerForward(network, { batch: 1, training: false });
  const passes = (l: NetworkLayer): boolean => taps.get(l.id) === taps.get(l.inputs[0] ?? '');
  return cuts.findLast((c) => before.has(c.id) && !passes(c)) ?? cuts[0];
}

/** Where the head of this net may begin, from the data on. Empty for a net that does not compile. */
export function headCuts(document: Document): readonly HeadCut[] {
  const { network } = compile(document);
  const cuts = cutsOf(network, { auxiliary: false }).filter((c) => drawable(document.graph, c.id));
  const proposed = proposedCut(network, cuts);
  const sizes = new Map(network.layers.map((l) => [l.id, l.parameters]));
  let [before, parameters]: [string | null, number] = [null, 0];
  return cuts.map((c) => {
    // From one cut to the next: all before it is counted already.
    for (const id of leadingTo(network, [c.id], new Set(before === null ? [] : [before]))) parameters += id === before ? 0 : (sizes.get(id) ?? 0);
    before = c.id;
    return { layer: c.id, name: c.name, label: layerSpec(c.type).label, shape: c.shape, parameters, proposed: c === proposed, freezable: freezable(document.graph, c.id) };
  });
}

export interface HeadOptions {
  /** A layer of `headCuts`; null takes the proposed one. */
  readonly cut: string | null;
  /** One dense layer on all the numbers; or the mean of each map, Dropout, and a dense layer. */
  readonly head: 'linear' | 'pool-dropout-dense';
  readonly classes: number;
  /** A layer norm before the dense layer: features may be far smaller than one, and would be learned too slowly. */
  readonly normalise?: boolean;
  /** Share that Dropout sets to zero. */
  readonly dropout?: number;
  /** Everything up to and with this layer is frozen, nothing behind it; "cut" freezes all that is kept, null nothing. */
  readonly freeze: string | null;
  /** Factors of the learning rate: of the new layers, and of those that are kept and train. */
  readonly headRate?: number;
  readonly trunkRate?: number;
  /** Names of the classes, for the net to remember. */
  readonly labels?: readonly string[];
}

export interface ReplacedHead {
  /** One undo step. */
  readonly edit: Edit;
  /** The net as it is then. */
  readonly document: Document;
  readonly layerRates: Readonly<Record<string, number>>;
  readonly cut: string;
  readonly parameters: number;
  /** Numbers of `parameters` that train. */
  readonly trainable: number;
}

type Row = readonly [type: LayerType, params: Readonly<Record<string, unknown>>];

const accepts = (type: LayerType, input: Shape): Shape | null => {
  const params = checkParams(type, {});
  const answer = params.ok ? layerSpec(type).shape(params.value, [input]) : null;
  return answer?.ok ? answer.value.shape : null;
};

/** The new layers for features of this shape. */
function headRows(shape: Shape, { head, classes, normalise = false, dropout = 0.2 }: HeadOptions): readonly Row[] {
  const pooled = head === 'pool-dropout-dense' && shape.length > 1 ? accepts('global-average-pool', shape) : null;
  const vector: readonly Row[] = pooled ? [['global-average-pool', {}]] : shape.length > 1 ? [['flatten', {}]] : [];
  const drop: readonly Row[] = head === 'linear' || dropout === 0 ? [] : [['dropout', { rate: dropout }]];
  const norm: readonly Row[] = normalise ? [['layer-norm', {}]] : [];
  return [...vector, ...norm, ...drop, ['dense', { units: classes, activation: 'softmax' }], ['output', { task: 'classification' }]];
}

/** Draws layers one behind another to the right of an end. Ids are new to the net as it was, too: weights go by them. */
function drawnBehind(graph: DrawnGraph, end: WireEnd, rows: readonly Row[], before: DrawnGraph): { readonly graph: DrawnGraph; readonly ids: readonly string[] } {
  const taken = new Set(before.nodes.map((n) => n.id));
  const ids: string[] = [];
  let at = end;
  let position = graph.nodes.find((n) => n.id === end.node)?.position ?? { x: 0, y: 0 };
  const next = rows.reduce<DrawnGraph>((g, [type, params]) => {
    position = { x: position.x + NODE.width + 34, y: position.y };
    const node: LayerNode = { kind: 'layer', id: freshId(g, `head-${type}`, taken), name: freshName(g, nodeStem(type)), layer: type, params: { ...defaultParams(type), ...params }, position };
    const to = { node: node.id, port: 'in' };
    const wires = [...g.wires, { id: wireId(at, to), from: at, to }];
    at = { node: node.id, port: 'out' };
    ids.push(node.id);
    return { nodes: [...g.nodes, node], wires };
  }, graph);
  return { graph: next, ids };
}

/**
 * The net with a new head behind a cut. What came behind the cut, and what led to other answers, is gone; what is joined to
 * nothing stays. Throws finetune.cut where the net cannot be cut there, finetune.freeze where the layer to freeze up to is none of it.
 */
export function replaceHead(document: Document, options: HeadOptions): ReplacedHead {
  const { network } = compile(document);
  const cuts = headCuts(document);
  const cut = options.cut === null ? cuts.find((c) => c.proposed) : cuts.find((c) => c.layer === options.cut);
  if (!cut) throw problem('finetune.cut', { label: document.name || 'The network' }, { layer: options.cut, some: cuts.slice(-3).map((c) => c.layer) });
  const kept = leadingTo(network, [cut.layer]);
  const sinks = network.layers.filter((l) => layerSpec(l.type).outputs.length === 0).map((l) => l.id);
  const used = leadingTo(network, sinks);
  const gone = new Set<string>();
  for (const l of network.layers) if (!kept.has(l.id) && (used.has(l.id) || l.inputs.some((i) => i === cut.layer || gone.has(i)))) gone.add(l.id);

  const trimmed = trimTo(document.graph, cut.layer, gone);
  const drawn = drawnBehind(trimmed.graph, trimmed.end, headRows(cut.shape, options), document.graph);
  const fresh = new Set(drawn.ids);
  const bare = compile({ ...document, graph: drawn.graph }).network;
  const all = bare.layers.map((l) => l.id);
  const freeze = options.freeze === 'cut' ? renamed(cut.layer, all) : options.freeze;
  if (freeze !== null && !all.includes(freeze)) throw problem('finetune.freeze', { label: document.name || 'The network' }, { layer: freeze });
  const frozen = freeze === null ? new Set<string>() : leadingTo(bare, [freeze]);
  const graph = freezeLayers(drawn.graph, frozen, all);
  const origin = pretrained(document) ? document.origin : `pretrained:${document.origin ?? ''}`;
  const labels = options.labels ?? [];
  const edit: Edit = { kind: 'batch', edits: [{ kind: 'set-graph', path: [], graph }, { kind: 'set-document', change: { origin, labels: labels.length > 0 ? labels : undefined } }] };
  const { labels: _, ...plain } = document;
  const after: Document = { ...plain, graph, origin, ...(labels.length > 0 ? { labels } : {}) };
  const result = compile(after).network;
  const { headRate = 1, trunkRate = 1 } = options;
  const rates = result.layers.flatMap((l): [string, number][] => {
    const rate = fresh.has(l.id) ? headRate : trunkRate;
    return l.frozen || rate === 1 || !l.weights.some((w) => w.role === 'trained') ? [] : [[l.id, rate]];
  });
  return {
    edit, document: after, cut: cut.layer, layerRates: Object.fromEntries(rates), parameters: result.parameters,
    trainable: result.layers.reduce((n, l) => n + (l.frozen ? 0 : l.parameters), 0),
  };
}

/** A layer's id once a repeated group has but one copy left: "stage#1/conv" is "stage/conv". */
const renamed = (id: string, all: readonly string[]): string => (all.includes(id) ? id : all.find((other) => other === id.replaceAll(/#1(?=\/)/g, '')) ?? id);

/** Whether training goes on from the weights as they are: they were brought along, or learned before. */
export const pretrained = ({ origin }: Pick<Document, 'origin'>): boolean => origin !== null && origin !== '' && !origin.startsWith('template:');
