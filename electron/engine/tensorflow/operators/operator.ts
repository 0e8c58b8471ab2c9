/** What a row of the operator table is: an ONNX operator on TensorFlow's own, whose gradient is TensorFlow's. */
import { problem } from '../../../../shared/diagnostics/diagnostic.ts';
import type { Node, TensorType } from '../../../../shared/onnx/ir.ts';
import { required } from '../../../../shared/util/assert.ts';
import type { Laid } from '../laid.ts';
import type { Tensor, Tf } from '../tf.ts';

interface Common {
  readonly tf: Tf;
  readonly node: Node;
  /** The numbers of an operand that is a constant of the graph: shapes, axes, pads. Throws tensorflow.operator where it is none. */
  numbers(operand: number): readonly number[];
  /** Types of the answers, channels first, as the graph says. */
  readonly outputs: readonly TensorType[];
  /** Whether a gradient is to be taken through it. */
  readonly taped: boolean;
}

export interface Call extends Common {
  /** Operands in the row's layout; null where one is left out or holds whole numbers that the graph knows. */
  readonly inputs: readonly (Tensor | null)[];
  /** Whether operands and answers of three axes or more have their channels last. */
  readonly last: boolean;
}

export interface LaidCall extends Common {
  /** Operands as they lie. */
  readonly inputs: readonly (Laid | null)[];
}

/**
 * How a row wants its operands and gives its answers. `first`: as the graph says, every operand. `last`: the first operand and the
 * first answer with channels last, all others as the graph says. `either`: all alike, whichever way most numbers lie, and fit to be
 * broadcast against one another. `own`: as they come; it says how its answers lie.
 */
export type OperatorRow =
  | { readonly layout: 'first' | 'last' | 'either'; run(call: Call): readonly Tensor[] }
  | { readonly layout: 'own'; run(call: LaidCall): readonly Laid[] };

/** An operand that the operator cannot do without. Throws tensorflow.operator where it is whole numbers that the graph knows. */
export function operand<T extends object>({ inputs, node }: { readonly inputs: readonly (T | null)[]; readonly node: Node }, i: number): T {
  return inputs[i] ?? (node.inputs[i] ? refuse(node, 'of whole numbers') : required<T>(null, `input ${i} of ${node.op} ${node.name}`));
}

/** The axis of a value in the graph, where it lies in the tensor. */
export function axisAt(axis: number, rank: number, last: boolean): number {
  const a = axis < 0 ? axis + rank : axis;
  if (!last || rank < 3 || a === 0) return a;
  return a === 1 ? rank - 1 : a - 1;
}

/** Says that a form of an operator has no row here. Throws tensorflow.operator. */
export function refuse(node: Node, form: string): never {
  throw problem('tensorflow.operator', { label: node.name }, { op: form === '' ? node.op : `${node.op} ${form}` });
}
