/** An interpreter over small constants: what shape chains of a foreign net come to. */
import type { Node, Tensor } from '../ir.ts';
import { arithmeticFolds } from './arithmetic.ts';
import { moveFolds, shapeFolds } from './moves.ts';
import type { FoldTable } from './row.ts';

const rows: FoldTable = { ...arithmeticFolds, ...moveFolds };

/** Whether the interpreter knows the operator at all. */
export const foldable = (node: Pick<Node, 'op' | 'domain'>): boolean => node.domain === '' && Object.hasOwn(rows, node.op);

/**
 * The outputs of a node of opset 18 over constants, one for each output named; null where the operator has no row, or the answer
 * would not be what a runtime gives. An input left out is null. The numbers may lie in the memory of the inputs.
 */
export function fold(node: Node, inputs: readonly (Tensor | null)[]): readonly Tensor[] | null {
  const row = foldable(node) ? rows[node.op] : undefined;
  const made = row?.(node, inputs) ?? null;
  return made && made.length >= node.outputs.length ? made : null;
}

/** What an operator answers that reads the shape of its input alone (Shape, Size); null for every other. */
export function foldShape(node: Node, sizes: readonly number[]): readonly Tensor[] | null {
  return node.domain === '' && Object.hasOwn(shapeFolds, node.op) ? (shapeFolds[node.op]?.(node, sizes) ?? null) : null;
}
