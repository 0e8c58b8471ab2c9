import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aboveZero, roundTicks } from './curve.ts';

test.each([
  [30, 6, [0, 5, 10, 15, 20, 25, 30]],
  [1.2, 6, [0, 0.2, 0.4, 0.6, 0.8, 1, 1.2]],
  [0.07, 6, [0, 0.02, 0.04, 0.06]],
  [1000, 6, [0, 200, 400, 600, 800, 1000]],
  [0, 6, [0]],
])('an axis to %d has round ticks', (max, most, ticks) => expect(roundTicks(max, most)).toEqual(ticks));

test('ticks begin at 0, stay within the axis, are evenly spaced, and are few but not too few', () => {
  fc.assert(fc.property(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), fc.integer({ min: 3, max: 10 }), (max, most) => {
    const ticks = roundTicks(max, most);
    expect(ticks[0]).toBe(0);
    expect(ticks.at(-1)).toBeLessThanOrEqual(max * (1 + 1e-6));
    expect(ticks.length).toBeLessThanOrEqual(most + 1);
    // From one round step to the next it is at most two and a half times as far.
    expect(ticks.length - 1).toBeGreaterThanOrEqual(Math.floor(most / 2.5));
    const step = ticks[1] as number;
    ticks.forEach((t, i) => expect(t).toBeCloseTo(i * step, 9 - Math.ceil(Math.log10(max))));
  }));
});

test('a logarithmic axis gets only what it can show', () => {
  expect(aboveZero([{ epoch: 0, step: 1, training: 2 }, { epoch: 1, step: 2, training: 0 }, { epoch: 1, step: 2, validation: 0 }, { epoch: 2, step: 3, validation: 1e-9 }]).map((r) => r.epoch)).toEqual([0, 2]);
});
