/** Brings the nodes of a graph into an order to compute in, and leaves out what no output needs. */
import { topologicalSort } from '../../../../shared/util/topological.ts';
import { readBy, titleOf, type Refuse } from './draft.ts';
import type { SourceNode } from '../../onnx-io/source.ts';

/** Nodes that `wanted` values need. A node with one needed output stays. */
export function liveNodes(nodes: readonly SourceNode[], wanted: Iterable<string>): readonly SourceNode[] {
  const makers = new Map<string, SourceNode>();
  for (const node of nodes) for (const y of node.outputs) if (y !== '') makers.set(y, node);
  const live = new Set<SourceNode>();
  const open = [...wanted];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const node = makers.get(name);
    if (!node || live.has(node)) continue;
    live.add(node);
    open.push(...readBy(node));
  }
  return live.size === nodes.length ? nodes : nodes.filter((n) => live.has(n));
}

/**
 * The nodes, each behind what it reads; the file's order where that is free. `given` tells what is there before the first.
 * Refuses loops, values that nobody makes, and values made twice.
 */
export function orderNodes(nodes: readonly SourceNode[], given: (name: string) => boolean, refuse: Refuse): readonly SourceNode[] {
  const makers = new Map<string, SourceNode>();
  let sorted = true;
  for (const node of nodes) {
    for (const y of node.outputs) {
      if (y === '') continue;
      if (makers.has(y) || given(y)) throw refuse('each value made once', `${y} made twice, by ${titleOf(node)} again`, 'Export the net anew.');
      makers.set(y, node);
    }
  }
  const known = new Set<string>();
  for (const node of nodes) {
    for (const x of readBy(node)) {
      if (x === '' || known.has(x) || given(x)) continue;
      if (!makers.has(x)) throw refuse(`a value ${x} for ${titleOf(node)}`, 'none of that name', 'Export the net anew.');
      sorted = false;
    }
    for (const y of node.outputs) known.add(y);
  }
  if (sorted) return nodes;
  const order = topologicalSort(nodes, (node) => readBy(node).flatMap((x) => makers.get(x) ?? []));
  if (order.kind === 'cycle') throw refuse('a graph without loops', `the loop ${order.cycle.slice(0, 5).map((n) => n.name).join(' → ')}`, 'Export the net anew.');
  return order.order;
}
