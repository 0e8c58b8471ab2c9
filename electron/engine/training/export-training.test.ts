/** An exported training step goes on learning in another session as the engine does. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { Sketch, type Row } from '../../../shared/templates/build.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { required } from '../../../shared/util/assert.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { openDataset } from '../datasets/open.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { encodeSafetensors } from '../projects/safetensors.ts';
import { encodingOf } from './batches.ts';
import { proofControl } from './export-proof.ts';
import { trainingStep } from './export-training.ts';
import { createOnnxEngine } from './onnx-engine.ts';
import { proveTraining } from './training-proof.ts';

let folder = '';
let dataset: Dataset;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netloom-step-'));
  dataset = await openDataset({ kind: 'builtin', id: 'digits' }, fileURLToPath(new URL('../../../resources', import.meta.url)));
});
afterAll(() => rm(folder, { recursive: true }));

const rows: readonly Row[] = [
  ['input', {}], ['conv2d', { filters: 8 }], ['batch-norm', {}], ['relu', {}], ['max-pool', {}], ['depthwise-conv', {}], ['hard-swish', {}],
  ['flatten', {}], ['dropout', {}], ['dense', { units: 10 }], ['softmax', {}], ['output', {}],
];
function net() {
  const sketch = new Sketch();
  sketch.chain(null, rows);
  const { network, problems } = compile(sketch.document('Digits', 'test'), { classes: 10, sampleShape: [1, 8, 8] });
  expect(problems).toEqual([]);
  return network;
}

it.each<[string, Record<string, unknown>]>([
  ['Adam, running means and a clipped gradient', { optimizer: { kind: 'adam' }, ema: { decay: 0.9 }, clip: { kind: 'norm', limit: 0.5 } }],
  ['SGD with momentum, weight decay', { optimizer: { kind: 'sgd', momentum: 0.9 }, weightDecay: 1e-2, learningRate: 0.05 }],
])('%s', async (_name, change) => {
  const network = net();
  const config = TrainingConfigSchema.parse({ batchSize: 16, ...change });
  const weights = initialWeights(network, 5);
  const { graph, model, tensors } = trainingStep(network, weights, config, encodingOf(dataset), 'step.safetensors', '1.0.0');
  // Any runtime has these: nothing of ONNX Runtime's own.
  expect([...new Set(graph.nodes.map((n) => n.domain))]).toEqual(['']);
  const paths = { model: join(folder, 'step.onnx'), tensors: join(folder, 'step.safetensors') };
  await writeFile(paths.model, encodeModel(graph, model));
  const prove = async (first: typeof tensors) => {
    await writeFile(paths.tensors, encodeSafetensors(first));
    return required(await proveTraining(createOnnxEngine('cpu'), { network, weights, config, dataset, samples: Array.from({ length: 60 }, (_, i) => i * 7), ...paths, control: proofControl() }), 'proof');
  };
  const { here, there } = await prove(tensors);
  expect(here.length).toBe(5);
  here.forEach((loss, i) => expect(Math.abs(loss - (there[i] as number))).toBeLessThan(1e-3));
  // Five steps that changed nothing would prove nothing.
  expect(new Set(here.map((v) => v.toFixed(3))).size).toBe(5);
  const kernel = required([...tensors.keys()].find((n) => n.endsWith('.kernel')), 'kernel');
  const wrong = await prove(new Map([...tensors].map(([n, t]) => [n, n === kernel ? { shape: t.shape, data: t.data.map((v) => v + 0.1) } : t])));
  expect(Math.abs(wrong.here[0] as number - (wrong.there[0] as number))).toBeGreaterThan(1e-3);
});

it('says what to feed, and what is carried from step to step', () => {
  const network = net();
  const { graph, model, tensors } = trainingStep(network, initialWeights(network, 5), TrainingConfigSchema.parse({ batchSize: 4 }), encodingOf(dataset), 'a.safetensors', '1.0.0');
  const carried = JSON.parse(model.metadata?.carried ?? '{}') as Record<string, string>;
  const outputs = new Set(graph.outputs.map((v) => v.name));
  expect(Object.entries(carried).filter(([x, y]) => !tensors.has(x) || !outputs.has(y))).toEqual([]);
  const fed = graph.inputs.map((v) => v.name).filter((name) => !tensors.has(name));
  expect(fed.sort()).toEqual(['data', 'labels', 'learning_rate', 'noise', 'step']);
  for (const name of fed) expect(model.docString).toContain(name);
  expect(model.docString).toContain('a.safetensors');
});

it('refuses a net of which nothing trains', () => {
  const network = net();
  const still = { ...network, layers: network.layers.map((l) => ({ ...l, frozen: true })) };
  expect(() => trainingStep(still, initialWeights(network, 5), TrainingConfigSchema.parse({}), encodingOf(dataset), 'a.safetensors', '1')).toThrow(/expected a net of which something trains, got one where every layer is frozen/);
});
