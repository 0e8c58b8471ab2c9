/** The training step as an ONNX file of plain operators, with the weights and the optimiser's state beside it as safetensors. */
import { lowerForward } from '../../../shared/compile/lower.ts';
import { opsetsOf } from '../../../shared/compile/opsets.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { Graph } from '../../../shared/onnx/ir.ts';
import { elementCount } from '../../../shared/shapes/shape.ts';
import type { TrainingConfig } from '../../../shared/training/config.ts';
import { required } from '../../../shared/util/assert.ts';
import { legalise } from '../autodiff/legalise.ts';
import { averageName } from '../autodiff/parameters.ts';
import { buildStepGraph } from '../autodiff/step-graph.ts';
import type { ModelOptions } from '../onnx-io/model.ts';
import { plainLoss } from './class-weights.ts';
import type { InputEncoding, Weights } from './engine.ts';

/** Its forms are the plainest: no operators of ONNX Runtime's own, and what WebGPU lacks is written otherwise, so that any provider trains. */
const NEUTRAL = 'webgpu';

/** Opset 18 came with IR 8. */
const IR = 8;

export interface TrainingStep {
  readonly graph: Graph;
  readonly model: ModelOptions;
  /** First values of the weights and of the optimiser's state, by input. */
  readonly tensors: Weights;
}

/** What a file of one step can hold: batches are not gathered, and everything is float32. */
export const singleStep = (config: TrainingConfig): TrainingConfig => ({ ...config, accumulation: 1, precision: 'float32' });

function guide(network: Network, config: TrainingConfig, graph: Graph, names: { readonly tensors: readonly string[]; readonly beside: string; readonly renewed: number; readonly scale: number }): string {
  const shape = (name: string) => graph.inputs.find((v) => v.name === name)?.type;
  const [data, labels] = [shape('data'), shape('labels')];
  const fixed = names.tensors.length - names.renewed;
  return [
    `One training step of ${network.name}, made with Netloom: forward, loss (${config.loss.kind}), gradients and the optimiser (${config.optimizer.kind}) in one graph of plain ONNX operators.`,
    '',
    `Feed data (${data?.element} [${data?.shape.join(', ')}], samples as they are stored; the graph multiplies by ${names.scale}), labels (int32 [${labels?.shape.join(', ')}], the class of each sample), learning_rate (float32), step (float32: 1, 2, 3, …)${shape('noise') ? ', noise (float32 [4]: four whole numbers from 0 to 1020, drawn anew for each step)' : ''}, and ${names.tensors.length} tensors by name: weights, and the optimiser's state.`,
    `Their first values are in ${names.beside} (safetensors). After each step feed the output new:x as x${fixed > 0 ? '; inputs without such an output stay as they are' : ''}.`,
    '',
    'Outputs: loss (mean over the batch), correct (right answers), gradient_norm, layer_norms, new:….',
    '',
    'Python:',
    'tensors = safetensors.numpy.load_file("' + names.beside + '"); session = onnxruntime.InferenceSession("…onnx"); out = [o.name for o in session.get_outputs()]',
    'for step, (data, labels) in enumerate(batches, 1):',
    '  got = dict(zip(out, session.run(out, {**tensors, "data": data, "labels": labels, "learning_rate": numpy.array(rate, "float32"), "step": numpy.array(step, "float32")})))',
    '  tensors.update({name[4:]: value for name, value in got.items() if name.startswith("new:")})',
  ].join('\n');
}

/**
 * The step for batches of `config.batchSize`. The optimiser begins afresh; running means begin as the weights. `beside` is the
 * name of the file of first values. Throws onnx.no-gradient where nothing of the net would train.
 */
export function trainingStep(network: Network, weights: Weights, config: TrainingConfig, input: InputEncoding, beside: string, version: string): TrainingStep {
  const { loss, accumulation: _, batchSize, ...rest } = singleStep(config);
  const forward = lowerForward(network, { batch: batchSize, training: true, keepStatistics: config.keepStatistics });
  const { graph, state, renewed, missing } = buildStepGraph({ ...forward, graph: legalise(forward.graph, NEUTRAL) }, { ...rest, loss: plainLoss(loss), device: NEUTRAL, block: null, input, accumulation: null });
  const first = missing[0];
  if (renewed.length === 0) throw problem('export.nothing-trains', { label: network.name }, { reason: first ? `${first.place.label} has no gradient` : 'every layer is frozen' });
  const given = new Set(graph.inputs.map((v) => v.name));
  const means = new Map([...weights].map(([name, w]) => [averageName(name), w] as const));
  const tensors = new Map([
    ...forward.weights.filter((w) => given.has(w.name)).map((w) => [w.name, required(weights.get(w.name), w.name)] as const),
    ...state.filter((s) => given.has(s.name)).map((s) => [s.name, means.get(s.name) ?? { shape: s.shape, data: new Float32Array(elementCount(s.shape)) }] as const),
  ]);
  const model: ModelOptions = {
    opsets: opsetsOf(network), irVersion: IR, producerVersion: version,
    docString: guide(network, config, graph, { tensors: [...tensors.keys()], beside, renewed: renewed.filter((n) => tensors.has(n)).length, scale: input.scale }),
    metadata: {
      kind: 'training-step', initial_values: beside, batch: String(batchSize), learning_rate: String(config.learningRate), first_step: '1', input_scale: String(input.scale),
      carried: JSON.stringify(Object.fromEntries(renewed.map((name) => [name, `new:${name}`]))),
    },
  };
  return { graph, model, tensors };
}
