/** Where the channels of a value lie: with us behind the batch (NCHW), in TensorFlow behind all places (NHWC). */
import type { Tensor, Tf } from './tf.ts';

/** `last`: channels behind all places, [N, …, C]; otherwise our order, [N, C, …]. Below three axes both are one and `last` is false. */
export interface Laid { readonly tensor: Tensor; readonly last: boolean }

const between = (rank: number): number[] => Array.from({ length: rank - 2 }, (_, i) => i + 1);

/** The value as [N, C, …]. */
export function channelsFirst(tf: Tf, { tensor, last }: Laid): Tensor {
  return last ? tf.transpose(tensor, [0, tensor.rank - 1, ...between(tensor.rank)]) : tensor;
}

/** The value as [N, …, C]. */
export function channelsLast(tf: Tf, { tensor, last }: Laid): Tensor {
  return last || tensor.rank < 3 ? tensor : tf.transpose(tensor, [0, ...between(tensor.rank).map((a) => a + 1), 1]);
}

/** A value whose channels lie last, as it is held: below three axes there is only one order. */
export const laidLast = (tensor: Tensor): Laid => ({ tensor, last: tensor.rank > 2 });
