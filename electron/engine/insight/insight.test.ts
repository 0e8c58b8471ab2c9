import { describe, it, expect } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { Sketch } from '../../../shared/templates/build.ts';
import { toyEngine } from '../training/toy-engine.ts';
import { toyDataset, toyNetwork, toyOptions } from '../training/toy-problem.ts';
import { encodingOf } from '../training/batches.ts';
import { evaluate, perClass } from './evaluate.ts';
import { filters } from './filters.ts';
import { normaliseMaps, probeFrame } from './maps.ts';
import { predict, probabilities, softmax, storeImage } from './predict.ts';

const weights = new Map([['dense.kernel', { shape: [3, 4], data: Float32Array.from([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]) }]]);
const open = () => toyEngine().open(toyNetwork, toyOptions().config, weights, encodingOf(toyDataset()));

describe('maps', () => {
  it('spreads a layer over all bytes, signed values too', () => {
    const maps = normaliseMaps('l', [2, 1, 2], Float32Array.from([-2, 0, 2, 3]));
    expect(maps).toMatchObject({ channels: 2, height: 1, width: 2, minimum: -2, maximum: 3 });
    expect([...maps.pixels]).toEqual([0, 102, 204, 255]);
  });
  it('keeps the range of the whole layer when channels are left out', () => {
    const maps = normaliseMaps('l', [3, 1, 1], Float32Array.from([0, 5, 10]), 2);
    expect([maps.channels, maps.maximum, ...maps.pixels]).toEqual([2, 10, 0, 128]);
  });
  it('draws constant and broken layers as black', () => {
    expect([...normaliseMaps('l', [2], Float32Array.from([4, 4])).pixels]).toEqual([0, 0]);
    expect([...normaliseMaps('l', [3], Float32Array.from([NaN, 1, 2])).pixels]).toEqual([0, 0, 255]);
    expect(normaliseMaps('l', [1], Float32Array.of(Infinity))).toMatchObject({ minimum: 0, maximum: 0 });
  });
  it('makes a frame with the picture first', async () => {
    const dataset = toyDataset();
    const frame = await probeFrame(await open(), { network: toyNetwork, dataset, sample: 4, step: 9 });
    expect(frame).toMatchObject({ sample: 4, label: 1, step: 9 });
    expect(frame.layers.map((l) => [l.layer, l.channels])).toEqual([['input', 4], ['dense', 3]]);
    const x = dataset.values.slice(16, 19);
    const powers = [...x].map((v) => Math.exp(v));
    const sum = powers.reduce((a, b) => a + b);
    frame.prediction.forEach((p, i) => expect(p).toBeCloseTo((powers[i] as number) / sum));
  });
});

describe('predict', () => {
  it('leaves probabilities alone and turns logits into them', () => {
    expect([...probabilities(Float32Array.of(0.25, 0.75), toyNetwork)]).toEqual([0.25, 0.75]);
    expect(probabilities(Float32Array.of(0, Math.log(3)), toyNetwork)[1]).toBeCloseTo(0.75);
    // One output is the second class's logit, and after a sigmoid its probability.
    const binary = (activation: string) => {
      const s = new Sketch();
      s.chain(null, [['input', { kind: 'vector', channels: 3 }], ['dense', { units: 1, activation }], ['output', {}]]);
      const compiled = compile(s.document('binary', 'test'), { classes: 2 });
      expect(compiled.ready).toBe(true);
      return compiled.network;
    };
    expect([...probabilities(Float32Array.of(Math.log(3)), binary('none'))]).toEqual([expect.closeTo(0.25, 6), expect.closeTo(0.75, 6)]);
    expect([...probabilities(Float32Array.of(0.25), binary('sigmoid'))]).toEqual([0.75, 0.25]);
    expect([...softmax(Float32Array.of(1000, 1000))]).toEqual([0.5, 0.5]);
  });
  it('leaves the numbers of a regression alone', () => {
    const network = { ...toyNetwork, layers: toyNetwork.layers.map((l) => ({ ...l, params: { task: 'regression' } })) };
    expect([...probabilities(Float32Array.of(3, -4), network)]).toEqual([3, -4]);
  });
  it('answers the most probable classes first', async () => {
    const found = await predict(await open(), toyNetwork, Float32Array.of(0, 2, 1, 0), ['a', 'b', 'c'], 2);
    expect(found.map((p) => p.label)).toEqual(['b', 'c']);
  });
  it('stores an image as the data set does', () => {
    expect([...storeImage(Float32Array.of(0, 0.5, 1), { element: 'uint8', offset: 0, scale: 1 / 16 })]).toEqual([0, 8, 16]);
  });
});

describe('evaluate', () => {
  it('counts every sample once, in batches of any size', async () => {
    const dataset = toyDataset();
    const indices = Int32Array.from({ length: 25 }, (_, i) => i + 3);
    const [one, many] = await Promise.all([1, 10].map(async (batch) => evaluate(await open(), { network: toyNetwork, dataset, indices, split: 'all', batch })));
    expect(many).toEqual({ ...one, loss: expect.closeTo(one?.loss as number, 6) });
    // By hand: the net answers the largest of the first three features.
    let hits = 0;
    let loss = 0;
    for (const i of indices) {
      const x = [...dataset.values.slice(i * 4, i * 4 + 3)];
      const truth = dataset.labels[i] as number;
      if (x.indexOf(Math.max(...x)) === truth) hits++;
      loss += Math.log(x.reduce((a, v) => a + Math.exp(v), 0)) - (x[truth] as number);
    }
    expect(many?.accuracy).toBe(hits / 25);
    expect(many?.loss).toBeCloseTo(loss / 25, 5);
    expect(many?.confusion.flat().reduce((a, b) => a + b)).toBe(25);
    expect(many?.mistakes.length).toBe(25 - hits);
    const confidences = many?.mistakes.map((m) => m.confidence) ?? [];
    expect(confidences).toEqual([...confidences].sort((a, b) => b - a));
  });
  it('says where an answer is no number, which no protocol carries', async () => {
    const dataset = toyDataset();
    const broken = new Map([['dense.kernel', { shape: [3, 4], data: new Float32Array(12).fill(NaN, 4, 5) }]]);
    const session = await toyEngine().open(toyNetwork, toyOptions().config, broken, encodingOf(dataset));
    const at = { diagnostic: { code: 'insight.not-finite', place: { node: 'dense' }, args: { what: 'outputs' } } };
    await expect(evaluate(session, { network: toyNetwork, dataset, indices: Int32Array.of(0, 1), split: 'all', batch: 2 })).rejects.toMatchObject(at);
    await expect(predict(session, toyNetwork, Float32Array.of(0, 2, 1, 0), ['a', 'b', 'c'], 2)).rejects.toMatchObject(at);
  });
  it('computes precision, recall and F1 of the textbook', () => {
    // Truth in rows: 8 of class 0 (6 found), 2 of class 1 (1 found), 2 said to be class 1 wrongly.
    const [a, b, c] = perClass([[6, 2, 0], [1, 1, 0], [0, 0, 0]]);
    expect(a).toEqual({ precision: 6 / 7, recall: 6 / 8, f1: expect.closeTo(12 / 15, 12), support: 8 });
    expect(b).toEqual({ precision: 1 / 3, recall: 1 / 2, f1: expect.closeTo(0.4, 12), support: 2 });
    expect(c).toEqual({ precision: 0, recall: 0, f1: 0, support: 0 });
  });
});

describe('filters', () => {
  it('says so when a layer has none', () => {
    expect(() => filters(toyNetwork, weights, 'dense')).toThrow(/convolution filters/);
  });
});
