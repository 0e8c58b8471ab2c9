/** Gradients where differences cannot tell: at kinks, ties and zeros, each worked out by hand; and what is drawn by chance. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { GraphBuilder, type Value } from '../../../shared/onnx/builder.ts';
import { float, int, ints } from '../../../shared/onnx/ir.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { differentiate } from './backward.ts';
import { floats, op, text, type Build } from './cases/helpers.harness.ts';
import { lowerGraph } from './lowering/lower.ts';
import type { DeviceKind } from './rule.ts';

/** y = build(x) and d Σy / dx at `data`, written for a device, run on the CPU. */
async function at(build: Build, data: readonly number[], shape: readonly number[] = [data.length], device: DeviceKind = 'cpu'): Promise<{ y: number[]; d: number[] }> {
  const b = new GraphBuilder();
  const x = b.input('x', { element: 'float32', shape });
  const y = build(b, [x]);
  const loss = b.sum(y, undefined, false);
  b.output('d', differentiate(b, [...b.build('g').nodes], loss, ['x'], device).get('x') as Value);
  b.output('answer', y);
  const session = await ort.InferenceSession.create(encodeModel(lowerGraph(b.build('g'), { device, block: null })), { logSeverityLevel: 3 });
  const { d, answer } = await session.run({ x: new ort.Tensor('float32', Float32Array.from(data), [...shape]) });
  await session.release();
  return { y: Array.from(answer?.data as Float32Array), d: Array.from(d?.data as Float32Array, (v) => v + 0) };
}

const pool = { kernel_shape: ints([2, 2]), strides: ints([2, 2]) };
const pow = (exponent: number): Build => (b, [x]) => b.op('Pow', [x as Value, b.scalar(exponent)]);
const powBy = (exponents: readonly number[]): Build => (b, [x]) => b.op('Pow', [x as Value, b.mul(b.scalar(1), floats(b, exponents))]);
const withTwo = (name: string, turned: boolean): Build => (b, [x]) => b.op(name, turned ? [b.scalar(2), x as Value] : [x as Value, b.scalar(2)]);

const points: readonly (readonly [name: string, build: Build, data: readonly number[], shape: readonly number[], expected: readonly number[]])[] = [
  ['Relu at 0', op('Relu'), [-1, 0, 1], [3], [0, 0, 1]],
  ['Relu of tiny and huge numbers', op('Relu'), [-3e38, -1e-37, 1e-37, 3e38], [4], [0, 0, 1, 1]],
  ['LeakyRelu at 0', op('LeakyRelu', { alpha: float(0.5) }), [-1, 0, 1], [3], [0.5, 0.5, 1]],
  ['Clip at its bounds', (b, [x]) => b.op('Clip', [x as Value, b.scalar(-1), b.scalar(1)]), [-2, -1, 0, 1, 2], [5], [0, 0, 1, 0, 0]],
  ['ThresholdedRelu at its threshold', op('ThresholdedRelu', { alpha: float(1) }), [0, 1, 2], [3], [0, 0, 1]],
  ['HardSigmoid at its ends', op('HardSigmoid', { alpha: float(0.5), beta: float(0.5) }), [-1, 0, 1], [3], [0, 0.5, 0]],
  ['Abs at 0', op('Abs'), [-2, 0, 3], [3], [-1, 0, 1]],
  ['ReduceL1 at 0', op('ReduceL1'), [-2, 0, 3], [3], [-1, 0, 1]],
  ['ReduceL2 of zeros', op('ReduceL2'), [0, 0, 0], [3], [0, 0, 0]],
  ['Pow by 2 at 0 and below', pow(2), [-3, 0, 2], [3], [-6, 0, 4]],
  ['Pow by 3 at 0 and below', pow(3), [-3, 0, 2], [3], [27, 0, 12]],
  ['Pow by 1 at 0', pow(1), [-3, 0], [2], [1, 1]],
  ['Pow by 0 at 0', pow(0), [-3, 0, 2], [3], [0, 0, 0]],
  ['Pow by computed exponents at 0', powBy([0, 1, 2]), [0, 0, 0], [3], [0, 1, 0]],
  ['ReduceProd without a zero', op('ReduceProd'), [2, 3, 4], [3], [12, 8, 6]],
  ['ReduceProd with one zero', op('ReduceProd'), [2, 0, 4], [3], [0, 8, 0]],
  ['ReduceProd with two zeros', op('ReduceProd'), [0, 3, 0], [3], [0, 0, 0]],
  ['ReduceMax of ties, shared', op('ReduceMax'), [5, 1, 5, 5], [4], [1 / 3, 0, 1 / 3, 1 / 3]],
  ['ReduceMin of ties, shared', op('ReduceMin'), [5, 1, 1, 5], [4], [0, 0.5, 0.5, 0]],
  ['Max of ties, the first', withTwo('Max', false), [2, 2], [2], [1, 1]],
  ['Max of ties, the second', withTwo('Max', true), [2, 2], [2], [0, 0]],
  ['Min of ties, the first', withTwo('Min', false), [2, 2], [2], [1, 1]],
  ['Min of ties, the second', withTwo('Min', true), [2, 2], [2], [0, 0]],
  ['MaxPool of ties, the first', op('MaxPool', pool), [2, 2, 2, 2, 2, 2, 2, 2], [1, 1, 2, 4], [1, 0, 1, 0, 0, 0, 0, 0]],
  ['GlobalMaxPool of ties, the first', op('GlobalMaxPool'), [2, 2, 2, 2], [1, 1, 2, 2], [1, 0, 0, 0]],
  ['Softmax of numbers far apart', (b, [x]) => b.mul(op('Softmax')(b, [x as Value]), floats(b, [1, 2])), [1000, 1000], [2], [-0.25, 0.25]],
  ['LogSoftmax of numbers far apart', (b, [x]) => b.mul(op('LogSoftmax')(b, [x as Value]), floats(b, [1, 0])), [-1000, 1000], [2], [1, -1]],
  ['ReduceLogSumExp of large numbers', op('ReduceLogSumExp'), [80, 80], [2], [0.5, 0.5]],
  ['Softplus of large numbers', op('Softplus'), [-200, 0, 200], [3], [0, 0.5, 1]],
  ['Mish of large numbers', op('Mish'), [-200, 0, 30, 200], [4], [0, 0.6, 1, 1]],
  ['Sqrt', op('Sqrt'), [4], [1], [0.25]],
  ['Einsum, a trace', op('Einsum', { equation: text('ii->') }), [1, 2, 3, 4], [2, 2], [1, 0, 0, 1]],
];

describe.each(['cpu', 'webgpu'] as const)('the %s form', (device) => {
  it.each(points)('%s', async (_name, build, data, shape, expected) => {
    const { d } = await at(build, data, shape, device);
    expect(d.map((v) => Math.round(v * 1e5) / 1e5 + 0)).toEqual(expected.map((v) => Math.round(v * 1e5) / 1e5));
  });
});

describe('Dropout in training', () => {
  const dropout: Build = (b, [x]) => b.ops('Dropout', [x as Value, floats(b, [0.25], []), b.constant({ element: 'bool', shape: [], data: Uint8Array.of(1) })], { attributes: { seed: int(3) }, outputs: 2 })[0] as Value;

  it('passes what its mask kept, over the share kept', async () => {
    const { y, d } = await at(dropout, Array.from({ length: 400 }, () => 3));
    // Linear in what it keeps: the slope is the answer over the input.
    expect(d).toEqual(y.map((v) => Math.fround(v / 3)));
    expect([...new Set(d)].sort()).toEqual([0, Math.fround(1 / 0.75)]);
  });
});
