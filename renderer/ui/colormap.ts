/** The one colour map of activation pictures: near-black through blue and teal to pale yellow; signed values diverge around grey. */

type Rgb = readonly [number, number, number];

/** Control points by rising lightness; between them linear light would go muddy, so plain sRGB steps are close together. */
const sequential: readonly Rgb[] = [[10, 13, 26], [24, 36, 78], [36, 66, 134], [46, 104, 178], [62, 146, 192], [106, 188, 188], [176, 222, 184], [250, 247, 208]];
const diverging: readonly Rgb[] = [[68, 130, 214], [88, 108, 150], [84, 88, 98], [150, 108, 72], [236, 150, 72]];

function sample(points: readonly Rgb[], t: number): Rgb {
  const x = Math.min(Math.max(t, 0), 1) * (points.length - 1);
  const i = Math.min(Math.floor(x), points.length - 2);
  const [a, b] = [points[i] as Rgb, points[i + 1] as Rgb];
  return [0, 1, 2].map((k) => Math.round((a[k] as number) + ((b[k] as number) - (a[k] as number)) * (x - i))) as unknown as Rgb;
}

const ramp = (points: readonly Rgb[]): Uint8Array => Uint8Array.from(Array.from({ length: 256 }, (_, i) => sample(points, i / 255)).flat());

/** 256 RGB entries. */
export const sequentialMap = ramp(sequential);
export const divergingMap = ramp(diverging);

/** The entry of a byte that stands for minimum..maximum: signed ranges are centred on zero. */
export function colourIndex(byte: number, minimum: number, maximum: number): { map: Uint8Array; index: number } {
  if (minimum >= 0) return { map: sequentialMap, index: byte };
  const value = minimum + (byte / 255) * (maximum - minimum);
  const reach = Math.max(-minimum, maximum, 1e-12);
  return { map: divergingMap, index: Math.round(((value / reach + 1) / 2) * 255) };
}
