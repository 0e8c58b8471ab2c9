/** Rows of pools, on TensorFlow's of two axes. */
import type * as tfjs from '@tensorflow/tfjs';
import { attribute } from '../../../../shared/onnx/ir.ts';
import { windowOf, type Window } from '../../autodiff/rules/window.ts';
import type { Tensor, Tf } from '../tf.ts';
import { mean, withGradient } from './gradient.ts';
import { operand, refuse, type Call, type OperatorRow } from './operator.ts';
import { asBefore, asMaps, flat, framed, padding } from './window.ts';

/** Below every number of a map, and finite: an infinity would make 0 · ∞ elsewhere. */
const LOWEST = -3.4e38;

const spatialAxes = (x: Tensor): number[] => x.shape.slice(2).map((_, i) => i + 1);

interface Pool { readonly maps: Tensor; readonly w: Window; readonly outputs: readonly number[] }

function poolOf(call: Call): Pool {
  const { tf, node } = call;
  const x = operand(call, 0);
  const w = windowOf(node, attribute(node, 'kernel_shape', 'ints', []), x.shape.slice(1, -1));
  if (w.n > 2) refuse(node, `along ${w.n} axes`);
  if (w.dilations.some((d) => d !== 1)) refuse(node, 'dilated');
  if (node.outputs[1]) refuse(node, 'that answers places');
  const places = (call.outputs[0]?.shape ?? []).slice(2);
  return { maps: asMaps(tf, x), w: flat(w), outputs: places.length === 1 ? [1, ...places] : places };
}

/** How many numbers each window's mean has along an axis: real ones, with count_include_pad also the padding, never what ceil_mode adds. */
function counts(w: Window, axis: number, size: number, outputs: number, include: boolean): number[] {
  const [before, after, stride, kernel] = [w.pads[axis] as number, w.pads[axis + 2] as number, w.strides[axis] as number, w.kernel[axis] as number];
  const [low, high] = include ? [-before, size + after] : [0, size];
  return Array.from({ length: outputs }, (_, j) => Math.min(j * stride - before + kernel, high) - Math.max(j * stride - before, low));
}

/** Means over the windows with zeros around, times what brings each to its own count. */
function averaged(call: Call): Tensor {
  const { tf, node } = call;
  const { maps, w, outputs } = poolOf(call);
  const include = attribute(node, 'count_include_pad', 'int', 0) === 1;
  const [rows, columns] = [0, 1].map((a) => counts(w, a, maps.shape[a + 1] as number, outputs[a] as number, include)) as [number[], number[]];
  const area = (w.kernel[0] as number) * (w.kernel[1] as number);
  const whole = [...rows.map((r) => r * (w.kernel[1] as number)), ...columns.map((c) => c * (w.kernel[0] as number))].every((v) => v === area);
  // TensorFlow's own padding counts in the gradient of TensorFlow.js, though not in the mean: it is laid around first.
  const y = tf.avgPool(framed(tf, maps, w, outputs, 0) as tfjs.Tensor4D, w.kernel as [number, number], w.strides as [number, number], 'valid');
  return whole ? y : tf.mul(y, tf.tensor(rows.flatMap((r) => columns.map((c) => area / (r * c))), [1, ...outputs, 1]));
}

const averagePool: OperatorRow = { layout: 'last', run: (call) => [asBefore(call.tf, averaged(call), operand(call, 0).rank)] };

const maxPool: OperatorRow = {
  layout: 'last',
  run: (call) => {
    const { tf } = call;
    const { maps, w, outputs } = poolOf(call);
    const { x, pad } = padding(tf, maps, w, outputs, LOWEST);
    return [asBefore(tf, tf.maxPool(x as tfjs.Tensor4D, w.kernel as [number, number], w.strides as [number, number], pad), operand(call, 0).rank)];
  },
};

/** The largest of all places; of equal ones the first has the gradient. */
function largest(tf: Tf, x: Tensor): Tensor {
  const [n, c] = [x.shape[0] as number, x.shape.at(-1) as number];
  const places = x.shape.slice(1, -1).reduce((a, d) => a * d, 1);
  return withGradient(tf, [x], (save) => {
    save([x]);
    const gradient = (dy: Tensor, [from]: readonly Tensor[]): Tensor[] => {
      const winner = tf.argMax(tf.reshape(from as Tensor, [n, places, c]), 1);
      const hit = tf.equal(tf.reshape(winner, [n, 1, c]), tf.reshape(tf.range(0, places, 1, 'int32'), [1, places, 1]));
      return [tf.reshape(tf.mul(tf.cast(hit, 'float32'), tf.reshape(dy, [n, 1, c])), x.shape)];
    };
    return { value: tf.max(x, spatialAxes(x), true), gradient };
  });
}

export const poolingRows: Readonly<Record<string, OperatorRow>> = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: { layout: 'last', run: (call) => [mean(call.tf, operand(call, 0), spatialAxes(operand(call, 0)), true)] },
  GlobalMaxPool: { layout: 'last', run: (call) => [largest(call.tf, operand(call, 0))] },
};
