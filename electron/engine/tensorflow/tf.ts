/** TensorFlow.js as this room sees it: one interface, whichever of its backends computes. It is handed in, never imported. */
import type * as tfjs from '@tensorflow/tfjs';

export type Tf = typeof tfjs;
export type Tensor = tfjs.Tensor;
export type Variable = tfjs.Variable;

const same = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((d, i) => d === b[i]);

/** The tensor under another shape; itself where it has it, since its native backend makes a call of every reshape. */
export const shaped = (tf: Tf, t: Tensor, shape: readonly number[]): Tensor => (same(t.shape, shape) ? t : tf.reshape(t, [...shape]));

/** tf.tidy for answers of any kind: a tensor that is to outlive it must be kept. */
export function tidied<T>(tf: Tf, use: () => T): T {
  const answer: T[] = [];
  tf.tidy(() => void answer.push(use()));
  return answer[0] as T;
}
