/** The mask's numbers as ONNX Runtime draws them: uniform, independent of neighbours, samples and steps, small in the file. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { uniformFromIndex } from '../../../shared/layers/random-mask.ts';
import { GraphBuilder } from '../../../shared/onnx/builder.ts';
import { encodeModel } from './model.ts';

async function drawer(shape: readonly number[], seed = 77) {
  const b = new GraphBuilder();
  b.output('u', uniformFromIndex(b, shape, b.input('noise', { element: 'float32', shape: [4] }), seed));
  const model = encodeModel(b.build('mask'));
  const session = await ort.InferenceSession.create(model);
  const draw = async (...noise: number[]) => (await session.run({ noise: new ort.Tensor('float32', Float32Array.from(noise), [4]) })).u?.data as Float32Array;
  return { draw, bytes: model.length, close: () => session.release() };
}
/** Correlation of two equally long stretches; its standard error is 1 / √n. */
function correlation(x: Float32Array, y: Float32Array): number {
  let sum = 0;
  x.forEach((v, i) => (sum += (v - 0.5) * ((y[i] as number) - 0.5)));
  return sum / x.length / (1 / 12);
}
/** Four standard errors. */
const limit = (n: number) => 4 / Math.sqrt(n);

describe('the random mask', () => {
  it.each([[[20_000]], [[16, 1250]], [[4, 8, 25, 25]], [[20_000, 1]]])('of shape %j has the moments and the tenths of a uniform one', async (shape) => {
    const { draw, close } = await drawer(shape);
    const u = await draw(3, 1, 4, 15);
    const n = u.length;
    const mean = u.reduce((s, v) => s + v, 0) / n;
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
    expect(u.reduce((s, v) => s + (v - mean) ** 2, 0) / n).toBeCloseTo(1 / 12, 2);
    // Chi-square with nine degrees of freedom is above 33 once in ten thousand draws.
    const tenths = Array.from({ length: 10 }, (_, k) => u.filter((v) => Math.floor(v * 10) === k).length);
    expect(tenths.reduce((s, o) => s + (o - n / 10) ** 2 / (n / 10), 0)).toBeLessThan(33);
    await close();
  });

  it('is independent between neighbours at every near distance', async () => {
    const { draw, close } = await drawer([8, 2500]);
    const u = await draw(3, 1, 4, 15);
    for (const lag of [1, 2, 3, 50, 1021, 2500, 5000]) expect(Math.abs(correlation(u.subarray(lag), u.subarray(0, -lag)))).toBeLessThan(limit(u.length - lag));
    await close();
  });

  it('is independent between steps, whichever noise number changed, and between layers', async () => {
    const [a, b] = [await drawer([8, 2500], 77), await drawer([8, 2500], 78)];
    const u = await a.draw(3, 1, 4, 15);
    for (const other of [[4, 1, 4, 15], [3, 2, 4, 15], [3, 1, 5, 15], [3, 1, 4, 16]]) expect(Math.abs(correlation(u, await a.draw(...other)))).toBeLessThan(limit(u.length));
    expect(Math.abs(correlation(u, await b.draw(3, 1, 4, 15)))).toBeLessThan(limit(u.length));
    expect(await a.draw(3, 1, 4, 15)).toEqual(u);
    await a.close();
    await b.close();
  });

  it('does not repeat beyond 1021² places of one sample', async () => {
    const period = 1021 ** 2;
    const { draw, close } = await drawer([1, period + 50_000]);
    const u = await draw(9, 8, 7, 6);
    expect(Math.abs(correlation(u.subarray(0, 50_000), u.subarray(period)))).toBeLessThan(limit(50_000));
    await close();
  });

  it('takes room for one sample in the file, not for a batch', async () => {
    const { bytes, close } = await drawer([64, 10_000]);
    // Two digits for each of three terms, and a row of ones.
    expect(bytes).toBeLessThan(7 * 4 * 10_000 + 40_000);
    await close();
  });
});
