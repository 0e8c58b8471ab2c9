/** Arithmetic of a window that slides along one axis: convolutions and pools. */

export type PaddingMode = 'valid' | 'same' | 'full' | 'explicit';

export interface AxisWindow {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

/** Extent of a dilated kernel. */
export const extentOf = (kernel: number, dilation: number): number => (kernel - 1) * dilation + 1;

/**
 * Padding of one axis. `same`: ceil(size / stride) outputs, the odd one at the end (ONNX SAME_UPPER, Keras "same").
 * `full`: every position where kernel and input overlap.
 */
export function resolvePadding(mode: PaddingMode, size: number, kernel: number, stride: number, dilation: number, explicit: readonly [number, number]): readonly [number, number] {
  const extent = extentOf(kernel, dilation);
  switch (mode) {
    case 'valid': return [0, 0];
    case 'explicit': return explicit;
    case 'full': return [extent - 1, extent - 1];
    case 'same': {
      const total = Math.max((Math.ceil(size / stride) - 1) * stride + extent - size, 0);
      return [Math.floor(total / 2), Math.ceil(total / 2)];
    }
  }
}

/** Output size of one axis; below 1 when the kernel does not fit. Dumoulin and Visin (2016), relationship 6. */
export function outputSize(w: AxisWindow): number {
  return Math.floor((w.size + w.before + w.after - extentOf(w.kernel, w.dilation)) / w.stride) + 1;
}

/** The same as people write it: "(14 + 2·0 − 5) / 1 + 1 = 10". */
export function writeOutputSize(w: AxisWindow): string {
  const pad = w.before === w.after ? `2·${w.before}` : `${w.before} + ${w.after}`;
  const kernel = w.dilation === 1 ? `${w.kernel}` : `${extentOf(w.kernel, w.dilation)}`;
  const room = w.size + w.before + w.after - extentOf(w.kernel, w.dilation);
  const quotient = `(${w.size} + ${pad} − ${kernel}) / ${w.stride}`;
  return `${room % w.stride === 0 ? quotient : `⌊${quotient}⌋`} + 1 = ${outputSize(w)}`;
}
