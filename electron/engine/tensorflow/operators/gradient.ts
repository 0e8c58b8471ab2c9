/** Operators whose gradient TensorFlow.js lacks, has wrong, or takes in more passes than it needs. */
import { elementCount } from '../../../../shared/shapes/shape.ts';
import { shaped, type Tensor, type Tf } from '../tf.ts';

export interface Differentiable {
  readonly value: Tensor;
  /** Gradients by the inputs, in their order. `saved` are the tensors that were saved. */
  gradient(dy: Tensor, saved: readonly Tensor[]): Tensor[];
}

/** A function of tensors with a gradient of its own. `body` may save what the gradient reads; it is not differentiated itself. */
export function withGradient(tf: Tf, inputs: readonly Tensor[], body: (save: (tensors: Tensor[]) => void) => Differentiable): Tensor {
  const made = tf.customGrad((...args) => {
    const { value, gradient } = body(args.at(-1) as (tensors: Tensor[]) => void);
    return { value, gradFunc: (dy: Tensor, saved: Tensor[]) => tf.tidy(() => gradient(dy, saved)) };
  });
  return made(...inputs);
}

/** A value through which no gradient goes: TensorFlow.js refuses to differentiate a comparison. */
export const stopped = (tf: Tf, value: () => Tensor): Tensor => withGradient(tf, [], () => ({ value: value(), gradient: () => [] }));

/** Sums over the axes along which a value of `shape` was broadcast. */
export function sumTo(tf: Tf, x: Tensor, shape: readonly number[]): Tensor {
  const lead = x.rank - shape.length;
  const axes = x.shape.flatMap((d, i) => (i < lead || (shape[i - lead] === 1 && d !== 1) ? [i] : []));
  return shaped(tf, axes.length > 0 ? tf.sum(x, axes) : x, shape);
}

/** The value repeated to a shape it broadcasts to. */
export function expand(tf: Tf, x: Tensor, shape: readonly number[]): Tensor {
  if (x.shape.length === shape.length && x.shape.every((d, i) => d === shape[i])) return x;
  return withGradient(tf, [x], () => ({ value: tf.broadcastTo(x, [...shape]), gradient: (dy) => [sumTo(tf, dy, x.shape)] }));
}

const kept = (x: Tensor, axes: readonly number[]): number[] => x.shape.map((d, i) => (axes.includes(i) ? 1 : d));

/** Mean over axes; TensorFlow.js' own gradient makes a tensor of ones each time. */
export function mean(tf: Tf, x: Tensor, axes: readonly number[], keep: boolean): Tensor {
  const { shape } = x;
  const count = elementCount(axes.map((a) => shape[a] as number));
  return withGradient(tf, [x], () => ({ value: tf.mean(x, [...axes], keep), gradient: (dy) => [tf.broadcastTo(tf.reshape(tf.div(dy, count), kept(x, axes)), shape)] }));
}

/** Sum over axes. */
export function sum(tf: Tf, x: Tensor, axes: readonly number[], keep: boolean): Tensor {
  const { shape } = x;
  return withGradient(tf, [x], () => ({ value: tf.sum(x, [...axes], keep), gradient: (dy) => [tf.broadcastTo(tf.reshape(dy, kept(x, axes)), shape)] }));
}

/** The largest or smallest along axes; several alike share the gradient. */
export function extreme(tf: Tf, which: 'max' | 'min', x: Tensor, axes: readonly number[], keep: boolean): Tensor {
  return withGradient(tf, [x], (save) => {
    const value = tf[which](x, [...axes], true);
    save([x, value]);
    return {
      value: keep ? value : tf.reshape(value, x.shape.filter((_, i) => !axes.includes(i))),
      gradient: (dy, [from, y]) => {
        const hit = tf.cast(tf.equal(from as Tensor, y as Tensor), 'float32');
        return [tf.mul(hit, tf.div(tf.reshape(dy, kept(x, axes)), tf.sum(hit, [...axes], true)))];
      },
    };
  });
}

/** max(x, 0) whose gradient at 0 is 0. It needs the answer only, which the next layer holds anyway. */
export function relu(tf: Tf, x: Tensor): Tensor {
  return withGradient(tf, [x], (save) => {
    const value = tf.relu(x);
    save([value]);
    return { value, gradient: (dy, [y]) => [tf.mul(dy, tf.cast(tf.greater(y as Tensor, 0), 'float32'))] };
  });
}
