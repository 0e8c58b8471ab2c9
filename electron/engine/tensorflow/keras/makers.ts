/** Which layers TensorFlow.js has as they are: Keras' class, its maker, and the configurations that mean the same there, forward and backward. */
import type { layers } from '@tensorflow/tfjs';
import type { NetworkLayer } from '../../../../shared/compile/network.ts';
import { layerSpec } from '../../../../shared/layers/table.ts';
import type { Shape } from '../../../../shared/shapes/shape.ts';
import type { Tf } from '../tf.ts';

export type Layer = layers.Layer;
type Config = Readonly<Record<string, unknown>>;
export interface Keras { readonly class_name: string; readonly config: Config }

interface Maker {
  make(tf: Tf, config: never): Layer;
  /** Of Keras' configuration and the shape of its answer; every one where left out. */
  fits?(config: Config, shape: Shape): boolean;
}

const numbers = (value: unknown): readonly number[] => (Array.isArray(value) ? (value as number[]) : []);
const valid = ({ padding }: Config): boolean => padding === 'valid';
const named = (c: Config): boolean => valid(c) || c.padding === 'same';
/** TensorFlow.js overlooks groups, and has no gradient of dilated windows. */
const plain = (c: Config): boolean => named(c) && numbers(c.dilation_rate).every((d) => d === 1) && (c.groups ?? 1) === 1;
/** Those whose kernels of one place skip places are not to be trusted: see the row of Conv, as for uneven strides where one column is left. */
const trusted = (c: Config): boolean => numbers(c.kernel_size).some((k) => k > 1) || numbers(c.strides).every((s) => s === 1);
const alike = (c: Config): boolean => new Set(numbers(c.strides)).size === 1;
/** TensorFlow's kernels for each map alone move by one stride only. */
const even = (c: Config): boolean => plain(c) && trusted(c) && alike(c);
const wide = (c: Config, shape: Shape): boolean => plain(c) && trusted(c) && (alike(c) || !shape.slice(1).includes(1));

/**
 * Left out, so that they run operator by operator: what has statistics or masks, which are ours; Conv3D, Keras' nearest
 * UpSampling2D and average pools over padding, whose gradients are missing or wrong in TensorFlow.js; its bilinear UpSampling2D,
 * which looks at other places; global maxima, whose gradient goes to all of equal ones; norms, which its native backend does not
 * have in this form; activations, which must mean the same everywhere; Flatten, which folds channels first with us.
 */
export const makers: Readonly<Record<string, Maker>> = {
  Conv1D: { make: (tf, c) => tf.layers.conv1d(c), fits: wide },
  Conv2D: { make: (tf, c) => tf.layers.conv2d(c), fits: wide },
  Conv2DTranspose: { make: (tf, c) => tf.layers.conv2dTranspose(c), fits: (c) => named(c) && trusted(c) },
  DepthwiseConv2D: { make: (tf, c) => tf.layers.depthwiseConv2d(c), fits: even },
  SeparableConv2D: { make: (tf, c) => tf.layers.separableConv2d(c), fits: even },
  MaxPooling1D: { make: (tf, c) => tf.layers.maxPooling1d(c), fits: named },
  MaxPooling2D: { make: (tf, c) => tf.layers.maxPooling2d(c), fits: named },
  AveragePooling1D: { make: (tf, c) => tf.layers.averagePooling1d(c), fits: valid },
  AveragePooling2D: { make: (tf, c) => tf.layers.averagePooling2d(c), fits: valid },
  GlobalAveragePooling1D: { make: (tf, c) => tf.layers.globalAveragePooling1d(c) },
  GlobalAveragePooling2D: { make: (tf, c) => tf.layers.globalAveragePooling2d(c) },
  Dense: { make: (tf, c) => tf.layers.dense(c) },
  PReLU: { make: (tf, c) => tf.layers.prelu(c) },
  Permute: { make: (tf, c) => tf.layers.permute(c) },
  // Only Tokens says so: its target has channels last, as its operand has them here.
  Reshape: { make: (tf, c) => tf.layers.reshape(c) },
  Cropping2D: { make: (tf, c) => tf.layers.cropping2D(c) },
  ZeroPadding2D: { make: (tf, c) => tf.layers.zeroPadding2d(c) },
  Add: { make: (tf, c) => tf.layers.add(c) },
  Multiply: { make: (tf, c) => tf.layers.multiply(c) },
  Average: { make: (tf, c) => tf.layers.average(c) },
  Maximum: { make: (tf, c) => tf.layers.maximum(c) },
  Concatenate: { make: (tf, c) => tf.layers.concatenate(c) },
};

/** The layer as Keras writes it; null where Keras has none. */
export const kerasOf = (layer: NetworkLayer): Keras | null => layerSpec(layer.type).keras(layer.params as never, layer.inputShapes);

/** Whether TensorFlow.js has the layer as it is, its activation aside. */
export function isWhole(layer: NetworkLayer): boolean {
  // What nothing feeds holds no arithmetic, and stands for the rest where a net was cut.
  if (layer.inputs.length === 0 || layer.bypassed || layer.types.length !== 1) return false;
  const keras = kerasOf(layer);
  const maker = keras && Object.hasOwn(makers, keras.class_name) ? makers[keras.class_name] : undefined;
  return keras !== null && maker !== undefined && (maker.fits?.(keras.config, layer.shape) ?? true);
}

const isConfig = (value: unknown): value is Config => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keras' snake case in TensorFlow.js' camel case. */
export const camel = (config: Config): Record<string, unknown> =>
  Object.fromEntries(Object.entries(config).map(([k, v]) => [k.replace(/_(\w)/g, (_, c: string) => c.toUpperCase()), isConfig(v) ? camel(v) : v]));
