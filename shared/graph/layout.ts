/** Automatic arrangement: a chain wraps into rows like text, anything else is laid out in layers by dagre. */
import { Graph, layout } from '@dagrejs/dagre';
import type { DrawnGraph, NodeId, Position } from './document.ts';

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

/** Positions of all nodes, left to right. */
export function arrange(graph: DrawnGraph): Record<NodeId, Position> {
  const chain = chainOf(graph);
  if (chain) {
    const rows = Math.ceil(chain.length / PER_ROW);
    const perRow = Math.ceil(chain.length / rows);
    return Object.fromEntries(chain.map((id, i) => [id, { x: (i % perRow) * (NODE.width + GAP.x), y: Math.floor(i / perRow) * (NODE.height + GAP.y) }]));
  }
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
