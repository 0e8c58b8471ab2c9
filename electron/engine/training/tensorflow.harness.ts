/** Test harness: a network built in TensorFlow.js from the layers' Keras configurations, with our weights, as an independent judge of gradients. */
import * as tf from '@tensorflow/tfjs';
import type { Network, NetworkLayer } from '../../../shared/compile/network.ts';
import { layerSpec } from '../../../shared/layers/table.ts';
import type { Weights } from './engine.ts';

/** Where each class of Keras lives in tf.layers. */
const makers: Readonly<Record<string, (config: never) => tf.layers.Layer>> = {
  Conv2D: tf.layers.conv2d, Conv1D: tf.layers.conv1d, Conv3D: tf.layers.conv3d, DepthwiseConv2D: tf.layers.depthwiseConv2d, SeparableConv2D: tf.layers.separableConv2d, Conv2DTranspose: tf.layers.conv2dTranspose,
  MaxPooling2D: tf.layers.maxPooling2d, AveragePooling2D: tf.layers.averagePooling2d, GlobalAveragePooling2D: tf.layers.globalAveragePooling2d, GlobalMaxPooling2D: tf.layers.globalMaxPooling2d,
  MaxPooling1D: tf.layers.maxPooling1d, AveragePooling1D: tf.layers.averagePooling1d, GlobalAveragePooling1D: tf.layers.globalAveragePooling1d, GlobalMaxPooling1D: tf.layers.globalMaxPooling1d,
  UpSampling2D: tf.layers.upSampling2d, Cropping2D: tf.layers.cropping2D, ZeroPadding2D: tf.layers.zeroPadding2d, Dense: tf.layers.dense, Permute: tf.layers.permute, Reshape: tf.layers.reshape,
  ReLU: tf.layers.reLU, LeakyReLU: tf.layers.leakyReLU, PReLU: tf.layers.prelu, ELU: tf.layers.elu, Softmax: tf.layers.softmax, Activation: tf.layers.activation,
  BatchNormalization: tf.layers.batchNormalization, LayerNormalization: tf.layers.layerNormalization, Add: tf.layers.add, Multiply: tf.layers.multiply, Average: tf.layers.average, Maximum: tf.layers.maximum, Concatenate: tf.layers.concatenate,
};

/** Keras' snake case to the camel case of TensorFlow.js. */
const camel = (config: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(config).map(([k, v]) => [k === 'negative_slope' ? 'alpha' : k.replace(/_(\w)/g, (_, c: string) => c.toUpperCase()), v && typeof v === 'object' && 'class_name' in v ? { className: (v as { class_name: string }).class_name, config: (v as unknown as { config: object }).config } : v]));

/** Channels first to channels last: [N, C, …] to [N, …, C]. */
export const toLast = (x: tf.Tensor): tf.Tensor => (x.rank < 3 ? x : x.transpose([0, ...Array.from({ length: x.rank - 2 }, (_, i) => i + 2), 1]));

/** Our layout of a weight to TensorFlow's: kernels OI… to …IO, depthwise ones to h, w, C, multiplier. */
function turned(layer: NetworkLayer, name: string, w: tf.Tensor): tf.Tensor {
  const channels = layer.inputShapes[0]?.[0] ?? 0;
  if (layer.type === 'depthwise-conv' || name === 'depthwise') {
    if (w.rank !== 4) return w;
    const [count, , h, k] = w.shape as [number, number, number, number];
    return w.reshape([channels, count / channels, h, k]).transpose([2, 3, 0, 1]);
  }
  if (name === 'slope') return w.transpose([...Array.from({ length: w.rank - 1 }, (_, i) => i + 1), 0]);
  // O and I last; a transposed convolution's [I, O, …] becomes […, O, I] alike.
  if (w.rank > 2) return w.transpose([...Array.from({ length: w.rank - 2 }, (_, i) => i + 2), 1, 0]);
  return w;
}

export interface Twin {
  /** Scores in channels-last order for a channels-first batch, in training mode. */
  apply(x: tf.Tensor): tf.Tensor;
  /** Our name of each trained weight, its variable, and the way back to our layout. */
  readonly variables: ReadonlyMap<string, tf.Variable>;
  turnedBy(name: string, w: tf.Tensor): tf.Tensor;
  dispose(): void;
}

/** Builds the twin; throws where a layer has no Keras configuration or TensorFlow.js no such class. */
export function createTwin(network: Network, weights: Weights): Twin {
  const made = new Map<string, tf.layers.Layer>();
  const variables = new Map<string, tf.Variable>();
  const owners = new Map<string, { layer: NetworkLayer; name: string }>();
  const plain = (l: NetworkLayer): boolean => l.inputs.length === 0 || l.type === 'output' || l.type === 'flatten';
  for (const layer of network.layers.filter((l) => !plain(l))) {
    const row = layerSpec(layer.type).keras(layer.params as never, layer.inputShapes);
    const maker = row ? makers[row.class_name] : undefined;
    if (!row || !maker) throw new Error(`${layer.name}: no twin of ${layer.type}${row ? ` (${row.class_name})` : ''}`);
    made.set(layer.id, maker(camel(row.config) as never));
  }
  const run = (x: tf.Tensor): tf.Tensor => {
    const values = new Map<string, tf.Tensor>();
    for (const layer of network.layers) {
      const inputs = layer.inputs.map((id) => values.get(id) as tf.Tensor);
      const own = made.get(layer.id);
      // Flatten folds channels first with us, so the twin folds them first too.
      const first = (v: tf.Tensor): tf.Tensor => (v.rank < 3 ? v : v.transpose([0, v.rank - 1, ...Array.from({ length: v.rank - 2 }, (_, i) => i + 1)]));
      values.set(layer.id, layer.inputs.length === 0 ? toLast(x) : own ? (own.apply(inputs.length > 1 ? inputs : (inputs[0] as tf.Tensor), { training: true }) as tf.Tensor) : layer.type === 'flatten' ? first(inputs[0] as tf.Tensor).reshape([x.shape[0] as number, -1]) : (inputs[0] as tf.Tensor));
    }
    return values.get(network.layers.at(-1)?.id ?? '') as tf.Tensor;
  };
  const batchShape = [1, ...(network.layers[0]?.shape ?? [])];
  tf.tidy(() => void run(tf.zeros(batchShape)));
  for (const layer of network.layers) {
    const own = made.get(layer.id);
    const trained = layer.weights.filter((w) => w.role === 'trained');
    own?.trainableWeights.forEach((variable, i) => {
      const w = trained[i] as (typeof trained)[number];
      const held = weights.get(w.fullName) as { shape: readonly number[]; data: Float32Array };
      const value = turned(layer, w.name, tf.tensor(held.data, [...held.shape]));
      const inner = (variable as unknown as { val: tf.Variable }).val;
      inner.assign(value.reshape(inner.shape));
      variables.set(w.fullName, inner);
      owners.set(w.fullName, { layer, name: w.name });
    });
  }
  return {
    apply: run,
    variables,
    turnedBy: (name, w) => {
      const { layer, name: own } = owners.get(name) as { layer: NetworkLayer; name: string };
      return turned(layer, own, w);
    },
    dispose: () => made.forEach((l) => l.dispose()),
  };
}
