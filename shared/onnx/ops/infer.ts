/** Type inference: what an operator answers, from what it is given. */
import type { Node, Tensor, TensorType } from '../ir.ts';

/** Types of a node's outputs. `constant(i)` gives input i's data when it is known. Throws an Error that names node, expectation and what came. */
export function inferTypes(
  node: Omit<Node, 'outputs'>,
  inputs: readonly (TensorType | null)[],
  constant: (index: number) => Tensor | undefined,
  outputs: number,
): TensorType[] {
  throw new Error(`inferTypes: ${node.op} ${inputs.length} ${outputs} ${String(constant(0))}`);
}
