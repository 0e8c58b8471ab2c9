/** No node of a WebGPU step graph falls back to the CPU: the runtime's own log says where each one went. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { lowerForward } from '../../../shared/compile/lower.ts';
import { int } from '../../../shared/onnx/ir.ts';
import { GraphBuilder } from '../../../shared/onnx/builder.ts';
import { findTemplate, templates } from '../../../shared/templates/templates.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { gradientCases, operatorOf } from '../autodiff/cases/cases.harness.ts';
import { lacking } from '../autodiff/capabilities.ts';
import { legalise } from '../autodiff/legalise.ts';
import { buildEvaluationGraph, buildStepGraph } from '../autodiff/step-graph.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { placements } from '../runtime/placement.harness.ts';

const available = process.env.NETLOOM_TEST_WEBGPU !== undefined;
if (!available) console.info('Placement on WebGPU skipped: no GPU and no software Vulkan (npm test finds one)');

describe.runIf(available)('on WebGPU', () => {
  it.each(templates.map((t) => t.id).filter((id) => id !== 'blank'))('%s trains without a node on the CPU', async (id) => {
    const { network } = compile(findTemplate(id)?.build() as never);
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

  it('still answers wrongly for transposed convolutions of groups with one output each', async () => {
    // When this fails the runtime has mended its kernel: take the row out of capabilities.ts.
    const b = new GraphBuilder();
    b.output('y', b.op('ConvTranspose', [b.input('x', { element: 'float32', shape: [1, 4, 3, 3] }), b.input('w', { element: 'float32', shape: [4, 1, 3, 3] })], { group: int(2) }));
    const data = (n: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(1.7 * i));
    const feeds = { x: new ort.Tensor('float32', data(36), [1, 4, 3, 3]), w: new ort.Tensor('float32', data(36), [4, 1, 3, 3]) };
    const answers = await Promise.all(['cpu', 'webgpu'].map(async (provider) => (await (await ort.InferenceSession.create(encodeModel(b.build('g')), { executionProviders: [provider], logSeverityLevel: 3 })).run(feeds)).y?.data as Float32Array));
    expect(Math.max(...(answers[0] as Float32Array).map((v, i) => Math.abs(v - (answers[1]?.[i] as number))))).toBeGreaterThan(0.1);
  });
});
