/** What no other engine can judge: neighbourhoods of even size, and running statistics mixed by a momentum. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { GraphBuilder } from '../../../../shared/onnx/builder.ts';
import { float, int } from '../../../../shared/onnx/ir.ts';
import { createRandom } from '../../../../shared/util/random.ts';
import { channelsFirst, type Laid } from '../laid.ts';
import { runGraph } from '../run-graph.ts';

const plain = { layers: new Map(), taped: false } as const;
const random = createRandom(7);
const close = (a: ArrayLike<number>, b: readonly number[]): void => Array.from(a).forEach((v, i) => expect(v).toBeCloseTo(b[i] as number, 5));

beforeAll(async () => {
  await tf.setBackend('cpu');
});

it('LRN looks at ⌊(size − 1) / 2⌋ channels before and the rest behind', () => {
  const [size, alpha, beta, bias] = [4, 0.5, 0.75, 2];
  const shape = [2, 6, 2, 1];
  const x = Array.from({ length: 24 }, () => random.normal());
  const b = new GraphBuilder();
  b.output('y', b.op('LRN', [b.input('x', { element: 'float32', shape })], { size: int(size), alpha: float(alpha), beta: float(beta), bias: float(bias) }));
  const y = runGraph(tf, b.build('lrn'), new Map([['x', { tensor: tf.tensor(x, shape), last: false }]]), plain).get('y') as Laid;
  const at = (n: number, c: number, p: number): number => x[(n * 6 + c) * 2 + p] as number;
  const expected = x.map((v, i) => {
    const [n, c, p] = [Math.floor(i / 12), Math.floor(i / 2) % 6, i % 2];
    let squares = 0;
    for (let k = Math.max(c - 1, 0); k <= Math.min(c + 2, 5); k++) squares += at(n, k, p) ** 2;
    return v / (bias + (alpha / size) * squares) ** beta;
  });
  close(channelsFirst(tf, y).dataSync(), expected);
});

it('BatchNormalization in training answers old · momentum + own · (1 − momentum)', () => {
  const x = [[1, 4], [3, 4], [8, 10]];
  const b = new GraphBuilder();
  const vector = (name: string) => b.input(name, { element: 'float32', shape: [2] });
  const [y, mean, variance] = b.ops('BatchNormalization', [b.input('x', { element: 'float32', shape: [3, 2] }), ...['scale', 'bias', 'mean', 'variance'].map(vector)], { attributes: { training_mode: int(1), momentum: float(0.75), epsilon: float(0) }, outputs: 3 });
  for (const [name, value] of Object.entries({ y, mean, variance })) if (value) b.output(`${name}_out`, value);
  const feeds = Object.entries({ x, scale: [2, 1], bias: [0, 5], mean: [10, 20], variance: [1, 3] }).map(([name, values]): [string, Laid] => [name, { tensor: tf.tensor(values), last: false }]);
  const out = runGraph(tf, b.build('norm'), new Map(feeds), plain);
  const own = [0, 1].map((c) => {
    const column = x.map((row) => row[c] as number);
    const m = column.reduce((a, v) => a + v, 0) / 3;
    return { m, v: column.reduce((a, v) => a + (v - m) ** 2, 0) / 3 };
  });
  const numbers = (name: string): ArrayLike<number> => (out.get(name) as Laid).tensor.dataSync();
  close(numbers('mean_out'), own.map(({ m }, c) => 0.75 * ([10, 20][c] as number) + 0.25 * m));
  close(numbers('variance_out'), own.map(({ v }, c) => 0.75 * ([1, 3][c] as number) + 0.25 * v));
  close(numbers('y_out'), x.flatMap((row) => row.map((v, c) => ((v - (own[c]?.m ?? 0)) / Math.sqrt(own[c]?.v ?? 1)) * ([2, 1][c] as number) + ([0, 5][c] as number))));
});
