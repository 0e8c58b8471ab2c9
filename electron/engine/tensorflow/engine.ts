/** The training engine on TensorFlow. */
import { refusals } from '../../../shared/analysis/refusals.ts';
import { NetloomError } from '../../../shared/diagnostics/diagnostic.ts';
import type { TrainingEngine } from '../training/engine.ts';
import { abilities } from './abilities.ts';
import { TensorflowSession } from './session.ts';
import type { Tf } from './tf.ts';

/**
 * `load` is asked when the first session opens. Sessions block the thread they run on. Opening throws the first refusal: what
 * TensorFlow cannot train.
 */
export function createTensorflowEngine(load: () => Promise<Tf>): TrainingEngine {
  return {
    async open(network, config, weights, input) {
      const [refused] = refusals(network, config, { id: 'tensorflow', trains: abilities });
      if (refused) throw new NetloomError(refused);
      const session = new TensorflowSession(await load(), network, config, input);
      await session.restore({ weights, state: new Map(), step: 0 });
      return session;
    },
  };
}
