/** Every graph the product makes, of every template, is sound between stages; passes keep it so; an export takes any batch. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { lowerForward } from '../../../shared/compile/lower.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import type { Graph } from '../../../shared/onnx/ir.ts';
import { eliminateDeadNodes } from '../../../shared/onnx/passes/eliminate-dead-nodes.ts';
import { eliminateIdentity } from '../../../shared/onnx/passes/eliminate-identity.ts';
import { verify } from '../../../shared/onnx/verify.ts';
import { Sketch } from '../../../shared/templates/build.ts';
import { referenceNet, referenceNets } from '../../../shared/templates/reference.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { buildEvaluationGraph, buildTapGraph } from '../autodiff/loss-graph.ts';
import { buildStepGraph } from '../autodiff/step-graph.ts';
import type { DeviceKind } from '../autodiff/rule.ts';
import { exportOnnx } from './export.ts';
import { decodeModel, encodeModel } from './model.ts';

/** Branches, padding, both kinds of statistics and everything that could hold a batch size in a constant. */
function varied(): Network {
  const s = new Sketch();
  const start = s.chain(null, [['input', { kind: 'image', height: 9, width: 7, channels: 2 }], ['zero-pad', { edges: [1, 0, 0, 2] }], ['conv2d', { filters: 4, kernel: [3, 3], padding: 'same' }], ['batch-norm', {}], ['leaky-relu', {}]]);
  const left = s.chain(start, [['max-pool', {}]]);
  const right = s.chain(start, [['average-pool', {}]]);
  const joined = s.add('concat', {}, [left, right]);
  s.chain(joined, [['sum-pool', {}], ['dropout', { rate: 0.3 }], ['flatten', {}], ['dense', { units: 5, activation: 'tanh' }], ['dense', { units: 3, activation: 'softmax' }], ['output', {}]]);
  return compile(s.document('varied', 'test')).network;
}

const networks: readonly (readonly [string, Network])[] = [...referenceNets.map((name) => [name, compile(referenceNet(name)).network] as const), ['varied', varied()]];
const scaling = { element: 'uint8', offset: 0, scale: 1 / 255 } as const;

function graphsOf(network: Network, device: DeviceKind): Record<string, Graph> {
  const training = lowerForward(network, { batch: 4, training: true });
  const use = lowerForward(network, { batch: 4, training: false });
  const step = (optimizer: Parameters<typeof buildStepGraph>[1]['optimizer']) => buildStepGraph(training, { loss: 'cross-entropy', optimizer, weightDecay: 0.01, device, input: scaling }).graph;
  return {
    'forward in training': training.graph,
    forward: use.graph,
    'step with Adam': step({ kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }),
    'step with momentum': step({ kind: 'sgd', momentum: 0.9, nesterov: true }),
    evaluation: buildEvaluationGraph(use, { loss: 'cross-entropy', input: scaling }),
    taps: buildTapGraph(use, scaling, [...use.taps.keys()]),
  };
}

describe.each(networks)('%s', (_id, network) => {
  it.each(['cpu', 'webgpu'] as const)('is sound in every stage for the %s, and after each pass', (device) => {
    for (const [stage, graph] of Object.entries(graphsOf(network, device))) {
      expect([stage, verify(graph)]).toEqual([stage, []]);
      for (const pass of [eliminateIdentity, eliminateDeadNodes]) {
        const { graph: after } = pass(graph);
        expect([stage, verify(after), after.inputs, after.outputs]).toEqual([stage, [], graph.inputs, graph.outputs]);
        expect(pass(after).changed).toBe(false);
      }
    }
  });

  it('computes the same after the passes', async () => {
    const { graph } = lowerForward(network, { batch: 2, training: false });
    const lean = eliminateDeadNodes(eliminateIdentity(graph).graph).graph;
    const random = createRandom(2);
    const values = new Map<string, Float32Array>([...initialWeights(network, 3)].map(([name, w]) => [name, w.data]));
    const feeds = Object.fromEntries(graph.inputs.map(({ name, type }) => [name, new ort.Tensor('float32', values.get(name) ?? Float32Array.from({ length: type.shape.reduce((a, d) => a * d, 1) }, () => random.next()), [...type.shape])]));
    const answers = await Promise.all([graph, lean].map(async (g) => {
      const session = await ort.InferenceSession.create(encodeModel(g), { graphOptimizationLevel: 'disabled' });
      const out = await session.run(feeds);
      await session.release();
      return Object.fromEntries(Object.entries(out).map(([name, t]) => [name, t.data]));
    }));
    expect(answers[1]).toEqual(answers[0]);
    expect(lean.nodes.length).toBeLessThan(graph.nodes.length);
  });

  it('is exported for any batch: together as one by one', async () => {
    const bytes = exportOnnx(network, initialWeights(network, 3), { classes: ['a', 'b'], maximum: 16 });
    const { graph, metadata } = decodeModel(bytes);
    expect([graph.inputs.map((v) => v.name), graph.outputs.map((v) => v.name)]).toEqual([['input'], ['output']]);
    expect(metadata).toMatchObject({ classes: '["a","b"]', input_scale: '0.0625', input_range: '[0,1]', input_mean: '[0]', input_deviation: '[1]' });
    expect([verify(graph), graph.nodes.filter((n) => n.op === 'Identity')]).toEqual([[], []]);
    const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 2 });
    const shape = network.layers[0]?.shape ?? [];
    const size = shape.reduce((a, d) => a * d, 1);
    const random = createRandom(4);
    const values = Float32Array.from({ length: 3 * size }, () => random.next());
    const run = async (from: number, count: number) => (await session.run({ input: new ort.Tensor('float32', values.slice(from * size, (from + count) * size), [count, ...shape]) })).output;
    const together = await run(0, 3);
    const alone = [await run(0, 1), await run(1, 1), await run(2, 1)];
    expect(together?.dims).toEqual([3, ...(network.layers.at(-1)?.shape ?? [])]);
    const each = alone.flatMap((t) => Array.from(t?.data as Float32Array));
    Array.from(together?.data as Float32Array).forEach((v, i) => expect(v).toBeCloseTo(each[i] as number, 5));
    // Three samples that differ must not answer alike: a batch size frozen in a constant would.
    expect(new Set(alone.map((t) => String((t?.data as Float32Array)[0]))).size).toBe(3);
    await session.release();
  });
});
