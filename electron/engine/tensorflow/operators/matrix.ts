/** Rows of matrix products. */
import { attribute } from '../../../../shared/onnx/ir.ts';
import type { Tensor, Tf } from '../tf.ts';
import { expand } from './gradient.ts';
import { operand, refuse, type OperatorRow } from './operator.ts';

/** The product of the last two axes for each place of those before, which are broadcast: TensorFlow.js' gradient does not sum over them. */
function product(tf: Tf, a: Tensor, b: Tensor): Tensor {
  const [left, right] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  if (left.join() === right.join()) return tf.matMul(a, b);
  const lead = tf.backend_util.assertAndGetBroadcastShape(left, right);
  return tf.matMul(expand(tf, a, [...lead, ...a.shape.slice(-2)]), expand(tf, b, [...lead, ...b.shape.slice(-2)]));
}

const times = (tf: Tf, x: Tensor, factor: number): Tensor => (factor === 1 ? x : tf.mul(x, factor));

export const matrixRows: Readonly<Record<string, OperatorRow>> = {
  MatMul: { layout: 'first', run: (call) => {
    const [a, b] = [operand(call, 0), operand(call, 1)];
    return [a.rank < 2 || b.rank < 2 ? refuse(call.node, 'of a vector') : product(call.tf, a, b)];
  } },
  Gemm: { layout: 'first', run: (call) => {
    const { tf, node } = call;
    const flag = (name: string): boolean => attribute(node, name, 'int', 0) === 1;
    const y = times(tf, tf.matMul(operand(call, 0), operand(call, 1), flag('transA'), flag('transB')), attribute(node, 'alpha', 'float', 1));
    const bias = call.inputs[2] ?? null;
    return [bias ? tf.add(y, times(tf, bias, attribute(node, 'beta', 'float', 1))) : y];
  } },
};
