/** Rows of convolutions: TensorFlow's of two axes, to which those of one and three, groups and dilations are brought. */
import { attribute } from '../../../../shared/onnx/ir.ts';
import { elementCount } from '../../../../shared/shapes/shape.ts';
import type * as tfjs from '@tensorflow/tfjs';
import { transposedWindow, windowOf, type Window } from '../../autodiff/rules/window.ts';
import type { Tensor, Tf } from '../tf.ts';
import { operand, refuse, type Call, type OperatorRow } from './operator.ts';
import { asBefore, asMaps, extents, flat, framed, isSame, padding } from './window.ts';

/** A kernel [kh, kw, …] with zeros between its taps: TensorFlow.js has no gradient of a dilated convolution. */
function spread(tf: Tf, kernel: Tensor, w: Window): Tensor {
  return w.dilations.reduce((k, dilation, axis) => {
    if (dilation === 1) return k;
    const { shape } = k;
    const [before, after] = [shape.slice(0, axis), shape.slice(axis + 1)];
    const size = shape[axis] as number;
    const rows = tf.pad(tf.reshape(k, [elementCount(before) * size, 1, elementCount(after)]), [[0, 0], [0, dilation - 1], [0, 0]]);
    const wide = tf.reshape(rows, [elementCount(before), size * dilation, elementCount(after)]);
    return tf.reshape(tf.slice(wide, [0, 0, 0], [-1, (size - 1) * dilation + 1, -1]), [...before, (size - 1) * dilation + 1, ...after]);
  }, kernel);
}

/** Parts of equal size along an axis, each by itself and joined again along the channels. */
function inGroups(tf: Tf, x: Tensor, w: Tensor, groups: number, one: (x: Tensor, w: Tensor) => Tensor): Tensor {
  if (groups === 1) return one(x, w);
  const part = (v: Tensor, axis: number, i: number): Tensor => {
    const size = (v.shape[axis] as number) / groups;
    return tf.slice(v, v.shape.map((_, a) => (a === axis ? i * size : 0)), v.shape.map((d, a) => (a === axis ? size : d)));
  };
  return tf.concat(Array.from({ length: groups }, (_, i) => one(part(x, x.rank - 1, i), part(w, 0, i))), x.rank - 1);
}

/** Every so-many-th place of maps [N, H, W, C] along both axes; TensorFlow.js has no gradient of a strided slice. */
function thinned(tf: Tf, x: Tensor, strides: readonly number[]): Tensor {
  return strides.reduce((v, stride, i) => {
    if (stride === 1) return v;
    const [before, after] = [v.shape.slice(0, i + 1), v.shape.slice(i + 2)];
    const [size, inner] = [v.shape[i + 1] as number, elementCount(after)];
    const count = Math.ceil(size / stride);
    const rows = tf.pad(tf.reshape(v, [-1, size, inner]), [[0, 0], [0, count * stride - size], [0, 0]]);
    return tf.reshape(tf.slice(tf.reshape(rows, [-1, count, stride * inner]), [0, 0, 0], [-1, -1, inner]), [...before, count, ...after]);
  }, x);
}

const isPoint = (w: Window): boolean => extents(w).every((e) => e === 1) && w.strides.some((s) => s > 1);

/**
 * The same convolution without the strides that TensorFlow on a processor cannot be trusted with (2.21, oneDNN). Kernels of one place
 * see every so-many-th place: their gradient writes beyond its memory where channels are few. Where one place is left along an axis
 * its stride means nothing, so the other axis' is taken: one channel, one column and a stride along the rows alone give wrong numbers.
 */
function trusted(tf: Tf, x: Tensor, w: Window, outputs: readonly number[]): { readonly x: Tensor; readonly w: Window } {
  const single = outputs.lastIndexOf(1);
  const point = isPoint(w);
  if (!point && (single < 0 || w.strides[0] === w.strides[1])) return { x, w };
  const laid = framed(tf, x, w, outputs, 0);
  const pads = [0, 0, 0, 0];
  if (point) return { x: thinned(tf, laid, w.strides), w: { ...w, strides: [1, 1], pads } };
  const stride = w.strides[1 - single] as number;
  const sizes = laid.shape.map((d, a) => (a === single + 1 ? (extents(w)[single] as number) : d));
  return { x: tf.slice(laid, [0, 0, 0, 0], sizes), w: { ...w, strides: [stride, stride], pads } };
}

/** Maps [N, H, W, C] by kernels [M, C / groups, kh, kw]. */
function convolved(tf: Tf, maps: Tensor, kernels: Tensor, window: Window, outputs: readonly number[], groups: number): Tensor {
  const { x: given, w } = trusted(tf, maps, window, outputs);
  const { x, pad } = padding(tf, given, w, outputs, 0);
  const strides = w.strides as [number, number];
  const channels = x.shape[3] as number;
  if (groups > 1 && groups === channels && strides[0] === strides[1]) {
    const [filters, , kh, kw] = kernels.shape as [number, number, number, number];
    const deep = spread(tf, tf.transpose(tf.reshape(kernels, [channels, filters / channels, kh, kw]), [2, 3, 0, 1]), w);
    return tf.depthwiseConv2d(x as tfjs.Tensor4D, deep as tfjs.Tensor4D, strides, pad);
  }
  return inGroups(tf, x, kernels, groups, (xs, ws) => tf.conv2d(xs as tfjs.Tensor4D, spread(tf, tf.transpose(ws, [2, 3, 1, 0]), w) as tfjs.Tensor4D, strides, pad));
}

/** Volumes [N, D, H, W, C] by kernels [M, C / groups, kd, kh, kw]: the sum over the depth of the kernel of convolutions of layers. */
function convolvedVolume(tf: Tf, x: Tensor, kernels: Tensor, w: Window, outputs: readonly number[], groups: number): Tensor {
  const [n, depth, ...rest] = x.shape as [number, number, number, number, number];
  const [out, ...plane] = outputs as [number, number, number];
  const [stride, dilation, before] = [w.strides[0] as number, w.dilations[0] as number, w.pads[0] as number];
  const taps = w.kernel[0] as number;
  const flatWindow: Window = { n: 2, kernel: w.kernel.slice(1), strides: w.strides.slice(1), dilations: w.dilations.slice(1), pads: [1, 2, 4, 5].map((i) => w.pads[i] as number) };
  // As long as every tap's row of strides, so that each is a slice.
  const length = (taps - 1) * dilation + out * stride;
  const long = tf.pad(x, [[0, 0], [before, Math.max(length - before - depth, 0)], [0, 0], [0, 0], [0, 0]]);
  const sums = Array.from({ length: taps }, (_, t) => {
    const seen = tf.slice(long, [0, t * dilation, 0, 0, 0], [-1, out * stride, -1, -1, -1]);
    const layers = stride === 1 ? seen : tf.slice(tf.reshape(seen, [n, out, stride, ...rest]), [0, 0, 0, 0, 0, 0], [-1, -1, 1, -1, -1, -1]);
    const kernel = tf.reshape(tf.slice(kernels, [0, 0, t, 0, 0], [-1, -1, 1, -1, -1]), [kernels.shape[0] as number, kernels.shape[1] as number, ...flatWindow.kernel]);
    return convolved(tf, tf.reshape(layers, [n * out, ...rest]), kernel, flatWindow, plane, groups);
  });
  return tf.reshape(sums.reduce((a, b) => tf.add(a, b)), [n, out, ...plane, kernels.shape[0] as number]);
}

const planar = (tf: Tf, kernels: Tensor): Tensor => (kernels.rank === 3 ? tf.reshape(kernels, [kernels.shape[0] as number, kernels.shape[1] as number, 1, kernels.shape[2] as number]) : kernels);
const withBias = (call: Call, y: Tensor): Tensor => (call.inputs[2] ? call.tf.add(y, call.inputs[2]) : y);
/** Sizes of the answer along its spatial axes, two at least. */
const placesOf = (call: Call): number[] => {
  const places = (call.outputs[0]?.shape ?? []).slice(2);
  return places.length === 1 ? [1, ...places] : places;
};

const conv: OperatorRow = {
  layout: 'last',
  run: (call) => {
    const { tf, node } = call;
    const [x, kernels] = [operand(call, 0), operand(call, 1)];
    if (x.rank > 5) refuse(node, `along ${x.rank - 2} axes`);
    const w = windowOf(node, kernels.shape.slice(2), x.shape.slice(1, -1));
    const groups = attribute(node, 'group', 'int', 1);
    if (w.n === 3) return [withBias(call, convolvedVolume(tf, x, kernels, w, placesOf(call), groups))];
    return [withBias(call, asBefore(tf, convolved(tf, asMaps(tf, x), planar(tf, kernels), flat(w), placesOf(call), groups), x.rank))];
  },
};

/** The gradient of a convolution from the answer's sizes to the input's, cut to what the padding leaves. */
function convolvedBack(tf: Tf, x: Tensor, given: Tensor, window: Window, outputs: readonly number[], groups: number): Tensor {
  // A zero beside and below a kernel of one place: see trusted.
  const point = isPoint(window);
  const kernels = point ? tf.pad(given, [[0, 0], [0, 0], [0, 1], [0, 1]]) : given;
  const w: Window = point ? { ...window, kernel: [2, 2], dilations: [1, 1] } : window;
  const n = x.shape[0] as number;
  const sizes = x.shape.slice(1, 3);
  const strides = w.strides as [number, number];
  const same = isSame(w, outputs, sizes);
  const full = extents(w).map((extent, i) => Math.max((strides[i] as number) * ((sizes[i] as number) - 1) + extent, (outputs[i] as number) + (w.pads[i] as number)));
  const made = inGroups(tf, x, kernels, groups, (xs, ws) => {
    const filters = ws.shape[1] as number;
    const [h, wide] = (same ? outputs : full) as [number, number];
    return tf.conv2dTranspose(xs as tfjs.Tensor4D, spread(tf, tf.transpose(ws, [2, 3, 1, 0]), w) as tfjs.Tensor4D, [n, h, wide, filters], strides, same ? 'same' : 'valid');
  });
  return same ? made : tf.slice(made, [0, ...w.pads.slice(0, 2), 0], [-1, ...outputs, -1]);
}

const convTranspose: OperatorRow = {
  layout: 'last',
  run: (call) => {
    const { tf, node } = call;
    const [x, kernels] = [operand(call, 0), operand(call, 1)];
    if (x.rank > 4) refuse(node, `along ${x.rank - 2} axes`);
    const out = placesOf(call);
    const w = transposedWindow(node, kernels.shape.slice(2), x.shape.slice(1, -1), out.slice(-(x.rank - 2)));
    return [withBias(call, asBefore(tf, convolvedBack(tf, asMaps(tf, x), planar(tf, kernels), flat(w), out, attribute(node, 'group', 'int', 1)), x.rank))];
  },
};

export const convolutionRows: Readonly<Record<string, OperatorRow>> = { Conv: conv, ConvTranspose: convTranspose };
