/** Windows of convolutions and pools as their nodes mean them: auto_pad and ceil_mode resolved against the shapes. */
import { attribute, type Node } from '../../../../shared/onnx/ir.ts';
import { bothEnds, extentAt, samePads } from '../../../../shared/onnx/ops/sliding.ts';

export interface Window {
  /** Number of spatial axes. */
  readonly n: number;
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Begins of all axes, then ends, as the node's padding says. */
  readonly pads: readonly number[];
}

const filled = (count: number, v: number): number[] => Array.from({ length: count }, () => v);

/** The window of a Conv or pool node over `sizes`. */
export function windowOf(node: Node, kernel: readonly number[], sizes: readonly number[]): Window {
  const n = kernel.length;
  const strides = attribute(node, 'strides', 'ints', filled(n, 1));
  const dilations = attribute(node, 'dilations', 'ints', filled(n, 1));
  const auto = attribute(node, 'auto_pad', 'string', 'NOTSET');
  if (auto === 'NOTSET') return { n, kernel, strides, dilations, pads: attribute(node, 'pads', 'ints', filled(2 * n, 0)) };
  if (auto === 'VALID') return { n, kernel, strides, dilations, pads: filled(2 * n, 0) };
  return { n, kernel, strides, dilations, pads: samePads({ kernel, strides, dilations }, sizes, auto === 'SAME_LOWER') };
}

/**
 * The window of a ConvTranspose from `sizes` to `out`: what output_shape and auto_pad ask for, as padding (ONNX ConvTranspose:
 * total = stride·(size − 1) + output_padding + extent − out).
 */
export function transposedWindow(node: Node, kernel: readonly number[], sizes: readonly number[], out: readonly number[]): Window {
  const n = kernel.length;
  const strides = attribute(node, 'strides', 'ints', filled(n, 1));
  const dilations = attribute(node, 'dilations', 'ints', filled(n, 1));
  const auto = attribute(node, 'auto_pad', 'string', 'NOTSET');
  const given = attribute(node, 'output_shape', 'ints', []);
  if (auto === 'NOTSET' && given.length === 0) return { n, kernel, strides, dilations, pads: attribute(node, 'pads', 'ints', filled(2 * n, 0)) };
  const extra = attribute(node, 'output_padding', 'ints', filled(n, 0));
  const totals = sizes.map((size, i) => Math.max((strides[i] as number) * (size - 1) + (extra[i] as number) + extentAt({ kernel, dilations }, i) - (out[i] as number), 0));
  return { n, kernel, strides, dilations, pads: bothEnds(totals, auto !== 'SAME_UPPER') };
}

/** Padding at each axis' end that makes `outputs` windows fit exactly; below the node's own where windows leave a rest over. */
export function reachedEnds(w: Window, sizes: readonly number[], outputs: readonly number[]): number[] {
  return sizes.map((size, i) => ((outputs[i] as number) - 1) * (w.strides[i] as number) + extentAt(w, i) - size - (w.pads[i] as number));
}

/** Every offset of the kernel, row by row. */
export function offsets(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>((all, size) => all.flatMap((o) => Array.from({ length: size }, (_, i) => [...o, i])), [[]]);
}
