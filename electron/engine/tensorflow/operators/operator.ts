/** What a row of the operator table is: an ONNX operator on TensorFlow's own, whose gradient is TensorFlow's. */
import type { Node, TensorType } from '../../../../shared/onnx/ir.ts';
import type { Tensor, Tf } from '../tf.ts';

export interface Call {
  readonly tf: Tf;
  readonly node: Node;
  /** Operands in the row's layout; null where one is left out. */
  readonly inputs: readonly (Tensor | null)[];
  /** The numbers of an operand that is a constant of the graph: shapes, axes, pads. Throws where it is none. */
  numbers(operand: number): readonly number[];
  /** Types of the answers, channels first, as the graph says. */
  readonly outputs: readonly TensorType[];
}

export interface OperatorRow {
  /**
   * How it wants its first operand and gives its first answer. `first`: as the graph says, every operand. `last`: the first operand
   * and the first answer with channels last, other operands as the graph says. `either`: number by number, all operands alike.
   */
  readonly layout: 'first' | 'last' | 'either';
  run(call: Call): readonly Tensor[];
}
