/** The verifier: what a graph must hold between stages. */
import type { Graph } from './ir.ts';
import { inferTypes } from './ops/infer.ts';

/** Reasons why a graph is not sound; none when it is. */
export function verify(graph: Graph): string[] {
  const reasons: string[] = [];
  const known = new Set([...graph.inputs.map((v) => v.name), ...graph.initializers.keys()]);
  const names = new Set<string>();
  for (const node of graph.nodes) {
    if (names.has(node.name)) reasons.push(`two nodes named ${node.name}`);
    names.add(node.name);
    for (const x of node.inputs) if (x !== '' && !known.has(x)) reasons.push(`${node.name}: ${x} is used before it is made`);
    for (const y of node.outputs) {
      if (known.has(y)) reasons.push(`${node.name}: ${y} is made twice`);
      known.add(y);
      if (!graph.types.has(y)) reasons.push(`${node.name}: ${y} has no type`);
    }
    try {
      const types = inferTypes(node, node.inputs.map((x) => graph.types.get(x) ?? null), (i) => graph.initializers.get(node.inputs[i] ?? ''), node.outputs.length);
      types.forEach((t, i) => {
        const declared = graph.types.get(node.outputs[i] ?? '');
        if (declared && (declared.element !== t.element || declared.shape.join() !== t.shape.join())) reasons.push(`${node.name}: declared ${declared.element}[${declared.shape.join()}], inferred ${t.element}[${t.shape.join()}]`);
      });
    } catch (e) {
      reasons.push((e as Error).message);
    }
  }
  for (const v of graph.outputs) if (!known.has(v.name)) reasons.push(`output ${v.name} is never made`);
  return reasons;
}
