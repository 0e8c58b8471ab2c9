/** Windows of convolutions and pools as TensorFlow takes them: two axes, and padding that it knows or that is laid around first. */
import { reachedEnds, type Window } from '../../autodiff/rules/window.ts';
import type { Tensor, Tf } from '../tf.ts';

/** The window with an axis of size 1 before its own, where it has but one. */
export function flat(w: Window): Window {
  if (w.n !== 1) return w;
  return { n: 2, kernel: [1, ...w.kernel], strides: [1, ...w.strides], dilations: [1, ...w.dilations], pads: [0, w.pads[0] as number, 0, w.pads[1] as number] };
}

/** Lines [N, W, C] as maps of one row [N, 1, W, C]; maps as they are. */
export const asMaps = (tf: Tf, x: Tensor): Tensor => (x.rank === 3 ? tf.reshape(x, [x.shape[0] as number, 1, ...x.shape.slice(1)]) : x);
/** The answer for lines as lines again. */
export const asBefore = (tf: Tf, y: Tensor, rank: number): Tensor => (rank === 3 ? tf.reshape(y, [y.shape[0] as number, ...y.shape.slice(2)]) : y);

/** Extents of a dilated kernel. */
export const extents = (w: Window): number[] => w.kernel.map((k, i) => (k - 1) * (w.dilations[i] as number) + 1);

/** Whether the padding is what TensorFlow calls SAME for windows over `sizes`. */
export function isSame(w: Window, sizes: readonly number[], outputs: readonly number[]): boolean {
  return extents(w).every((extent, i) => {
    const [size, stride] = [sizes[i] as number, w.strides[i] as number];
    const total = Math.max((Math.ceil(size / stride) - 1) * stride + extent - size, 0);
    return outputs[i] === Math.ceil(size / stride) && w.pads[i] === Math.floor(total / 2);
  });
}

/** Maps [N, H, W, C] with the padding around them that the windows reach, filled with `value`. */
export function framed(tf: Tf, x: Tensor, w: Window, outputs: readonly number[], value: number): Tensor {
  const begins = w.pads.slice(0, 2);
  const ends = reachedEnds(w, x.shape.slice(1, 3), outputs).map((e) => Math.max(e, 0));
  if ([...begins, ...ends].every((p) => p === 0)) return x;
  return tf.pad(x, [[0, 0], ...begins.map((b, i): [number, number] => [b, ends[i] as number]), [0, 0]], value);
}

/** The same, but for padding that TensorFlow knows itself: how it is to pad what it gets. */
export function padding(tf: Tf, x: Tensor, w: Window, outputs: readonly number[], value: number): { x: Tensor; pad: 'same' | 'valid' } {
  return isSame(w, x.shape.slice(1, 3), outputs) ? { x, pad: 'same' } : { x: framed(tf, x, w, outputs, value), pad: 'valid' };
}
