/** Sliding windows of the file in the words of the rows: kernel, stride, padding; zeros of a Pad before them taken in. */
import { attribute, type Node } from '../../../../shared/onnx/ir.ts';
import { bothEnds, extentAt, samePads } from '../../../../shared/onnx/ops/sliding.ts';
import type { Scene } from './scene.ts';

/** Begins of all axes, then ends. */
export type Pads = readonly number[];
export interface FileWindow { readonly kernel: readonly number[]; readonly strides: readonly number[]; readonly dilations: readonly number[]; readonly pads: Pads }

const filled = (n: number, v: number): number[] => Array.from({ length: n }, () => v);

/** The window of a Conv or a pool over `sizes`, its auto_pad resolved. */
export function windowOf(node: Node, kernel: readonly number[], sizes: readonly number[]): FileWindow {
  const n = kernel.length;
  const window = { kernel, strides: attribute(node, 'strides', 'ints', filled(n, 1)), dilations: attribute(node, 'dilations', 'ints', filled(n, 1)) };
  const auto = attribute(node, 'auto_pad', 'string', 'NOTSET');
  if (auto === 'NOTSET') return { ...window, pads: attribute(node, 'pads', 'ints', filled(2 * n, 0)) };
  return { ...window, pads: auto === 'VALID' ? filled(2 * n, 0) : samePads(window, sizes, auto === 'SAME_LOWER') };
}

/** Padding that brings ceil_mode's windows into the plain rule: what hangs over the end. */
export function ceilPads({ kernel, strides, dilations, pads }: FileWindow, sizes: readonly number[], out: readonly number[]): Pads {
  const n = kernel.length;
  return pads.map((p, i) => (i < n ? p : Math.max(p, ((out[i - n] as number) - 1) * (strides[i - n] as number) + extentAt({ kernel, dilations }, i - n) - (sizes[i - n] as number) - (pads[i - n] as number))));
}

/** What a Pad of the file puts around the places of a map. */
export interface Border { readonly node: Node; readonly input: string; readonly pads: Pads }

/** The Pad that makes a value, where it adds `value` around the places of [batch, channels, …] and nothing else. */
export function padBefore(scene: Scene, output: string, value: (v: number) => boolean): Border | null {
  const node = scene.producer(output, 'Pad');
  const input = node?.inputs[0];
  const rank = input === undefined ? undefined : scene.type(input)?.shape.length;
  const given = scene.whole(node?.inputs[1]);
  if (!node || input === undefined || rank === undefined || !given) return null;
  const axes = node.inputs[3] ? scene.whole(node.inputs[3]) : filled(rank, 0).map((_, i) => i);
  if (!axes || given.length !== 2 * axes.length || attribute(node, 'mode', 'string', 'constant') !== 'constant') return null;
  const filler = node.inputs[2] ? scene.scalar(node.inputs[2]) : 0;
  if (filler === undefined || !value(filler)) return null;
  const pads = filled(2 * rank, 0);
  axes.forEach((axis, i) => {
    const at = axis < 0 ? axis + rank : axis;
    pads[at] = given[i] as number;
    pads[at + rank] = given[i + axes.length] as number;
  });
  if ([0, 1, rank, rank + 1].some((i) => pads[i] !== 0) || pads.some((p) => p < 0)) return null;
  return { node, input, pads: [...pads.slice(2, rank), ...pads.slice(rank + 2)] };
}

export const sumPads = (a: Pads, b: Pads): Pads => a.map((p, i) => p + (b[i] as number));

/** Padding and edges of a row for maps over `sizes`: none, "same" where it is that, whichever way the file says it, or the numbers as they are. */
export function paddingOf(window: FileWindow, sizes: readonly number[]): Readonly<Record<string, unknown>> {
  const { pads } = window;
  if (pads.every((p) => p === 0)) return { padding: 'valid' };
  if (String(pads) === String(samePads(window, sizes, false))) return { padding: 'same' };
  const [top, left, bottom, right] = pads;
  return { padding: 'explicit', edges: [top, right, bottom, left] };
}

/** Padding of a row along any number of axes, which knows only none and "same"; null for anything else. */
export function sidesOf(window: FileWindow, sizes: readonly number[]): 'valid' | 'same' | null {
  if (window.pads.every((p) => p === 0)) return 'valid';
  const same = samePads(window, sizes, false);
  return window.pads.every((p, i) => p === same[i]) ? 'same' : null;
}

/** What a transposed convolution cuts off, begins then ends, with auto_pad and output_shape resolved (ONNX ConvTranspose). */
export function transposedPads(node: Node, window: FileWindow, sizes: readonly number[], out: readonly number[], added: readonly number[]): Pads {
  const auto = attribute(node, 'auto_pad', 'string', 'NOTSET');
  if (auto === 'NOTSET' && attribute(node, 'output_shape', 'ints', []).length === 0) return window.pads;
  const totals = sizes.map((size, i) => (window.strides[i] as number) * (size - 1) + (added[i] as number) + extentAt(window, i) - (out[i] as number));
  return bothEnds(totals, auto !== 'SAME_UPPER');
}
