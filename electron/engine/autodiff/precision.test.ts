/** Mixed precision beside float32 on the same net. The CPU computes its float16 nodes, rounding each result to half precision. */
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { lowerForward } from '../../../shared/compile/lower.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import type { Graph } from '../../../shared/onnx/ir.ts';
import { verify } from '../../../shared/onnx/verify.ts';
import { Sketch } from '../../../shared/templates/build.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { buildStepGraph, type StepGraph } from './step-graph.ts';

const BATCH = 8;
const EXPONENT = 'state:scale:exponent';
const GOOD = 'state:scale:good';

const network = (() => {
  const s = new Sketch();
  s.chain(null, [
    ['input', { kind: 'image', height: 8, width: 8, channels: 1 }], ['conv2d', { filters: 6, kernel: [3, 3], padding: 'same', bias: false }], ['batch-norm', {}], ['relu', {}], ['max-pool', {}],
    ['conv2d', { filters: 8, kernel: [3, 3], padding: 'same', activation: 'relu' }], ['flatten', {}], ['dense', { units: 4, activation: 'softmax' }], ['output', {}],
  ]);
  return compile(s.document('small', 'test'), {}).network;
})();

const build = (precision: 'float32' | 'mixed', accumulation: 'gather' | 'apply' | null = null): StepGraph => buildStepGraph(lowerForward(network, { batch: BATCH, training: true }), {
  loss: 'cross-entropy', optimizer: { kind: 'sgd', momentum: 0.9, nesterov: false }, weightDecay: 0, device: 'webgpu', input: { element: 'float32', offset: 0, scale: 1 }, precision,
  accumulation: accumulation ? { phase: accumulation, count: 2 } : null,
});

type Values = Map<string, Float32Array>;

const beginning = (state: readonly { readonly name: string; readonly shape: readonly number[] }[]): Values => new Map([
  ...[...initialWeights(network, 3)].map(([n, w]) => [n, w.data] as const),
  ...state.map((s) => [s.name, new Float32Array(s.shape.reduce((p, d) => p * d, 1))] as const),
]);

class Runner {
  readonly #graph: Graph;
  readonly #session: Promise<ort.InferenceSession>;
  constructor(graph: Graph) {
    this.#graph = graph;
    this.#session = ort.InferenceSession.create(encodeModel(graph), { logSeverityLevel: 3 });
  }
  /** One step; takes the new values into `values`. */
  async step(values: Values, batch: number, carry = 0): Promise<{ loss: number; norm: number }> {
    const random = createRandom(batch);
    const given: Record<string, Float32Array | Int32Array> = {
      data: Float32Array.from({ length: BATCH * 64 }, () => random.normal()), labels: Int32Array.from({ length: BATCH }, () => random.below(4)), learning_rate: Float32Array.of(0.05), step: Float32Array.of(1), carry: Float32Array.of(carry),
    };
    const feeds = Object.fromEntries(this.#graph.inputs.map(({ name, type }) => [name, new ort.Tensor(type.element as 'float32', (given[name] ?? values.get(name)) as Float32Array, [...type.shape])]));
    const out = await (await this.#session).run(feeds);
    for (const [name, t] of Object.entries(out)) if (name.startsWith('new:')) values.set(name.slice(4), t.data as Float32Array);
    return { loss: out.loss?.data[0] as number, norm: out.gradient_norm?.data[0] as number };
  }
}

describe('mixed precision', () => {
  const mixed = build('mixed');
  const typeOf = (name: string) => mixed.graph.types.get(name)?.element;
  let runner: Runner;
  beforeAll(() => {
    runner = new Runner(mixed.graph);
  });

  it('computes convolutions and products in float16, sums and everything that lasts in float32', () => {
    expect(verify(mixed.graph)).toEqual([]);
    const heavy = mixed.graph.nodes.filter((n) => ['Conv', 'ConvTranspose', 'MatMul', 'Gemm'].includes(n.op));
    expect(heavy.length).toBeGreaterThan(6);
    for (const n of heavy) expect(n.inputs.map(typeOf)).toEqual(n.inputs.map(() => 'float16'));
    for (const n of mixed.graph.nodes.filter((m) => /^Reduce|Exp|Log|Softmax|BatchNorm|Sqrt|Pow|Reciprocal|Div/.test(m.op))) expect([n.name, ...n.outputs.map(typeOf)]).toEqual([n.name, ...n.outputs.map(() => 'float32')]);
    expect([...mixed.graph.inputs, ...mixed.graph.outputs].filter((v) => v.type.element === 'float16')).toEqual([]);
    expect(mixed.graph.outputs.map((o) => typeOf(o.name))).toEqual(mixed.graph.outputs.map(() => 'float32'));
  });

  it('has float32’s losses over thirty steps to a hundredth', async () => {
    const single = build('float32');
    const other = new Runner(single.graph);
    const [a, b] = [beginning(mixed.state), beginning(single.state)];
    let [first, last] = [0, 0];
    for (let i = 0; i < 30; i++) {
      const [half, full] = [await runner.step(a, i % 4), await other.step(b, i % 4)];
      expect(Math.abs(half.loss - full.loss)).toBeLessThan(0.01 * Math.max(full.loss, 0.5));
      expect(Math.abs(half.norm - full.norm) / full.norm).toBeLessThan(0.05);
      if (i === 0) first = full.loss;
      last = half.loss;
    }
    expect(last).toBeLessThan(first / 2);
    expect(a.get(GOOD)).toEqual(Float32Array.of(30));
  });

  it('leaves a step out that overflows, and halves the scale', async () => {
    const values = beginning(mixed.state);
    await runner.step(values, 1);
    values.set(EXPONENT, Float32Array.of(8));
    // A scale of 2²⁴ takes these gradients out of half precision.
    const before = structuredClone(values);
    const { loss, norm } = await runner.step(values, 0);
    expect([Number.isFinite(loss), norm]).toEqual([true, 0]);
    const kept = [...before.keys()].filter((n) => !n.startsWith('state:scale:'));
    expect(kept.some((n) => /variance/.test(n))).toBe(true);
    for (const name of kept) expect([name, values.get(name)]).toEqual([name, before.get(name)]);
    expect([values.get(EXPONENT), values.get(GOOD)]).toEqual([Float32Array.of(7), Float32Array.of(0)]);
  });

  it('doubles the scale after two thousand good steps', async () => {
    const values = beginning(mixed.state);
    values.set(GOOD, Float32Array.of(1998));
    await runner.step(values, 0);
    expect([values.get(EXPONENT), values.get(GOOD)]).toEqual([Float32Array.of(0), Float32Array.of(1999)]);
    await runner.step(values, 1);
    expect([values.get(EXPONENT), values.get(GOOD)]).toEqual([Float32Array.of(1), Float32Array.of(0)]);
  });

  it('tells a norm that is no number when even a scale of one overflows', async () => {
    const values = beginning(mixed.state);
    values.set(EXPONENT, Float32Array.of(-16));
    values.set('dense-1.kernel', (values.get('dense-1.kernel') as Float32Array).map(() => NaN));
    expect((await runner.step(values, 0)).norm).toBeNaN();
  });

  it('forgets a gathered gradient that overflowed', async () => {
    const [gather, apply] = [build('mixed', 'gather'), build('mixed', 'apply')];
    const [first, second] = [new Runner(gather.graph), new Runner(apply.graph)];
    const values = beginning(apply.state);
    values.set(EXPONENT, Float32Array.of(8));
    await first.step(values, 0, 0);
    const before = values.get('dense-1.kernel');
    await second.step(values, 1);
    expect(values.get('dense-1.kernel')).toEqual(before);
    values.set(EXPONENT, Float32Array.of(0));
    await first.step(values, 2, 0);
    expect((await second.step(values, 3)).norm).toBeGreaterThan(0);
    expect(values.get('dense-1.kernel')).not.toEqual(before);
  });
});
