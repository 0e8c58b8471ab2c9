/** Runs a graph with ONNX Runtime's profiler on, and reads what it wrote. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { required } from '../../../shared/util/assert.ts';
import { translateError } from './errors.ts';
import { threadsFrom, type Feeds } from './session.ts';

/** One node of one run. */
export interface NodeTime { readonly node: string; readonly op: string; readonly ms: number }
export interface Profile {
  /** By the clock, one a run. */
  readonly runs: readonly number[];
  /** Bytes by which the process was larger at most than before the model was loaded. */
  readonly memory: number;
  /** In the order they ran, run after run; names are those of the graph, or what the runtime made of them. */
  readonly nodes: readonly NodeTime[];
}

interface Event { readonly cat: string; readonly name: string; readonly dur: number; readonly args?: { readonly op_name?: string } }

const KERNEL = '_kernel_time';

/** Node times of a profile file. */
export function readProfile(text: string): NodeTime[] {
  return (JSON.parse(text) as Event[]).flatMap((e) => (e.cat === 'Node' && e.name.endsWith(KERNEL) ? [{ node: e.name.slice(0, -KERNEL.length), op: e.args?.op_name ?? '', ms: e.dur / 1000 }] : []));
}

/** Loads a model on the CPU and runs it; results are written into `fetches`, as training does. Blocks this thread. Throws as a session does. */
export async function profileRuns(model: Uint8Array, runs: number, feeds: Feeds, fetches: Feeds): Promise<Profile> {
  const before = process.memoryUsage.rss();
  const folder = await mkdtemp(join(tmpdir(), 'netloom-profile-'));
  try {
    const session = await ort.InferenceSession.create(model, {
      executionProviders: ['cpu'], graphOptimizationLevel: 'all', logSeverityLevel: 3, enableProfiling: true, profileFilePrefix: join(folder, 'step'),
      extra: { session: { set_denormal_as_zero: '1' } }, ...threadsFrom(process.env.NETLOOM_THREADS),
    }).catch((cause: unknown) => { throw translateError(cause, 'load', 'cpu'); });
    const times: number[] = [];
    let most = before;
    try {
      for (let i = 0; i < runs; i++) {
        const began = performance.now();
        await session.run(feeds, fetches).catch((cause: unknown) => { throw translateError(cause, 'run', 'cpu'); });
        times.push(performance.now() - began);
        most = Math.max(most, process.memoryUsage.rss());
      }
      session.endProfiling();
    } finally {
      await session.release();
    }
    // The binding does not answer the file's name.
    const file = required((await readdir(folder))[0], 'profile');
    return { runs: times, memory: most - before, nodes: readProfile(await readFile(join(folder, file), 'utf8')) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
