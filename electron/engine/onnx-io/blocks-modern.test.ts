/** The modern blocks by plain loops from the formulas of their papers, and their nets on WebGPU. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { lowerForward } from '../../../shared/compile/lower.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import type { GroupNode } from '../../../shared/graph/document.ts';
import { attention, shuffleUnit, squeezeExcite } from '../../../shared/templates/blocks-modern.ts';
import { Sketch } from '../../../shared/templates/build.ts';
import { findTemplate } from '../../../shared/templates/templates.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { legalise } from '../autodiff/legalise.ts';
import { lowerGraph } from '../autodiff/lowering/lower.ts';
import { buildStepGraph } from '../autodiff/step-graph.ts';
import { placements } from '../runtime/placement.harness.ts';
import { encodeModel } from './model.ts';

const random = createRandom(31);
const numbers = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.normal());

interface Around { readonly network: Network; readonly weights: Map<string, Float32Array>; readonly run: (x: Float32Array) => Promise<Float32Array> }
/** The block between an Input and an Output, with weights that are nowhere 0 or 1. */
function around(block: GroupNode, input: Readonly<Record<string, unknown>>): Around {
  const s = new Sketch();
  s.add('output', { task: 'regression' }, [s.place(block, s.add('input', input, []), 'b')]);
  const { network, problems } = compile(s.document('block', 'test'));
  expect(problems).toEqual([]);
  const weights = new Map([...initialWeights(network, 3)].map(([name, w]) => [name, numbers(w.data.length).map((v) => (name.endsWith('variance') ? 1 + v * v : 0.5 * v))]));
  return {
    network, weights,
    run: async (x) => {
      const { graph } = lowerForward(network, { batch: 1, training: false });
      const session = await ort.InferenceSession.create(encodeModel(lowerGraph(graph, { device: 'cpu', block: null })), { logSeverityLevel: 3 });
      const feeds = Object.fromEntries(graph.inputs.map(({ name, type }) => [name, new ort.Tensor('float32', name === 'input' ? x : (weights.get(name) as Float32Array), [...type.shape])]));
      return ((await session.run(feeds)).output as ort.Tensor).data as Float32Array;
    },
  };
}
const near = (y: Float32Array, expected: readonly number[]): void => {
  expect(y.length).toBe(expected.length);
  y.forEach((v, i) => expect(v).toBeCloseTo(expected[i] as number, 4));
};

describe('blocks by plain loops', () => {
  it('attention: softmax(q · k / √d) · v in each head, then a projection (Vaswani et al., 2017)', async () => {
    const [width, heads, length] = [6, 2, 5];
    const { weights, run } = around(attention(width, heads), { kind: 'sequence', channels: width, length });
    const x = numbers(width * length);
    const linear = (name: string, from: (c: number, t: number) => number) => (c: number, t: number): number => {
      const [kernel, bias] = [weights.get(`b/${name}-1.kernel`), weights.get(`b/${name}-1.bias`)] as [Float32Array, Float32Array];
      let sum = bias[c] as number;
      for (let i = 0; i < width; i++) sum += (kernel[c * width + i] as number) * from(i, t);
      return sum;
    };
    const tokens = (c: number, t: number): number => x[c * length + t] as number;
    const [q, k, v] = ['queries', 'keys', 'values'].map((name) => linear(name, tokens)) as [typeof tokens, typeof tokens, typeof tokens];
    const d = width / heads;
    const heard = (c: number, t: number): number => {
      const first = Math.floor(c / d) * d;
      const scores = Array.from({ length }, (_, u) => Array.from({ length: d }, (_n, i) => q(first + i, t) * k(first + i, u)).reduce((a, s) => a + s, 0) / Math.sqrt(d));
      const powers = scores.map(Math.exp);
      const sum = powers.reduce((a, p) => a + p, 0);
      return powers.reduce((a, p, u) => a + (p / sum) * v(c, u), 0);
    };
    const answer = linear('projection', heard);
    near(await run(x), Array.from({ length: width * length }, (_, i) => answer(Math.floor(i / length), i % length)));
  });

  it('squeeze-excite: each map times σ(W₂ · relu(W₁ · means)) (Hu, Shen and Sun, 2018)', async () => {
    const [maps, units, places] = [4, 3, 6];
    const { network, weights, run } = around(squeezeExcite(maps, units), { kind: 'image', channels: maps, height: 2, width: 3 });
    const x = numbers(maps * places);
    const [w1, b1, w2, b2] = network.layers.flatMap((l) => l.weights.map((w) => weights.get(w.fullName) as Float32Array)) as [Float32Array, Float32Array, Float32Array, Float32Array];
    const means = Array.from({ length: maps }, (_, c) => x.slice(c * places, (c + 1) * places).reduce((a, v) => a + v, 0) / places);
    const hidden = Array.from(b1, (bias, j) => Math.max(0, means.reduce((a, m, c) => a + m * (w1[c * units + j] as number), bias)));
    const gates = Array.from(b2, (bias, c) => 1 / (1 + Math.exp(-hidden.reduce((a, h, j) => a + h * (w2[j * maps + c] as number), bias))));
    near(await run(x), Array.from(x, (v, i) => v * (gates[Math.floor(i / places)] as number)));
  });

  it('shuffle unit: the first half comes out untouched, in every other map (Ma et al., 2018)', async () => {
    const { run } = around(shuffleUnit(3), { kind: 'image', channels: 6, height: 2, width: 2 });
    const x = numbers(24);
    const y = await run(x);
    for (let c = 0; c < 3; c++) expect(y.slice(8 * c, 8 * c + 4)).toEqual(x.slice(4 * c, 4 * c + 4));
    // The other half ends in a ReLU.
    for (let c = 0; c < 3; c++) expect(Math.min(...y.slice(8 * c + 4, 8 * c + 8))).toBeGreaterThanOrEqual(0);
  });

  it('wires of a product count by port, not by the order they were drawn in', () => {
    const s = new Sketch();
    const start = s.add('input', { kind: 'sequence', channels: 2, length: 5 }, []);
    const wide = s.add('conv1d', { filters: 5, kernel: 1 }, [start]);
    s.add('output', { task: 'regression' }, [s.add('matmul', {}, [start, wide])]);
    const drawn = s.document('product', 'test');
    const turned = { ...drawn, graph: { ...drawn.graph, wires: drawn.graph.wires.toReversed() } };
    for (const document of [drawn, turned]) expect(compile(document).network.layers.at(-1)?.shape).toEqual([2, 5]);
  });
});

const available = process.env.NETLOOM_TEST_WEBGPU !== undefined;
describe.runIf(available)('on WebGPU', () => {
  it.each(['mobilenet-v3-small', 'shufflenet-v2', 'vit-tiny'])('%s trains without a node on the CPU', async (id) => {
    const template = findTemplate(id) ?? expect.fail('no such template');
    const { network } = compile(template.build({ size: 32, classes: 10 }));
    const config = TrainingConfigSchema.parse({ ...template.training, batchSize: 2 });
    const lowered = lowerForward(network, { batch: 2, training: true });
    const { graph } = buildStepGraph({ ...lowered, graph: legalise(lowered.graph, 'webgpu') }, { ...config, loss: 'cross-entropy', device: 'webgpu', accumulation: null, input: { element: 'uint8', offset: 0, scale: 1 / 255 } });
    const placed = await placements(encodeModel(graph));
    expect([...placed.keys()]).toEqual(['WebGpuExecutionProvider']);
  });
});
