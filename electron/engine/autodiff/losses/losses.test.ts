/** Every loss: its value against a formula in plain numbers, its gradient against central differences. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { GraphBuilder, type Value } from '../../../../shared/onnx/builder.ts';
import { encodeModel } from '../../onnx-io/model.ts';
import { gradientError } from '../gradient.harness.ts';
import { lossValues, meanLoss, type LossChoice } from './losses.ts';

const labelled = (b: GraphBuilder, labels: readonly number[], shape: readonly number[] = [labels.length]): Value => b.constant({ element: 'int32', shape, data: Int32Array.from(labels) }, 'labels');
const valued = (b: GraphBuilder, values: readonly number[], shape: readonly number[]): Value => b.constant({ element: 'float32', shape, data: Float32Array.from(values) }, 'values');

interface Case { readonly loss: LossChoice; readonly scores: readonly number[]; readonly shape: readonly number[]; readonly targets: (b: GraphBuilder) => Value; readonly end?: 'Softmax' | 'Sigmoid' }

/** Loss and share of right answers of one batch. */
async function valueOf({ loss, scores, shape, targets, end }: Case): Promise<{ loss: number; correct: number[] }> {
  const b = new GraphBuilder();
  const x = b.input('x', { element: 'float32', shape });
  const y = end ? b.op(end, [x], end === 'Softmax' ? { axis: { kind: 'int', value: 1 } } : {}) : x;
  const values = lossValues(b, loss, b.build('net').nodes, y, targets(b));
  b.output('loss', meanLoss(b, values));
  if (values.correct) b.output('correct', values.correct);
  const session = await ort.InferenceSession.create(encodeModel(b.build('loss')), { logSeverityLevel: 3 });
  const out = await session.run({ x: new ort.Tensor('float32', Float32Array.from(scores), [...shape]) });
  await session.release();
  return { loss: (out.loss?.data as Float32Array)[0] as number, correct: [...((out.correct?.data ?? []) as Float32Array)] };
}

const softmax = (z: readonly number[]): number[] => {
  const sum = z.reduce((a, v) => a + Math.exp(v), 0);
  return z.map((v) => Math.exp(v) / sum);
};
const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
const mean = (v: readonly number[]): number => v.reduce((a, x) => a + x, 0) / v.length;
const scores = [1.5, -0.3, 0.2, -1.1, 0.4, 2.2];
const rows = [scores.slice(0, 3), scores.slice(3)];
const labels = [1, 2];
const base = { scores, shape: [2, 3], targets: (b: GraphBuilder) => labelled(b, labels) };
const differences = rows.flatMap((r, n) => r.map((v, c) => v - (labels[n] === c ? 1 : 0)));

describe('values', () => {
  it('cross-entropy: −log of the true class’s probability', async () => {
    const expected = mean(rows.map((r, n) => -Math.log(softmax(r)[labels[n] as number] as number)));
    expect((await valueOf({ ...base, loss: 'cross-entropy' })).loss).toBeCloseTo(expected, 5);
    expect((await valueOf({ ...base, loss: 'cross-entropy', end: 'Softmax' })).loss).toBeCloseTo(expected, 5);
    expect((await valueOf({ ...base, loss: 'cross-entropy' })).correct).toEqual([0, 1]);
  });

  it('cross-entropy with weights and smoothing: PyTorch’s documented formula, divided by the weights of the true classes', async () => {
    const [w, epsilon] = [[0.5, 2, 1], 0.1];
    const log = rows.map((r) => softmax(r).map(Math.log));
    const own = labels.map((l) => w[l] as number);
    const nll = log.reduce((a, r, n) => a - (own[n] as number) * (r[labels[n] as number] as number), 0);
    const smooth = log.reduce((a, r) => a - r.reduce((s, v, c) => s + (w[c] as number) * v, 0), 0);
    const expected = ((1 - epsilon) * nll + (epsilon / 3) * smooth) / (mean(own) * 2);
    expect((await valueOf({ ...base, loss: { kind: 'cross-entropy', labelSmoothing: epsilon, classWeights: w } })).loss).toBeCloseTo(expected, 5);
    expect((await valueOf({ ...base, loss: { kind: 'cross-entropy', labelSmoothing: epsilon, classWeights: [1, 1, 1] } })).loss)
      .toBeCloseTo((await valueOf({ ...base, loss: { kind: 'cross-entropy', labelSmoothing: epsilon } })).loss, 5);
  });

  it('cross-entropy of pictures: the mean over all places, weighted or not', async () => {
    // [1, 2, 1, 3]: two classes at three places.
    const z = [0.3, -1, 2, 1.1, 0.4, -0.6];
    const places = [0, 1, 2].map((k) => softmax([z[k] as number, z[k + 3] as number]));
    const truth = [1, 0, 0];
    const picture = { scores: z, shape: [1, 2, 1, 3], targets: (b: GraphBuilder) => labelled(b, truth, [1, 1, 3]) };
    const each = places.map((p, k) => -Math.log(p[truth[k] as number] as number));
    expect((await valueOf({ ...picture, loss: 'cross-entropy' })).loss).toBeCloseTo(mean(each), 5);
    const w = [3, 0.5];
    const weights = truth.map((l) => w[l] as number);
    const weighted = each.reduce((a, v, k) => a + v * (weights[k] as number), 0) / weights.reduce((a, v) => a + v, 0);
    expect((await valueOf({ ...picture, loss: { kind: 'cross-entropy', classWeights: w } })).loss).toBeCloseTo(weighted, 5);
    const hits = places.map((p, k) => ((p[1] as number) > (p[0] as number) ? 1 : 0) === truth[k] ? 1 : 0);
    expect((await valueOf({ ...picture, loss: 'cross-entropy' })).correct[0]).toBeCloseTo(mean(hits), 6);
  });

  it('stays finite where probabilities vanish', async () => {
    const far = { ...base, scores: [200, -200, 0, 90, -90, 0] };
    expect((await valueOf({ ...far, loss: 'cross-entropy' })).loss).toBeCloseTo((400 + 90) / 2, 3);
    expect((await valueOf({ ...far, loss: 'binary-cross-entropy', end: 'Sigmoid' })).loss).toBeCloseTo((200 + 200 + Math.log(2) + 90 + Math.log(2)) / 6, 3);
  });

  it('binary cross-entropy: of one output, of several, of probabilities', async () => {
    const z = [0.7, -1.2, 0.1];
    const truth = [1, 1, 0];
    const expected = mean(z.map((v, n) => -Math.log(truth[n] === 1 ? sigmoid(v) : 1 - sigmoid(v))));
    const single = { scores: z, shape: [3, 1], targets: (b: GraphBuilder) => labelled(b, truth), loss: 'binary-cross-entropy' } as const;
    expect((await valueOf(single)).loss).toBeCloseTo(expected, 5);
    expect(await valueOf({ ...single, end: 'Sigmoid' })).toEqual({ loss: expect.closeTo(expected, 5) as number, correct: [1, 0, 0] });
    const several = mean(rows.flatMap((r, n) => r.map((v, c) => -Math.log(labels[n] === c ? sigmoid(v) : 1 - sigmoid(v)))));
    expect((await valueOf({ ...base, loss: 'binary-cross-entropy' })).loss).toBeCloseTo(several, 5);
    const probabilities = mean(rows.flatMap((r, n) => softmax(r).map((p, c) => -Math.log(labels[n] === c ? p : 1 - p))));
    expect((await valueOf({ ...base, loss: 'binary-cross-entropy', end: 'Softmax' })).loss).toBeCloseTo(probabilities, 5);
  });

  it('errors of differences: squares, amounts, Huber’s', async () => {
    expect((await valueOf({ ...base, loss: 'mse' })).loss).toBeCloseTo(mean(differences.map((d) => d * d)), 5);
    expect((await valueOf({ ...base, loss: 'mae' })).loss).toBeCloseTo(mean(differences.map(Math.abs)), 5);
    const huber = mean(differences.map((d) => (Math.abs(d) <= 0.7 ? (d * d) / 2 : 0.7 * (Math.abs(d) - 0.35))));
    expect((await valueOf({ ...base, loss: { kind: 'huber', delta: 0.7 } })).loss).toBeCloseTo(huber, 5);
    const values = [1, 2, 3, 4, 5, 6];
    const regression = await valueOf({ ...base, loss: 'mse', targets: (b) => valued(b, values, [2, 3]) });
    expect(regression).toEqual({ loss: expect.closeTo(mean(scores.map((v, i) => (v - (values[i] as number)) ** 2)), 5) as number, correct: [] });
  });

  it('Dice: one minus the overlap of each class, smoothed', async () => {
    const z = [0.3, -1, 2, 1.1, 0.4, -0.6, 0.9, -0.2];
    const truth = [1, 0, 0, 1];
    const p = truth.map((_, k) => softmax([z[k] as number, z[k + 4] as number]));
    const score = mean([0, 1].map((c) => {
      const [inside, found, there] = [truth.reduce((a, l, k) => a + (l === c ? (p[k]?.[c] as number) : 0), 0), p.reduce((a, q) => a + (q[c] as number), 0), truth.filter((l) => l === c).length];
      return (2 * inside + 1) / (found + there + 1);
    }));
    const picture = { scores: z, shape: [1, 2, 2, 2], targets: (b: GraphBuilder) => labelled(b, truth, [1, 2, 2]), loss: 'dice' } as const;
    expect((await valueOf(picture)).loss).toBeCloseTo(1 - score, 5);
    expect((await valueOf({ ...picture, end: 'Softmax' })).loss).toBeCloseTo(1 - score, 5);
  });

  const printed: readonly (readonly [LossChoice, number])[] = [
    [{ kind: 'cross-entropy', labelSmoothing: 0.1, classWeights: [0.5, 2, 1] }, 1.4871835], [{ kind: 'cross-entropy', labelSmoothing: 0.1 }, 1.2203035], [{ kind: 'huber', delta: 0.7 }, 0.4483334], ['binary-cross-entropy', 0.7765568],
  ];
  it.each(printed)('%o is what torch.nn.functional (PyTorch 2) prints', async (loss, value) => {
    expect((await valueOf({ ...base, loss })).loss).toBeCloseTo(value, 5);
  });

  it('refuses targets and weights that do not fit', async () => {
    await expect(valueOf({ ...base, loss: 'mse', targets: (b) => valued(b, [1, 2], [2, 1]) })).rejects.toThrow(/expected targets of 2 × 3, got 2 × 1/);
    await expect(valueOf({ ...base, loss: { kind: 'cross-entropy', classWeights: [1, 2] } })).rejects.toThrow(/expected 3 class weights/);
    await expect(valueOf({ scores: [1, 2], shape: [2, 1], targets: (b) => labelled(b, [0, 1]), loss: 'cross-entropy' })).rejects.toThrow(/binary cross-entropy/);
  });
});

describe('gradients against central differences', () => {
  const losses: readonly LossChoice[] = [
    'cross-entropy', { kind: 'cross-entropy', labelSmoothing: 0.2 }, { kind: 'cross-entropy', labelSmoothing: 0.1, classWeights: [0.5, 2, 1] },
    'binary-cross-entropy', 'mse', 'mae', { kind: 'huber', delta: 0.8 }, 'dice',
  ];
  const shapes = [{ shape: [4, 3], labels: [0, 2, 1, 1] }, { shape: [2, 3, 2, 2], labels: [0, 2, 1, 1, 2, 0, 0, 1] }];
  const ends = [undefined, 'Softmax', 'Sigmoid'] as const;
  const cases = losses.flatMap((loss) => shapes.flatMap((s) => ends.map((end) => ({ loss, ...s, end, name: `${typeof loss === 'string' ? loss : JSON.stringify(loss)} of [${s.shape.join()}] after ${end ?? 'scores'}` }))));
  it.each(cases)('$name', async ({ loss, shape, labels: truth, end, name }) => {
    const build = (b: GraphBuilder, [x]: Value[]): Value => {
      const y = end ? b.op(end, [x as Value], end === 'Softmax' ? { axis: { kind: 'int', value: 1 } } : {}) : (x as Value);
      return lossValues(b, loss, b.build('net').nodes, y, labelled(b, truth, shape.filter((_, i) => i !== 1))).perSample;
    };
    // Away from the kinks of |d| and Huber's ±δ, which lie at 0, 1, ±0.8 and 1 ± 0.8.
    expect(await gradientError({ name, shapes: [shape], build, sample: (n, i) => [0.4, -0.5, 1.4, 0.6, -1.3, 2.3][i % 6] as number + 0.02 * n })).toBeLessThan(1e-2);
  });
});
