/** No node of a WebGPU step graph falls back to the CPU: the runtime's own log says where each one went. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { lowerForward } from '../../../shared/compile/lower.ts';
import { int, type Graph, type TensorType } from '../../../shared/onnx/ir.ts';
import { GraphBuilder, type Value } from '../../../shared/onnx/builder.ts';
import { referenceNet, referenceNets } from '../../../shared/templates/reference.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { gradientCases, operatorOf } from '../autodiff/cases/cases.harness.ts';
import { lacking } from '../autodiff/capabilities.ts';
import { gradientGraph } from '../autodiff/gradient.harness.ts';
import { legalise } from '../autodiff/legalise.ts';
import { buildEvaluationGraph } from '../autodiff/loss-graph.ts';
import { buildStepGraph } from '../autodiff/step-graph.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { placements } from '../runtime/placement.harness.ts';

const available = process.env.NETLOOM_TEST_WEBGPU !== undefined;
if (!available) console.info('Placement on WebGPU skipped: no GPU and no software Vulkan (npm test finds one)');

/** Graphs as one, which loads once. */
function sideBySide(graphs: readonly Graph[]): Graph {
  const own = (i: number) => (name: string) => (name === '' ? '' : `${i}/${name}`);
  return {
    name: 'all',
    inputs: graphs.flatMap((g, i) => g.inputs.map((v) => ({ ...v, name: own(i)(v.name) }))),
    outputs: graphs.flatMap((g, i) => g.outputs.map((v) => ({ ...v, name: own(i)(v.name) }))),
    initializers: new Map(graphs.flatMap((g, i) => [...g.initializers].map(([name, t]) => [own(i)(name), t] as const))),
    nodes: graphs.flatMap((g, i) => g.nodes.map((n) => ({ ...n, name: own(i)(n.name), inputs: n.inputs.map(own(i)), outputs: n.outputs.map(own(i)) }))),
    types: new Map(graphs.flatMap((g, i) => [...g.types].map(([name, t]) => [own(i)(name), t] as const))),
  };
}

describe.runIf(available)('on WebGPU', () => {
  it.each(referenceNets)('%s trains without a node on the CPU', async (id) => {
    const { network } = compile(referenceNet(id));
    const runs = [{ optimizer: { kind: 'sgd', momentum: 0.9 } }, { optimizer: { kind: 'adam' }, clip: { kind: 'norm' } }, { precision: 'mixed', ema: {} }] as const;
    for (const run of runs) {
      const config = TrainingConfigSchema.parse({ batchSize: 2, weightDecay: 0.01, ...run });
      const lowered = lowerForward(network, { batch: 2, training: true });
      const { graph } = buildStepGraph({ ...lowered, graph: legalise(lowered.graph, 'webgpu') }, { ...config, loss: 'cross-entropy', device: 'webgpu', accumulation: null, input: { element: 'uint8', offset: 0, scale: 1 / 255 } });
      const placed = await placements(encodeModel(graph));
      expect(Object.fromEntries([...placed].filter(([provider]) => provider !== 'WebGpuExecutionProvider'))).toEqual({});
      expect(placed.has('WebGpuExecutionProvider')).toBe(true);
    }
    const asked = lowerForward(network, { batch: 2, training: false });
    const evaluation = buildEvaluationGraph({ ...asked, graph: legalise(asked.graph, 'webgpu') }, { loss: 'cross-entropy', input: { element: 'uint8', offset: 0, scale: 1 / 255 } });
    expect([...(await placements(encodeModel(evaluation))).keys()]).toEqual(['WebGpuExecutionProvider']);
  });

  it('has no kernel for what the table says it lacks, and one for every other operator that trains', async () => {
    const seen = new Set<string>();
    const wrong: string[] = [];
    for (const test of gradientCases) {
      const op = operatorOf(test);
      if (seen.has(op) || test.device === 'cpu') continue;
      seen.add(op);
      const b = new GraphBuilder();
      // Neighbours on the device: a lone node may go where its data is.
      const inputs = test.shapes.map((shape, i) => b.op('Relu', [b.input(`x${i}`, { element: 'float32', shape })]));
      b.output('y', b.op('Relu', [test.build(b, inputs)]));
      const onCpu = (await placements(encodeModel(b.build('g')))).has('CPUExecutionProvider');
      if (onCpu !== lacking.webgpu.has(op)) wrong.push(`${op}: ${onCpu ? 'on the CPU, not in the table' : 'has a kernel now: take it out of the table'}`);
    }
    expect(wrong).toEqual([]);
  });

  it('takes the gradient of every rule without a node on the CPU', async () => {
    const seen = new Set<string>();
    // The runtime takes Dropout that does not train out of a net, but not the last node before an output, as it is here.
    const graphs = gradientCases.filter((c) => c.device !== 'cpu' && operatorOf(c) !== 'Dropout').flatMap((c) => {
      const first = !seen.has(operatorOf(c));
      seen.add(operatorOf(c));
      return first || c.device === 'webgpu' || c.name.includes('3-D') ? [gradientGraph({ ...c, device: 'webgpu' }, (shape) => new Float32Array(shape.reduce((a, d) => a * d, 1)).fill(1))] : [];
    });
    const placed = await placements(encodeModel(sideBySide(graphs)));
    expect([...placed].map(([provider, ops]) => [provider, provider === 'WebGpuExecutionProvider' ? [] : ops])).toEqual([['WebGpuExecutionProvider', []]]);
  });

  const volume = { element: 'float32', shape: [1, 4, 3, 3, 2] } as const;
  it.each<readonly [what: string, inputs: readonly TensorType[], build: (b: GraphBuilder, x: Value[]) => Value]>([
    ['transposed convolutions of groups with one output each', [{ element: 'float32', shape: [1, 4, 3, 3] }, { element: 'float32', shape: [4, 1, 3, 3] }], (b, x) => b.op('ConvTranspose', x, { group: int(2) })],
    ['transposed convolutions of volumes', [volume, { element: 'float32', shape: [4, 1, 2, 2, 2] }], (b, x) => b.op('ConvTranspose', x)],
    ['convolutions of volumes in groups', [volume, { element: 'float32', shape: [2, 2, 2, 2, 2] }], (b, x) => b.op('Conv', x, { group: int(2) })],
    ['slices backwards from before the last place', [{ element: 'float32', shape: [8] }], (b, x) => b.op('Slice', [...x, b.int64([6]), b.int64([1]), b.int64([0]), b.int64([-2])])],
  ])('still fails at %s', async (_what, inputs, build) => {
    // When this fails the runtime has mended its kernel: take the row out of capabilities.ts.
    const b = new GraphBuilder();
    b.output('y', build(b, inputs.map((t, i) => b.input(`x${i}`, t))));
    const feeds = Object.fromEntries(inputs.map(({ shape }, k) => [`x${k}`, new ort.Tensor('float32', Float32Array.from({ length: shape.reduce((a, d) => a * d, 1) }, (_, i) => Math.sin(1.7 * i)), shape)]));
    const answer = async (provider: string) => (await (await ort.InferenceSession.create(encodeModel(b.build('g')), { executionProviders: [provider], logSeverityLevel: 4 })).run(feeds)).y?.data as Float32Array;
    const right = await answer('cpu');
    const given = await answer('webgpu').catch(() => null);
    expect(given === null || Math.max(...right.map((v, i) => Math.abs(v - (given[i] as number)))) > 0.1).toBe(true);
  });
});
