/** Blocks become groups: nodes inside under ids of their own, one way in and one out; alike ones in a row become one that repeats. */
import type { NamedWeight } from '../../../../shared/compile/weights.ts';
import type { DrawnGraph, DrawnNode, GroupNode, GroupPort, Position, Wire, WireEnd } from '../../../../shared/graph/document.ts';
import { arrange } from '../../../../shared/graph/layout.ts';
import { wireId } from '../../../../shared/graph/operations.ts';
import type { Block } from './blocks.ts';
import { named, plainlyNamed } from './names.ts';
import { Wiring } from './regions.ts';
import type { WorkGraph, WorkNode } from './work.ts';

const stemOf = (id: string): string => id.replace(/-\d+$/, '');
const wire = (from: WireEnd, to: WireEnd): Wire => ({ id: wireId(from, to), from, to });
const sameEnd = (a: WireEnd, b: WireEnd): boolean => a.node === b.node && a.port === b.port;

/** Numbers ids by their stems: "conv-1", "conv-2". */
function numbering(): (stem: string) => string {
  const counts = new Map<string, number>();
  return (stem) => {
    const count = (counts.get(stem) ?? 0) + 1;
    counts.set(stem, count);
    return `${stem}-${count}`;
  };
}

/** Arrangements by what follows what: a net has the same block many times. */
type Known = Map<string, readonly Position[]>;

/** Places inside a group; what feeds it stands in as a node, so that a way around the others gets room. */
function arranged(graph: DrawnGraph, ties: readonly GroupPort[], known: Known): DrawnGraph {
  const index = new Map(graph.nodes.map((n, i) => [n.id, i]));
  const key = `${graph.nodes.length}:${graph.wires.map((w) => `${index.get(w.from.node)}>${index.get(w.to.node)}`).join()}:${ties.map((t) => index.get(t.node)).join()}`;
  const places = known.get(key) ?? placesIn(graph, ties);
  known.set(key, places);
  return { ...graph, nodes: graph.nodes.map((n, i) => ({ ...n, position: places[i] as Position })) };
}

function placesIn(graph: DrawnGraph, ties: readonly GroupPort[]): readonly Position[] {
  const entry: DrawnNode = { kind: 'layer', id: '@in', name: '@in', layer: 'input', params: {}, position: { x: 0, y: 0 } };
  const stubs = ties.length > 1 ? ties.map((t) => wire({ node: entry.id, port: 'out' }, t)) : [];
  const positions = arrange({ nodes: [...(ties.length > 1 ? [entry] : []), ...graph.nodes], wires: [...stubs, ...graph.wires] });
  const corner = (['x', 'y'] as const).map((axis) => Math.min(...graph.nodes.map((n) => positions[n.id]?.[axis] ?? 0)));
  const placed = ({ x, y }: Position): Position => ({ x: x - (corner[0] ?? 0), y: y - (corner[1] ?? 0) });
  return graph.nodes.map((n) => placed(positions[n.id] ?? n.position));
}

/** What makes two groups one: everything but names, places and ids of their own. */
const likeness = (group: GroupNode): string => JSON.stringify([group.graph, group.repeat, group.inputs, group.outputs], (key, value: unknown) => (key === 'name' || key === 'position' || key === 'label' ? undefined : value));

/** Alike groups in a row as one that repeats; each copy keeps its weights. `of` says which node stands for one that is gone. */
function repeated(graph: WorkGraph): { readonly graph: WorkGraph; readonly of: (id: string) => string } {
  const g = new Wiring(graph);
  const byId = new Map(graph.nodes.map((n) => [n.node.id, n]));
  const likenesses = new Map(graph.nodes.flatMap(({ node }) => (node.kind === 'group' && node.repeat === 1 ? [[node.id, likeness(node)] as const] : [])));
  const gone = new Map<string, string>();
  const nodes = graph.nodes.flatMap((start): WorkNode[] => {
    const { id } = start.node;
    if (gone.has(id)) return [];
    const like = likenesses.get(id);
    if (start.node.kind !== 'group' || like === undefined) return [start];
    const run = [start];
    for (let next = g.next(id); next !== null && likenesses.get(next) === like; next = g.next(next)) run.push(byId.get(next) as WorkNode);
    if (run.length === 1) return [start];
    for (const r of run.slice(1)) gone.set(r.node.id, id);
    const weights = new Map<string, NamedWeight>(run.flatMap((r, k) => [...r.weights].map(([key, w]) => [`#${k + 1}${key}`, w] as const)));
    return [{ node: { ...start.node, repeat: run.length, graph: plainlyNamed(start.node.graph) }, weights }];
  });
  const of = (id: string): string => gone.get(id) ?? id;
  const wires = graph.wires.filter((w) => !gone.has(w.to.node)).map((w) => (gone.has(w.from.node) ? wire({ node: of(w.from.node), port: w.from.port }, w.to) : w));
  return { graph: { nodes, wires }, of };
}

/** A part of a graph and its ends outside. `orderOf` is the place of a wire among those into its port, where there are several. */
interface Part { readonly inner: WorkGraph; readonly into: readonly Wire[]; readonly exit: WireEnd; readonly orderOf: (w: Wire) => number | undefined }

/** The group of a part: nodes inside under ids of their own, alike ones in a row as one. */
function grouped(part: Part, name: string, id: string, known: Known): WorkNode {
  const { graph: inner, of } = repeated(part.inner);
  const next = numbering();
  const local = new Map(inner.nodes.map((n) => [n.node.id, next(stemOf(n.node.id))]));
  const end = (e: WireEnd): WireEnd => ({ node: local.get(e.node) ?? e.node, port: e.port });
  const nodes = inner.nodes.map((n): WorkNode => ({ ...n, node: { ...n.node, id: local.get(n.node.id) ?? n.node.id } }));
  const names = named(nodes);
  const ties = part.into.map((w): GroupPort => {
    const order = part.orderOf(w);
    return { id: 'in', label: 'Input', ...end(w.to), ...(order === undefined ? {} : { order }) };
  });
  const drawn: DrawnGraph = { nodes: nodes.map(({ node }) => ({ ...node, name: names.get(node.id) ?? node.id })), wires: inner.wires.map((w) => wire(end(w.from), end(w.to))) };
  const node: GroupNode = {
    kind: 'group', id, name, position: { x: 0, y: 0 }, repeat: 1, graph: arranged(drawn, ties, known), inputs: ties,
    outputs: [{ id: 'out', label: 'Output', ...end({ node: of(part.exit.node), port: part.exit.port }) }],
  };
  return { node, weights: new Map<string, NamedWeight>(nodes.flatMap((n) => [...n.weights].map(([key, w]) => [`/${n.node.id}${key}`, w] as const))) };
}

/** A graph in which parts are replaced one after another, each at the cost of its own size. */
class Board {
  readonly #nodes: Map<string, WorkNode>;
  readonly #place: Map<string, number>;
  readonly #into = new Map<string, readonly Wire[]>();
  readonly #from = new Map<string, readonly Wire[]>();
  constructor(graph: WorkGraph) {
    this.#nodes = new Map(graph.nodes.map((n) => [n.node.id, n]));
    this.#place = new Map(graph.nodes.map((n, i) => [n.node.id, i]));
    const g = new Wiring(graph);
    for (const id of g.order) {
      this.#into.set(id, g.into(id));
      this.#from.set(id, g.from(id));
    }
  }

  #inOrder(ids: Iterable<string>): string[] {
    return [...ids].sort((a, b) => (this.#place.get(a) ?? 0) - (this.#place.get(b) ?? 0));
  }

  graph(ids: readonly string[] = this.#inOrder(this.#nodes.keys())): WorkGraph {
    const own = new Set(ids);
    return { nodes: ids.flatMap((id) => this.#nodes.get(id) ?? []), wires: ids.flatMap((id) => (this.#into.get(id) ?? []).filter((w) => own.has(w.from.node))) };
  }

  /** Makes a part one group, in place of its first node; false where it has more than one way in or out. */
  group(part: ReadonlySet<string>, name: string, id: string, known: Known): boolean {
    const ids = this.#inOrder(part);
    const into = ids.flatMap((n) => (this.#into.get(n) ?? []).filter((w) => !part.has(w.from.node)));
    const out = ids.flatMap((n) => (this.#from.get(n) ?? []).filter((w) => !part.has(w.to.node)));
    const [entry, exit] = [into[0]?.from, out[0]?.from];
    if (!entry || !exit || into.some((w) => !sameEnd(w.from, entry)) || out.some((w) => !sameEnd(w.from, exit))) return false;
    const orderOf = (w: Wire): number | undefined => {
      const fed = (this.#into.get(w.to.node) ?? []).filter((v) => v.to.port === w.to.port);
      return fed.length > 1 ? fed.indexOf(w) : undefined;
    };
    const made = grouped({ inner: this.graph(ids), into, exit, orderOf }, name, id, known);
    const fresh = wire(entry, { node: id, port: 'in' });
    const start = this.#from.get(entry.node) ?? [];
    this.#from.set(entry.node, start.flatMap((w) => (w === into[0] ? [fresh] : part.has(w.to.node) ? [] : [w])));
    const leaving = new Map(out.map((w) => [w, wire({ node: id, port: 'out' }, w.to)]));
    for (const to of new Set(out.map((w) => w.to.node))) this.#into.set(to, (this.#into.get(to) ?? []).map((w) => leaving.get(w) ?? w));
    this.#place.set(id, this.#place.get(ids[0] ?? '') ?? 0);
    for (const n of ids) this.#nodes.delete(n);
    this.#nodes.set(id, made);
    this.#into.set(id, [fresh]);
    this.#from.set(id, [...leaving.values()]);
    return true;
  }
}

/** The net with its blocks as groups, and how many of each there are. */
export function group(graph: WorkGraph, blocks: readonly Block[]): { readonly graph: WorkGraph; readonly counts: Readonly<Record<string, number>> } {
  const next = numbering();
  const counts: Record<string, number> = {};
  const holder = new Map(graph.nodes.map((n) => [n.node.id, n.node.id]));
  const known: Known = new Map();
  const work = new Board(graph);
  for (const block of blocks) {
    const id = next(block.name.replaceAll(' ', '-'));
    if (!work.group(new Set([...block.nodes].map((n) => holder.get(n) ?? n)), block.name, id, known)) continue;
    counts[block.name] = (counts[block.name] ?? 0) + 1;
    for (const n of block.nodes) holder.set(n, id);
  }
  return { graph: repeated(work.graph()).graph, counts };
}
