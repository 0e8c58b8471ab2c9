/** Type inference: what an operator answers, from what it is given. */
import { OPSET, type Graph, type Node, type Tensor, type TensorType } from '../ir.ts';
import { constantValue } from './create.ts';
import { createContext, showShape } from './signature.ts';
import { signatureOf } from './table.ts';

/**
 * Types of a node's outputs. `constant(i)` gives input i's data when it is known.
 * Throws an Error "Op node: expected …, got …" when operator, arity or types do not fit.
 */
export function inferTypes(
  node: Omit<Node, 'outputs'>,
  inputs: readonly (TensorType | null)[],
  constant: (index: number) => Tensor | undefined,
  outputs: number,
): TensorType[] {
  const context = createContext(node, inputs, constant, outputs);
  const row = signatureOf(node) ?? context.refuse('an operator of the table', `one that nobody has written a signature for${node.domain ? ` (domain ${node.domain})` : ''}`);
  const [min, max] = row.inputs;
  if (inputs.length < min || inputs.length > max) context.refuse(min === max ? `${min} inputs` : `${min} to ${max} inputs`, String(inputs.length));
  const [least, most] = row.outputs ?? [1, 1];
  if (outputs < least || outputs > most) context.refuse(least === most ? `${least} output` : `${least} to ${most} outputs`, String(outputs));
  const types = row.infer(context);
  for (const t of types) if (t.shape.some((d) => !Number.isInteger(d) || d < 0)) context.refuse('whole sizes', showShape(t.shape));
  return types;
}

/**
 * Types of every value that can be known from inputs, initializers and Constant nodes, for a graph read from a file.
 * A node is passed over, and what follows from it, where it has no row, is older than its row, or does not fit it.
 */
export function inferGraph(graph: Pick<Graph, 'inputs' | 'initializers' | 'nodes'>, opset: number = OPSET): Map<string, TensorType> {
  const types = new Map<string, TensorType>();
  const constants = new Map<string, Tensor>(graph.initializers);
  for (const { name, type } of graph.inputs) types.set(name, type);
  for (const [name, t] of graph.initializers) types.set(name, { element: t.element, shape: t.shape });
  for (const node of graph.nodes) {
    const row = signatureOf(node);
    const inputs = node.inputs.map((name) => types.get(name) ?? null);
    if (!row || (node.domain === '' && row.since > opset) || node.inputs.some((name, i) => name !== '' && !inputs[i])) continue;
    try {
      const found = inferTypes(node, inputs, (i) => constants.get(node.inputs[i] ?? ''), node.outputs.length);
      node.outputs.forEach((name, i) => { if (name !== '') types.set(name, found[i] as TensorType); });
    } catch {
      continue;
    }
    const held = node.op === 'Constant' ? constantValue(node) : undefined;
    if (held) constants.set(node.outputs[0] as string, held);
  }
  return types;
}
