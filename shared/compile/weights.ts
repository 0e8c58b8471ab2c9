/** Initial weights, seeded per name: adding a layer does not change the others' start. */
import type { Initializer } from '../layers/spec.ts';
import { elementCount } from '../shapes/shape.ts';
import { createRandom, deriveSeed, type Random } from '../util/random.ts';
import type { Network } from './network.ts';

export interface NamedWeight { readonly shape: readonly number[]; readonly data: Float32Array }

function draw(initializer: Initializer, random: Random): () => number {
  switch (initializer.kind) {
    case 'constant': return () => initializer.value;
    // He et al. (2015), "Delving Deep into Rectifiers": variance 2 / fan-in.
    case 'he-normal': {
      const deviation = Math.sqrt(2 / Math.max(initializer.fanIn, 1));
      return () => random.normal() * deviation;
    }
    // Glorot and Bengio (2010): uniform within ±√(6 / (fan-in + fan-out)).
    case 'glorot-uniform': {
      const limit = Math.sqrt(6 / Math.max(initializer.fanIn + initializer.fanOut, 1));
      return () => (random.next() * 2 - 1) * limit;
    }
  }
}

/** Every weight of the network, drawn from the seed and the weight's own name. */
export function initialWeights(network: Network, seed: number): Map<string, NamedWeight> {
  const weights = new Map<string, NamedWeight>();
  for (const layer of network.layers) {
    for (const w of layer.weights) {
      const next = draw(w.initializer, createRandom(deriveSeed(seed, w.fullName)));
      weights.set(w.fullName, { shape: w.shape, data: Float32Array.from({ length: elementCount(w.shape) }, next) });
    }
  }
  return weights;
}
