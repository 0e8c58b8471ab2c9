/** Rows that move numbers without changing them. */
import { attribute } from '../../../../shared/onnx/ir.ts';
import type { Laid } from '../laid.ts';
import { shaped, type Tensor } from '../tf.ts';
import { expand } from './gradient.ts';
import { axisAt, operand, refuse, type Call, type OperatorRow } from './operator.ts';

const reshaped: OperatorRow = { layout: 'first', run: (call) => [shaped(call.tf, operand(call, 0), call.outputs[0]?.shape ?? [])] };

const along = (call: Call, x: Tensor, fallback = 0): number => axisAt(attribute(call.node, 'axis', 'int', fallback), x.rank, call.last);

/** Where a slice begins and how long it is, per axis of the tensor (ONNX Slice, steps of 1). */
function sliceOf(call: Call, x: Tensor): { begin: number[]; size: number[] } {
  const [starts, ends] = [call.numbers(1), call.numbers(2)];
  const axes = call.node.inputs[3] ? call.numbers(3) : starts.map((_, i) => i);
  if (call.node.inputs[4] && call.numbers(4).some((s) => s !== 1)) refuse(call.node, 'with steps');
  const begin = x.shape.map(() => 0);
  const size = [...x.shape];
  axes.forEach((axis, i) => {
    const a = axisAt(axis, x.rank, call.last);
    const length = x.shape[a] as number;
    const place = (v: number): number => Math.min(Math.max(v < 0 ? v + length : v, 0), length);
    begin[a] = place(starts[i] as number);
    size[a] = Math.max(place(ends[i] as number) - (begin[a] as number), 0);
  });
  return { begin, size };
}

/** Zeros or another number around; negative padding cuts. */
function padded(call: Call): Tensor {
  const { tf, node } = call;
  const x = operand(call, 0);
  if (attribute(node, 'mode', 'string', 'constant') !== 'constant') refuse(node, 'by other numbers than one');
  const pads = call.numbers(1);
  const axes = (node.inputs[3] ? call.numbers(3) : x.shape.map((_, i) => i)).map((a) => axisAt(a, x.rank, call.last));
  const sides = x.shape.map((): [number, number] => [0, 0]);
  axes.forEach((a, i) => { sides[a] = [pads[i] as number, pads[i + axes.length] as number]; });
  const value = node.inputs[2] ? (call.numbers(2)[0] ?? 0) : 0;
  const cut = sides.some(([b, e]) => b < 0 || e < 0)
    ? tf.slice(x, sides.map(([b]) => Math.max(-b, 0)), sides.map(([b, e], i) => (x.shape[i] as number) + Math.min(b, 0) + Math.min(e, 0)))
    : x;
  return tf.pad(cut, sides.map(([b, e]): [number, number] => [Math.max(b, 0), Math.max(e, 0)]), value);
}

/** Constant places along an axis: a Gather of TensorFlow.js would read its indices back from the device. */
function gathered(call: Call): Tensor {
  const { tf, node } = call;
  const x = operand(call, 0);
  const axis = along(call, x);
  const indices = call.numbers(1);
  if (call.outputs[0]?.shape.length !== x.rank) refuse(node, 'by other places than a list');
  const pieces = indices.map((i) => tf.slice(x, x.shape.map((_, a) => (a === axis ? (i < 0 ? i + (x.shape[axis] as number) : i) : 0)), x.shape.map((d, a) => (a === axis ? 1 : d))));
  return pieces.length === 1 ? (pieces[0] as Tensor) : tf.concat(pieces, axis);
}

/** A Transpose by which a value only comes to lie otherwise is none. */
const transposed: OperatorRow = {
  layout: 'own',
  run: (call) => {
    const { tensor, last } = operand(call, 0);
    const { rank } = tensor;
    const all = tensor.shape.map((_, i) => i);
    const perm = attribute(call.node, 'perm', 'ints', all.toReversed());
    // Axis of the tensor for each axis of the answer, in our order.
    const from = perm.map((p) => axisAt(p, rank, last));
    const asLast = all.map((a) => from[a === 0 ? 0 : a === rank - 1 ? 1 : a + 1] as number);
    const still = (order: readonly number[]): boolean => order.every((o, i) => o === i);
    const answer = (order: readonly number[], lies: boolean): Laid => ({ tensor: still(order) ? call.tf.clone(tensor) : call.tf.transpose(tensor, [...order]), last: lies });
    return [rank > 2 && still(asLast) ? answer(asLast, true) : answer(from, false)];
  },
};

/** Channels become blocks of places (ONNX DepthToSpace): as columns, rows, depth or the other way round. */
const depthToSpace: OperatorRow = {
  layout: 'last',
  run: (call) => {
    const { tf, node } = call;
    const x = operand(call, 0);
    const r = attribute(node, 'blocksize', 'int', 1);
    const [n, h, w, c] = x.shape as [number, number, number, number];
    const depth = c / (r * r);
    const crd = attribute(node, 'mode', 'string', 'DCR') === 'CRD';
    const blocks = tf.reshape(x, crd ? [n, h, w, depth, r, r] : [n, h, w, r, r, depth]);
    return [tf.reshape(tf.transpose(blocks, crd ? [0, 1, 4, 2, 5, 3] : [0, 1, 3, 2, 4, 5]), [n, h * r, w * r, depth])];
  },
};

export const shapeRows: Readonly<Record<string, OperatorRow>> = {
  Identity: { layout: 'own', run: (call) => [{ ...operand(call, 0), tensor: call.tf.clone(operand(call, 0).tensor) }] },
  Reshape: reshaped, Flatten: reshaped, Squeeze: reshaped, Unsqueeze: reshaped,
  Transpose: transposed,
  Concat: { layout: 'either', run: (call) => [call.tf.concat(call.inputs.map((_, i) => operand(call, i)), along(call, operand(call, 0)))] },
  Split: { layout: 'either', run: (call) => {
    const x = operand(call, 0);
    const axis = attribute(call.node, 'axis', 'int', 0);
    return call.tf.split(x, call.outputs.map(({ shape }) => shape.at(axis) as number), along(call, x));
  } },
  Slice: { layout: 'either', run: (call) => {
    const { begin, size } = sliceOf(call, operand(call, 0));
    return [call.tf.slice(operand(call, 0), begin, size)];
  } },
  Pad: { layout: 'either', run: (call) => [padded(call)] },
  Expand: { layout: 'first', run: (call) => [expand(call.tf, operand(call, 0), call.outputs[0]?.shape ?? [])] },
  Gather: { layout: 'either', run: (call) => [gathered(call)] },
  DepthToSpace: depthToSpace,
};
