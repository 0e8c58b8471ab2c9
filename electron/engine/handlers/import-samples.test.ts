/** Real samples are laid and prepared as the file wants them. */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { ImportReport } from '../../../shared/protocol/import-requests.ts';
import { halfValue } from '../../../shared/util/half.ts';
import { required } from '../../../shared/util/assert.ts';
import { pixelsOfFile } from '../datasets/image.ts';
import { prepared, realSamples } from './import-samples.ts';

const resources = fileURLToPath(new URL('../../../resources', import.meta.url));
const report = (shape: number[], more: Partial<ImportReport> = {}): ImportReport => ({
  file: '', size: 0, producer: '', producerVersion: '', irVersion: 8, opset: 18, nodes: 0, folded: 0, layers: [], groups: [], operators: [], parameters: 0, trainable: 0, weightBytes: 0,
  widened: null, inputs: [{ name: 'x', element: 'float32', shape, perm: null }], outputs: [], preprocessing: null, labels: null, notes: [], proof: null, ...more,
});

it('prepares each channel as the formula says', () => {
  // Two pixels of red, green and blue planes.
  const bytes = Uint8Array.of(255, 0, 51, 102, 0, 204);
  expect([...prepared(bytes, 3, { order: 'bgr', scale: 255, mean: [1, 2, 3], deviation: [2] })]).toEqual([-0.5, 101.5, 24.5, 50, 126, -1.5]);
  expect([...prepared(bytes, 3, null)].map((v) => Number(v.toFixed(4)))).toEqual([1, 0, 0.2, 0.4, 0, 0.8]);
});

it('gives channels last and half precision where the file has them', async () => {
  const [plain] = await realSamples(report([-1, 3, 20, 24]), resources);
  const [last] = await realSamples(report([1, 20, 24, 3], { widened: 'float16' }), resources);
  const [a, b] = [required(plain?.get('x'), 'x'), required(last?.get('x'), 'x')];
  const bytes = await pixelsOfFile(`${resources}/pictures/chelsea.jpg`, [3, 20, 24]);
  expect([a.shape, a.element, b.shape, b.element]).toEqual([[1, 3, 20, 24], 'float32', [1, 20, 24, 3], 'float16']);
  // Row 7, column 5, green.
  const pixel = (bytes[20 * 24 + 7 * 24 + 5] as number) / 255;
  expect(a.data[20 * 24 + 7 * 24 + 5]).toBeCloseTo(pixel, 6);
  expect(halfValue(b.data[(7 * 24 + 5) * 3 + 1] as number)).toBeCloseTo(pixel, 3);
});

it('has none for nets of several inputs or of no pictures', async () => {
  const two = report([1, 3, 20, 20]);
  expect(await Promise.all([realSamples({ ...two, inputs: [...two.inputs, ...two.inputs] }, resources), realSamples(report([1, 64]), resources), realSamples(report([4, 3, 20, 20]), resources)])).toEqual([[], [], []]);
});
