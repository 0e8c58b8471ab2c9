/** What a row of the folding table is. */
import type { Node, Tensor } from '../ir.ts';

/**
 * The outputs of a node (opset 18, types as inference allows them) over constants; null where this interpreter does not answer
 * exactly what a runtime would. An input left out is null.
 */
export type FoldRow = (node: Node, inputs: readonly (Tensor | null)[]) => readonly Tensor[] | null;
export type FoldTable = Readonly<Record<string, FoldRow>>;
