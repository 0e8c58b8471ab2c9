/** The training step leaves the app: model and first values, proved over a few steps. */
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { Proof } from '../../../shared/protocol/export-requests.ts';
import { exportPieces } from '../onnx-io/export-pieces.ts';
import { encodeSafetensors } from '../projects/safetensors.ts';
import { runtimeName } from '../runtime/version.ts';
import { encodingOf } from '../training/batches.ts';
import { resolveLoss } from '../training/class-weights.ts';
import { singleStep, trainingStep } from '../training/export-training.ts';
import { PROOF_STEPS } from '../training/training-proof.ts';
import { deliver } from './delivery.ts';
import type { Handler } from './handler.ts';
import { VERSION } from './system.ts';

/** Largest difference of a loss that passes, in parts of it: other formulas of the same gradients, five steps long. */
const TOLERANCE = 1e-3;

const tensorsName = (model: string): string => `${model.replace(/\.onnx$/i, '')}.safetensors`;

export const exportTraining: Handler<'export.training'> = async (w, { document, data, path, config: asked }) => {
  const dataset = await w.dataset(data);
  const network = w.network(document, dataset);
  const { train } = w.split(dataset, asked.validationSplit, asked.seed);
  const config = singleStep({ ...asked, batchSize: Math.min(asked.batchSize, train.length), loss: resolveLoss(asked.loss, dataset, train) });
  const weights = w.weightsOf(network, config.seed);
  const samples = Array.from(train.subarray(0, PROOF_STEPS * config.batchSize));
  const answer = await deliver(w, {
    path, name: `${document.name.replaceAll(/[^\w-]+/g, '-') || 'network'}-training.onnx`, total: PROOF_STEPS,
    build: (name) => {
      const { graph, model, tensors } = trainingStep(network, weights, config, encodingOf(dataset), tensorsName(name), VERSION);
      const values = encodeSafetensors(tensors);
      return Promise.resolve([...exportPieces(graph, model, name, 'inside'), { name: tensorsName(name), pieces: [values], size: values.length }]);
    },
    prove: async (model, control) => {
      const losses = await w.host.job('proveTraining', { network, weights, config, dataset, samples, model, tensors: tensorsName(model), control });
      if (!losses) return null;
      const differences = losses.here.map((loss, i) => Math.abs(loss - (losses.there[i] ?? NaN)));
      const relative = differences.map((d, i) => d / Math.max(1, Math.abs(losses.here[i] as number)));
      const wrong = relative.findIndex((d) => !(d <= TOLERANCE));
      if (wrong >= 0) throw problem('export.training-differs', { label: network.name }, { step: wrong + 1, tolerance: TOLERANCE, difference: differences[wrong] ?? NaN });
      const proof: Proof = { data: dataset.name, samples: config.batchSize * PROOF_STEPS, absolute: Math.max(...differences), relative: Math.max(...relative), tolerance: TOLERANCE, runtime: runtimeName, device: 'cpu' };
      return { proof, record: { kind: 'training', learningRate: config.learningRate, losses: losses.here, lossesOfTheFile: losses.there } };
    },
  });
  if (answer) w.log('info', `Exported the training step, ${answer.size} bytes; losses differ by ${answer.maxDifference.toExponential(1)} at most`);
  return answer;
};
