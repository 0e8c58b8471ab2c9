/** The proof of an export holds for every form, and fails where the file is another. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { severityOf } from '../../../shared/diagnostics/diagnostic.ts';
import { ExportOptionsSchema } from '../../../shared/protocol/export-requests.ts';
import { Sketch, type Row } from '../../../shared/templates/build.ts';
import { defaultTrainingConfig } from '../../../shared/training/config.ts';
import { required } from '../../../shared/util/assert.ts';
import { createRandom } from '../../../shared/util/random.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { exportGraph } from '../onnx-io/export.ts';
import { exportPieces } from '../onnx-io/export-pieces.ts';
import { writePieces } from '../projects/staged.ts';
import { encodingOf } from './batches.ts';
import { proofControl, proveExport, type ProofSubject } from './export-proof.ts';
import { createOnnxEngine } from './onnx-engine.ts';

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'netloom-proof-')); });
afterAll(() => rm(folder, { recursive: true }));

function net(...rows: readonly Row[]): Network {
  const sketch = new Sketch();
  sketch.chain(null, rows);
  const { network, problems } = compile(sketch.document('Net', 'test'));
  expect(problems.filter((p) => severityOf(p.diagnostic) === 'error')).toEqual([]);
  return network;
}
const pictures = net(['input', { height: 4, width: 4, channels: 3 }], ['rescale', { order: 'bgr', scale: 2, mean: [0.5], deviation: [0.25] }], ['conv2d', { filters: 4 }], ['batch-norm', {}], ['relu', {}], ['flatten', {}], ['dense', { units: 3 }], ['output', {}]);
const tensors = net(['tensor-input', { element: 'float32', shape: [2, 3] }], ['tensor-output', {}]);
const random = createRandom(3);
const dataset: Dataset = { name: 'bytes', licence: '', shape: [3, 4, 4], classes: ['a', 'b', 'c'], values: Uint8Array.from({ length: 5 * 48 }, () => random.below(256)), labels: new Int32Array(5), count: 5, maximum: 255 };

async function prove(network: Network, change: Record<string, unknown>, subject: Partial<ProofSubject> = {}) {
  const weights = initialWeights(network, 9);
  const options = ExportOptionsSchema.parse(change);
  const { graph, model, softened } = exportGraph(network, weights, { classes: [], maximum: dataset.maximum }, options);
  const path = join(folder, 'net.onnx');
  for (const p of exportPieces(graph, model, 'net.onnx', options.weights)) await writePieces(join(folder, p.name), p.pieces);
  const prepared = options.input === 'prepared' ? required(network.layers[1], 'rescale').id : null;
  const answer = required(await proveExport(() => createOnnxEngine('cpu').open(network, defaultTrainingConfig(), weights, encodingOf(dataset)), {
    network, weights, dataset, samples: [0, 1, 2, 3, 4], control: proofControl(),
    subject: { path, batch: options.batch, stored: options.input === 'stored', prepared, softened: [...softened], ...subject },
  }), 'proof');
  return { passed: answer.absolute <= answer.allowed, softened: softened.size, fed: answer.inputs[0]?.shape };
}

it.each<[string, Record<string, unknown>, unknown]>([
  ['as it is', {}, { passed: true, softened: 0, fed: [4, 3, 4, 4] }],
  ['a fixed batch that the samples do not fill', { batch: 3 }, { passed: true, softened: 0, fed: [3, 3, 4, 4] }],
  ['probabilities', { softmax: true }, { passed: true, softened: 1, fed: [4, 3, 4, 4] }],
  ['pictures as they are stored, weights beside', { input: 'stored', weights: 'beside' }, { passed: true, softened: 0, fed: [4, 3, 4, 4] }],
  ['without preprocessing', { input: 'prepared' }, { passed: true, softened: 0, fed: [4, 3, 4, 4] }],
  ['everything', { input: 'stored', weights: 'beside', softmax: true, foldBatchNorm: true, opset: 17, batch: 2 }, { passed: true, softened: 1, fed: [2, 3, 4, 4] }],
])('passes: %s', async (_name, change, wanted) => expect(await prove(pictures, change)).toEqual(wanted));

it('passes nets of tensors that no data set has', async () => expect(await prove(tensors, {})).toMatchObject({ passed: true, fed: [2, 3] }));

it.each<[string, Record<string, unknown>, Partial<ProofSubject>]>([
  ['scores that should be probabilities', {}, { softened: ['output'] }],
  ['probabilities that should be scores', { softmax: true }, { softened: [] }],
  ['another scale of the input', {}, { stored: true }],
  ['preprocessing that is missing', { input: 'prepared' }, { prepared: null }],
])('fails: %s', async (_name, change, subject) => expect((await prove(pictures, change, subject)).passed).toBe(false));
