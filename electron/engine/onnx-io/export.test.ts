/** Every way to export: the file answers what the plain one does, in the form that was asked for. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { ExportOptionsSchema } from '../../../shared/protocol/export-requests.ts';
import { Sketch, type Row } from '../../../shared/templates/build.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { exportOnnx } from './export.ts';
import { decodeModel } from './model.ts';

const chain = (name: string, rows: readonly Row[]) => {
  const sketch = new Sketch();
  sketch.chain(null, rows);
  return sketch.document(name, 'test');
};
const SIZE = 3 * 6 * 6;
/** Everything that opset 17 and folding change, between a Rescale and three scores. */
const { network, problems } = compile(chain('Sorter', [
  ['input', { height: 6, width: 6, channels: 3 }],
  ['rescale', { order: 'bgr', scale: 255, mean: [103.5, 116, 123], deviation: [57, 57.1, 58] }],
  ['conv2d', { filters: 4 }], ['batch-norm', {}], ['mish', {}],
  ['group-norm', { groups: 2 }], ['zero-pad', {}], ['depthwise-conv', {}], ['batch-norm', {}], ['relu', {}],
  ['global-average-pool', {}], ['dense', { units: 3 }], ['output', {}],
]));
const weights = new Map([...initialWeights(network, 3)].map(([name, w]) => {
  const random = createRandom(name.length);
  // Statistics that change the answer when they are lost, and never below zero.
  return [name, { shape: w.shape, data: w.data.map((v) => v + 0.3 * random.next()) }] as const;
}));
const info = { classes: ['a', 'b', 'c'], maximum: 255, made: { version: '1.2.3', date: '2026-01-01T00:00:00.000Z' }, metrics: { accuracy: 0.75 } };
const options = (change: Record<string, unknown>) => ExportOptionsSchema.parse(change);

const random = createRandom(8);
const stored = Float32Array.from({ length: 2 * SIZE }, () => Math.round(random.next() * 255));
const unit = stored.map((v) => v / 255);

async function answer(bytes: Uint8Array, values: Float32Array, batch = 2): Promise<number[]> {
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const { output } = await session.run({ input: new ort.Tensor('float32', values.slice(0, batch * SIZE), [batch, 3, 6, 6]) });
  await session.release();
  return Array.from(output?.data as Float32Array);
}
const exported = (net: Network, change: Record<string, unknown>) => exportOnnx(net, weights, info, options(change));
const near = (got: readonly number[], wanted: readonly number[]): void => {
  expect(got.length).toBe(wanted.length);
  got.forEach((v, i) => expect(v).toBeCloseTo(wanted[i] as number, 4));
};

describe('an export', async () => {
  expect(problems).toEqual([]);
  const plain = await answer(exported(network, {}), unit);

  it('folds batch normalisation', async () => {
    const bytes = exported(network, { foldBatchNorm: true });
    expect([exported(network, {}), bytes].map((b) => decodeModel(b).graph.nodes.filter((n) => n.op === 'BatchNormalization').length)).toEqual([2, 0]);
    near(await answer(bytes, unit), plain);
  });

  it('answers probabilities', async () => {
    const got = await answer(exported(network, { softmax: true }), unit);
    const powers = plain.map(Math.exp);
    const sums = [0, 1].map((row) => powers.slice(row * 3, row * 3 + 3).reduce((a, b) => a + b));
    near(got, powers.map((p, i) => p / (sums[Math.floor(i / 3)] as number)));
  });

  it('leaves answers alone that are probabilities, or no classes', () => {
    const ending = (units: number, task: string, ...rest: Row[]) =>
      compile(chain('n', [['input', { kind: 'vector', channels: 4 }], ['dense', { units }], ...rest, ['output', { task }]])).network;
    const last = (net: Network): string | undefined => decodeModel(exportOnnx(net, initialWeights(net, 1), info, options({ softmax: true }))).graph.nodes.at(-1)?.op;
    expect([last(ending(3, 'classification', ['softmax', {}])), last(ending(3, 'regression')), last(ending(1, 'classification')), last(ending(3, 'classification'))]).toEqual(['Softmax', 'Gemm', 'Sigmoid', 'Softmax']);
  });

  it('takes pictures as they are stored', async () => near(await answer(exported(network, { input: 'stored' }), stored), plain));

  it('leaves preprocessing to others, and says which', async () => {
    const bytes = exported(network, { input: 'prepared' });
    const { metadata } = decodeModel(bytes);
    expect(metadata).toMatchObject({ input_order: 'bgr', input_factor: '255', input_mean: '[103.5,116,123]', input_deviation: '[57,57.1,58]' });
    const plane = 36;
    const prepared = Float32Array.from(unit, (_, i) => {
      const [sample, channel, place] = [Math.floor(i / SIZE), Math.floor(i / plane) % 3, i % plane];
      const x = unit[sample * SIZE + (2 - channel) * plane + place] as number;
      return (x * 255 - ([103.5, 116, 123][channel] as number)) / ([57, 57.1, 58][channel] as number);
    });
    near(await answer(bytes, prepared), plain);
  });

  it('has nothing to leave out of a net without preprocessing', () => {
    const bare = compile(chain('n', [['input', { kind: 'vector', channels: 4 }], ['dense', { units: 2 }], ['output', {}]])).network;
    expect(() => exportOnnx(bare, initialWeights(bare, 1), info, options({ input: 'prepared' }))).toThrow(/expected a net with preprocessing of its own/);
  });

  it('holds a batch where one is asked for', async () => {
    const bytes = exported(network, { batch: 2 });
    near(await answer(bytes, unit), plain);
    await expect(answer(bytes, unit, 1)).rejects.toThrow(/dimensions/);
    near(await answer(exported(network, {}), unit, 1), plain.slice(0, 3));
  });

  it('speaks opset 17 with everything else together', async () => {
    const bytes = exported(network, { opset: 17, foldBatchNorm: true, input: 'stored', batch: null });
    expect(decodeModel(bytes).opset).toBe(17);
    near(await answer(bytes, stored), plain);
  });

  it('says what it is, or keeps it to itself', () => {
    const said = decodeModel(exported(network, { card: 'Sorts things.' }));
    expect(said.docString).toBe('Sorter, made with Netloom. Input: values from 0 to 1, channels first.\n\nSorts things.');
    expect(said.metadata).toEqual({
      classes: '["a","b","c"]', input_scale: String(1 / 255), input_range: '[0,1]', input_layout: 'NCHW', input_order: 'rgb', input_mean: '[0]', input_deviation: '[1]',
      metrics: '{"accuracy":0.75}', created: '2026-01-01T00:00:00.000Z', model_card: 'Sorts things.',
    });
    expect(decodeModel(exported(network, { labels: false, metadata: false })).metadata).toEqual({});
  });
});
