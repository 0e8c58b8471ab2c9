/** How the weights the engine holds between requests fit a network that was edited since. */
import type { Network } from '../../../shared/compile/network.ts';
import { initialWeights, type NamedWeight } from '../../../shared/compile/weights.ts';
import type { Weights } from './engine.ts';

export interface FittedWeights {
  readonly weights: Map<string, NamedWeight>;
  /** Full names of the weights that had to be drawn anew. */
  readonly fresh: readonly string[];
}

const fits = (held: NamedWeight | undefined, shape: readonly number[]): held is NamedWeight =>
  held !== undefined && held.shape.length === shape.length && held.shape.every((d, i) => d === shape[i]);

/** The current weights where name and shape fit, freshly seeded ones elsewhere. */
export function weightsFor(network: Network, current: Weights | null, seed: number): FittedWeights {
  const weights = initialWeights(network, seed);
  const fresh: string[] = [];
  for (const [name, initial] of weights) {
    const held = current?.get(name);
    if (fits(held, initial.shape)) weights.set(name, { shape: held.shape, data: held.data });
    else fresh.push(name);
  }
  return { weights, fresh };
}
