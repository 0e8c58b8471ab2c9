/** Nodes become a group, and a group its nodes again; wires, order, names and places follow. */
import type { DrawnGraph, DrawnNode, GraphPath, GroupNode, GroupPort, GroupVariable, NodeId, Position, Wire, WireEnd } from './document.ts';
import type { Edit } from './edit.ts';
import { NODE } from './layout.ts';
import { freshId, wireId } from './operations.ts';
import { withValues } from './variables.ts';
import { placeWires } from './wire-order.ts';

/** Ports of a node by its row in the table of layers, as compile/ports.ts knows them. */
export type PortsOf = (node: DrawnNode) => { readonly inputs: readonly { readonly id: string }[]; readonly outputs: readonly { readonly id: string }[] };

/** Left, top, right and bottom of some nodes' boxes. */
export function boundsOf(nodes: readonly { readonly position: Position }[]): { readonly x: number; readonly y: number; readonly width: number; readonly height: number } {
  const [xs, ys] = [nodes.map((n) => n.position.x), nodes.map((n) => n.position.y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) + NODE.width - x, height: Math.max(...ys) + NODE.height - y };
}

const same = (a: WireEnd, b: WireEnd): boolean => a.node === b.node && a.port === b.port;
const move = (n: DrawnNode, dx: number, dy: number): DrawnNode => (dx === 0 && dy === 0 ? n : { ...n, position: { x: n.position.x + dx, y: n.position.y + dy } });

/** The group around a graph, whose ports may be tied to nodes of it; null for the root graph. */
export interface Around { readonly path: GraphPath; readonly group: GroupNode }

/** Ports of one side while they are made: one for each outside end, ids "in", "in-2", … */
class PortMaker {
  readonly ties: GroupPort[] = [];
  private readonly drawn: { readonly outside: WireEnd | null; readonly id: string }[] = [];
  readonly stem: 'in' | 'out';
  constructor(stem: 'in' | 'out') {
    this.stem = stem;
  }

  /** The port for an end outside (or a new one of its own for none), tied to an inner end. */
  tie(outside: WireEnd | null, label: string, inner: WireEnd, order?: number): string {
    const known = outside && this.drawn.find((d) => d.outside && same(d.outside, outside));
    const id = known?.id ?? (this.drawn.length === 0 ? this.stem : `${this.stem}-${this.drawn.length + 1}`);
    if (!known) this.drawn.push({ outside, id });
    if (!this.ties.some((t) => t.id === id && same(t, inner))) this.ties.push({ id, label, node: inner.node, port: inner.port, ...(order === undefined ? {} : { order }) });
    return id;
  }

  /** One port is called by what it is, several by what is behind them. */
  named(): GroupPort[] {
    return this.drawn.length > 1 ? this.ties : this.ties.map((t) => ({ ...t, label: this.stem === 'in' ? 'Input' : 'Output' }));
  }
}

export interface Grouped { readonly edit: Edit; readonly id: NodeId }

/**
 * Puts nodes into a new group at their middle. Each outside source becomes one input, each inner source that is used
 * outside one output; what was not connected stays open as a port. Ports of the group around follow.
 */
export function groupNodes(graph: DrawnGraph, path: GraphPath, ids: readonly NodeId[], name: string, portsOf: PortsOf, around: Around | null): Grouped | null {
  const set = new Set(ids);
  const nodes = graph.nodes.filter((n) => set.has(n.id));
  if (nodes.length === 0) return null;
  const id = freshId(graph, 'group');
  const nameOf = (node: NodeId) => graph.nodes.find((n) => n.id === node)?.name ?? node;
  const [inputs, outputs] = [new PortMaker('in'), new PortMaker('out')];
  const into = (end: WireEnd) => graph.wires.filter((w) => same(w.to, end));
  /** The place among the wires into a port, where there are several. */
  const orderOf = (wire: Wire): number | undefined => (into(wire.to).length > 1 ? into(wire.to).indexOf(wire) : undefined);

  const wires: Wire[] = [];
  for (const w of graph.wires) {
    const [starts, ends] = [set.has(w.from.node), set.has(w.to.node)];
    if (starts && ends) continue;
    if (!starts && !ends) wires.push(w);
    else if (ends) {
      const to = { node: id, port: inputs.tie(w.from, nameOf(w.from.node), w.to, orderOf(w)) };
      if (!wires.some((v) => same(v.from, w.from) && same(v.to, to))) wires.push({ id: wireId(w.from, to), from: w.from, to });
    } else {
      const from = { node: id, port: outputs.tie(w.from, nameOf(w.from.node), w.from) };
      wires.push({ id: wireId(from, w.to), from, to: w.to });
    }
  }
  const tied = (side: 'inputs' | 'outputs', maker: PortMaker) => around?.group[side].map((p): GroupPort => {
    if (!set.has(p.node)) return p;
    const port = maker.tie(side === 'inputs' ? { node: `@${p.id}`, port: '' } : { node: p.node, port: p.port }, p.label, { node: p.node, port: p.port }, p.order);
    return { id: p.id, label: p.label, node: id, port };
  }) ?? [];
  const [outerInputs, outerOutputs] = [tied('inputs', inputs), tied('outputs', outputs)];
  const open = (end: WireEnd, side: 'from' | 'to') => !graph.wires.some((w) => same(w[side], end));
  for (const n of nodes) {
    const ports = portsOf(n);
    for (const p of ports.inputs) if (open({ node: n.id, port: p.id }, 'to') && !inputs.ties.some((t) => same(t, { node: n.id, port: p.id }))) inputs.tie(null, n.name, { node: n.id, port: p.id });
    for (const p of ports.outputs) if (open({ node: n.id, port: p.id }, 'from') && !outputs.ties.some((t) => same(t, { node: n.id, port: p.id }))) outputs.tie(null, n.name, { node: n.id, port: p.id });
  }
  const box = boundsOf(nodes);
  const group: GroupNode = {
    kind: 'group', id, name, repeat: 1, position: { x: Math.round(box.x + box.width / 2 - NODE.width / 2), y: Math.round(box.y + box.height / 2 - NODE.height / 2) },
    graph: { nodes, wires: graph.wires.filter((w) => set.has(w.from.node) && set.has(w.to.node)) }, inputs: inputs.named(), outputs: outputs.named(),
  };
  // The group takes the place of its first node.
  const first = graph.nodes.findIndex((n) => set.has(n.id));
  const rest = graph.nodes.filter((n) => !set.has(n.id));
  const edits: Edit[] = [{ kind: 'set-graph', path, graph: { nodes: [...rest.slice(0, first), group, ...rest.slice(first)], wires } }];
  if (around) edits.push({ kind: 'set-node', path: around.path, id: around.group.id, change: { inputs: unique(outerInputs), outputs: unique(outerOutputs) } });
  return { id, edit: { kind: 'batch', edits } };
}

/** Ties that have become one are written once. */
const unique = (ties: readonly GroupPort[]): GroupPort[] => ties.filter((t, i) => ties.findIndex((o) => o.id === t.id && same(o, t)) === i);

export interface Ungrouped { readonly edit: Edit; readonly ids: readonly NodeId[] }

interface Copy { readonly nodes: readonly DrawnNode[]; readonly idOf: (inner: NodeId) => NodeId; readonly k: number }

/** Gives each wish its own: the wish itself while it is free, then the first number that is. */
class Free {
  readonly #used: Set<string>;
  readonly #next = new Map<string, number>();
  constructor(used: readonly string[]) {
    this.#used = new Set(used);
  }

  take(wish: string, by: string): string {
    const stem = wish.replace(/[- ]\d+$/, '');
    let made = wish;
    for (let i = this.#next.get(stem) ?? 1; this.#used.has(made); i++) {
      made = `${stem}${by}${i}`;
      this.#next.set(stem, i + 1);
    }
    this.#used.add(made);
    return made;
  }
}

/** The copies of a group as nodes of the graph around, with free ids and names, values instead of variables. */
function copiesOf(graph: DrawnGraph, group: GroupNode): Copy[] {
  const rest = graph.nodes.filter((n) => n.id !== group.id);
  const ids = new Free([...rest.map((n) => n.id), ...graph.wires.map((w) => w.id)]);
  const names = new Free(rest.map((n) => n.name));
  const number = (name: string, value: number): [string, GroupVariable] => [name, { name, label: name, value }];
  return Array.from({ length: group.repeat }, (_, k): Copy => {
    const map = new Map<NodeId, NodeId>();
    const values = new Map<string, GroupVariable>([...(group.variables ?? []).map((v): [string, GroupVariable] => [v.name, v]), number('k', k), number('n', group.repeat)]);
    const nodes = group.graph.nodes.map((n) => {
      const id = ids.take(n.id, '-');
      map.set(n.id, id);
      return { ...withValues(n, values), ...(group.frozen === true ? { frozen: true } : {}), id, name: names.take(n.name, ' ') };
    });
    return { nodes, idOf: (inner) => map.get(inner) ?? inner, k };
  });
}

/** Opens a group into the graph around it; a repeated one becomes the chain of its copies. */
export function ungroup(graph: DrawnGraph, path: GraphPath, id: NodeId, around: Around | null): Ungrouped | null {
  const group = graph.nodes.find((n) => n.id === id);
  if (group?.kind !== 'group' || group.graph.nodes.length === 0) return null;
  const copies = copiesOf(graph, group);
  const [first, last] = [copies[0] as Copy, copies.at(-1) as Copy];
  const ties = (copy: Copy, side: 'inputs' | 'outputs', port: string | undefined) => group[side].filter((p) => p.id === port).map((p) => ({ node: copy.idOf(p.node), port: p.port, order: p.order }));
  const [input, output] = [group.inputs[0]?.id, group.outputs[0]?.id];
  const targets = (port: string) => (port === input ? ties(first, 'inputs', port) : copies.flatMap((c) => ties(c, 'inputs', port)));

  const wires: { wire: Wire; order?: number | undefined }[] = [];
  const draw = (from: WireEnd, to: WireEnd & { readonly order?: number | undefined }) => {
    const [a, b] = [{ node: from.node, port: from.port }, { node: to.node, port: to.port }];
    wires.push({ wire: { id: wireId(a, b), from: a, to: b }, order: to.order });
  };
  for (const c of copies) for (const w of group.graph.wires) draw({ ...w.from, node: c.idOf(w.from.node) }, { ...w.to, node: c.idOf(w.to.node) });
  copies.slice(1).forEach((copy, i) => { for (const from of ties(copies[i] as Copy, 'outputs', output)) for (const to of ties(copy, 'inputs', input)) draw(from, to); });
  for (const w of graph.wires) {
    const sources = w.from.node === id ? ties(last, 'outputs', w.from.port) : [w.from];
    const ends = w.to.node === id ? targets(w.to.port) : [w.to];
    if (w.from.node !== id && w.to.node !== id) wires.push({ wire: w });
    else for (const from of sources) for (const to of ends) draw(from, to);
  }
  const placed = placeWires(wires, (w) => `${w.wire.to.node}\n${w.wire.to.port}`).map((w) => w.wire);

  const { nodes: inner, others } = arranged(graph, group, copies);
  const index = graph.nodes.findIndex((n) => n.id === id);
  const edits: Edit[] = [{ kind: 'set-graph', path, graph: { nodes: [...others.slice(0, index), ...inner, ...others.slice(index)], wires: placed } }];
  const retied = (side: 'inputs' | 'outputs') => around?.group[side].flatMap((p): GroupPort[] => {
    if (p.node !== id) return [p];
    const ends = side === 'inputs' ? targets(p.port) : ties(last, 'outputs', p.port);
    return ends.map(({ node, port, order }) => ({ id: p.id, label: p.label, node, port, ...(order === undefined ? {} : { order }) }));
  }) ?? [];
  if (around) edits.push({ kind: 'set-node', path: around.path, id: around.group.id, change: { inputs: retied('inputs'), outputs: retied('outputs') } });
  return { edit: { kind: 'batch', edits }, ids: inner.map((n) => n.id) };
}

const GAP = 40;

/** Places for the copies, left to right about the middle of the group; where they would overlap, what lies beside it makes room. */
function arranged(graph: DrawnGraph, group: GroupNode, copies: readonly Copy[]): { nodes: DrawnNode[]; others: readonly DrawnNode[] } {
  const box = boundsOf(group.graph.nodes);
  const width = copies.length * (box.width + GAP) - GAP;
  const others = graph.nodes.filter((n) => n.id !== group.id);
  const middle = { x: group.position.x + NODE.width / 2, y: group.position.y + NODE.height / 2 };
  const place = (left: number) => copies.flatMap((c) => c.nodes.map((n) => move(n, Math.round(left - box.x) + c.k * (box.width + GAP), Math.round(middle.y - box.height / 2 - box.y))));
  const overlaps = (a: DrawnNode, b: DrawnNode) => Math.abs(a.position.x - b.position.x) < NODE.width && Math.abs(a.position.y - b.position.y) < NODE.height;
  const centred = place(middle.x - width / 2);
  if (!centred.some((n) => others.some((o) => overlaps(n, o)))) return { nodes: centred, others };
  // Beside it to the right, above and below: each moves away by as much as the group grows there.
  const [wider, taller] = [width - NODE.width, Math.ceil((box.height - NODE.height) / 2)];
  const aside = (o: DrawnNode): DrawnNode => {
    const dy = o.position.y - group.position.y;
    if (Math.abs(dy) >= NODE.height) return move(o, 0, Math.sign(dy) * taller);
    return o.position.x > group.position.x ? move(o, wider, 0) : o;
  };
  return { nodes: place(group.position.x), others: others.map(aside) };
}
