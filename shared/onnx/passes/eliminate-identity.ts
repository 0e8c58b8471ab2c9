/** Removes Identity nodes. */
import type { Node } from '../ir.ts';
import type { Pass } from './pass.ts';

/**
 * Readers of an Identity read what it copies. One that names a graph output gives its name to the value it copies, unless that
 * is a graph input, an initializer or an output itself: then the copy is what makes the output. Inputs and outputs keep their
 * names; inner values may change theirs. Before: topological order.
 */
export const eliminateIdentity: Pass = (graph) => {
  const fixed = new Set([...graph.inputs.map((v) => v.name), ...graph.initializers.keys(), ...graph.outputs.map((v) => v.name)]);
  const outputs = new Set(graph.outputs.map((v) => v.name));
  const renamed = new Map<string, string>();
  const current = (name: string): string => {
    let n = name;
    for (let next = renamed.get(n); next !== undefined; next = renamed.get(n)) n = next;
    return n;
  };
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const [x, y] = [node.inputs[0], node.outputs[0]];
    if (node.op !== 'Identity' || node.domain !== '' || x === undefined || y === undefined) nodes.push(node);
    else if (!outputs.has(y)) renamed.set(y, x);
    else if (!fixed.has(current(x))) renamed.set(current(x), y);
    else nodes.push(node);
  }
  if (nodes.length === graph.nodes.length) return { graph, changed: false };
  return {
    graph: {
      ...graph,
      nodes: nodes.map((n) => ({ ...n, inputs: n.inputs.map(current), outputs: n.outputs.map(current) })),
      types: new Map([...graph.types].filter(([name]) => !renamed.has(name))),
    },
    changed: true,
  };
};
