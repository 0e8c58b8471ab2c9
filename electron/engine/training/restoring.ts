/** What a session begins from: a snapshot, checked against what it holds. */
import type { Network } from '../../../shared/compile/network.ts';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { sameShape } from '../../../shared/shapes/shape.ts';
import type { TrainingConfig } from '../../../shared/training/config.ts';
import { averageName, type StateSlot } from '../autodiff/parameters.ts';
import type { EngineSnapshot, RestoreOptions, Weights } from './engine.ts';

/** Names and shapes of all weights, as a snapshot has them. */
export const weightShapes = (network: Network): Map<string, readonly number[]> => new Map(network.layers.flatMap((l) => l.weights.map((w) => [w.fullName, w.shape] as const)));

/** Throws training.checkpoint-mismatch where a weight is missing or has another shape. */
export function checkWeights(network: Network, { weights }: EngineSnapshot): void {
  for (const [name, shape] of weightShapes(network)) {
    const held = weights.get(name);
    if (!held || !sameShape(held.shape, shape)) throw problem('training.checkpoint-mismatch', { label: network.name }, { weight: name });
  }
}

/** The state to begin with: the snapshot's, or of a beginning. `slots` is asked only where there is any. Throws training.checkpoint-mismatch. */
export function stateOf(network: Network, config: Pick<TrainingConfig, 'ema'>, snapshot: EngineSnapshot, slots: () => readonly StateSlot[], { joining = false }: RestoreOptions = {}): Weights {
  // No state at all is a beginning.
  const anew = joining || snapshot.state.size === 0;
  // Running means begin as the weights: a first step that is left out must not leave them at zero.
  const means = anew && config.ema !== null ? [...snapshot.weights].map(([n, w]) => [averageName(n), w] as const) : [];
  for (const { name, shape } of anew ? [] : slots()) {
    const held = snapshot.state.get(name);
    if (!held || !sameShape(held.shape, shape)) throw problem('training.checkpoint-mismatch', { label: network.name }, { weight: name });
  }
  return new Map([...means, ...snapshot.state]);
}
