/** Whether a training step on the processor fits into this machine's memory. */
import { trainingMemory } from '../../../shared/analysis/memory.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { TrainingConfig } from '../../../shared/training/config.ts';
import { mainMemory } from '../runtime/devices.ts';
import { gigabytes } from '../runtime/hardware.ts';

/** What a step takes of the memory in truth: gradients and the kernels' own space are some six times the kept activations, and weights have copies. */
const ACTIVATIONS = 7;
const WEIGHTS = 2;
const MOST = 0.8;

/** A step on the processor that does not fit would end the whole engine. Throws engine.out-of-memory. */
export function requireFits(network: Network, { batchSize, optimizer }: TrainingConfig): void {
  const { total, activations } = trainingMemory(network, { batchSize, optimizer });
  const whole = WEIGHTS * (total - activations) + ACTIVATIONS * activations;
  if (whole > MOST * mainMemory()) throw problem('engine.out-of-memory', { label: 'Measuring' }, { device: 'the CPU', reason: `a step at batch ${batchSize} would take some ${gigabytes(whole)} of ${gigabytes(mainMemory())}` });
}
