/** Step 1: groups are opened, repeated copies chained, expressions computed; what remains is one flat graph of layers and operators. */
import { diagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { DrawnGraph, DrawnNode, GroupNode, WireEnd } from '../graph/document.ts';
import { placeWires } from '../graph/wire-order.ts';
import { Formulas, type Names } from './formulas.ts';

export interface FlatNode {
  readonly id: string;
  readonly name: string;
  /** Where it stands in the document: the first copy of a repeated group stands for all. */
  readonly path: string;
  /** Parameters are numbers here, as this copy has them. */
  readonly node: Exclude<DrawnNode, GroupNode>;
  readonly frozen: boolean;
  /** One of several copies: what is wrong with it may be wrong with all. */
  readonly copied: boolean;
  /** Some expression could not be computed. */
  readonly unsound: boolean;
}
export interface FlatWire { readonly from: FlatEnd; readonly to: FlatEnd }
interface FlatEnd { readonly node: string; readonly port: string }
export interface FlatGraph { readonly nodes: readonly FlatNode[]; readonly wires: readonly FlatWire[]; readonly faults: readonly Diagnostic[] }

interface Scope { readonly id: string; readonly name: string; readonly path: string; readonly frozen: boolean; readonly copied: boolean; readonly names: Names }
const join = (a: string, b: string, by: string) => (a === '' ? b : `${a}${by}${b}`);

/** An end in the flat graph; `order` is the place that a group port asks for among the wires into it. */
interface Target extends FlatEnd { readonly order?: number }
/** Ends of a wire at a group become the inner ends; of a plain node, itself. */
interface Ends { sources(end: WireEnd): readonly FlatEnd[]; targets(end: WireEnd): readonly Target[] }

/** A group that is bypassed: one layer that hands its input on. */
const passing = (group: GroupNode): FlatNode['node'] => ({ kind: 'layer', id: group.id, name: group.name, position: group.position, layer: 'relu', params: {}, bypassed: true });
const bypassEnds = (id: string, group: GroupNode): Ends => ({
  sources: (end) => (end.port === group.outputs[0]?.id ? [{ node: id, port: 'out' }] : []),
  targets: (end) => (end.port === group.inputs[0]?.id ? [{ node: id, port: 'in' }] : []),
});

class Flattening {
  readonly nodes: FlatNode[] = [];
  readonly wires: (FlatWire & { readonly order?: number | undefined })[] = [];
  readonly formulas = new Formulas();
  /** False where all copies together would be too many: then one stands for all. */
  readonly repeats: boolean;
  constructor(repeats: boolean) {
    this.repeats = repeats;
  }

  open(graph: DrawnGraph, scope: Scope): Ends {
    const groups = new Map<string, Ends>();
    for (const n of graph.nodes) {
      const inner: Scope = { ...scope, id: join(scope.id, n.id, '/'), name: join(scope.name, n.name, ' / '), path: join(scope.path, n.id, '/'), frozen: scope.frozen || n.frozen === true };
      const { id, name, path, frozen, copied } = inner;
      if (n.kind !== 'group') {
        const { node, sound } = this.formulas.compute(n, { label: name, node: path }, scope.names);
        this.nodes.push({ id, name, path, node, frozen, copied, unsound: !sound });
      } else if (n.bypassed === true) {
        this.nodes.push({ id, name, path, node: passing(n), frozen, copied, unsound: false });
        groups.set(n.id, bypassEnds(id, n));
      } else groups.set(n.id, this.group(n, inner));
    }
    const plain = (end: WireEnd): FlatEnd => ({ node: join(scope.id, end.node, '/'), port: end.port });
    const ends: Ends = {
      sources: (end) => groups.get(end.node)?.sources(end) ?? [plain(end)],
      targets: (end) => groups.get(end.node)?.targets(end) ?? [plain(end)],
    };
    for (const w of graph.wires) this.join(ends.sources(w.from), ends.targets(w.to));
    return ends;
  }

  /** The copies of a group in a chain, first output into first input; its other inputs feed every copy. */
  group(group: GroupNode, scope: Scope): Ends {
    const repeat = this.repeats ? group.repeat : 1;
    const names = this.formulas.variables(group, { label: scope.name, node: scope.path }, scope.names);
    const copies = Array.from({ length: repeat }, (_, k) => {
      const copy = repeat === 1 ? scope : { ...scope, id: `${scope.id}#${k + 1}`, name: `${scope.name} ${k + 1}`, copied: true };
      return this.open(group.graph, { ...copy, names: names.copy(k, repeat) });
    });
    const inner = new Set(group.graph.nodes.flatMap((n) => (n.kind === 'group' ? [] : [n.id])));
    const sources = (copy: Ends | undefined, id: string | undefined) => group.outputs.filter((p) => p.id === id).flatMap((p) => copy?.sources({ node: p.node, port: p.port }) ?? []);
    // The order is a place among the wires of the very node that is tied; a port of an inner group has its own.
    const targets = (copy: Ends | undefined, id: string | undefined) => group.inputs.filter((p) => p.id === id).flatMap((p) =>
      (copy?.targets({ node: p.node, port: p.port }) ?? []).map((t): Target => (p.order === undefined || !inner.has(p.node) ? t : { ...t, order: p.order })));
    const [output, input] = [group.outputs[0]?.id, group.inputs[0]?.id];
    copies.slice(1).forEach((copy, k) => this.join(sources(copies[k], output), targets(copy, input)));
    return {
      sources: (end) => sources(copies.at(-1), end.port),
      targets: (end) => (end.port === input ? targets(copies[0], end.port) : copies.flatMap((copy) => targets(copy, end.port))),
    };
  }

  join(from: readonly FlatEnd[], to: readonly Target[]): void {
    for (const f of from) for (const t of to) this.wires.push({ from: f, to: t, order: t.order });
  }
}

/** Copies beyond this many layers are not made: a slip of the finger in two repeats would be a million. */
const MOST_LAYERS = 20_000;
const layersOf = (graph: DrawnGraph): number => graph.nodes.reduce((n, c) => n + (c.kind === 'group' ? layersOf(c.graph) * c.repeat : 1), 0);

/** Opens every group. Ids are "group/node", in the k-th copy (from 1) "group#k/node"; a graph without groups comes back as it is drawn. */
export function flatten(graph: DrawnGraph): FlatGraph {
  const count = layersOf(graph);
  const work = new Flattening(count <= MOST_LAYERS);
  work.open(graph, { id: '', name: '', path: '', frozen: false, copied: false, names: work.formulas.root });
  if (count > MOST_LAYERS) work.formulas.faults.push(diagnostic('graph.too-many', { label: 'The network' }, { most: MOST_LAYERS, count }));
  return { nodes: work.nodes, wires: placeWires(work.wires, (w) => `${w.to.node}\n${w.to.port}`), faults: work.formulas.faults };
}
