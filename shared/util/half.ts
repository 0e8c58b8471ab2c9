/** Half precision (IEEE 754 binary16) as bits. */

const LARGEST = 65504;

/** The bits of the nearest half, ties to even; too large becomes infinite. */
export function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  // 65520 is half way between the largest half and the next power of two.
  if (size >= LARGEST + 16) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.min(15, Math.floor(Math.log2(size || 2 ** -24))));
  const steps = roundToEven(size * 2 ** (10 - exponent));
  // A carry into the next power of two carries into the exponent's bits by itself.
  return sign | (steps + (exponent + 14) * 1024);
}

/** The number that these bits stand for. */
export function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function roundToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
