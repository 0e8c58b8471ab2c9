/** A convolution's filters, for looking at. */
import type { Network } from '../../../shared/compile/network.ts';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { Weights } from '../training/engine.ts';

/** The layer's weight of four axes, OIHW. Throws training.no-filters for a layer without one. */
export function filters(network: Network, weights: Weights, layer: string): { shape: number[]; values: Float32Array } {
  const found = network.layers.find((l) => l.id === layer);
  const kernel = found?.weights.find((w) => w.shape.length === 4);
  const held = kernel && weights.get(kernel.fullName);
  if (!kernel || !held) throw problem('training.no-filters', { label: found?.name ?? layer, node: layer }, {});
  return { shape: [...kernel.shape], values: held.data };
}
