/** Where the axes of a weight lie: with us as in ONNX, in TensorFlow as in Keras. */
import type { NetworkLayer } from '../../../../shared/compile/network.ts';
import type { Tensor, Tf } from '../tf.ts';
import { kerasOf } from './makers.ts';

/** Theirs is ours under the shape `parted`, its axes in the order `order`. */
interface Axes { readonly parted: readonly number[]; readonly order: readonly number[] }

const upwards = (from: number, to: number): number[] => Array.from({ length: Math.max(0, to - from) }, (_, i) => i + from);
const asItIs = (shape: readonly number[]): Axes => ({ parted: shape, order: upwards(0, shape.length) });
/** [O, I, …] to […, I, O]; a transposed convolution's [I, O, …] to […, O, I]. */
const kernel = (shape: readonly number[]): Axes => ({ parted: shape, order: [...upwards(2, shape.length), 1, 0] });
/** [C · m, 1, h, w] to [h, w, C, m]. */
const ofEachMap = (shape: readonly number[], channels: number): Axes => ({ parted: [channels, (shape[0] as number) / channels, ...shape.slice(2)], order: [2, 3, 0, 1] });
/** [C, …] to […, C]. */
const slope = (shape: readonly number[]): Axes => ({ parted: shape, order: [...upwards(1, shape.length), 0] });

/** By Keras' class and our name of the weight; all others lie alike. A dense layer's behind maps too, since Flatten folds channels first here as well. */
const turned: Readonly<Record<string, (shape: readonly number[], channels: number) => Axes>> = {
  'Conv1D.kernel': kernel, 'Conv2D.kernel': kernel, 'Conv2DTranspose.kernel': kernel,
  'DepthwiseConv2D.kernel': ofEachMap, 'SeparableConv2D.depthwise': ofEachMap, 'SeparableConv2D.pointwise': kernel,
  'PReLU.slope': slope,
};

export interface Turning {
  /** The weight's shape in TensorFlow. */
  readonly shape: readonly number[];
  fromOurs(t: Tensor): Tensor;
  toOurs(t: Tensor): Tensor;
}

/** The way of a layer's weight into TensorFlow's layout and back, for the weight itself, its gradient and what an optimiser keeps for it. */
export function turningOf(tf: Tf, layer: NetworkLayer, weight: { readonly name: string; readonly shape: readonly number[] }): Turning {
  const axes = turned[`${kerasOf(layer)?.class_name ?? ''}.${weight.name}`] ?? asItIs;
  const { parted, order } = axes(weight.shape, layer.inputShapes[0]?.[0] ?? 1);
  const back = order.map((_, i) => order.indexOf(i));
  return {
    shape: order.map((i) => parted[i] as number),
    fromOurs: (t) => tf.tidy(() => tf.transpose(tf.reshape(t, [...parted]), [...order])),
    toOurs: (t) => tf.tidy(() => tf.reshape(tf.transpose(t, back), [...weight.shape])),
  };
}
