/** The row of Resize: along each axis a product with a constant matrix. TensorFlow's own looks at other places, with wrong gradients. */
import { attribute } from '../../../../shared/onnx/ir.ts';
import { interpolation } from '../../autodiff/rules/resize.ts';
import type { Tensor, Tf } from '../tf.ts';
import { axisAt, operand, refuse, type Call, type OperatorRow } from './operator.ts';

/** The axis' numbers mixed by weights [length, size]. */
function mixed(tf: Tf, x: Tensor, axis: number, weights: Float32Array, length: number): Tensor {
  const { shape } = x;
  const product = (v: readonly number[]): number => v.reduce((a, d) => a * d, 1);
  const [lead, size] = [product(shape.slice(0, axis)), shape[axis] as number];
  const rows = tf.reshape(x, [lead, size, product(shape.slice(axis + 1))]);
  return tf.reshape(tf.matMul(tf.tensor(weights, [1, length, size]), rows), shape.with(axis, length));
}

function resized(call: Call): Tensor {
  const { tf, node, outputs } = call;
  const x = operand(call, 0);
  if (attribute(node, 'antialias', 'int', 0) !== 0) refuse(node, 'with antialias');
  const axes = attribute(node, 'axes', 'ints', x.shape.map((_, i) => i)).map((a) => (a < 0 ? a + x.rank : a));
  const given = node.inputs[2] ? call.numbers(2) : [];
  return axes.reduce((y, axis, i) => {
    const at = axisAt(axis, x.rank, true);
    const [size, length] = [x.shape[at] as number, outputs[0]?.shape[axis] as number];
    const scale = given[i] ?? Math.fround(length / size);
    if (size === length && scale === 1) return y;
    const map = interpolation({ node, device: 'cpu', refuse: (_expected, got) => refuse(node, got) }, size, length, scale);
    return mixed(tf, y, at, map.weights, length);
  }, x);
}

export const resizeRows: Readonly<Record<string, OperatorRow>> = { Resize: { layout: 'last', run: (call) => [resized(call)] } };
