/** Shapes of features without the batch dimension: [channels, height, width] or [features]. */

/** Sizes of one sample's tensor, channels first. */
export type Shape = readonly number[];

/** Number of elements. The empty shape is a scalar: 1. */
export function elementCount(shape: Shape): number {
  return shape.reduce((n, d) => n * d, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((d, i) => d === b[i]);
}

/** As people write it: 28×28×6 for [6, 28, 28]; 120 for [120]. */
export function formatShape(shape: Shape): string {
  if (shape.length === 0) return 'scalar';
  const [channels, ...rest] = shape;
  return [...rest, channels].join('×');
}
