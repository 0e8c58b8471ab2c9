/** Rows of activations. */
import { attribute, type Node } from '../../../../shared/onnx/ir.ts';
import type { Tensor, Tf } from '../tf.ts';
import { unary } from './elementwise.ts';
import { relu } from './gradient.ts';
import { axisAt, operand, type OperatorRow } from './operator.ts';

const number = (node: Node, name: string, fallback: number): number => attribute(node, name, 'float', fallback);

/** x cut to its bounds, with no gradient on them or beyond: of equal numbers the first operand has it. */
const between = (tf: Tf, x: Tensor, low: Tensor | number, high: Tensor | number): Tensor => tf.minimum(high, tf.maximum(low, x));

/** α·(eˣ − 1) below 0, x above. */
const elu = (tf: Tf, x: Tensor, alpha: number): Tensor => (alpha === 1 ? tf.elu(x) : tf.add(tf.mul(relu(tf, x), 1 - alpha), tf.mul(tf.elu(x), alpha)));

/** Constants of the specification, by which a Selu is TensorFlow's. */
const SELU = { alpha: 1.6732632423543772, gamma: 1.0507009873554805 };

const hardSigmoid = (tf: Tf, x: Tensor, alpha: number, beta: number): Tensor => between(tf, tf.add(tf.mul(x, alpha), beta), 0, 1);

/** Along any axis; TensorFlow.js knows the last one only. */
function softmax(tf: Tf, x: Tensor, axis: number): Tensor {
  const end = x.rank - 1;
  if (axis === end) return tf.softmax(x);
  const perm = x.shape.map((_, i) => (i === axis ? end : i === end ? axis : i));
  return tf.transpose(tf.softmax(tf.transpose(x, perm)), perm);
}

export const activationRows: Readonly<Record<string, OperatorRow>> = {
  Relu: unary((tf, x) => relu(tf, x)),
  LeakyRelu: unary((tf, x, { node }) => tf.leakyRelu(x, number(node, 'alpha', 0.01))),
  PRelu: { layout: 'either', run: (call) => [call.tf.prelu(operand(call, 0), operand(call, 1))] },
  Elu: unary((tf, x, { node }) => elu(tf, x, number(node, 'alpha', 1))),
  Selu: unary((tf, x, { node }) => tf.mul(elu(tf, x, number(node, 'alpha', SELU.alpha)), number(node, 'gamma', SELU.gamma))),
  Sigmoid: unary((tf, x) => tf.sigmoid(x)),
  Tanh: unary((tf, x) => tf.tanh(x)),
  Softplus: unary((tf, x) => tf.softplus(x)),
  Mish: unary((tf, x) => tf.mul(x, tf.tanh(tf.softplus(x)))),
  HardSigmoid: unary((tf, x, { node }) => hardSigmoid(tf, x, number(node, 'alpha', 0.2), number(node, 'beta', 0.5))),
  HardSwish: unary((tf, x) => tf.mul(x, hardSigmoid(tf, x, 1 / 6, 0.5))),
  Clip: { layout: 'either', run: ({ tf, inputs: [x, low, high] }) => [between(tf, x as Tensor, low ?? -Infinity, high ?? Infinity)] },
  Softmax: unary((tf, x, { node, last }) => softmax(tf, x, axisAt(attribute(node, 'axis', 'int', -1), x.rank, last))),
};
