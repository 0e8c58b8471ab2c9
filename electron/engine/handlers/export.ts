/** Export with proof: the bytes are run again and compared before anything is written. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { elementCount, sameShape } from '../../../shared/shapes/shape.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { DEFAULT_SEED } from '../../../shared/training/config.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { answerLayer, isRegression } from '../insight/predict.ts';
import { exportOnnx } from '../onnx-io/export.ts';
import { writeAtomically } from '../projects/atomic.ts';
import type { Handlers } from './handler.ts';

/** Largest allowed difference between the file and the net in the app, on outputs of size about one. */
export const TOLERANCE = 1e-4;

/** Samples that both nets answer: of the data, and where that is another net's data, of noise. */
const SAMPLES = 32;
const NOISE_SAMPLES = 4;

/** The data where the net reads and tells apart what is in it; else noise of the net's own size, of no classes. */
function dataFor(network: Network, data: Dataset): Dataset {
  const shape = network.layers.find((l) => l.inputs.length === 0)?.shape ?? [];
  const answers = network.layers.find((l) => l.id === answerLayer(network))?.shape ?? [];
  if (sameShape(shape, data.shape) && (isRegression(network) || answers[0] === data.classes.length)) return data;
  const random = createRandom(DEFAULT_SEED);
  const values = Float32Array.from({ length: NOISE_SAMPLES * elementCount(shape) }, () => random.next());
  return { name: 'noise', licence: '', shape, classes: [], values, labels: new Int32Array(NOISE_SAMPLES), count: NOISE_SAMPLES, maximum: 1 };
}

export const exportHandlers: Handlers<'export'> = {
  'export.onnx': async (w, { document, path, data }) => {
    const network = w.network(document, null);
    const dataset = dataFor(network, await w.dataset(data));
    const weights = w.weightsOf(network, DEFAULT_SEED);
    const bytes = exportOnnx(network, weights, { classes: dataset.classes, maximum: dataset.maximum });
    const count = Math.min(SAMPLES, dataset.count);
    const samples = Array.from({ length: count }, (_, i) => Math.floor((i * dataset.count) / count));
    const { maxDifference } = await w.host.job('verify', { network, weights, device: 'cpu', model: bytes, dataset, samples });
    if (!(maxDifference <= TOLERANCE)) throw problem('onnx.export-differs', { label: network.name }, { tolerance: TOLERANCE, difference: maxDifference });
    const file = path === null ? null : resolve(path.startsWith('~') ? join(homedir(), path.slice(1)) : path);
    if (file !== null) await writeAtomically(file, bytes);
    w.log('info', `Exported ${bytes.length} bytes; largest difference ${maxDifference.toExponential(1)}`);
    return { path: file, bytes: file === null ? bytes : null, size: bytes.length, maxDifference };
  },
};
