/** Export with proof: the file is loaded again from disk and compared with the net before it stands where it should. */
import { lowerForward } from '../../../shared/compile/lower.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { Tensor } from '../../../shared/onnx/ir.ts';
import type { Proof } from '../../../shared/protocol/export-requests.ts';
import { DEFAULT_SEED } from '../../../shared/training/config.ts';
import { batchNorms, endsInScores } from '../onnx-io/export-ends.ts';
import { preparationOf } from '../onnx-io/export-metadata.ts';
import { classAnswers, exportGraph } from '../onnx-io/export.ts';
import { exportPieces } from '../onnx-io/export-pieces.ts';
import { runtimeName } from '../runtime/version.ts';
import { takesSamples, type NamedTensor } from '../training/export-proof.ts';
import { cancelDelivery, deliver } from './delivery.ts';
import { exportTraining } from './export-training.ts';
import type { Handlers } from './handler.ts';
import { bestAccuracy, classesOf, trialData } from './net-facts.ts';
import { VERSION } from './system.ts';

const base64 = ({ data }: Tensor): string => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
/** A tensor in JSON: its little-endian bytes as base64. */
const stored = (t: NamedTensor) => ({ name: t.name, element: t.element, shape: t.shape, data: base64(t) });

const fileName = (name: string): string => `${name.replaceAll(/[^\w-]+/g, '-') || 'network'}.onnx`;

/** The layer behind which an export without preprocessing begins. */
const lastPreparation = (network: Network): string | null => network.layers.filter((l) => preparationOf(l)).at(-1)?.id ?? null;

export const exportHandlers: Handlers<'export'> = {
  'export.plan': async (w, { document, data }) => {
    const network = w.network(document, null);
    const { dataset } = await trialData(w, network, data);
    const { graph, dataInputs, outputs, batched, borders, weights } = lowerForward(network, { batch: 1, training: false });
    const answers = classAnswers(network, borders);
    const value = (name: string) => {
      const type = graph.types.get(name) ?? { element: 'float32' as const, shape: [] };
      return { name, element: type.element, shape: batched.has(name) ? type.shape.slice(1) : [...type.shape], batched: batched.has(name), classes: outputs.includes(name) && answers.has(name), scores: outputs.includes(name) && answers.has(name) && endsInScores(graph, name) };
    };
    return {
      inputs: dataInputs.map(value), outputs: outputs.map(value),
      weights: weights.reduce((a, x) => a + 4 * x.shape.reduce((p, d) => p * d, 1), 0),
      constants: [...graph.initializers.values()].reduce((a, t) => a + t.data.byteLength, 0),
      operators: graph.nodes.length, batchNorms: batchNorms(graph), prepares: lastPreparation(network) !== null,
      maximum: takesSamples(network) ? dataset.maximum : 1, trained: w.weights !== null,
    };
  },
  'export.onnx': async (w, { document, path, data, options }) => {
    const network = w.network(document, null);
    const trial = await trialData(w, network, data);
    const { dataset, samples } = trial;
    const weights = w.weightsOf(network, DEFAULT_SEED);
    const accuracy = trial.own ? await bestAccuracy(w, network) : null;
    const info = { classes: classesOf(document, network, trial), maximum: dataset.maximum, made: { version: VERSION, date: new Date().toISOString() }, ...(accuracy === null ? {} : { metrics: { accuracy } }) };
    const net = exportGraph(network, weights, info, options);
    const answer = await deliver(w, {
      path, name: fileName(document.name), total: samples.length,
      build: (name) => Promise.resolve(exportPieces(net.graph, net.model, name, options.weights)),
      prove: async (model, control) => {
        const subject = { path: model, batch: options.batch, stored: options.input === 'stored', prepared: options.input === 'prepared' ? lastPreparation(network) : null, softened: [...net.softened] };
        const compared = await w.host.job('verify', { network, weights, device: 'cpu', dataset, samples, subject, control });
        if (!compared) return null;
        const { absolute, largest, allowed, inputs, outputs, samples: count } = compared;
        if (!(absolute <= allowed)) throw problem('onnx.export-differs', { label: network.name }, { tolerance: allowed, difference: absolute });
        const proof: Proof = { data: dataset.name, samples: count, absolute, relative: largest > 0 ? absolute / largest : 0, tolerance: allowed / Math.max(1, largest), runtime: runtimeName, device: 'cpu' };
        return { proof, record: { options, inputs: inputs.map(stored), outputs: outputs.map(stored) } };
      },
    });
    if (answer) w.log('info', `Exported ${answer.size} bytes; largest difference ${answer.maxDifference.toExponential(1)}`);
    return answer;
  },
  'export.training': exportTraining,
  'export.cancel': (w) => {
    cancelDelivery(w);
    return {};
  },
};
