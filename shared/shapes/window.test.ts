/** Window arithmetic against a loop that places every window. */
import { describe, expect, it } from 'vitest';
import { fc } from '../util/properties.harness.ts';
import { pixelField, widen } from './receptive-field.ts';
import { formatShape } from './shape.ts';
import { extentOf, outputSize, resolvePadding, writeOutputSize } from './window.ts';

describe('sliding window', () => {
  it('counts the windows that a loop can place', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }), fc.nat(4), fc.nat(4), (size, kernel, stride, dilation, before, after) => {
      let count = 0;
      for (let start = -before; start + extentOf(kernel, dilation) <= size + after; start += stride) count++;
      const out = outputSize({ size, kernel, stride, dilation, before, after });
      expect(Math.max(out, 0)).toBe(count);
    }));
  });

  it('same padding gives ceil(size / stride), the odd pixel at the end', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }), (size, kernel, stride) => {
      const [before, after] = resolvePadding('same', size, kernel, stride, 1, [0, 0]);
      expect(after - before === 0 || after - before === 1).toBe(true);
      expect(outputSize({ size, kernel, stride, dilation: 1, before, after })).toBe(Math.ceil(size / stride));
    }));
  });

  it('full padding takes every overlap', () => {
    const [before, after] = resolvePadding('full', 5, 3, 1, 1, [0, 0]);
    expect(outputSize({ size: 5, kernel: 3, stride: 1, dilation: 1, before, after })).toBe(7);
  });

  it('writes the arithmetic of a course', () => {
    expect(writeOutputSize({ size: 32, kernel: 5, stride: 1, dilation: 1, before: 2, after: 2 })).toBe('(32 + 2·2 − 5) / 1 + 1 = 32');
    expect(writeOutputSize({ size: 7, kernel: 2, stride: 2, dilation: 1, before: 0, after: 0 })).toBe('⌊(7 + 2·0 − 2) / 2⌋ + 1 = 3');
  });
});

describe('receptive field', () => {
  it('of two 3×3 convolutions is 5×5, of three with stride 2 between 7 + 2·2', () => {
    const twice = widen(widen(pixelField, [3, 3], [1, 1]), [3, 3], [1, 1]);
    expect(twice.size).toEqual([5, 5]);
    const pooled = widen(widen(pixelField, [5, 5], [1, 1]), [2, 2], [2, 2]);
    expect([pooled.size, pooled.jump]).toEqual([[6, 6], [2, 2]]);
    expect(widen(pooled, [5, 5], [1, 1]).size).toEqual([14, 14]);
  });
});

it('shapes are shown height × width × channels', () => {
  expect([formatShape([6, 28, 20]), formatShape([120]), formatShape([])]).toEqual(['28×20×6', '120', 'scalar']);
});
