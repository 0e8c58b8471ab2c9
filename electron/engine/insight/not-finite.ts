/** Says of a net whose answers are no numbers where they ceased to be. */
import type { Network } from '../../../shared/compile/network.ts';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { Batch, TrainingSession } from '../training/engine.ts';

export const allNumbers = (values: Float32Array): boolean => values.every((v) => Number.isFinite(v));

/** insight.not-finite at the first layer whose output for this sample is not finite; where all are, of the loss. `sample`: a batch of one. */
export async function notFinite(session: TrainingSession, network: Network, sample: Batch): Promise<Error> {
  const outputs = await session.forward(sample, network.layers.map((l) => l.id));
  const layer = network.layers.find((l) => !allNumbers(outputs.get(l.id)?.data ?? new Float32Array()));
  return problem('insight.not-finite', { label: layer?.name ?? network.name, ...(layer ? { node: layer.id } : {}) }, { what: layer ? 'outputs' : 'losses' });
}
