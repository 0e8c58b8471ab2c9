/** What the search for TensorFlow asks of a machine: one small interface, so that any machine can be made up. */
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface System {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** Version of Node-API of the process that would load the binding. */
  readonly napi: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** node_modules folders that may hold the packages, the first to be looked at first. */
  readonly modules: readonly string[];
  /** The folder of a person's own installation; its node_modules is one of `modules`. */
  readonly own: string;
  /** Where the system's loader looks for a library by itself, and the list it keeps of others. */
  readonly libraries: readonly string[];
  readonly cache: string;
  exists(path: string): boolean;
  /** The path behind all links; the same where there is no such file. */
  real(path: string): string;
  /** Names in a folder; none where it cannot be read. */
  list(folder: string): readonly string[];
  /** Latin-1, so that names can be found in any file; empty where it cannot be read. */
  read(file: string): string;
}

const calm = <T>(ask: () => T, otherwise: T): T => {
  try {
    return ask();
  } catch {
    return otherwise;
  }
};

/** What is really on disk. */
export const disk: Pick<System, 'exists' | 'real' | 'list' | 'read'> = {
  exists: existsSync,
  real: (path) => calm(() => realpathSync(path), path),
  list: (folder) => calm(() => readdirSync(folder), []),
  read: (file) => calm(() => readFileSync(file, 'latin1'), ''),
};

function above(folder: string): string[] {
  const parent = dirname(folder);
  return [join(folder, 'node_modules'), ...(parent === folder ? [] : above(parent))];
}

const folders: Readonly<Partial<Record<NodeJS.Platform, (env: System['env']) => string[]>>> = {
  linux: () => ['/lib', '/usr/lib', '/lib64', '/usr/lib64'],
  win32: (env) => [join(env.SystemRoot ?? 'C:\\Windows', 'System32')],
};

/** This machine: the app's own packages, then those of a person's own folder (a packaged app has none). */
export function thisSystem(): System {
  const { env, platform, arch, versions } = process;
  const own = join(env.NETLOOM_HOME ?? join(homedir(), '.netloom'), 'tensorflow');
  return {
    platform, arch, env, own, napi: Number(versions.napi),
    modules: [...above(dirname(fileURLToPath(import.meta.url))), join(own, 'node_modules')],
    libraries: folders[platform]?.(env) ?? [],
    cache: '/etc/ld.so.cache',
    ...disk,
  };
}

/** Where the loader would find a library by its name, its own list aside; null where it would not. */
export function libraryAt(system: System, name: string): string | null {
  const windows = system.platform === 'win32';
  const named = (windows ? (system.env.PATH ?? system.env.Path) : system.env.LD_LIBRARY_PATH) ?? '';
  const folder = [...named.split(windows ? ';' : ':'), ...system.libraries].find((f) => f !== '' && system.exists(join(f, name)));
  return folder === undefined ? null : join(folder, name);
}

/** Whether the loader would find a library by its name. */
export function hasLibrary(system: System, name: string): boolean {
  return libraryAt(system, name) !== null
    || (system.platform === 'linux' && system.read(system.cache).includes(`/${name}\0`));
}
