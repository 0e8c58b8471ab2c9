/** An engine as the product starts it, on a folder of its own that goes with it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NetloomError } from '../../../shared/diagnostics/diagnostic.ts';
import { requests, type Answer, type Method, type Params } from '../../../shared/protocol/requests.ts';
import { bundleWorker } from '../training/bundle-fixture.ts';
import { createEngine, type Engine } from './engine.ts';

export interface TriedEngine {
  readonly engine: Engine;
  /** The folder it keeps things in. */
  readonly home: string;
  /** As the interface hears it: the answer in the protocol's form, or the diagnostic thrown. */
  ask<M extends Method>(method: M, params: Params<M>): Promise<Answer<M>>;
  end(): Promise<void>;
}

/** `script`: its compute thread. */
export async function startEngine(script = 'worker.ts'): Promise<TriedEngine> {
  const home = await mkdtemp(join(tmpdir(), 'netloom-engine-'));
  const bundle = await bundleWorker(script);
  const engine = createEngine({ resourcesDir: fileURLToPath(new URL('../../../resources', import.meta.url)), appDir: home, workerUrl: bundle.url });
  let id = 0;
  return {
    engine,
    home,
    ask: async (method, params) => {
      const answer = await engine.handle({ kind: 'request', id: ++id, method, params });
      if (!answer.ok) throw new NetloomError(answer.error);
      return requests[method].answer.parse(answer.value) as Answer<typeof method>;
    },
    end: async () => {
      await engine.dispose();
      await bundle.remove();
      await rm(home, { recursive: true, force: true });
    },
  };
}
