/** What a person does to a graph, as edits: remove, paste, splice. */
import type { DrawnGraph, DrawnNode, GraphPath, GroupVariable, NodeId, Position, Wire, WireEnd, WireId } from './document.ts';
import type { Edit } from './edit.ts';
import { withValues } from './variables.ts';

/** An id nobody in the graph has: "conv2d-3". */
export function freshId(graph: DrawnGraph, stem: string, taken: ReadonlySet<string> = new Set()): string {
  const used = new Set([...graph.nodes.map((n) => n.id), ...graph.wires.map((w) => w.id)]);
  for (let i = 1; ; i++) {
    const id = `${stem}-${i}`;
    if (!used.has(id) && !taken.has(id)) return id;
  }
}

/** A name nobody in the graph has: "conv 3". */
export function freshName(graph: DrawnGraph, stem: string, taken: ReadonlySet<string> = new Set()): string {
  const used = new Set(graph.nodes.map((n) => n.name));
  for (let i = 1; ; i++) {
    const name = `${stem} ${i}`;
    if (!used.has(name) && !taken.has(name)) return name;
  }
}

export const wireId = (from: WireEnd, to: WireEnd): WireId => `${from.node}.${from.port}>${to.node}.${to.port}`;

export const connectEdit = (path: GraphPath, from: WireEnd, to: WireEnd): Edit => ({ kind: 'add-wire', path, wire: { id: wireId(from, to), from, to } });

const touching = (graph: DrawnGraph, ids: ReadonlySet<NodeId>): Wire[] => graph.wires.filter((w) => ids.has(w.from.node) || ids.has(w.to.node));

/** Removes nodes and every wire at them. */
export function removeNodes(graph: DrawnGraph, path: GraphPath, ids: readonly NodeId[], wires: readonly WireId[] = []): Edit {
  const set = new Set(ids);
  const gone = new Set([...touching(graph, set).map((w) => w.id), ...wires]);
  return { kind: 'batch', edits: [...[...gone].map((id): Edit => ({ kind: 'remove-wire', path, id })), ...ids.map((id): Edit => ({ kind: 'remove-node', path, id }))] };
}

/** Removes a node and joins what fed it to what it fed. */
export function removeAndReconnect(graph: DrawnGraph, path: GraphPath, id: NodeId): Edit {
  const source = graph.wires.find((w) => w.to.node === id)?.from;
  const targets = graph.wires.filter((w) => w.from.node === id).map((w) => w.to);
  const joined = source ? targets.map((to) => connectEdit(path, source, to)) : [];
  return { kind: 'batch', edits: [removeNodes(graph, path, [id]), ...joined] };
}

/** Puts a node into a wire: the wire is replaced by two. */
export function spliceEdit(path: GraphPath, wire: Wire, node: DrawnNode, input: string, output: string): Edit {
  return {
    kind: 'batch',
    edits: [
      { kind: 'remove-wire', path, id: wire.id },
      connectEdit(path, wire.from, { node: node.id, port: input }),
      connectEdit(path, { node: node.id, port: output }, wire.to),
    ],
  };
}

const MARK = 'netloom/nodes';

/** The selection as clipboard text, with the wires between its nodes, and what the names in its formulas stand for. */
export function copyText(graph: DrawnGraph, ids: readonly NodeId[], names: ReadonlyMap<string, number> = new Map()): string {
  const set = new Set(ids);
  return JSON.stringify({ kind: MARK, names: Object.fromEntries(names), nodes: graph.nodes.filter((n) => set.has(n.id)), wires: graph.wires.filter((w) => set.has(w.from.node) && set.has(w.to.node)) });
}

export interface Pasted { readonly edit: Edit; readonly ids: readonly NodeId[] }

/** Names of the place they were copied from that mean nothing here, as variables. */
function strange(names: unknown, known: ReadonlySet<string>): ReadonlyMap<string, GroupVariable> {
  if (typeof names !== 'object' || names === null) return new Map();
  return new Map(Object.entries(names).flatMap(([name, value]) => (typeof value === 'number' && !known.has(name) ? [[name, { name, label: name, value }] as const] : [])));
}

/**
 * Clipboard text as an edit with fresh ids and names, shifted by `offset`; null when the text is none of ours. Formulas
 * keep the names that are `known` here; others become what they stood for.
 */
export function pasteEdit(graph: DrawnGraph, path: GraphPath, text: string, offset: Position, known: ReadonlySet<string> = new Set()): Pasted | null {
  let data: { kind?: unknown; names?: unknown; nodes?: DrawnNode[]; wires?: Wire[] };
  try {
    data = JSON.parse(text) as typeof data;
  } catch {
    return null;
  }
  if (data.kind !== MARK || !Array.isArray(data.nodes) || !Array.isArray(data.wires)) return null;
  const values = strange(data.names, known);
  const ids = new Map<NodeId, NodeId>();
  const takenIds = new Set<string>();
  const takenNames = new Set<string>();
  const edits: Edit[] = data.nodes.map((node) => {
    const id = freshId(graph, node.id.replace(/-\d+$/, ''), takenIds);
    const name = freshName(graph, node.name.replace(/ \d+$/, ''), takenNames);
    takenIds.add(id);
    takenNames.add(name);
    ids.set(node.id, id);
    return { kind: 'add-node', path, node: { ...withValues(node, values), id, name, position: { x: node.position.x + offset.x, y: node.position.y + offset.y } } };
  });
  for (const w of data.wires) {
    const from = ids.get(w.from.node);
    const to = ids.get(w.to.node);
    if (from && to) edits.push(connectEdit(path, { node: from, port: w.from.port }, { node: to, port: w.to.port }));
  }
  return { edit: { kind: 'batch', edits }, ids: [...ids.values()] };
}
