/** Arithmetic of sliding windows that signatures, gradients and lowerings share: extents and what auto_pad asks for. */

export interface Sliding { readonly kernel: readonly number[]; readonly strides: readonly number[]; readonly dilations: readonly number[] }

/** Extent of a dilated kernel along axis i. */
export const extentAt = (w: Pick<Sliding, 'kernel' | 'dilations'>, i: number): number => ((w.kernel[i] as number) - 1) * (w.dilations[i] as number) + 1;

/** Splits totals between begins and ends of all axes; SAME_LOWER puts the odd one at the beginning. */
export function bothEnds(totals: readonly number[], lower: boolean): number[] {
  const small = totals.map((t) => Math.floor(t / 2));
  const large = totals.map((t, i) => t - (small[i] as number));
  return lower ? [...large, ...small] : [...small, ...large];
}

/** Padding, begins then ends, with which windows over `sizes` answer ⌈size / stride⌉ numbers (ONNX Conv, auto_pad). */
export function samePads(w: Sliding, sizes: readonly number[], lower: boolean): number[] {
  return bothEnds(sizes.map((size, i) => {
    const stride = w.strides[i] as number;
    return Math.max((Math.ceil(size / stride) - 1) * stride + extentAt(w, i) - size, 0);
  }), lower);
}

/** What auto_pad may be. */
export const autoPads = ['NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'] as const;
