/** Document -> Network: order, shapes, counts, and everything that is wrong, with repairs. Never throws on any document. */
import { diagnostic, severityOf, type Diagnostic, type DiagnosticArgs, type DiagnosticCode } from '../diagnostics/diagnostic.ts';
import type { Document } from '../graph/document.ts';
import { checkParams, isLayerType, layerSpec, type AnyLayerSpec, type CheckedParams, type LayerType } from '../layers/table.ts';
import { pixelField, unite, widen, type Field } from '../shapes/receptive-field.ts';
import { elementCount, formatShape, sameShape, type Shape } from '../shapes/shape.ts';
import { orderAround } from '../util/topological.ts';
import { flatten, type FlatGraph, type FlatNode } from './flatten.ts';
import { followingActivations } from './following.ts';
import type { Compiled, Network, NetworkLayer } from './network.ts';
import { repairsOf } from './repairs.ts';
import { soundOf } from './sound.ts';

export interface CompileOptions {
  /** Number of classes of the data set. */
  readonly classes?: number;
  /** Shape of its samples, channels first. */
  readonly sampleShape?: Shape;
}

interface Known { readonly layer: NetworkLayer; readonly spec: AnyLayerSpec; readonly field: Field | null; readonly reachesAll: boolean }

class Compilation {
  /** By content: copies of one repeated node have one problem. */
  readonly problems = new Map<string, Diagnostic>();
  /** Faults of repeated nodes that are said already, by code, node and field: copies differ in their words. */
  readonly told = new Set<string>();
  readonly known = new Map<string, Known>();
  readonly document: Document;
  readonly following: (id: string) => string;
  constructor(document: Document, flat: FlatGraph) {
    this.document = document;
    this.following = followingActivations(flat);
  }

  report<C extends DiagnosticCode>(code: C, at: FlatNode | null, args: DiagnosticArgs<C>, field?: string): void {
    const place = at ? { label: at.name, node: at.path, ...(field === undefined ? {} : { field }) } : { label: this.document.name || 'The network' };
    const fault = diagnostic(code, place, args);
    if (at?.copied) this.addOnce(fault);
    else this.add(fault);
  }

  add(d: Diagnostic): void {
    const key = JSON.stringify(d);
    if (!this.problems.has(key)) this.problems.set(key, d);
  }

  /** Adds what copies of one node may have in common, in other words each. */
  addOnce(d: Diagnostic): void {
    const key = `${d.code}\n${d.place.node}\n${d.place.field}`;
    if (this.told.has(key)) return;
    this.told.add(key);
    this.add(d);
  }

  layer(node: FlatNode, type: LayerType, params: CheckedParams, feeds: readonly Known[]): void {
    const spec = layerSpec(type);
    const inputShapes = feeds.map((k) => k.layer.shape);
    const answer = spec.shape(params, inputShapes);
    if (!answer.ok) {
      const { code, args, field } = answer.error;
      this.report(code, node, args as never, field);
      return;
    }
    const bypassed = node.node.bypassed === true;
    const { shape, arithmetic } = answer.value;
    if (bypassed && !sameShape(shape, inputShapes[0] ?? [])) {
      this.report('graph.bypass-shape', node, { input: formatShape(inputShapes[0] ?? []), output: formatShape(shape) });
      return;
    }
    const weights = bypassed ? [] : spec.weights(params, inputShapes, this.following(node.id)).map((w) => ({ ...w, fullName: `${node.id}.${w.name}` }));
    const field = receptiveField(spec, params, inputShapes, shape, feeds, bypassed);
    this.known.set(node.id, {
      spec,
      field: field.field,
      reachesAll: field.all,
      layer: {
        id: node.id, name: node.name, type, params, inputs: feeds.map((k) => k.layer.id), inputShapes, shape, arithmetic, weights,
        parameters: weights.filter((w) => w.role === 'trained').reduce((n, w) => n + elementCount(w.shape), 0),
        parameterArithmetic: spec.parameterArithmetic(params, inputShapes),
        macs: bypassed ? 0 : spec.macs(params, inputShapes, shape),
        receptiveField: field.shown,
        frozen: node.frozen,
        bypassed,
      },
    });
  }
}

/** What an output of this layer sees of the input picture; an image of which all is seen is said as the picture's size. */
function receptiveField(spec: AnyLayerSpec, params: CheckedParams, inputs: readonly Shape[], shape: Shape, feeds: readonly Known[], bypassed: boolean): { field: Field | null; all: boolean; shown: readonly [number, number] | null } {
  if (feeds.length === 0) return shape.length === 3 ? { field: pixelField, all: false, shown: [1, 1] } : { field: null, all: false, shown: null };
  if (feeds.some((f) => f.reachesAll)) return { field: null, all: true, shown: null };
  const fields = feeds.flatMap((f) => (f.field ? [f.field] : []));
  if (fields.length === 0) return { field: null, all: false, shown: null };
  const before = unite(fields);
  const reach = bypassed ? { kind: 'same' as const } : spec.reach(params, inputs);
  if (reach.kind === 'all') return { field: null, all: true, shown: null };
  const field = reach.kind === 'window' ? widen(before, reach.kernel, reach.stride) : before;
  return { field, all: false, shown: field.size };
}

/** Ids that can be reached from some, along the given neighbours. */
function reachedFrom(starts: readonly string[], neighbours: (id: string) => readonly string[]): Set<string> {
  const seen = new Set(starts);
  const queue = [...starts];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const next of neighbours(id)) {
      if (!seen.has(next)) {
        seen.add(next);
        queue.push(next);
      }
    }
  }
  return seen;
}

/** Types of which the table says that nothing goes in, or nothing comes out. */
const isSource = (type: string): boolean => isLayerType(type) && layerSpec(type).inputs.length === 0;
const isSink = (type: string): boolean => isLayerType(type) && layerSpec(type).outputs.length === 0;
const isAuxiliary = (type: string): boolean => isLayerType(type) && layerSpec(type).auxiliary !== undefined;

interface Feed { readonly from: string; readonly fromPort: string; readonly port: string }

/** Wires into each node, in wire order. */
function feedsOf(flat: FlatGraph): (id: string) => readonly Feed[] {
  const incoming = new Map<string, Feed[]>();
  for (const { from, to } of flat.wires) {
    const feed = { from: from.node, fromPort: from.port, port: to.port };
    const list = incoming.get(to.node);
    if (list) list.push(feed);
    else incoming.set(to.node, [feed]);
  }
  return (id) => incoming.get(id) ?? [];
}

/** Wires into a layer's ports: at least one each, one where one is all it takes, none twice. False where some are amiss. */
function checkFeeds(work: Compilation, node: FlatNode, spec: AnyLayerSpec, feeds: readonly Feed[], lost: boolean, nameOf: (id: string) => string): boolean {
  let sound = true;
  for (const port of spec.inputs) {
    const into = feeds.filter((f) => f.port === port.id);
    const label = port.label.toLowerCase();
    const twin = into.find((f, i) => into.some((other, k) => k < i && other.from === f.from && other.fromPort === f.fromPort));
    if (twin) work.report('graph.wire-twice', node, { from: nameOf(twin.from) });
    else if (into.length > 1 && !port.many) work.report('graph.port-taken', node, { port: label, count: into.length });
    // A wire that leads nowhere is said already.
    else if (into.length === 0 && !lost) work.report('graph.unconnected', node, { port: label });
    if (twin || into.length === 0 || (into.length > 1 && !port.many)) sound = false;
  }
  return sound;
}

function visit(work: Compilation, node: FlatNode, feeds: readonly Feed[], lost: boolean, nameOf: (id: string) => string): void {
  if (node.node.kind === 'operator') {
    work.report('graph.operator', node, { op: node.node.op });
    return;
  }
  const type = node.node.layer;
  // What is wrong with its expressions is said already.
  if (node.unsound) return;
  if (!isLayerType(type)) {
    work.report('graph.unknown-layer', node, { layer: type });
    return;
  }
  const params = checkParams(type, node.node.params);
  if (!params.ok) {
    for (const issue of params.error) work.report(issue.code, node, issue.args as never, issue.field);
    return;
  }
  const spec = layerSpec(type);
  const sound = checkFeeds(work, node, spec, feeds, lost, nameOf);
  // In the order of the ports, whatever order their wires were drawn in.
  const known = spec.inputs.flatMap((p) => feeds.filter((f) => f.port === p.id)).map((f) => work.known.get(f.from));
  // A layer behind a broken one has no shape yet; saying so too would only hide the cause.
  if (sound && known.every((k) => k !== undefined)) work.layer(node, type, params.value, known);
}

export function compile(document: Document, options: CompileOptions = {}): Compiled {
  const sound = soundOf(document.graph, document.name || 'The network');
  const flat = flatten(sound.graph);
  const work = new Compilation(document, flat);
  for (const fault of sound.faults) work.add(fault);
  for (const fault of flat.faults) work.addOnce(fault);
  const lost = new Set(sound.faults.flatMap((d) => (d.code === 'graph.wire-lost' && d.place.node ? [d.place.node] : [])));
  const byId = new Map(flat.nodes.map((n) => [n.id, n]));
  const nameOf = (id: string): string => byId.get(id)?.name ?? id;
  const feeds = feedsOf(flat);
  const before = (id: string): string[] => feeds(id).map((f) => f.from);
  const { order, cycles } = orderAround([...byId.keys()], before);
  const layersOf = (pick: (type: string) => boolean) => flat.nodes.filter((n) => n.node.kind === 'layer' && pick(n.node.layer));
  const sources = layersOf(isSource);
  const sinks = layersOf((type) => isSink(type) && !isAuxiliary(type));
  if (sources.length === 0) work.report('graph.no-input', null, {});
  if (sinks.length === 0) work.report('graph.no-output', null, {});
  if (sources.length > 1) work.report('graph.many', sources[1] ?? null, { what: 'Input', count: sources.length });
  if (sinks.length > 1) work.report('graph.many', sinks[1] ?? null, { what: 'Output', count: sinks.length });
  for (const loop of cycles) work.report('graph.cycle', byId.get(loop[0] as string) ?? null, { names: [...loop, ...loop.slice(0, 1)].map(nameOf) });
  for (const id of order) {
    const node = byId.get(id) as FlatNode;
    visit(work, node, feeds(id), lost.has(node.path), nameOf);
  }
  if (sinks.length > 0) {
    const used = reachedFrom(layersOf(isSink).map((n) => n.id), before);
    for (const id of order) if (!used.has(id)) work.report('graph.unused', byId.get(id) ?? null, {});
  }
  const network = toNetwork(document.name, [...work.known.values()].map((k) => k.layer));
  checkData(work, network, byId, options);
  const repairs = repairsOf(document, network, options);
  const problems = [...work.problems.values()].map((d) => ({ diagnostic: d, repairs: repairs(d) }));
  return { network, problems, ready: problems.every((p) => severityOf(p.diagnostic) !== 'error') };
}

function toNetwork(name: string, layers: readonly NetworkLayer[]): Network {
  const sum = (pick: (l: NetworkLayer) => number) => layers.reduce((n, l) => n + pick(l), 0);
  return { name, layers, parameters: sum((l) => l.parameters), macs: sum((l) => l.macs) };
}

function checkData(work: Compilation, network: Network, byId: ReadonlyMap<string, FlatNode>, { classes, sampleShape }: CompileOptions): void {
  const classifies = network.layers.some((l) => l.params.task === 'classification');
  for (const layer of network.layers) {
    const node = byId.get(layer.id) ?? null;
    if (isSource(layer.type) && sampleShape && !sameShape(layer.shape, sampleShape)) {
      work.report('graph.data-shape', node, { data: formatShape(sampleShape), input: formatShape(layer.shape) });
    }
    if (isSink(layer.type) && (layer.params.task === 'classification' || (isAuxiliary(layer.type) && classifies))) {
      if (layer.shape.length !== 1) work.report('graph.output-vector', node, { got: formatShape(layer.shape) });
      // One output tells two classes apart: the probability of the second.
      else if (classes !== undefined && layer.shape[0] !== classes && !(classes === 2 && layer.shape[0] === 1)) work.report('graph.class-count', node, { classes, got: String(layer.shape[0]) });
    } else if (isSink(layer.type) && classes !== undefined && layer.shape.length > 1) work.report('graph.data-target', node, { got: formatShape(layer.shape) });
  }
}
