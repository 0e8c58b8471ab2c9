/** Export with proof: the bytes are run again and compared before anything is written. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { DEFAULT_SEED } from '../../../shared/training/config.ts';
import { exportOnnx } from '../onnx-io/export.ts';
import { writeAtomically } from '../projects/atomic.ts';
import type { Handlers } from './handler.ts';

/** Largest allowed difference between the file and the net in the app, on outputs of size about one. */
export const TOLERANCE = 1e-4;

export const exportHandlers: Handlers<'export'> = {
  'export.onnx': async (w, { document, path, data }) => {
    const dataset = await w.dataset(data);
    const network = w.network(document, dataset);
    const weights = w.weightsOf(network, DEFAULT_SEED);
    const bytes = exportOnnx(network, weights, { classes: dataset.classes, maximum: dataset.maximum });
    const samples = Array.from({ length: Math.min(32, dataset.count) }, (_, i) => Math.floor((i * dataset.count) / 32));
    const { maxDifference } = await w.host.job('verify', { network, weights, device: 'cpu', model: bytes, dataset, samples });
    if (!(maxDifference <= TOLERANCE)) throw problem('onnx.export-differs', { label: network.name }, { tolerance: TOLERANCE, difference: maxDifference });
    const file = path === null ? null : resolve(path.startsWith('~') ? join(homedir(), path.slice(1)) : path);
    if (file !== null) await writeAtomically(file, bytes);
    w.log('info', `Exported ${bytes.length} bytes; largest difference ${maxDifference.toExponential(1)}`);
    return { path: file, bytes: file === null ? bytes : null, size: bytes.length, maxDifference };
  },
};
