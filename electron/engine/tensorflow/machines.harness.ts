/** Test harness: machines made of folders, a new one for each test. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { disk, type System } from './system.ts';

let root: string;
/** The folder that holds it all. */
export const rootOf = (): string => root;
/** Gives each test of a file its machine, and takes it away. */
export function onMachines(): void {
  beforeEach(() => { root = mkdtempSync(join(tmpdir(), 'netloom-find-')); });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
}

const app = (): string => join(root, 'app', 'node_modules');
export const own = (): string => join(root, 'home', 'tensorflow');

export function machine(change: Partial<System> = {}): System {
  return {
    platform: 'linux', arch: 'x64', napi: 9, env: {}, modules: [app(), join(own(), 'node_modules')], own: own(), libraries: [join(root, 'usr', 'lib')], cache: join(root, 'ld.so.cache'),
    ...disk, ...change,
  };
}

export function file(path: string, text = ''): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

interface Parts { readonly binding?: string; readonly needs?: string; readonly libraries?: readonly string[]; readonly deps?: boolean; readonly modules?: string }
const LINUX = ['libtensorflow.so.2', 'libtensorflow.so.2.9.1', 'libtensorflow_framework.so.2'];

/** A package as npm and its install script would have left it. */
export function packaged(name: string, { binding = 'napi-v8', needs = '\0libtensorflow.so.2\0libtensorflow_framework.so.2\0', libraries = LINUX, modules = app() }: Parts = {}): string {
  const folder = join(modules, '@tensorflow', name);
  file(join(folder, 'package.json'), JSON.stringify({ name: `@tensorflow/${name}`, version: '4.22.0', binary: { napi_versions: [3, 4, 5, 6, 7, 8] } }));
  file(join(folder, 'scripts', 'deps-constants.js'), "const LIBTENSORFLOW_VERSION = '2.9.1';");
  if (binding !== '') file(join(folder, 'lib', binding, 'tfjs_binding.node'), needs);
  for (const l of libraries) file(join(folder, 'deps', 'lib', l));
  return folder;
}

export const withDriver = (): void => file(join(root, 'usr', 'lib', 'libcuda.so.1'));
