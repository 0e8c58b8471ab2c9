/** Every half there is comes back; what lies between goes to the nearer one. */
import { describe, expect, it } from 'vitest';
import { halfBits, halfValue } from './half.ts';

describe('half precision', () => {
  it('keeps every half', () => {
    for (let bits = 0; bits < 0x10000; bits++) if (!Number.isNaN(halfValue(bits))) expect(halfBits(halfValue(bits))).toBe(bits);
    expect(halfBits(NaN) & 0x7c00).toBe(0x7c00);
  });
  // Of IEEE 754's own landmarks: 1, the largest, the smallest normal and subnormal, and one third.
  it.each([[1, 0x3c00], [65504, 0x7bff], [2 ** -14, 0x0400], [2 ** -24, 0x0001], [1 / 3, 0x3555], [-2, 0xc000], [65519, 0x7bff], [65520, 0x7c00], [-0, 0x8000], [2 ** -25, 0], [2 ** -26, 0]])('%d', (value, bits) => {
    expect(halfBits(value)).toBe(bits);
  });
  it('rounds halves between neighbours to the even one', () => {
    expect([1 + 2 ** -11, 1 + 3 * 2 ** -11, 2048 + 1, 2048 + 3].map((v) => halfValue(halfBits(v)))).toEqual([1, 1 + 2 ** -9, 2048, 2052]);
  });
});
