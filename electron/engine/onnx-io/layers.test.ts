/** Every row of the layer table, lowered and run: shapes, parameter counts, values by direct loops, and a gradient for every weight. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { lowerForward } from '../../../shared/compile/lower.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { layerSpec, layerTypes, type LayerType } from '../../../shared/layers/table.ts';
import { elementCount, type Shape } from '../../../shared/shapes/shape.ts';
import { Sketch } from '../../../shared/templates/build.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { differentiate } from '../autodiff/backward.ts';
import { lowerGraph } from '../autodiff/lowering/lower.ts';
import { GraphBuilder } from '../../../shared/onnx/builder.ts';
import { encodeModel } from './model.ts';

interface Case { readonly type: LayerType; readonly params?: Record<string, unknown>; readonly input: Shape; readonly inputs?: number; readonly gate?: boolean }
const maps: Shape = [4, 6, 5];

const cases: Case[] = [
  { type: 'conv2d', params: { filters: 3, padding: 'same', activation: 'selu' }, input: maps },
  { type: 'conv1d', params: { filters: 3, kernel: 3, stride: 2, padding: 'same' }, input: [2, 9] },
  { type: 'conv1d', params: { filters: 3, kernel: 2, dilation: 3 }, input: [2, 9] },
  { type: 'conv3d', params: { filters: 3, depth: 2, kernel: [3, 2], padding: 'same', strideDepth: 2 }, input: [2, 4, 5, 3] },
  { type: 'depthwise-conv', params: { multiplier: 2, padding: 'same', activation: 'relu6' }, input: maps },
  { type: 'depthwise-conv', params: { stride: [2, 2], padding: 'explicit', edges: [1, 0, 0, 1] }, input: maps },
  { type: 'separable-conv', params: { filters: 7, multiplier: 2, activation: 'silu' }, input: maps },
  { type: 'conv-transpose', params: { filters: 3, kernel: [3, 3] }, input: maps },
  { type: 'conv-transpose', params: { filters: 3, kernel: [4, 2], stride: [2, 3], padding: 'valid', activation: 'elu' }, input: maps },
  { type: 'conv-transpose', params: { filters: 3, kernel: [1, 2], stride: [2, 3] }, input: maps },
  { type: 'conv-transpose', params: { filters: 3, kernel: [3, 4], stride: [2, 3], padding: 'explicit', edges: [1, 0, 1, 2], outputPadding: [1, 2] }, input: maps },
  { type: 'max-pool-1d', input: [2, 9] }, { type: 'max-pool-1d', params: { kernel: 3, padding: 'same' }, input: [2, 9] }, { type: 'average-pool-1d', params: { kernel: 3, stride: 1, padding: 'same' }, input: [2, 9] }, { type: 'average-pool-1d', params: { padding: 'same' }, input: [2, 9] },
  { type: 'max-pool', params: { kernel: [3, 2], padding: 'same' }, input: maps }, { type: 'average-pool', params: { padding: 'same' }, input: maps }, { type: 'sum-pool', params: { kernel: [3, 3], padding: 'same' }, input: maps },
  { type: 'max-pool', input: maps }, { type: 'average-pool', input: maps }, { type: 'sum-pool', input: maps },
  { type: 'global-average-pool', input: maps }, { type: 'global-average-pool', input: [3, 7] }, { type: 'global-max-pool', input: maps }, { type: 'global-max-pool', input: [2, 3, 4, 2] },
  { type: 'upsample', params: { factor: [2, 3] }, input: maps }, { type: 'upsample', params: { mode: 'bilinear' }, input: maps },
  { type: 'pixel-shuffle', input: maps },
  { type: 'dense', params: { units: 3, activation: 'gelu' }, input: [5] },
  { type: 'flatten', input: maps },
  { type: 'reshape', params: { to: 'image', height: 3, width: 2, channels: 4 }, input: [24] }, { type: 'reshape', params: { to: 'sequence', length: 6, channels: 4 }, input: [24] },
  { type: 'reshape', params: { to: 'volume', depth: 2, height: 3, width: 2, channels: 2 }, input: [24] }, { type: 'reshape', params: { to: 'vector', channels: 24 }, input: [4, 3, 2] },
  ...(['cwh', 'hcw', 'hwc', 'wch', 'whc'] as const).map((order): Case => ({ type: 'permute', params: { order }, input: maps })),
  { type: 'zero-pad', input: maps }, { type: 'crop', params: { edges: [1, 2, 0, 1] }, input: maps },
  ...(['relu', 'relu6', 'leaky-relu', 'elu', 'selu', 'gelu', 'silu', 'hard-swish', 'mish', 'softplus', 'sigmoid', 'hard-sigmoid', 'tanh', 'softmax'] as const).flatMap((type): Case[] => [{ type, input: maps }, { type, input: [5] }]),
  { type: 'gelu', params: { approximate: true }, input: [5] },
  { type: 'prelu', input: maps }, { type: 'prelu', params: { shared: 'all' }, input: maps }, { type: 'prelu', input: [5] },
  { type: 'batch-norm', input: maps }, { type: 'batch-norm', input: [5] },
  { type: 'layer-norm', input: maps }, { type: 'layer-norm', params: { over: 'channels' }, input: maps }, { type: 'layer-norm', input: [5] },
  { type: 'group-norm', params: { groups: 2 }, input: maps }, { type: 'instance-norm', input: maps }, { type: 'instance-norm', input: [3, 7] },
  { type: 'lrn', params: { size: 3, alpha: 0.5 }, input: maps },
  { type: 'dropout', input: maps }, { type: 'spatial-dropout', params: { rate: 0.5 }, input: maps },
  ...(['add', 'multiply', 'average', 'maximum', 'concat'] as const).map((type): Case => ({ type, input: maps, inputs: 3 })),
  { type: 'multiply', input: maps, gate: true },
  { type: 'softmax', params: { over: 'rows' }, input: maps },
  { type: 'channel-slice', params: { part: 2 }, input: maps }, { type: 'channel-slice', params: { parts: 3, part: 3 }, input: [6] },
  { type: 'channel-shuffle', input: maps }, { type: 'channel-shuffle', params: { groups: 3 }, input: [6, 5] },
  { type: 'layer-scale', input: maps }, { type: 'layer-scale', params: { start: 0.5 }, input: [5] },
  { type: 'stochastic-depth', params: { rate: 0.5 }, input: maps }, { type: 'stochastic-depth', params: { rate: 0.0002 }, input: [5] },
  { type: 'tokens', input: maps }, { type: 'tokens', input: [2, 3, 4, 2] }, { type: 'class-token', input: [3, 7] },
  { type: 'position-embedding', input: [3, 7] }, { type: 'position-embedding', input: maps }, { type: 'take-token', params: { index: 3 }, input: [3, 7] },
  { type: 'split-heads', params: { heads: 3 }, input: [6, 5] }, { type: 'join-heads', input: maps },
  { type: 'matmul', params: { transposeFirst: true, scale: 'root' }, input: maps, inputs: 2 }, { type: 'matmul', params: { transposeSecond: true }, input: [3, 7], inputs: 2 },
  { type: 'rescale', params: { scale: 255, mean: [1, 2, 3, 4], deviation: [2] }, input: maps }, { type: 'rescale', params: { order: 'bgr', mean: [0.5], deviation: [0.1, 0.2, 0.3] }, input: [3, 7] },
  { type: 'squeeze-excite', params: { ratio: 2 }, input: maps }, { type: 'squeeze-excite', input: [3, 7] },
];

const kindOf: Readonly<Record<number, string>> = { 1: 'vector', 2: 'sequence', 3: 'image', 4: 'volume' };
function networkOf(test: Case): Network {
  const s = new Sketch();
  const [channels, ...rest] = test.input as [number, ...number[]];
  const sizes = { 1: {}, 2: { length: rest[0] }, 3: { height: rest[0], width: rest[1] }, 4: { depth: rest[0], height: rest[1], width: rest[2] } }[test.input.length] ?? {};
  const start = s.add('input', { kind: kindOf[test.input.length], channels, ...sizes }, []);
  const feeds = test.inputs ? Array.from({ length: test.inputs }, (_, i) => s.add('leaky-relu', { slope: 0.1 * (i + 1) }, [start])) : test.gate ? [start, s.add('global-average-pool', {}, [start])] : [start];
  s.add('output', { task: 'regression' }, [s.add(test.type, test.params ?? {}, feeds)]);
  const compiled = compile(s.document('row', 'test'));
  expect(compiled.problems.map((p) => p.diagnostic)).toEqual([]);
  return compiled.network;
}
const layerOf = (network: Network) => network.layers.at(-2) as Network['layers'][number];

function numbers(count: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: count }, () => random.normal());
}

async function run(network: Network, training: boolean, x: Float32Array, batch = 2): Promise<ort.Tensor> {
  const { graph } = lowerForward(network, { batch, training });
  const weights = initialWeights(network, 3);
  const feeds = Object.fromEntries(graph.inputs.map(({ name, type }) => [name, new ort.Tensor('float32', name === 'input' ? x : name === 'noise' ? Float32Array.of(3, 1, 4, 15) : (weights.get(name)?.data ?? new Float32Array()), [...type.shape])]));
  const session = await ort.InferenceSession.create(encodeModel(lowerGraph(graph, { device: 'cpu', block: null })), { logSeverityLevel: 3 });
  return (await session.run(feeds)).output as ort.Tensor;
}

describe('each layer', () => {
  it.each(cases)('$type $params of $input has the shape its rule says, in use and in training', async (test) => {
    const network = networkOf(test);
    const layer = layerOf(network);
    const x = numbers(2 * elementCount(test.input), 5);
    for (const training of [false, true]) expect((await run(network, training, x)).dims).toEqual([2, ...layer.shape]);
  });

  it.each(cases)('$type $params of $input has as many parameters as its arithmetic', (test) => {
    const layer = layerOf(networkOf(test));
    const counted = layer.parameterArithmetic === '' ? 0 : layer.parameterArithmetic.split(' + ').reduce((sum, term) => sum + term.split('·').reduce((p, f) => p * Number(f), 1), 0);
    expect(layer.parameters).toBe(counted);
    expect(layer.macs).toBeGreaterThanOrEqual(0);
  });

  it.each(cases)('$type $params of $input passes a gradient to its input and its weights', (test) => {
    const forward = lowerForward(networkOf(test), { batch: 2, training: true });
    const b = GraphBuilder.from(forward.graph);
    const y = b.value(forward.outputs[0] as string);
    const loss = b.sum(b.mul(y, y), undefined, false);
    const wanted = ['input', ...forward.weights.filter((w) => w.trainable).map((w) => w.name)];
    expect([...differentiate(b, [...b.build('g').nodes], loss, wanted, 'cpu').keys()].sort()).toEqual([...wanted].sort());
  });

  it('has a case here', () => {
    expect(layerTypes.filter((t) => !['input', 'output', 'auxiliary-output', 'tensor-input', 'tensor-output'].includes(t) && !cases.some((c) => c.type === t))).toEqual([]);
  });

  it('has a Keras twin or none by decision, a PyTorch twin, help and words', () => {
    for (const type of layerTypes) {
      const spec = layerSpec(type);
      expect(spec.teaching.text.length, type).toBeGreaterThan(20);
      for (const field of Object.values(spec.fields)) expect(field.help.length, `${type} ${field.label}`).toBeGreaterThan(5);
    }
  });
});

describe('values by direct loops', () => {
  const value = async (test: Case, x: Float32Array): Promise<Float32Array> => (await run(networkOf(test), false, x, 1)).data as Float32Array;
  const weightsOf = (test: Case) => initialWeights(networkOf(test), 3);

  it('Rescale: mean and deviation belong to the channels as the net takes them', async () => {
    const x = numbers(12, 4);
    const [mean, deviation] = [[103.94, 116.78, 123.68], [57, 58, 59]] as const;
    const expected = Array.from({ length: 12 }, (_, i) => {
      const c = Math.floor(i / 4);
      return (255 * (x[(2 - c) * 4 + (i % 4)] as number) - (mean[c] as number)) / (deviation[c] as number);
    });
    const got = await value({ type: 'rescale', params: { order: 'bgr', scale: 255, mean, deviation }, input: [3, 2, 2] }, x);
    got.forEach((v, i) => expect(v).toBeCloseTo(expected[i] as number, 4));
  });

  it('Conv1D', async () => {
    const test: Case = { type: 'conv1d', params: { filters: 2, kernel: 3, padding: 'same' }, input: [2, 5] };
    const x = numbers(10, 9);
    const kernel = [...weightsOf(test).values()][0]?.data as Float32Array;
    const expected = Array.from({ length: 10 }, (_, at) => {
      const [f, i] = [Math.floor(at / 5), at % 5];
      let sum = 0;
      for (let c = 0; c < 2; c++) for (let u = 0; u < 3; u++) sum += (x[c * 5 + i + u - 1] !== undefined && i + u - 1 >= 0 && i + u - 1 < 5 ? (x[c * 5 + i + u - 1] as number) : 0) * (kernel[(f * 2 + c) * 3 + u] as number);
      return sum;
    });
    (await value(test, x)).forEach((v, i) => expect(v).toBeCloseTo(expected[i] as number, 4));
  });

  it('ConvTranspose, same, doubles the size by painting kernels', async () => {
    const test: Case = { type: 'conv-transpose', params: { filters: 1, kernel: [3, 3], stride: [2, 2] }, input: [1, 3, 2] };
    const x = numbers(6, 9);
    const kernel = [...weightsOf(test).values()][0]?.data as Float32Array;
    const whole = new Float32Array(7 * 5);
    for (let i = 0; i < 3; i++) for (let j = 0; j < 2; j++) for (let u = 0; u < 3; u++) for (let v = 0; v < 3; v++) {
      const at = (2 * i + u) * 5 + 2 * j + v;
      whole[at] = (whole[at] as number) + (x[i * 2 + j] as number) * (kernel[u * 3 + v] as number);
    }
    // One row and column too many: kernel − stride = 1, cut at the end.
    const expected = Array.from({ length: 24 }, (_, at) => whole[Math.floor(at / 4) * 5 + (at % 4)] as number);
    (await value(test, x)).forEach((v, i) => expect(v).toBeCloseTo(expected[i] as number, 4));
  });

  it('PixelShuffle, Upsample, Permute and Crop', async () => {
    const at = Float32Array.from({ length: 8 }, (_, i) => i);
    // Four maps of 1×2 become one of 2×4: channel 2·r + c goes to row r, column c of each block.
    expect(Array.from(await value({ type: 'pixel-shuffle', input: [4, 1, 2] }, at))).toEqual([0, 2, 1, 3, 4, 6, 5, 7]);
    expect(Array.from(await value({ type: 'upsample', params: { factor: [2, 1] }, input: [1, 2, 2] }, at.subarray(0, 4)))).toEqual([0, 1, 0, 1, 2, 3, 2, 3]);
    expect(Array.from(await value({ type: 'permute', params: { order: 'cwh' }, input: [1, 2, 4] }, at))).toEqual([0, 4, 1, 5, 2, 6, 3, 7]);
    expect(Array.from(await value({ type: 'crop', params: { edges: [1, 1, 0, 0] }, input: [1, 2, 4] }, at))).toEqual([4, 5, 6]);
  });

  it('Conv3D', async () => {
    const test: Case = { type: 'conv3d', params: { filters: 2, depth: 2, kernel: [2, 3], strideDepth: 2 }, input: [2, 4, 3, 4] };
    const x = numbers(96, 9);
    const kernel = [...weightsOf(test).values()][0]?.data as Float32Array;
    // [2, 2, 2, 2]: filters, and what the three axes leave.
    const expected = Array.from({ length: 16 }, (_, at) => {
      const [f, k, i, j] = [at >> 3, (at >> 2) & 1, (at >> 1) & 1, at & 1] as const;
      let sum = 0;
      for (let c = 0; c < 2; c++) for (let t = 0; t < 2; t++) for (let u = 0; u < 2; u++) for (let v = 0; v < 3; v++) {
        sum += (x[((c * 4 + 2 * k + t) * 3 + i + u) * 4 + j + v] as number) * (kernel[(((f * 2 + c) * 2 + t) * 2 + u) * 3 + v] as number);
      }
      return sum;
    });
    (await value(test, x)).forEach((v, i) => expect(v).toBeCloseTo(expected[i] as number, 4));
  });

  it('DepthwiseConv: map c · m + k is kernel c · m + k on map c', async () => {
    const test: Case = { type: 'depthwise-conv', params: { multiplier: 2, kernel: [1, 2] }, input: [2, 1, 3] };
    const x = numbers(6, 9);
    const kernel = [...weightsOf(test).values()][0]?.data as Float32Array;
    const expected = Array.from({ length: 8 }, (_, at) => {
      const [map, j] = [at >> 1, at & 1];
      const c = map >> 1;
      return (x[c * 3 + j] as number) * (kernel[map * 2] as number) + (x[c * 3 + j + 1] as number) * (kernel[map * 2 + 1] as number);
    });
    (await value(test, x)).forEach((v, i) => expect(v).toBeCloseTo(expected[i] as number, 4));
  });

  it('LRN divides by the squares of the neighbouring maps', async () => {
    const x = numbers(5, 9);
    const y = await value({ type: 'lrn', params: { size: 3, alpha: 0.6, beta: 0.75, bias: 2 }, input: [5, 1, 1] }, x);
    y.forEach((v, c) => {
      const squares = [c - 1, c, c + 1].reduce((s, k) => s + (x[k] ?? 0) ** 2, 0);
      expect(v).toBeCloseTo((x[c] as number) / (2 + (0.6 / 3) * squares) ** 0.75, 5);
    });
  });

  it('Upsample, bilinear, blends by the distance of pixel centres', async () => {
    // Centres of the four new pixels lie at −¼, ¼, ¾ and 1¼ of the old ones.
    const y = await value({ type: 'upsample', params: { factor: [1, 2], mode: 'bilinear' }, input: [1, 1, 2] }, Float32Array.of(0, 8));
    expect(Array.from(y)).toEqual([0, 2, 6, 8]);
  });

  it('Multiply, Average and Maximum, and a gate of one number a map', async () => {
    const x = Float32Array.of(1, -2, 3, -4);
    const leaky = (slope: number) => Array.from(x, (v) => (v > 0 ? v : v * slope));
    const [a, b] = [leaky(0.1), leaky(0.2)] as [number[], number[]];
    const close = async (type: LayerType, want: (i: number) => number) => (await value({ type, input: [2, 1, 2], inputs: 2 }, x)).forEach((v, i) => expect(v).toBeCloseTo(want(i), 5));
    await close('multiply', (i) => (a[i] as number) * (b[i] as number));
    await close('average', (i) => ((a[i] as number) + (b[i] as number)) / 2);
    await close('maximum', (i) => Math.max(a[i] as number, b[i] as number));
    expect(Array.from(await value({ type: 'multiply', input: [2, 1, 2], gate: true }, x))).toEqual([-0.5, 1, -1.5, 2]);
  });

  it('pools of a sequence, with stretches that end early', async () => {
    const x = Float32Array.of(3, 1, 4, 1, 5);
    expect(Array.from(await value({ type: 'max-pool-1d', params: { padding: 'same' }, input: [1, 5] }, x))).toEqual([3, 4, 5]);
    expect(Array.from(await value({ type: 'average-pool-1d', params: { padding: 'same' }, input: [1, 5] }, x))).toEqual([2, 2.5, 5]);
  });

  it.each([['group-norm', { groups: 2 }, 2], ['instance-norm', {}, 4], ['layer-norm', {}, 1]] as const)('%s brings each of its groups to mean 0 and variance 1', async (type, params, groups) => {
    const y = await value({ type, params, input: maps }, numbers(120, 9).map((v) => 3 * v + 2));
    const size = 120 / groups;
    for (let g = 0; g < groups; g++) {
      const part = y.subarray(g * size, (g + 1) * size);
      const mean = part.reduce((s, v) => s + v, 0) / size;
      expect(mean).toBeCloseTo(0, 4);
      expect(part.reduce((s, v) => s + (v - mean) ** 2, 0) / size).toBeCloseTo(1, 3);
    }
  });

  it('SqueezeExcite scales each map by one number between 0 and 1', async () => {
    const x = numbers(120, 9);
    const y = await value({ type: 'squeeze-excite', params: { ratio: 2 }, input: maps }, x);
    for (let c = 0; c < 4; c++) {
      const gate = (y[c * 30] as number) / (x[c * 30] as number);
      expect(gate).toBeGreaterThan(0);
      expect(gate).toBeLessThan(1);
      for (let i = 0; i < 30; i++) expect(y[c * 30 + i]).toBeCloseTo((x[c * 30 + i] as number) * gate, 4);
    }
  });

  it('MatMul of two inputs, turned and divided by the root of the terms', async () => {
    const [h, m, n] = [2, 3, 4];
    const x = numbers(h * m * n, 9);
    const leaky = (slope: number) => Array.from(x, (v) => (v > 0 ? v : v * slope));
    const [a, b] = [leaky(0.1), leaky(0.2)] as [number[], number[]];
    const scores = await value({ type: 'matmul', params: { transposeFirst: true, scale: 'root' }, input: [h, m, n], inputs: 2 }, x);
    const outer = await value({ type: 'matmul', params: { transposeSecond: true }, input: [h, m, n], inputs: 2 }, x);
    for (let k = 0; k < h; k++) {
      const at = (v: number[], i: number, j: number) => v[(k * m + i) * n + j] as number;
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let c = 0; c < m; c++) sum += at(a, c, i) * at(b, c, j);
        expect(scores[(k * n + i) * n + j]).toBeCloseTo(sum / Math.sqrt(m), 4);
      }
      for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) {
        let sum = 0;
        for (let c = 0; c < n; c++) sum += at(a, i, c) * at(b, j, c);
        expect(outer[(k * m + i) * m + j]).toBeCloseTo(sum, 4);
      }
    }
  });

  it('Channel shuffle deals out like cards; Channel slice takes its part', async () => {
    const x = Float32Array.from({ length: 12 }, (_, i) => i);
    // Six channels of two numbers, in three groups of two: 0 2 4 1 3 5.
    expect(Array.from(await value({ type: 'channel-shuffle', params: { groups: 3 }, input: [6, 2] }, x))).toEqual([0, 1, 4, 5, 8, 9, 2, 3, 6, 7, 10, 11]);
    expect(Array.from(await value({ type: 'channel-slice', params: { parts: 3, part: 2 }, input: [6, 2] }, x))).toEqual([4, 5, 6, 7]);
  });

  it('tokens of a picture: unrolled, one before them, a number for each place, one taken, heads split and joined', async () => {
    const x = numbers(24, 9);
    expect(await value({ type: 'tokens', input: [2, 3, 4] }, x)).toEqual(x);
    const own = (test: Case) => [...weightsOf(test).values()][0]?.data as Float32Array;
    const first: Case = { type: 'class-token', input: [2, 12] };
    expect(Array.from(await value(first, x))).toEqual([own(first)[0], ...x.slice(0, 12), own(first)[1], ...x.slice(12)]);
    const place: Case = { type: 'position-embedding', input: [2, 12] };
    expect(await value(place, x)).toEqual(x.map((v, i) => v + (own(place)[i] as number)));
    expect(Array.from(await value({ type: 'take-token', params: { index: 5 }, input: [2, 12] }, x))).toEqual([x[5], x[17]]);
    expect(await value({ type: 'split-heads', params: { heads: 3 }, input: [6, 4] }, x)).toEqual(x);
    expect(await value({ type: 'join-heads', input: [3, 2, 4] }, x)).toEqual(x);
  });

  it('Softmax over rows adds up to 1 in each; Hard sigmoid has three straight parts; Layer scale begins as it says', async () => {
    const y = await value({ type: 'softmax', params: { over: 'rows' }, input: [2, 3, 4] }, numbers(24, 9));
    for (let row = 0; row < 6; row++) expect(y.slice(row * 4, row * 4 + 4).reduce((s, v) => s + v, 0)).toBeCloseTo(1, 5);
    expect(Array.from(await value({ type: 'hard-sigmoid', input: [5] }, Float32Array.of(-4, -1.5, 0, 1.5, 4)))).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(Array.from(await value({ type: 'layer-scale', params: { start: 0.25 }, input: [2, 2] }, Float32Array.of(1, 2, 3, 4)))).toEqual([0.25, 0.5, 0.75, 1]);
  });

  it('Stochastic depth leaves out whole samples, and makes up for it in the others', async () => {
    const test: Case = { type: 'stochastic-depth', params: { rate: 0.5 }, input: [2, 2, 2] };
    const y = (await run(networkOf(test), true, new Float32Array(512).fill(1), 64)).data as Float32Array;
    const samples = Array.from({ length: 64 }, (_, n) => y.slice(n * 8, n * 8 + 8));
    expect(samples.every((s) => s.every((v) => v === s[0]))).toBe(true);
    const [low, high] = [...new Set(y)].sort((p, q) => p - q) as [number, number];
    expect([low, new Set(y).size]).toEqual([0, 2]);
    expect(high).toBeCloseTo(2, 2);
    const dropped = samples.filter((s) => s[0] === 0).length;
    expect(dropped).toBeGreaterThan(16);
    expect(dropped).toBeLessThan(48);
    expect(await value(test, new Float32Array(8).fill(1))).toEqual(new Float32Array(8).fill(1));
  });

  it('Spatial dropout drops whole maps', async () => {
    const y = (await run(networkOf({ type: 'spatial-dropout', params: { rate: 0.5 }, input: [64, 2, 2] }), true, new Float32Array(256).fill(1), 1)).data as Float32Array;
    const dropped = Array.from({ length: 64 }, (_, c) => y.subarray(c * 4, c * 4 + 4)).filter((m) => m.every((v) => v === 0)).length;
    expect(Array.from({ length: 64 }, (_, c) => new Set(y.subarray(c * 4, c * 4 + 4)).size)).toEqual(Array.from({ length: 64 }, () => 1));
    expect(dropped).toBeGreaterThan(16);
    expect(dropped).toBeLessThan(48);
  });
});
