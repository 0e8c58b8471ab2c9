import { expect, it } from 'vitest';
import { gradientRows } from './gradient-rows.ts';

const frame = (step: number, ...norms: number[]) => ({ step, layers: norms.map((_, i) => `l${i}`), norms: Float64Array.from(norms) as unknown as Float32Array });

it('places norms between powers of ten', () => {
  const { rows, from, to } = gradientRows([frame(1, 0.01, 10), frame(2, 0.1, 1e-4)]);
  expect([from, to]).toEqual([-4, 1]);
  expect(rows.map((r) => [r.layer, r.norm])).toEqual([['l0', 0.1], ['l1', 1e-4]]);
  expect(rows[0]?.share).toBeCloseTo(3 / 5);
  expect(rows[1]?.past).toEqual([expect.closeTo(1), expect.closeTo(0)]);
});

it('shows four decades at least, and takes a vanished gradient for the bottom', () => {
  const { rows, from, to } = gradientRows([frame(1, 0.5, 0, NaN)]);
  expect([from, to]).toEqual([-4, 0]);
  expect(rows.map((r) => r.share)).toEqual([expect.closeTo(1 + Math.log10(0.5) / 4), 0, 0]);
});

it('leaves out frames of another set of layers, and has none before the first', () => {
  expect(gradientRows([frame(1, 1, 1, 1), frame(2, 1, 1)]).rows[0]?.past.length).toBe(1);
  expect(gradientRows([]).rows).toEqual([]);
});
