/** Type inference: what an operator answers, from what it is given. */
import type { Node, Tensor, TensorType } from '../ir.ts';
import { createContext } from './signature.ts';
import { operators } from './table.ts';

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
  const signature = operators[node.op];
  if (!signature) throw new Error(`${node.op} ${node.name}: expected an operator of the table, got one nobody has written a signature for`);
  const [min, max] = signature.inputs;
  if (inputs.length < min || inputs.length > max) throw new Error(`${node.op} ${node.name}: expected ${min} to ${max} inputs, got ${inputs.length}`);
  const types = signature.infer(createContext(node, inputs, constant, outputs));
  for (const t of types) {
    if (t.shape.some((d) => !Number.isInteger(d) || d < 0)) throw new Error(`${node.op} ${node.name}: expected whole sizes, got [${t.shape.join(', ')}]`);
  }
  return types;
}
