/** Measuring a net on this machine. */
import { trainingMemory } from '../../../shared/analysis/memory.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { requireTrainable } from '../../../shared/compile/trainable.ts';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { TrainingConfig } from '../../../shared/training/config.ts';
import { mainMemory } from '../runtime/devices.ts';
import { gigabytes } from '../runtime/hardware.ts';
import { ComputeHost } from '../training/host.ts';
import type { Handlers } from './handler.ts';
import type { Workspace } from './workspace.ts';

/** The measurement under way: a thread of its own, so that maps and predictions go on, and ending it ends the work. */
const measuring = new WeakMap<Workspace, ComputeHost>();

/** What a step takes of the memory in truth: gradients and the kernels' own space are some six times the kept activations, and weights have copies. */
const ACTIVATIONS = 7;
const WEIGHTS = 2;
const MOST = 0.8;

/** A step that does not fit would end the whole engine. Throws engine.out-of-memory. */
function checkFits(network: Network, { batchSize, optimizer }: TrainingConfig): void {
  const { total, activations } = trainingMemory(network, { batchSize, optimizer });
  const whole = WEIGHTS * (total - activations) + ACTIVATIONS * activations;
  if (whole > MOST * mainMemory()) throw problem('engine.out-of-memory', { label: 'Measuring' }, { device: 'the CPU', reason: `a step at batch ${batchSize} would take some ${gigabytes(whole)} of ${gigabytes(mainMemory())}` });
}

export const analysisHandlers: Handlers<'analysis'> = {
  'analysis.measure': async (w, { document, config }) => {
    // Two at once on the same processors would time each other.
    const refuse = () => { if (w.host.training) throw problem('training.busy', { label: 'Measuring' }, {}); };
    refuse();
    // The shape of the data set does not matter: the net is timed on random numbers.
    const network = w.network(document, null);
    requireTrainable(network);
    checkFits(network, config);
    const before = measuring.get(w);
    const host = new ComputeHost(w.options.workerUrl);
    // At once, so that a cancel right behind finds it.
    measuring.set(w, host);
    await before?.dispose();
    if (measuring.get(w) !== host) return null;
    try {
      const timings = await host.job('time', { network, config });
      refuse();
      return timings;
    } catch (e) {
      if (measuring.get(w) !== host) return null;
      throw e;
    } finally {
      if (measuring.get(w) === host) measuring.delete(w);
      // Its end is not waited for: a step that runs in it must first come back.
      void host.dispose();
    }
  },
  'analysis.cancel': (w) => {
    const host = measuring.get(w);
    measuring.delete(w);
    void host?.dispose();
    return {};
  },
};
