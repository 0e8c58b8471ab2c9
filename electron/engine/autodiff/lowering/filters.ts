/** Kernels of convolutions in the order the blocked kernels read them. */
import type { Value } from '../../../../shared/onnx/builder.ts';
import { int } from '../../../../shared/onnx/ir.ts';
import type { Lowering } from './lowering.ts';

/** Rounds the two channel axes of [O, I, h, w] up with zeros. */
function padded(l: Lowering, w: Value, outputs: number, inputs: number): Value {
  const [o, i] = w.type.shape as [number, number];
  if (o === outputs && i === inputs) return w;
  return l.b.op('Pad', [w, l.b.int64([0, 0, 0, 0, outputs - o, inputs - i, 0, 0])]);
}

/**
 * [O, I, h, w] for a convolution of blocked input: [O/B, I/B, h, w, B of I, B of O], under the shape [O, I, h, w] rounded up.
 * With `plainInput` the input is NCHW of fewer than B channels: [O/B, I, h, w, B of O].
 */
export function forwardFilter(l: Lowering, w: Value, plainInput: boolean): Value {
  const B = l.block;
  const [o, i, h, k] = w.type.shape as [number, number, number, number];
  const [outputs, inputs] = [l.padded(o), plainInput ? i : l.padded(i)];
  const whole = padded(l, w, outputs, inputs);
  // The reorder turns 16 rows of O into columns, which is the costly half of the work.
  const columns = l.reorderInput(l.b.reshape(whole, [outputs / B, B, inputs * h * k, 1]));
  if (plainInput || h * k === 1) return l.b.reshape(columns, [outputs, inputs, h, k]);
  // Taps before channels. Gather moves blocks of 16 numbers on all threads, Transpose on one.
  const order = Array.from({ length: h * k * B }, (_, at) => (at % B) * h * k + Math.floor(at / B));
  const taps = l.b.op('Gather', [l.b.reshape(columns, [(outputs / B) * (inputs / B), B * h * k, B]), l.indices(order)], { axis: int(1) });
  return l.b.reshape(taps, [outputs, inputs, h, k]);
}

/** Which taps along one axis, from which on, how far apart; in falling order. */
export interface Taps { readonly first: number; readonly step: number; readonly count: number }

/** The chosen taps along two neighbouring axes, the last one first. */
function turnedTaps(l: Lowering, x: Value, axis: number, taps: readonly [Taps, Taps]): Value {
  const starts = taps.map((t) => t.first + (t.count - 1) * t.step);
  // Down to before the first tap: −1 − size is "beyond the beginning".
  const ends = taps.map((t, i) => (t.first > 0 ? t.first - 1 : -1 - (x.type.shape[axis + i] as number)));
  return l.b.op('Slice', [x, l.b.int64(starts), l.b.int64(ends), l.b.int64([axis, axis + 1]), l.b.int64(taps.map((t) => -t.step))]);
}

/** The same kernel for the input's gradient: channels exchanged and the chosen taps turned round; made from the forward filter. */
export function backwardFilter(l: Lowering, w: Value, rows: Taps, columns: Taps): Value {
  const B = l.block;
  const [o, i, h, k] = w.type.shape as [number, number, number, number];
  const [outputs, inputs] = [l.padded(o), l.padded(i)];
  // Each B×B square is turned; then the squares change places, which moves much at a time.
  const squares = (outputs / B) * (inputs / B) * h * k;
  const turnedSquares = l.reorderInput(l.b.reshape(forwardFilter(l, w, false), [squares, B, B, 1]));
  const [os, is] = [outputs / B, inputs / B];
  const falling = (t: Taps) => Array.from({ length: t.count }, (_, j) => t.first + (t.count - 1 - j) * t.step);
  const taps = falling(rows).flatMap((r) => falling(columns).map((c) => r * k + c));
  const order = Array.from({ length: is * os }, (_, at) => (at % os) * is + Math.floor(at / os)).flatMap((square) => taps.map((t) => square * h * k + t));
  const turned = l.b.op('Gather', [l.b.reshape(turnedSquares, [squares, B * B]), l.indices(order)], { axis: int(0) });
  return l.b.reshape(turned, [inputs, outputs, rows.count, columns.count]);
}

/** [C, 1, h, w] of a depthwise convolution: [C/B, h, w, B]. With `turned` the taps are turned round. */
export function depthwiseFilter(l: Lowering, w: Value, rows: Taps | null = null, columns: Taps | null = null): Value {
  const B = l.block;
  const [c, , h, k] = w.type.shape as [number, number, number, number];
  const channels = l.padded(c);
  const blocks = l.reorderInput(l.b.reshape(w, [1, c, h * k, 1]));
  if (!rows || !columns || h * k === 1) return l.b.reshape(blocks, [channels, 1, h, k]);
  const taps = turnedTaps(l, l.b.reshape(blocks, [channels / B, h, k, B]), 1, [rows, columns]);
  return l.b.reshape(taps, [channels, 1, rows.count, columns.count]);
}
