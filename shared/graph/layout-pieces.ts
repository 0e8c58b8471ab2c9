/** A long graph laid out piece by piece: between nodes that every way goes through nothing depends on what lies elsewhere. */
import type { DrawnGraph, NodeId, Position } from './document.ts';

type Places = Readonly<Record<NodeId, Position>>;
/** A node's box and what is left free beside it. */
export interface Pitch { readonly x: number; readonly y: number }

/** Nodes in an order in which wires run forward; those of a loop last. */
function ordered(graph: DrawnGraph, after: ReadonlyMap<NodeId, readonly NodeId[]>): NodeId[] {
  const waiting = new Map<NodeId, number>(graph.nodes.map((n) => [n.id, 0]));
  for (const targets of after.values()) for (const id of targets) waiting.set(id, (waiting.get(id) ?? 0) + 1);
  const order = graph.nodes.filter((n) => waiting.get(n.id) === 0).map((n) => n.id);
  for (let i = 0; i < order.length; i++) {
    for (const id of after.get(order[i] as NodeId) ?? []) {
      const left = (waiting.get(id) ?? 0) - 1;
      waiting.set(id, left);
      if (left === 0) order.push(id);
    }
  }
  const done = new Set(order);
  return [...order, ...graph.nodes.map((n) => n.id).filter((id) => !done.has(id))];
}

/** Columns by the longest way from the start, and within one in the order of what feeds a node: plain, but as quick as the graph is long. */
function columns(order: readonly NodeId[], before: (id: NodeId) => readonly NodeId[], pitch: Pitch): Places {
  const column = new Map<NodeId, number>();
  const height = new Map<NodeId, number>();
  const members: NodeId[][] = [];
  for (const id of order) {
    const at = Math.max(-1, ...before(id).map((b) => column.get(b) ?? -1)) + 1;
    column.set(id, at);
    (members[at] ??= []).push(id);
  }
  for (const ids of members) {
    const wish = new Map(ids.map((id) => {
      const ys = before(id).map((b) => height.get(b) ?? 0);
      return [id, ys.length === 0 ? 0 : ys.reduce((a, y) => a + y, 0) / ys.length];
    }));
    const sorted = [...ids].sort((a, b) => (wish.get(a) ?? 0) - (wish.get(b) ?? 0));
    const middle = ids.reduce((a, id) => a + (wish.get(id) ?? 0), 0) / ids.length;
    sorted.forEach((id, i) => height.set(id, Math.round(middle + (i - (ids.length - 1) / 2) * pitch.y)));
  }
  return Object.fromEntries(order.map((id) => [id, { x: (column.get(id) ?? 0) * pitch.x, y: height.get(id) ?? 0 }]));
}

/** More nodes than this between two such places are laid in plain columns. */
const MOST = 120;

/** Left to right in one strip. `layered` lays out a small graph; alike pieces are laid out once. */
export function strip(graph: DrawnGraph, layered: (piece: DrawnGraph) => Places, pitch: Pitch): Record<NodeId, Position> {
  const after = new Map<NodeId, NodeId[]>();
  const before = new Map<NodeId, NodeId[]>();
  const add = (map: Map<NodeId, NodeId[]>, key: NodeId, value: NodeId) => { const list = map.get(key); if (list) list.push(value); else map.set(key, [value]); };
  for (const w of graph.wires) {
    add(after, w.from.node, w.to.node);
    add(before, w.to.node, w.from.node);
  }
  const order = ordered(graph, after);
  const index = new Map(order.map((id, i) => [id, i]));
  const cuts = [0];
  for (let i = 0, reach = 0; i < order.length - 1; i++) {
    reach = Math.max(reach, ...(after.get(order[i] as NodeId) ?? []).map((id) => index.get(id) ?? 0));
    if (reach === i + 1) cuts.push(i + 1);
  }
  if (cuts.at(-1) !== order.length - 1) cuts.push(order.length - 1);
  const byId = new Map(graph.nodes.map((n) => [n.id, n]));
  const known = new Map<string, readonly Position[]>();
  /** Positions of a piece, its first node at the origin. */
  const placed = (ids: readonly NodeId[]): readonly Position[] => {
    const own = new Map(ids.map((id, i) => [id, i]));
    const inside = ids.flatMap((id) => (after.get(id) ?? []).filter((to) => own.has(to)).map((to) => [id, to] as const));
    const key = `${ids.length}:${inside.map(([a, b]) => `${own.get(a)}>${own.get(b)}`).join()}`;
    const same = known.get(key);
    if (same) return same;
    const wires = inside.map(([a, b], i) => ({ id: String(i), from: { node: a, port: 'out' }, to: { node: b, port: 'in' } }));
    const places = ids.length > MOST
      ? columns(ids, (id) => (before.get(id) ?? []).filter((b) => own.has(b)), pitch)
      : layered({ nodes: ids.flatMap((id) => byId.get(id) ?? []), wires });
    const origin = places[ids[0] as NodeId] ?? { x: 0, y: 0 };
    const made = ids.map((id) => ({ x: (places[id]?.x ?? 0) - origin.x, y: (places[id]?.y ?? 0) - origin.y }));
    known.set(key, made);
    return made;
  };
  const out: Record<NodeId, Position> = { [order[0] as NodeId]: { x: 0, y: 0 } };
  for (let c = 0; c + 1 < cuts.length; c++) {
    const ids = order.slice(cuts[c], (cuts[c + 1] as number) + 1);
    const start = out[ids[0] as NodeId] as Position;
    const made = ids.length === 2 ? [{ x: 0, y: 0 }, { x: pitch.x, y: 0 }] : placed(ids);
    ids.forEach((id, i) => { out[id] = { x: start.x + (made[i]?.x ?? 0), y: start.y + (made[i]?.y ?? 0) }; });
  }
  return out;
}
