/** Activation maps as pictures: a layer's output for one sample, brought to bytes. */
import type { Network } from '../../../shared/compile/network.ts';
import type { LayerMaps, MapsFrame } from '../../../shared/protocol/values.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { batchOf } from '../training/batches.ts';
import type { TrainingSession } from '../training/engine.ts';
import { answerLayer, probabilities } from './predict.ts';

/** Channels of one layer in a streamed frame. */
export const STREAMED_CHANNELS = 64;
/** Values of a vector in any frame. */
const VECTOR_VALUES = 1024;

/**
 * One layer's output (CHW, or a vector) as bytes: minimum -> 0, maximum -> 255 over the whole layer, all 0 when both are equal.
 * Numbers that are not finite count as 0 in the picture and not at all in the range. `limit`: maps kept, from the first.
 */
export function normaliseMaps(layer: string, shape: readonly number[], data: Float32Array, limit = Infinity): LayerMaps {
  const spatial = shape.length === 3;
  const [all = 1, height = 1, width = 1] = spatial ? shape : [data.length, 1, 1];
  const channels = Math.min(all, spatial ? limit : VECTOR_VALUES);
  let minimum = Infinity;
  let maximum = -Infinity;
  for (const v of data) {
    if (!Number.isFinite(v)) continue;
    if (v < minimum) minimum = v;
    if (v > maximum) maximum = v;
  }
  if (minimum > maximum) minimum = maximum = 0;
  const pixels = new Uint8Array(channels * height * width);
  const scale = maximum > minimum ? 255 / (maximum - minimum) : 0;
  for (let i = 0; i < pixels.length; i++) {
    const v = data[i] as number;
    pixels[i] = Number.isFinite(v) ? Math.round((v - minimum) * scale) : 0;
  }
  return { layer, channels, height, width, minimum, maximum, pixels };
}

export interface ProbeOptions {
  readonly network: Network;
  readonly dataset: Dataset;
  readonly sample: number;
  readonly step: number;
  readonly limit?: number;
}

/** Every layer's maps for one sample in network order, and what the net says about it. */
export async function probeFrame(session: TrainingSession, options: ProbeOptions): Promise<MapsFrame> {
  const { network, dataset, step } = options;
  const sample = Math.min(options.sample, dataset.count - 1);
  const taps = await session.forward(batchOf(dataset, [sample]), network.layers.map((l) => l.id));
  const layers = network.layers.flatMap((l) => {
    const tap = taps.get(l.id);
    return tap ? [normaliseMaps(l.id, tap.shape.slice(1), tap.data, options.limit)] : [];
  });
  const outputs = taps.get(answerLayer(network))?.data ?? new Float32Array();
  // A net may answer with what is no number, which no frame can carry.
  const prediction = Array.from(probabilities(outputs, network), (p) => (Number.isFinite(p) ? p : 0));
  return { sample, label: dataset.labels[sample] ?? -1, step, layers, prediction };
}
