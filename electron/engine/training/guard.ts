/** Finds the layer where numbers first left the finite, so that the report can name it. */
import type { Network } from '../../../shared/compile/network.ts';
import { diagnostic, type Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import { batchOf } from './batches.ts';
import { Ended } from './ended.ts';
import type { Batch, LayerNorms, TrainingSession, Weights } from './engine.ts';
import type { LoopOptions } from './run-options.ts';

/** Beyond this a square overflows float32 (its maximum is 3.4e38), and with it a gradient's norm. */
const SQUARE_OVERFLOWS = Math.sqrt(3.4028234663852886e38);

/** Largest magnitude; NaN when some number is NaN. */
function largest(data: Float32Array): number {
  let most = 0;
  for (const v of data) {
    if (Number.isNaN(v)) return NaN;
    most = Math.max(most, Math.abs(v));
  }
  return most;
}

export function allFinite(weights: Weights): boolean {
  for (const w of weights.values()) if (!Number.isFinite(largest(w.data))) return false;
  return true;
}

/**
 * Which layer it was, in network order: the first with weights that are not finite, or whose output is
 * not finite; then the layer nearest the output whose gradient is not, by its norm; failing all, one whose output is so large
 * that its square overflows, or the layer of the largest output. `batch` is the one that failed.
 */
export async function blame(session: TrainingSession, network: Network, batch: Batch, step: number, norms?: LayerNorms): Promise<Diagnostic> {
  const { weights } = await session.snapshot();
  const outputs = await session.forward(batch, network.layers.map((l) => l.id));
  let worst = { layer: network.layers[network.layers.length - 1], size: -1 };
  const say = (layer: (typeof network.layers)[number] | undefined, what: string) =>
    diagnostic('training.not-finite', { label: layer?.name ?? network.name, ...(layer ? { node: layer.id } : {}) }, { what, step });
  for (const layer of network.layers) {
    for (const w of layer.weights) {
      if (!Number.isFinite(largest(weights.get(w.fullName)?.data ?? new Float32Array()))) return say(layer, 'weights');
    }
    const size = largest(outputs.get(layer.id)?.data ?? new Float32Array());
    if (!Number.isFinite(size)) return say(layer, 'outputs');
    if (size > worst.size) worst = { layer, size };
  }
  // Gradients flow from the end: the last layer with a bad one had it first.
  const spoiled = norms?.layers.findLast((_, i) => !Number.isFinite(norms.norms[i]));
  if (spoiled !== undefined) return say(network.layers.find((l) => l.id === spoiled), 'gradients');
  const overflowing = network.layers.find((l) => largest(outputs.get(l.id)?.data ?? new Float32Array()) > SQUARE_OVERFLOWS);
  return say(overflowing ?? worst.layer, 'gradients');
}

/**
 * Ends the run (throws Ended, with the layer's name) where its weights are not finite before it begins or at a checkpoint, so that
 * the one before stays the good one: a last step may have spoiled them, and the pools of some engines overlook what is no number,
 * so that no loss ever shows it.
 */
export async function requireSound(session: TrainingSession, { network, dataset, split }: Pick<LoopOptions, 'network' | 'dataset' | 'split'>, weights: Weights, step: number): Promise<void> {
  if (!allFinite(weights)) throw new Ended(await blame(session, network, batchOf(dataset, split.train.subarray(0, 1)), step));
}
