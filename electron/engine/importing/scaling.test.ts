/** Lines become the numbers that people write, and several become one. */
import { describe, expect, it } from 'vitest';
import type { Preprocessing } from '../../../shared/protocol/import-requests.ts';
import { after, linesOf, preprocessingFrom } from './scaling.ts';

const imageNet: Preprocessing = { order: 'rgb', scale: 1, mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };
const caffe: Preprocessing = { order: 'bgr', scale: 255, mean: [103.94, 116.78, 123.68], deviation: [1] };
const bytes: Preprocessing = { order: 'rgb', scale: 255, mean: [0], deviation: [1] };
/** Factors and summands as a file has them. */
const stored = (p: Preprocessing, channels = 3) => {
  const { order, factors, summands } = linesOf(p, channels);
  return { order, factors: factors.map(Math.fround), summands: summands.map(Math.fround) };
};

describe('preprocessingFrom', () => {
  it.each<[string, Preprocessing]>([
    ['torchvision', imageNet], ['Caffe', caffe], ['pixels', bytes], ['by 128', { order: 'rgb', scale: 255, mean: [128], deviation: [128] }], ['MNIST', { order: 'rgb', scale: 1, mean: [0.1307], deviation: [0.3081] }], ['halves', { order: 'rgb', scale: 1, mean: [0.5], deviation: [0.5] }],
  ])('%s is written as it was', (_name, p) => expect(preprocessingFrom(stored(p))).toEqual(p));

  it('draws the same lines to the last bit where several ways of writing are one', () => {
    const signed = stored({ order: 'rgb', scale: 255, mean: [127.5], deviation: [127.5] });
    const found = preprocessingFrom(signed);
    expect(found && stored(found)).toEqual(signed);
  });

  it('nothing is nothing; what turns pictures negative is not written', () => {
    expect([preprocessingFrom(stored({ order: 'rgb', scale: 1, mean: [0], deviation: [1] })), preprocessingFrom({ order: 'rgb', factors: [-1, 1, 1], summands: [0, 0, 0] })]).toEqual([null, null]);
  });
});

it('one after the other is both in one', () => {
  // Three channels of one pixel, through both steps by hand.
  const x = [0.2, 0.5, 0.9];
  const run = (p: Preprocessing, v: readonly number[]) => {
    const turned = p.order === 'bgr' ? v.toReversed() : v;
    return turned.map((n, c) => (n * p.scale - (p.mean[p.mean.length === 1 ? 0 : c] as number)) / (p.deviation[p.deviation.length === 1 ? 0 : c] as number));
  };
  for (const [a, b] of [[bytes, caffe], [caffe, imageNet], [imageNet, caffe], [caffe, caffe]] as const) {
    const both = after(linesOf(a, 3), linesOf(b, 3));
    const turned = both.order === 'bgr' ? x.toReversed() : x;
    const expected = run(b, run(a, x));
    turned.forEach((v, c) => expect(v * (both.factors[c] as number) + (both.summands[c] as number)).toBeCloseTo(expected[c] as number, 6));
  }
});
