/** Document -> Network: order, shapes, counts, and everything that is wrong, with repairs. Never throws on any document. */
import { severityOf } from '../diagnostics/diagnostic.ts';
import type { Document } from '../graph/document.ts';
import type { OperatorParams } from '../layers/operator.ts';
import { checkParams, isLayerType, type CheckedParams, type RowType } from '../layers/table.ts';
import { orderAround } from '../util/topological.ts';
import { Compilation } from './compilation.ts';
import { checkData, isAuxiliary, isSink, isSource, takesTensors, type CompileOptions } from './data.ts';
import { checkFeeds, feedsOf, knownFeeds, type Feed } from './feeds.ts';
import { flatten, type FlatNode } from './flatten.ts';
import type { Compiled, Network, NetworkLayer } from './network.ts';
import { portsOf } from './ports.ts';
import { repairsOf } from './repairs.ts';
import { soundOf } from './sound.ts';

export type { CompileOptions } from './data.ts';

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

function visit(work: Compilation, node: FlatNode, feeds: readonly Feed[], lost: boolean, byId: ReadonlyMap<string, FlatNode>): void {
  // What is wrong with its expressions is said already.
  if (node.unsound) return;
  const row = rowOf(work, node);
  if (!row) return;
  const { inputs } = portsOf(node.node);
  const sound = checkFeeds(work, node, inputs, feeds, lost, (id) => byId.get(id)?.name ?? id);
  const known = knownFeeds(work, inputs, feeds, byId);
  // A layer behind a broken one has no shape yet; saying so too would only hide the cause.
  if (sound && known) work.layer(node, row.type, row.params, known);
}

/** The row of a node and its checked parameters; null where these are amiss, which is said then. */
function rowOf(work: Compilation, node: FlatNode): { readonly type: RowType; readonly params: CheckedParams } | null {
  const drawn = node.node;
  if (drawn.kind === 'operator') {
    const { op, domain, opset, attributes, operands, outputs, types } = drawn;
    const params: OperatorParams = { op, domain, opset, attributes, operands, outputs, ...(types ? { types } : {}) };
    return { type: 'operator', params: params as unknown as CheckedParams };
  }
  if (!isLayerType(drawn.layer)) {
    work.report('graph.unknown-layer', node, { layer: drawn.layer });
    return null;
  }
  const params = checkParams(drawn.layer, drawn.params);
  if (params.ok) return { type: drawn.layer, params: params.value };
  for (const issue of params.error) work.report(issue.code, node, issue.args as never, issue.field);
  return null;
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
  // A file may hold a net that only answers constants.
  const constant = sinks.length > 0 && sinks.every((n) => n.node.kind === 'layer' && takesTensors(n.node.layer));
  if (sources.length === 0 && !constant) work.report('graph.no-input', null, {});
  if (sinks.length === 0) work.report('graph.no-output', null, {});
  for (const [what, all] of [['Input', sources], ['Output', sinks]] as const) {
    const plain = all.filter((n) => n.node.kind === 'layer' && !takesTensors(n.node.layer));
    if (plain.length > 1) work.report('graph.many', plain[1] ?? null, { what, count: plain.length });
  }
  for (const loop of cycles) work.report('graph.cycle', byId.get(loop[0] as string) ?? null, { names: [...loop, ...loop.slice(0, 1)].map(nameOf) });
  for (const id of order) {
    const node = byId.get(id) as FlatNode;
    visit(work, node, feeds(id), lost.has(node.path), byId);
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
