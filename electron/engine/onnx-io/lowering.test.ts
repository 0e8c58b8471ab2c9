/** Every layer's lowering, run by ONNX Runtime, against direct loops and the shapes its row promises. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { lowerForward } from '../../../shared/compile/lower.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { emptyDocument, type DrawnNode } from '../../../shared/graph/document.ts';
import { defaultParams, layerSpec, type LayerType } from '../../../shared/layers/table.ts';
import { GraphBuilder } from '../../../shared/onnx/builder.ts';
import { verify } from '../../../shared/onnx/verify.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { encodeModel } from './model.ts';

/** Input -> one layer -> nothing; Add and Concat get the input twice by way of a ReLU. */
function netOf(type: LayerType, params: Record<string, unknown>, shape: readonly number[]) {
  const make = (id: string, layer: LayerType, p: Record<string, unknown>): DrawnNode => ({ kind: 'layer', id, name: id, layer, params: { ...defaultParams(layer), ...p }, position: { x: 0, y: 0 } });
  const [c, h, w] = shape;
  const input = make('input', 'input', shape.length === 3 ? { kind: 'image', channels: c, height: h, width: w } : { kind: 'vector', channels: c });
  const nodes = type === 'input' ? [input] : [input, make('relu', 'relu', {}), make('layer', type, params)];
  const many = layerSpec(type).inputs[0]?.many === true;
  const ends = [['input', 'relu'], ['input', 'layer'], ...(many ? [['relu', 'layer']] : [])].filter(([a, b]) => nodes.some((n) => n.id === a) && nodes.some((n) => n.id === b));
  const wires = ends.map(([a, b]) => ({ id: `${a}>${b}`, from: { node: a as string, port: 'out' }, to: { node: b as string, port: 'in' } }));
  return compile({ ...emptyDocument('t'), graph: { nodes, wires } }).network;
}

async function run(type: LayerType, params: Record<string, unknown>, shape: readonly number[], x: Float32Array, weights = new Map<string, Float32Array>(), training = false) {
  const network = netOf(type, params, shape);
  const forward = lowerForward(network, { batch: 2, training });
  const layer = network.layers.find((l) => l.type === type);
  const b = GraphBuilder.from(forward.graph);
  b.output('answer', b.value(forward.taps.get(layer?.id ?? '') ?? 'missing'));
  const graph = b.build('layer');
  expect(verify(graph)).toEqual([]);
  const session = await ort.InferenceSession.create(encodeModel(graph), { logSeverityLevel: 3 });
  const feeds: Record<string, ort.Tensor> = { input: new ort.Tensor('float32', x, [2, ...shape]), noise: new ort.Tensor('float32', Float32Array.of(1, 2, 3, 4), [4]) };
  for (const [name, w] of initialWeights(network, 1)) feeds[name] = new ort.Tensor('float32', weights.get(name) ?? w.data, [...w.shape]);
  const { answer } = await session.run(Object.fromEntries(Object.entries(feeds).filter(([k]) => session.inputNames.includes(k))));
  await session.release();
  return { dims: answer?.dims, data: Array.from(answer?.data as Float32Array), promised: layer?.shape };
}

const random = createRandom(5);
const image = Float32Array.from({ length: 2 * 2 * 6 * 7 }, () => random.normal());
const close = (a: readonly number[], b: readonly number[]) => a.forEach((v, i) => expect(v).toBeCloseTo(b[i] as number, 4));

describe('lowering', () => {
  // Every other row: layers.test.ts.
  it.each(['input', 'output'] as const)('%s passes its shape on', async (type) => {
    const { dims, promised, data } = await run(type, {}, [2, 6, 7], image);
    expect([dims, promised]).toEqual([[2, 2, 6, 7], [2, 6, 7]]);
    close(data, Array.from(image));
  });

  it('the textbook convolution: 5×5 image, 3×3 kernel, 4 in the first place', async () => {
    const picture = Float32Array.of(1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0);
    const kernel = Float32Array.of(1, 0, 1, 0, 1, 0, 1, 0, 1);
    const { data } = await run('conv2d', { filters: 1, bias: false }, [1, 5, 5], Float32Array.of(...picture, ...picture), new Map([['layer.kernel', kernel]]));
    expect(data.slice(0, 9)).toEqual([4, 3, 4, 2, 4, 3, 2, 3, 4]);
  });

  it.each([
    [{ padding: 'valid' }, [0, 0, 0, 0]], [{ padding: 'full' }, [2, 2, 2, 2]], [{ padding: 'same', stride: [2, 2] }, [0, 1, 1, 1]], [{ padding: 'explicit', edges: [1, 0, 2, 3], stride: [1, 2] }, [1, 3, 2, 0]],
  ] as const)('Conv2D %j is the direct loop', async (params, [top, left, _bottom, _right]) => {
    const kernel = Float32Array.from({ length: 3 * 2 * 9 }, () => random.normal());
    const { data, dims } = await run('conv2d', { filters: 3, bias: false, ...params }, [2, 6, 7], image, new Map([['layer.kernel', kernel]]));
    const [, , oh, ow] = dims as [number, number, number, number];
    const stride = ('stride' in params ? params.stride : [1, 1]) as readonly number[];
    const expected: number[] = [];
    for (let n = 0; n < 2; n++) for (let f = 0; f < 3; f++) for (let i = 0; i < oh; i++) for (let j = 0; j < ow; j++) {
      let sum = 0;
      for (let c = 0; c < 2; c++) for (let u = 0; u < 3; u++) for (let v = 0; v < 3; v++) {
        const [y, x] = [i * (stride[0] as number) + u - top, j * (stride[1] as number) + v - left];
        if (y >= 0 && y < 6 && x >= 0 && x < 7) sum += (kernel[((f * 2 + c) * 3 + u) * 3 + v] as number) * (image[((n * 2 + c) * 6 + y) * 7 + x] as number);
      }
      expected.push(sum);
    }
    close(data, expected);
  });

  it.each([['max-pool', Math.max], ['average-pool', (...v: number[]) => v.reduce((a, b) => a + b, 0) / v.length], ['sum-pool', (...v: number[]) => v.reduce((a, b) => a + b, 0)]] as const)('%s is the direct loop', async (type, combine) => {
    const { data } = await run(type, {}, [2, 6, 7], image);
    const expected: number[] = [];
    for (let m = 0; m < 4; m++) for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) {
      expected.push(combine(...[0, 1].flatMap((u) => [0, 1].map((v) => image[(m * 6 + 2 * i + u) * 7 + 2 * j + v] as number))));
    }
    close(data, expected);
  });

  it.each([
    ['max-pool', { kernel: [3, 3], stride: [2, 2], padding: 'same' }], ['average-pool', { kernel: [3, 3], stride: [2, 2], padding: 'same' }],
    ['average-pool', { kernel: [3, 2], stride: [1, 2], padding: 'explicit', edges: [1, 0, 2, 1], countPadding: true }], ['sum-pool', { kernel: [3, 3], stride: [1, 1], padding: 'full' }],
  ] as const)('padded %s %j is the direct loop', async (type, params) => {
    const [kh, kw] = params.kernel;
    const [sh, sw] = params.stride;
    // Same: 6 rows to 3 and 7 columns to 4 by a 3×3 window at stride 2 need one row (at the end) and one column each side.
    const [top, left] = params.padding === 'same' ? [0, 1] : params.padding === 'full' ? [2, 2] : [1, 1];
    const { data, dims } = await run(type, params, [2, 6, 7], image);
    const [, , oh, ow] = dims as [number, number, number, number];
    const counted = 'countPadding' in params;
    const expected: number[] = [];
    for (let m = 0; m < 4; m++) for (let i = 0; i < oh; i++) for (let j = 0; j < ow; j++) {
      const seen: number[] = [];
      for (let u = 0; u < kh; u++) for (let v = 0; v < kw; v++) {
        const [y, x] = [i * sh + u - top, j * sw + v - left];
        if (y >= 0 && y < 6 && x >= 0 && x < 7) seen.push(image[(m * 6 + y) * 7 + x] as number);
      }
      const sum = seen.reduce((a, v) => a + v, 0);
      expected.push(type === 'max-pool' ? Math.max(...seen) : type === 'sum-pool' ? sum : sum / (counted ? kh * kw : seen.length));
    }
    expect(data.length).toBe(expected.length);
    close(data, expected);
  });

  it('Conv2D with groups and dilation is the direct loop', async () => {
    const kernel = Float32Array.from({ length: 4 * 1 * 4 }, () => random.normal());
    const { data } = await run('conv2d', { filters: 4, groups: 2, kernel: [2, 2], dilation: [2, 3], bias: false }, [2, 6, 7], image, new Map([['layer.kernel', kernel]]));
    const expected: number[] = [];
    for (let n = 0; n < 2; n++) for (let f = 0; f < 4; f++) for (let i = 0; i < 4; i++) for (let j = 0; j < 4; j++) {
      let sum = 0;
      for (let u = 0; u < 2; u++) for (let v = 0; v < 2; v++) sum += (kernel[f * 4 + u * 2 + v] as number) * (image[((n * 2 + (f >> 1)) * 6 + i + 2 * u) * 7 + j + 3 * v] as number);
      expected.push(sum);
    }
    close(data, expected);
  });

  it('Dense is x · W + b with its kernel in × out', async () => {
    const { data } = await run('dense', { units: 2 }, [3], Float32Array.of(1, 2, 3, 4, 5, 6), new Map([['layer.kernel', Float32Array.of(1, 10, 2, 20, 3, 30)], ['layer.bias', Float32Array.of(0.5, -1)]]));
    close(data, [14.5, 139, 32.5, 319]);
  });

  it('zero padding stands at the top, right, bottom and left it was told', async () => {
    const { data } = await run('zero-pad', { edges: [1, 2, 0, 1] }, [1, 1, 2], Float32Array.of(1, 2, 3, 4));
    expect(data).toEqual([0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 3, 4, 0, 0]);
  });

  it('maps of zeros stand before and behind', async () => {
    const { data } = await run('zero-pad', { edges: [0, 0, 0, 0], front: 1, back: 2 }, [1, 1, 2], Float32Array.of(1, 2, 3, 4));
    expect(data).toEqual([0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 3, 4, 0, 0, 0, 0]);
  });

  it('concat keeps its inputs in the order of their wires', async () => {
    const { data } = await run('concat', {}, [2], Float32Array.of(-1, 2, 3, -4));
    expect(data).toEqual([-1, 2, 0, 2, 3, -4, 3, 0]);
  });

  it('batch norm in training brings every channel to mean 0 and variance 1', async () => {
    const { data } = await run('batch-norm', {}, [2, 6, 7], image, new Map(), true);
    for (let c = 0; c < 2; c++) {
      const values = [0, 1].flatMap((n) => data.slice((n * 2 + c) * 42, (n * 2 + c + 1) * 42));
      const mean = values.reduce((a, v) => a + v, 0) / 84;
      expect(mean).toBeCloseTo(0, 4);
      expect(values.reduce((a, v) => a + (v - mean) ** 2, 0) / 84).toBeCloseTo(1, 3);
    }
  });

  it('dropout drops its share and keeps the mean', async () => {
    const ones = new Float32Array(2 * 100 * 100).fill(1);
    const { data } = await run('dropout', { rate: 0.3 }, [1, 100, 100], ones, new Map(), true);
    expect(data.filter((v) => v === 0).length / data.length).toBeCloseTo(0.3, 1);
    expect(data.reduce((a, v) => a + v, 0) / data.length).toBeCloseTo(1, 1);
  });
});
