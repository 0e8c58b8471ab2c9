/** Automatic arrangement: a chain wraps into rows like text; anything else is laid out in layers by dagre, and wraps where it is long. */
import { Graph, layout } from '@dagrejs/dagre';
import type { DrawnGraph, NodeId, Position } from './document.ts';
import { strip } from './layout-pieces.ts';

/** Size of a node's box with its picture, in canvas units. */
export const NODE = { width: 168, height: 176 } as const;
const GAP = { x: 30, y: 44 } as const;
const PER_ROW = 6;

function chainOf(graph: DrawnGraph): NodeId[] | null {
  const next = new Map<NodeId, NodeId[]>();
  const indegree = new Map<NodeId, number>(graph.nodes.map((n) => [n.id, 0]));
  for (const w of graph.wires) {
    next.set(w.from.node, [...(next.get(w.from.node) ?? []), w.to.node]);
    indegree.set(w.to.node, (indegree.get(w.to.node) ?? 0) + 1);
  }
  const starts = graph.nodes.filter((n) => indegree.get(n.id) === 0);
  if (starts.length !== 1 || [...next.values()].some((t) => t.length > 1)) return null;
  const chain: NodeId[] = [];
  for (let id = starts[0]?.id; id !== undefined && chain.length <= graph.nodes.length; id = next.get(id)?.[0]) chain.push(id);
  return chain.length === graph.nodes.length ? chain : null;
}

/** As many layers as one row may have before it wraps, and the shape of the whole that is aimed at. */
const LONGEST = 14;
const ASPECT = 1.8;

/** Where to part the layers into rows: at about even lengths, and where the fewest sources' wires run across. */
function breaks(count: number, perRow: number, crossings: readonly number[]): number[] {
  const ends: number[] = [];
  for (let start = 0; count - start > perRow * 1.25; ) {
    let best = start + perRow;
    for (let end = start + Math.ceil(perRow * 0.75); end <= Math.min(count - 1, start + Math.floor(perRow * 1.2)); end++) {
      const [here, there] = [crossings[end - 1] ?? 0, crossings[best - 1] ?? 0];
      if (here < there || (here === there && Math.abs(end - start - perRow) < Math.abs(best - start - perRow))) best = end;
    }
    ends.push(best);
    start = best;
  }
  return [...ends, count];
}

/** A strip of many layers as rows one below another, like text. */
function wrapped(graph: DrawnGraph, strip: Readonly<Record<NodeId, Position>>): Record<NodeId, Position> {
  const xs = [...new Set(Object.values(strip).map((p) => p.x))].sort((a, b) => a - b);
  if (xs.length <= LONGEST) return { ...strip };
  const columnAt = new Map(xs.map((x, i) => [x, i]));
  const columnOf = (id: NodeId): number => columnAt.get(strip[id]?.x ?? 0) ?? 0;
  const members: NodeId[][] = xs.map(() => []);
  for (const n of graph.nodes) members[columnOf(n.id)]?.push(n.id);
  // Wires of one source run together and count once.
  const reach = new Map<NodeId, number>();
  for (const w of graph.wires) reach.set(w.from.node, Math.max(reach.get(w.from.node) ?? 0, columnOf(w.to.node)));
  const steps = xs.map(() => 0);
  for (const [id, to] of reach) {
    const from = columnOf(id);
    if (from >= to) continue;
    steps[from] = (steps[from] ?? 0) + 1;
    steps[to] = (steps[to] ?? 0) - 1;
  }
  let running = 0;
  const crossings = steps.map((d) => (running += d));
  const ys = Object.values(strip).map((p) => p.y);
  const height = Math.max(...ys) - Math.min(...ys) + NODE.height + GAP.y;
  const rows = Math.max(1, Math.round(Math.sqrt(((xs.at(-1) ?? 0) + NODE.width) / (ASPECT * height))));
  const placed: Record<NodeId, Position> = {};
  let [start, top] = [0, 0];
  for (const end of breaks(xs.length, Math.max(LONGEST / 2, Math.ceil(xs.length / rows)), crossings)) {
    const ids = members.slice(start, end).flat();
    const above = Math.min(...ids.map((id) => strip[id]?.y ?? 0));
    const left = xs[start] ?? 0;
    for (const id of ids) placed[id] = { x: (strip[id]?.x ?? 0) - left, y: top + (strip[id]?.y ?? 0) - above };
    top = Math.max(...ids.map((id) => placed[id]?.y ?? 0)) + NODE.height + GAP.y;
    start = end;
  }
  return placed;
}

/** Layer by layer, by dagre. */
function layered(graph: DrawnGraph): Record<NodeId, Position> {
  const g = new Graph();
  g.setGraph({ rankdir: 'LR', nodesep: GAP.y, ranksep: GAP.x + 10 });
  g.setDefaultEdgeLabel(() => ({}));
  for (const n of graph.nodes) g.setNode(n.id, { width: NODE.width, height: NODE.height });
  for (const w of graph.wires) g.setEdge(w.from.node, w.to.node);
  layout(g);
  return Object.fromEntries(graph.nodes.map((n) => {
    const { x, y } = g.node(n.id) as { x: number; y: number };
    return [n.id, { x: Math.round(x - NODE.width / 2), y: Math.round(y - NODE.height / 2) }];
  }));
}

/** From so many nodes on dagre takes seconds, and then its recursion ends: the graph is laid out in pieces. */
const LARGE = 250;

/** Positions of all nodes, left to right. */
export function arrange(graph: DrawnGraph): Record<NodeId, Position> {
  const chain = chainOf(graph);
  if (chain) {
    const rows = Math.ceil(chain.length / PER_ROW);
    const perRow = Math.ceil(chain.length / rows);
    return Object.fromEntries(chain.map((id, i) => [id, { x: (i % perRow) * (NODE.width + GAP.x), y: Math.floor(i / perRow) * (NODE.height + GAP.y) }]));
  }
  return wrapped(graph, graph.nodes.length < LARGE ? layered(graph) : strip(graph, layered, { x: NODE.width + GAP.x + 10, y: NODE.height + GAP.y }));
}
