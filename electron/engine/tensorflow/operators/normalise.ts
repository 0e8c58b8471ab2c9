/** Rows of normalisations. */
import type * as tfjs from '@tensorflow/tfjs';
import { attribute, type Node } from '../../../../shared/onnx/ir.ts';
import type { Tensor, Tf } from '../tf.ts';
import { sumTo, withGradient } from './gradient.ts';
import { operand, type Call, type OperatorRow } from './operator.ts';

const epsilonOf = (node: Node): number => attribute(node, 'epsilon', 'float', 1e-5);

interface Moments { readonly mean: Tensor; readonly variance: Tensor }

/** Mean and variance over axes, kept as axes of size 1. */
function momentsOf(tf: Tf, x: Tensor, axes: readonly number[]): Moments {
  const mean = tf.mean(x, [...axes], true);
  return { mean, variance: tf.mean(tf.squaredDifference(x, mean), [...axes], true) };
}

/**
 * y = (x − μ)·r·γ + β with r = 1/√(σ² + ε), γ and β one number a channel (the last axis), μ and σ² of x itself over `axes`
 * (Ioffe and Szegedy 2015): dβ = Σ dy, dγ = Σ dy·(x − μ)·r, dx = γ·r·(dy − mean dy − (x − μ)·r²·mean (dy·(x − μ))).
 */
function standardised(tf: Tf, x: Tensor, scale: Tensor, bias: Tensor, { mean, variance }: Moments, axes: readonly number[], epsilon: number): Tensor {
  return withGradient(tf, [x, scale, bias], (save) => {
    const root = tf.rsqrt(tf.add(variance, epsilon));
    const factor = tf.mul(root, scale);
    save([x, mean, root, scale]);
    const count = axes.reduce((n, a) => n * (x.shape[a] as number), 1);
    const gradient = (dy: Tensor, saved: readonly Tensor[]): Tensor[] => {
      const [from, middle, r, gamma] = saved as [Tensor, Tensor, Tensor, Tensor];
      const apart = tf.sub(from, middle);
      const total = tf.sum(dy, [...axes], true);
      const along = tf.sum(tf.mul(dy, apart), [...axes], true);
      const outer = tf.mul(r, gamma);
      const slope = tf.mul(tf.mul(outer, tf.square(r)), tf.div(along, -count));
      const dx = tf.add(tf.add(tf.mul(dy, outer), tf.mul(apart, slope)), tf.mul(outer, tf.div(total, -count)));
      return [dx, sumTo(tf, tf.mul(along, r), gamma.shape), sumTo(tf, total, gamma.shape)];
    };
    return { value: tf.add(tf.mul(x, factor), tf.sub(bias, tf.mul(mean, factor))), gradient };
  });
}

/** By given statistics: a line through each channel; in one call where no gradient is taken, for which TensorFlow.js' own takes many. */
function lined(tf: Tf, x: Tensor, scale: Tensor, bias: Tensor, { mean, variance }: Moments, epsilon: number, taped: boolean): Tensor {
  if (!taped) return tf.reshape(tf.batchNorm(tf.reshape(x, [1, 1, -1, x.shape.at(-1) as number]), mean as tfjs.Tensor1D, variance as tfjs.Tensor1D, bias as tfjs.Tensor1D, scale as tfjs.Tensor1D, epsilon), x.shape);
  const factor = tf.mul(scale, tf.rsqrt(tf.add(variance, epsilon)));
  return tf.add(tf.mul(x, factor), tf.sub(bias, tf.mul(mean, factor)));
}

/** With training_mode the batch's own statistics are answered too, mixed with the given ones by the momentum. */
function batchNormalization(call: Call): Tensor[] {
  const { tf, node, taped } = call;
  const [x, scale, bias, mean, variance] = [0, 1, 2, 3, 4].map((i) => operand(call, i)) as [Tensor, Tensor, Tensor, Tensor, Tensor];
  if (attribute(node, 'training_mode', 'int', 0) === 0) return [lined(tf, x, scale, bias, { mean, variance }, epsilonOf(node), taped)];
  const axes = x.shape.slice(1).map((_, i) => i);
  const moments = momentsOf(tf, x, axes);
  const keep = attribute(node, 'momentum', 'float', 0.9);
  const next = (old: Tensor, own: Tensor): Tensor => {
    const vector = tf.reshape(own, old.shape);
    return keep === 0 ? vector : tf.add(tf.mul(old, keep), tf.mul(vector, 1 - keep));
  };
  return [standardised(tf, x, scale, bias, moments, axes, epsilonOf(node)), next(mean, moments.mean), next(variance, moments.variance)];
}

/** Over the axes from `axis` on (Ba et al. 2016): dx = r·(g − mean g − x̂·mean (g·x̂)) with g = dy·γ. */
function layerNormalization(call: Call): Tensor {
  const { tf, node } = call;
  const x = operand(call, 0);
  const from = attribute(node, 'axis', 'int', -1);
  const axes = x.shape.map((_, i) => i).slice(from < 0 ? from + x.rank : from);
  const normal = withGradient(tf, [x], (save) => {
    const { mean, variance } = momentsOf(tf, x, axes);
    const root = tf.rsqrt(tf.add(variance, epsilonOf(node)));
    const value = tf.mul(tf.sub(x, mean), root);
    save([value, root]);
    const gradient = (g: Tensor, saved: readonly Tensor[]): Tensor[] => {
      const [y, r] = saved as [Tensor, Tensor];
      return [tf.mul(r, tf.sub(tf.sub(g, tf.mean(g, axes, true)), tf.mul(y, tf.mean(tf.mul(g, y), axes, true))))];
    };
    return { value, gradient };
  });
  const scaled = tf.mul(normal, operand(call, 1));
  return call.inputs[2] ? tf.add(scaled, call.inputs[2]) : scaled;
}

/** 1 where channel j is in the window around channel i: ⌊(size − 1) / 2⌋ before and the rest behind (ONNX LRN). */
function neighbours(tf: Tf, channels: number, size: number): Tensor {
  const before = Math.floor((size - 1) / 2);
  const band = new Float32Array(channels * channels);
  for (let i = 0; i < channels; i++) for (let j = Math.max(i - before, 0); j <= Math.min(i + size - 1 - before, channels - 1); j++) band[j * channels + i] = 1;
  return tf.tensor(band, [channels, channels]);
}

/** y = x / (bias + α/size · Σ x²)^β over neighbouring channels (Krizhevsky et al. 2012); TensorFlow's own knows odd sizes only. */
function localResponse(call: Call): Tensor {
  const { tf, node } = call;
  const x = operand(call, 0);
  const channels = x.shape.at(-1) as number;
  const size = attribute(node, 'size', 'int', 1);
  const number = (name: string, fallback: number): number => attribute(node, name, 'float', fallback);
  const squares = tf.matMul(tf.reshape(tf.square(x), [-1, channels]), neighbours(tf, channels, size));
  const divisor = tf.add(tf.mul(squares, number('alpha', 1e-4) / size), number('bias', 1));
  return tf.mul(x, tf.reshape(tf.pow(divisor, -number('beta', 0.75)), x.shape));
}

export const normaliseRows: Readonly<Record<string, OperatorRow>> = {
  BatchNormalization: { layout: 'last', run: batchNormalization },
  InstanceNormalization: { layout: 'last', run: (call) => {
    const x = operand(call, 0);
    const axes = x.shape.slice(2).map((_, i) => i + 1);
    return [standardised(call.tf, x, operand(call, 1), operand(call, 2), momentsOf(call.tf, x, axes), axes, epsilonOf(call.node))];
  } },
  LayerNormalization: { layout: 'first', run: (call) => [layerNormalization(call)] },
  LRN: { layout: 'last', run: (call) => [localResponse(call)] },
};
