/** Loads a TensorFlow that was found. It stays for the life of its process: what is loaded cannot be unloaded. */
import { createRequire } from 'node:module';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { findTensorflow } from './find.ts';
import { loadProblem } from './load-errors.ts';
import { thisSystem, type System } from './system.ts';
import type { Tf } from './tf.ts';

const required = createRequire(import.meta.url);

/** What tfjs-node 4.22 calls, and Node 23 has no longer or warns of; they do what Node's own did. */
const supplied: Readonly<Record<string, (value: unknown) => boolean>> = {
  isNullOrUndefined: (value) => value === null || value === undefined,
  isArray: (value) => Array.isArray(value),
};

const supplyUtil = (): void => void Object.assign(required('node:util') as object, supplied);

/** Its own log is for those who build it: only errors are left, unless somebody has asked for more. */
function quieten(): void {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
}

/** What a package prints of itself goes to the error stream: the other belongs to the command line's answers. */
async function apart<T>(work: () => Promise<T>): Promise<T> {
  const { log, info } = console;
  console.log = console.error;
  console.info = console.error;
  try {
    return await work();
  } finally {
    console.log = log;
    console.info = info;
  }
}

/** The package in this folder with its native backend chosen. Throws tensorflow.library or tensorflow.load. */
export async function loadFrom(folder: string, system: System): Promise<Tf> {
  supplyUtil();
  quieten();
  try {
    return await apart(async () => {
      const tf = required(folder) as Tf;
      // Else it warns of itself on first use.
      tf.enableProdMode();
      if (!(await tf.setBackend('tensorflow'))) throw new Error('Its backend could not be initialised');
      await tf.ready();
      return tf;
    });
  } catch (cause) {
    throw loadProblem(cause, system, folder);
  }
}

let loaded: Promise<Tf> | null = null;

/** The TensorFlow of this machine, found and loaded once a process. Throws tensorflow.missing where there is none. */
export function loadTensorflow(): Promise<Tf> {
  loaded ??= (async () => {
    const system = thisSystem();
    const { place, detail, commands } = findTensorflow(system);
    if (!place) throw problem('tensorflow.missing', { label: 'TensorFlow' }, { reason: detail, command: commands[0]?.command ?? null });
    return loadFrom(place.folder, system);
  })();
  // It may be mended and asked for again.
  loaded.catch(() => { loaded = null; });
  return loaded;
}
