/** What a net says about one picture. */
import type { Network } from '../../../shared/compile/network.ts';
import { layerSpec } from '../../../shared/layers/table.ts';
import type { InputEncoding, TrainingSession } from '../training/engine.ts';
import { allNumbers, notFinite } from './not-finite.ts';

export interface Prediction { readonly index: number; readonly label: string; readonly probability: number }

/** Softmax over the values, shifted by their maximum so that nothing overflows. */
export function softmax(values: Float32Array): Float32Array {
  const top = values.reduce((a, v) => Math.max(a, v), -Infinity);
  const powers = Float64Array.from(values, (v) => Math.exp(v - top));
  const sum = powers.reduce((a, v) => a + v, 0);
  return Float32Array.from(powers, (p) => p / sum);
}

/** The layer that answers: the one without outputs, which need not be the last when another branch leads nowhere or is auxiliary. */
export const answerLayer = (network: Network): string => (network.layers.find((l) => layerSpec(l.type).outputs.length === 0 && !layerSpec(l.type).auxiliary) ?? network.layers.at(-1))?.id ?? '';

/** Whether a net's answer is numbers, not classes: its Output layer says so in its task. */
export const isRegression = (network: Network): boolean => network.layers.some((l) => l.params.task === 'regression');

/** Whether the last numbers come out of a sigmoid. */
function endsInSigmoid(network: Network): boolean {
  const before = network.layers.find((l) => l.id === answerLayer(network))?.inputs[0];
  const layer = network.layers.find((l) => l.id === before);
  return layer !== undefined && (layerSpec(layer.type).activation ?? layer.params.activation) === 'sigmoid';
}

/**
 * One sample's outputs as probabilities; logits pass through softmax, the numbers of a regression stay as they are. One output
 * is the probability of the second of two classes, or its logit.
 */
export function probabilities(outputs: Float32Array, network: Network): Float32Array {
  if (isRegression(network)) return outputs;
  if (outputs.length === 1) {
    const z = outputs[0] as number;
    const p = endsInSigmoid(network) ? z : 1 / (1 + Math.exp(-z));
    return Float32Array.of(1 - p, p);
  }
  let sum = 0;
  let negative = false;
  for (const v of outputs) {
    sum += v;
    if (v < 0) negative = true;
  }
  return !negative && Math.abs(sum - 1) < 1e-3 ? outputs : softmax(outputs);
}

/** Index of the largest value, the first of equals. */
export function argmax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i;
  return best;
}

/** The `k` most probable classes of one image, stored as the data set stores its samples (CHW). Throws insight.not-finite where the answer is no number. */
export async function predict(session: TrainingSession, network: Network, image: Float32Array | Uint8Array, classes: readonly string[], k = 5): Promise<Prediction[]> {
  const answer = answerLayer(network);
  const sample = { inputs: image, targets: Int32Array.of(0), size: 1 };
  const p = probabilities((await session.forward(sample, [answer])).get(answer)?.data ?? new Float32Array(), network);
  if (!allNumbers(p)) throw await notFinite(session, network, sample);
  return Array.from(p, (probability, index) => ({ index, label: classes[index] ?? String(index), probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, k);
}

/** Numbers in 0..1 (a decoded image file) as the samples of a data set are stored: x / scale, rounded where they are bytes. */
export function storeImage(unit: Float32Array, encoding: InputEncoding): Float32Array | Uint8Array {
  const stored = unit.map((v) => v / encoding.scale + encoding.offset);
  return encoding.element === 'uint8' ? Uint8Array.from(stored, (v) => Math.round(Math.min(255, Math.max(0, v)))) : stored;
}
