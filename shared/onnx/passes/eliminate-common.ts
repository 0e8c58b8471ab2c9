/** Computes what is computed twice only once. */
import type { Attribute, Node } from '../ir.ts';
import { randomOperators } from '../ops/random.ts';
import type { Pass } from './pass.ts';

/** Operators that answer anew each time. */
const random = new Set([...randomOperators, 'Dropout']);

const show = (a: Attribute): string => (a.kind === 'tensor' ? '' : JSON.stringify(a));

/**
 * A node with the operator, inputs and attributes of an earlier one gives way to it, unless it names a graph output, draws
 * random numbers or holds a tensor. Inner values may vanish. Before: topological order.
 */
export const eliminateCommon: Pass = (graph) => {
  const outputs = new Set(graph.outputs.map((v) => v.name));
  const renamed = new Map<string, string>();
  const seen = new Map<string, readonly string[]>();
  const nodes: Node[] = [];
  for (const old of graph.nodes) {
    const node = old.inputs.some((x) => renamed.has(x)) ? { ...old, inputs: old.inputs.map((x) => renamed.get(x) ?? x) } : old;
    const plain = !random.has(node.op) && Object.values(node.attributes).every((a) => a.kind !== 'tensor');
    const attributes = Object.keys(node.attributes).sort().map((k) => `${k}=${show(node.attributes[k] as Attribute)}`).join(';');
    const key = `${node.domain}.${node.op}(${node.inputs.join(',')}){${attributes}}${node.outputs.length}`;
    const twin = plain ? seen.get(key) : undefined;
    if (twin && !node.outputs.some((y) => outputs.has(y))) node.outputs.forEach((y, i) => renamed.set(y, twin[i] as string));
    else {
      if (plain && !twin) seen.set(key, node.outputs);
      nodes.push(node);
    }
  }
  if (renamed.size === 0) return { graph, changed: false };
  return { graph: { ...graph, nodes, types: new Map([...graph.types].filter(([name]) => !renamed.has(name))) }, changed: true };
};
