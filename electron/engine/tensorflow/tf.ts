/** TensorFlow.js as this room sees it: one interface, whichever of its backends computes. It is handed in, never imported. */
import type * as tfjs from '@tensorflow/tfjs';

export type Tf = typeof tfjs;
export type Tensor = tfjs.Tensor;
export type Variable = tfjs.Variable;

/** tf.tidy for answers of any kind: a tensor that is to outlive it must be kept. */
export function tidied<T>(tf: Tf, use: () => T): T {
  const answer: T[] = [];
  tf.tidy(() => void answer.push(use()));
  return answer[0] as T;
}
