/** Measuring a net on this machine. */
import { requireTrainable } from '../../../shared/compile/trainable.ts';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { ComputeHost } from '../training/host.ts';
import { requireFits } from './fits.ts';
import type { Handlers } from './handler.ts';
import { refuseInRace } from './race.ts';
import type { Workspace } from './workspace.ts';

/** The measurement under way: a thread of its own, so that maps and predictions go on, and ending it ends the work. */
const measuring = new WeakMap<Workspace, ComputeHost>();

export const analysisHandlers: Handlers<'analysis'> = {
  'analysis.measure': async (w, { document, config }) => {
    // Two at once on the same processors would time each other.
    const refuse = () => { if (w.host.training) throw problem('training.busy', { label: 'Measuring' }, {}); };
    refuse();
    refuseInRace(w, 'Measuring');
    // The shape of the data set does not matter: the net is timed on random numbers.
    const network = w.network(document, null);
    requireTrainable(network);
    requireFits(network, config);
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
