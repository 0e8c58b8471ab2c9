/** The row of Resize: along each axis a product with a constant matrix. TensorFlow's own looks at other places, with wrong gradients. */
import { attribute } from '../../../../shared/onnx/ir.ts';
import { elementCount } from '../../../../shared/shapes/shape.ts';
import type { AxisMap } from '../../autodiff/rules/axis-map.ts';
import { interpolation } from '../../autodiff/rules/resize.ts';
import type { Tensor, Tf } from '../tf.ts';
import { expand } from './gradient.ts';
import { axisAt, operand, refuse, type Call, type OperatorRow } from './operator.ts';

/** The axis' numbers mixed by the weights, or each repeated where that is all they do: a product on a GPU may round them. */
function mixed(tf: Tf, x: Tensor, axis: number, { weights, size, length }: AxisMap): Tensor {
  const { shape } = x;
  const [lead, rest] = [elementCount(shape.slice(0, axis)), elementCount(shape.slice(axis + 1))];
  const times = length / size;
  const repeats = Number.isInteger(times) && weights.every((w, i) => w === (Math.floor(Math.floor(i / size) / times) === i % size ? 1 : 0));
  const y = repeats
    ? expand(tf, tf.reshape(x, [lead, size, 1, rest]), [lead, size, times, rest])
    : tf.matMul(tf.tensor(weights, [1, length, size]), tf.reshape(x, [lead, size, rest]));
  return tf.reshape(y, shape.with(axis, length));
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
    return mixed(tf, y, at, interpolation({ node, device: 'cpu', refuse: (_expected, got) => refuse(node, got) }, size, length, scale));
  }, x);
}

export const resizeRows: Readonly<Record<string, OperatorRow>> = { Resize: { layout: 'last', run: (call) => [resized(call)] } };
