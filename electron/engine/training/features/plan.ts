/** Whether a run trains on features, and from which layer on; and what they are features of. */
import { createHash } from 'node:crypto';
import { cutsOf, fixedLayers, splitAt, type SplitNetwork } from '../../../../shared/compile/cuts.ts';
import type { Network } from '../../../../shared/compile/network.ts';
import { elementCount } from '../../../../shared/shapes/shape.ts';
import type { TrainingConfig } from '../../../../shared/training/config.ts';
import type { InputEncoding, Weights } from '../engine.ts';
import { LARGEST_CACHE } from './store.ts';

/** Multiply-adds that computing one number anew must cost, so that reading it is faster. */
const WORTH = 64;

/**
 * Parts the network behind the last layer whose value never changes in this run and is no larger than what pays. Null where
 * nothing is frozen at the start, where it is too little work, or too much to keep for so many samples.
 */
export function planFeatures(network: Network, config: Pick<TrainingConfig, 'layerRates' | 'keepStatistics'>, samples: number): SplitNetwork | null {
  const fixed = fixedLayers(network, config);
  for (const cut of cutsOf(network).filter((c) => fixed.has(c.id)).reverse()) {
    const numbers = elementCount(cut.shape);
    if (numbers * 4 * samples > LARGEST_CACHE) continue;
    const split = splitAt(network, cut);
    if (split.trunk.macs < WORTH * numbers) continue;
    return split.head.layers.some((l) => !l.frozen && l.weights.length > 0) ? split : null;
  }
  return null;
}

/** Names what a trunk computes: its layers, weights, how samples come in, and the device, whose last bits are its own. */
export function trunkKey(trunk: Network, weights: Weights, input: InputEncoding, device: string): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([input, device, trunk.layers.map((l) => [l.id, l.type, l.params, l.inputs, l.inputPorts, l.types, l.bypassed])]));
  for (const w of trunk.layers.flatMap((l) => l.weights)) {
    const { data } = weights.get(w.fullName) as { readonly data: Float32Array };
    hash.update(w.fullName).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex').slice(0, 40);
}
