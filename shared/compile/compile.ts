/** Document -> Network: order, shapes, counts, and everything that is wrong, with repairs. Never throws on any document. */
import { diagnostic, severityOf, type Diagnostic, type DiagnosticArgs, type DiagnosticCode } from '../diagnostics/diagnostic.ts';
import type { Document } from '../graph/document.ts';
import { checkParams, isLayerType, layerSpec, type AnyLayerSpec, type CheckedParams, type LayerType } from '../layers/table.ts';
import { pixelField, unite, widen, type Field } from '../shapes/receptive-field.ts';
import { elementCount, formatShape, sameShape, type Shape } from '../shapes/shape.ts';
import { topologicalSort } from '../util/topological.ts';
import { flatten, type FlatNode } from './flatten.ts';
import type { Compiled, Network, NetworkLayer, Problem } from './network.ts';
import { repairsFor } from './repairs.ts';

export interface CompileOptions {
  /** Number of classes of the data set. */
  readonly classes?: number;
  /** Shape of its samples, channels first. */
  readonly sampleShape?: Shape;
}

interface Known { readonly layer: NetworkLayer; readonly spec: AnyLayerSpec; readonly field: Field | null; readonly reachesAll: boolean }

class Compilation {
  readonly problems: Problem[] = [];
  readonly known = new Map<string, Known>();
  readonly document: Document;
  constructor(document: Document) {
    this.document = document;
  }

  report<C extends DiagnosticCode>(code: C, at: FlatNode | null, args: DiagnosticArgs<C>, field?: string): void {
    const place = at ? { label: at.name, node: at.path, ...(field === undefined ? {} : { field }) } : { label: this.document.name || 'The network' };
    const d: Diagnostic = diagnostic(code, place, args);
    // Copies of one repeated node have one problem.
    const key = JSON.stringify(d);
    if (this.problems.some((p) => JSON.stringify(p.diagnostic) === key)) return;
    this.problems.push({ diagnostic: d, repairs: [] });
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
    const weights = bypassed ? [] : spec.weights(params, inputShapes).map((w) => ({ ...w, fullName: `${node.id}.${w.name}` }));
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

/** Ids from which an Output can be reached. */
function leadToOutput(flat: ReturnType<typeof flatten>, outputs: readonly string[]): Set<string> {
  const before = new Map<string, string[]>();
  for (const w of flat.wires) before.set(w.to.node, [...(before.get(w.to.node) ?? []), w.from.node]);
  const seen = new Set(outputs);
  const queue = [...outputs];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const b of before.get(id) ?? []) {
      if (!seen.has(b)) {
        seen.add(b);
        queue.push(b);
      }
    }
  }
  return seen;
}

/** Types of which the table says that nothing goes in, or nothing comes out. */
const isSource = (type: string): boolean => isLayerType(type) && layerSpec(type).inputs.length === 0;
const isSink = (type: string): boolean => isLayerType(type) && layerSpec(type).outputs.length === 0;

export function compile(document: Document, options: CompileOptions = {}): Compiled {
  const work = new Compilation(document);
  const flat = flatten(document.graph);
  const byId = new Map(flat.nodes.map((n) => [n.id, n]));
  const incoming = new Map<string, { from: string; port: string }[]>();
  for (const w of flat.wires) {
    const list = incoming.get(w.to.node) ?? [];
    list.push({ from: w.from.node, port: w.to.port });
    incoming.set(w.to.node, list);
  }
  const feedsOf = (id: string) => incoming.get(id) ?? [];
  const sorted = topologicalSort(flat.nodes.map((n) => n.id), (id) => feedsOf(id).map((f) => f.from));
  const layersOf = (pick: (type: string) => boolean) => flat.nodes.filter((n) => n.node.kind === 'layer' && pick(n.node.layer));
  const sources = layersOf(isSource);
  const sinks = layersOf(isSink);
  if (sources.length === 0) work.report('graph.no-input', null, {});
  if (sinks.length === 0) work.report('graph.no-output', null, {});
  if (sources.length > 1) work.report('graph.many', sources[1] ?? null, { what: 'Input', count: sources.length });
  if (sinks.length > 1) work.report('graph.many', sinks[1] ?? null, { what: 'Output', count: sinks.length });
  if (sorted.kind === 'cycle') {
    const loop = sorted.cycle.flatMap((id) => byId.get(id) ?? []);
    work.report('graph.cycle', loop[0] ?? null, { names: [...loop, ...loop.slice(0, 1)].map((n) => n.name) });
  }
  for (const id of sorted.kind === 'order' ? sorted.order : []) {
    const node = byId.get(id) as FlatNode;
    if (node.node.kind === 'operator') {
      work.report('graph.operator', node, { op: node.node.op });
      continue;
    }
    const type = node.node.layer;
    if (!isLayerType(type)) {
      work.report('graph.unknown-layer', node, { layer: type });
      continue;
    }
    const params = checkParams(type, node.node.params);
    if (!params.ok) {
      for (const issue of params.error) work.report(issue.code, node, issue.args as never, issue.field);
      continue;
    }
    const open = layerSpec(type).inputs.filter((port) => !feedsOf(id).some((f) => f.port === port.id));
    for (const port of open) work.report('graph.unconnected', node, { port: port.label.toLowerCase() });
    const feeds = feedsOf(id).map((f) => work.known.get(f.from));
    // A layer behind a broken one has no shape yet; saying so too would only hide the cause.
    if (open.length === 0 && feeds.every((k) => k !== undefined)) work.layer(node, type, params.value, feeds);
  }
  if (sinks.length > 0 && sorted.kind === 'order') {
    const used = leadToOutput(flat, sinks.map((n) => n.id));
    for (const n of flat.nodes) if (!used.has(n.id)) work.report('graph.unused', n, {});
  }
  const network = toNetwork(document.name, [...work.known.values()].map((k) => k.layer));
  checkData(work, network, byId, options);
  const problems = work.problems.map((p) => ({ ...p, repairs: repairsFor(document, p.diagnostic, network, options) }));
  return { network, problems, ready: problems.every((p) => severityOf(p.diagnostic) !== 'error') };
}

function toNetwork(name: string, layers: readonly NetworkLayer[]): Network {
  const sum = (pick: (l: NetworkLayer) => number) => layers.reduce((n, l) => n + pick(l), 0);
  return { name, layers, parameters: sum((l) => l.parameters), macs: sum((l) => l.macs) };
}

function checkData(work: Compilation, network: Network, byId: ReadonlyMap<string, FlatNode>, { classes, sampleShape }: CompileOptions): void {
  for (const layer of network.layers) {
    const node = byId.get(layer.id) ?? null;
    if (isSource(layer.type) && sampleShape && !sameShape(layer.shape, sampleShape)) {
      work.report('graph.data-shape', node, { data: formatShape(sampleShape), input: formatShape(layer.shape) });
    }
    if (isSink(layer.type) && layer.params.task === 'classification') {
      if (layer.shape.length !== 1) work.report('graph.output-vector', node, { got: formatShape(layer.shape) });
      else if (classes !== undefined && layer.shape[0] !== classes) work.report('graph.class-count', node, { classes, got: String(layer.shape[0]) });
    }
  }
}
