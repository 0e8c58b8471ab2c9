/** Removes what no output depends on. */
import type { Node } from '../ir.ts';
import type { Pass } from './pass.ts';

/**
 * Drops nodes and initializers that no graph output needs, with their types. Graph inputs stay, since callers feed them; a node
 * with one needed output stays whole. Before: topological order.
 */
export const eliminateDeadNodes: Pass = (graph) => {
  const needed = new Set(graph.outputs.map((v) => v.name));
  const nodes: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((y) => needed.has(y))) continue;
    nodes.push(node);
    for (const x of node.inputs) needed.add(x);
  }
  nodes.reverse();
  const initializers = new Map([...graph.initializers].filter(([name]) => needed.has(name)));
  if (nodes.length === graph.nodes.length && initializers.size === graph.initializers.size) return { graph, changed: false };
  const kept = new Set([...graph.inputs.map((v) => v.name), ...initializers.keys(), ...nodes.flatMap((n) => n.outputs)]);
  return { graph: { ...graph, nodes, initializers, types: new Map([...graph.types].filter(([name]) => kept.has(name))) }, changed: true };
};
