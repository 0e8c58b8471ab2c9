/** Test harness: a network built in TensorFlow.js from the layers' Keras configurations, with our weights, as an independent judge of gradients: no operator of ours takes part. */
import * as tf from '@tensorflow/tfjs';
import type { Network, NetworkLayer } from '../../../shared/compile/network.ts';
import { camel, kerasOf, makers } from '../tensorflow/keras/makers.ts';
import { turningOf, type Turning } from '../tensorflow/keras/turned.ts';
import type { Weights } from './engine.ts';

/** Classes that the engine on TensorFlow runs operator by operator, in tf.layers. */
const others: Readonly<Record<string, (config: never) => tf.layers.Layer>> = {
  Conv3D: tf.layers.conv3d, GlobalMaxPooling2D: tf.layers.globalMaxPooling2d, GlobalMaxPooling1D: tf.layers.globalMaxPooling1d, UpSampling2D: tf.layers.upSampling2d,
  ReLU: tf.layers.reLU, LeakyReLU: tf.layers.leakyReLU, ELU: tf.layers.elu, Softmax: tf.layers.softmax, Activation: tf.layers.activation,
  BatchNormalization: tf.layers.batchNormalization, LayerNormalization: tf.layers.layerNormalization,
};

/** The layer in tf.layers; throws where TensorFlow.js has no such class. */
function twinOf(layer: NetworkLayer): tf.layers.Layer {
  const keras = kerasOf(layer);
  const { negative_slope: alpha, ...rest } = keras?.config ?? {};
  const config = camel(alpha === undefined ? rest : { ...rest, alpha }) as never;
  const name = keras?.class_name ?? '';
  const made = makers[name]?.make(tf, config) ?? others[name]?.(config);
  if (!made) throw new Error(`${layer.name}: no twin of ${layer.type} (${name})`);
  return made;
}

/** Channels first to channels last: [N, C, …] to [N, …, C]. */
export const toLast = (x: tf.Tensor): tf.Tensor => (x.rank < 3 ? x : x.transpose([0, ...Array.from({ length: x.rank - 2 }, (_, i) => i + 2), 1]));

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
  const turnings = new Map<string, Turning>();
  const plain = (l: NetworkLayer): boolean => l.inputs.length === 0 || l.type === 'output' || l.type === 'flatten';
  for (const layer of network.layers.filter((l) => !plain(l))) made.set(layer.id, twinOf(layer));
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
      const turning = turningOf(tf, layer, w);
      const value = turning.fromOurs(tf.tensor(held.data, [...held.shape]));
      const inner = (variable as unknown as { val: tf.Variable }).val;
      inner.assign(value.reshape(inner.shape));
      variables.set(w.fullName, inner);
      turnings.set(w.fullName, turning);
    });
  }
  return {
    apply: run,
    variables,
    turnedBy: (name, w) => (turnings.get(name) as Turning).fromOurs(w),
    dispose: () => made.forEach((l) => l.dispose()),
  };
}
