/** Loading, tried on packages that do what tfjs-node does: call what Node removed, print, and fail as loaders fail. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NetloomError } from '../../../shared/diagnostics/diagnostic.ts';
import { loadProblem } from './load-errors.ts';
import { loadFrom, loadTensorflow } from './load.ts';
import { GPU_PACKAGE } from './mending.ts';
import { disk, thisSystem } from './system.ts';

const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
const { isNullOrUndefined, isArray } = util;

const installed = fileURLToPath(new URL(`../../../node_modules/${GPU_PACKAGE}`, import.meta.url));

let root: string;
beforeEach(() => { root = mkdtempSync(join(tmpdir(), 'netloom-load-')); });
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
  vi.unstubAllEnvs();
  Object.assign(util, { isNullOrUndefined, isArray });
});

function packaged(source: string): string {
  const folder = join(root, 'package');
  mkdirSync(join(folder, 'dist'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'made-up', main: 'dist/index.js' }));
  writeFileSync(join(folder, 'dist', 'index.js'), source);
  return folder;
}

const works = `
  const util_1 = require('util');
  let backend = 'none';
  exports.enableProdMode = () => { exports.prod = true; };
  exports.setBackend = async (name) => { backend = name; return true; };
  exports.ready = async () => {};
  exports.getBackend = () => backend;
  exports.ask = (v) => [(0, util_1.isNullOrUndefined)(v), (0, util_1.isArray)(v)];
`;

describe('a package that loads', () => {
  it('is told to log errors alone, where nobody asked for more', async () => {
    vi.stubEnv('TF_CPP_MIN_LOG_LEVEL', undefined);
    await loadFrom(packaged(works), thisSystem());
    expect(process.env.TF_CPP_MIN_LOG_LEVEL).toBe('2');
    vi.stubEnv('TF_CPP_MIN_LOG_LEVEL', '0');
    await loadFrom(packaged(works), thisSystem());
    expect(process.env.TF_CPP_MIN_LOG_LEVEL).toBe('0');
  });

  it('finds what Node 23 removed, on the native backend', async () => {
    delete util.isNullOrUndefined;
    delete util.isArray;
    const tf = (await loadFrom(packaged(works), thisSystem())) as unknown as { ask(v: unknown): boolean[]; getBackend(): string; prod: boolean };
    expect([undefined, null, 0, []].map((v) => tf.ask(v))).toEqual([[true, false], [true, false], [false, false], [false, true]]);
    expect(tf.getBackend()).toBe('tensorflow');
    expect(tf.prod).toBe(true);
  });

  it('calls nothing that Node still has and warns of', async () => {
    const deprecated = vi.fn(() => true);
    Object.assign(util, { isNullOrUndefined: deprecated, isArray: deprecated });
    const tf = (await loadFrom(packaged(works), thisSystem())) as unknown as { ask(v: unknown): boolean[] };
    expect([tf.ask(null), tf.ask([])]).toEqual([[true, false], [false, true]]);
    expect(deprecated).not.toHaveBeenCalled();
  });

  it('prints nothing where answers go', async () => {
    const { log } = console;
    const warned = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const out = vi.spyOn(process.stdout, 'write');
    await loadFrom(packaged(`console.log('hello'); console.info('there'); ${works}`), thisSystem());
    expect(warned.mock.calls).toEqual([['hello'], ['there']]);
    expect(out).not.toHaveBeenCalled();
    expect(console.log).toBe(log);
    warned.mockRestore();
    out.mockRestore();
  });
});

describe('a package that does not', () => {
  it('names the library that the loader misses', async () => {
    const folder = packaged("throw new Error('libcudart.so.11.0: cannot open shared object file: No such file or directory')");
    await expect(loadFrom(folder, thisSystem())).rejects.toMatchObject({ diagnostic: { code: 'tensorflow.library', args: { library: 'libcudart.so.11.0' } } });
  });

  it('with a backend that does not come up', async () => {
    const folder = packaged(works.replace('return true', 'return false'));
    await expect(loadFrom(folder, thisSystem())).rejects.toMatchObject({ diagnostic: { code: 'tensorflow.load', args: { reason: 'Its backend could not be initialised' } } });
  });

  it.skipIf(!disk.exists(installed) || disk.exists(join(installed, 'lib')))('really without its binding, from this machine’s own package', async () => {
    await expect(loadFrom(installed, thisSystem())).rejects.toMatchObject({ diagnostic: { code: 'tensorflow.library', args: { library: 'tfjs_binding.node' } } });
    vi.stubEnv('NETLOOM_HOME', root);
    await expect(loadTensorflow()).rejects.toThrow(/TensorFlow: expected an installation that can be loaded, got none \(@tensorflow\/tfjs-node-gpu 4\.22\.0 is there, but its native binding is not: .*\)\. Run npm run install --prefix ".*tfjs-node-gpu" first, or choose another device/);
  });
});

describe('what loaders say', () => {
  const system = { ...thisSystem(), platform: 'linux', arch: 'x64' } as const;
  it.each([
    ['libtensorflow.so.2: cannot open shared object file: No such file or directory', 'libtensorflow.so.2', /Run npm run install --prefix "\/a" again\./],
    ['libcudnn.so.8: cannot open shared object file: No such file or directory', 'libcudnn.so.8', /LD_LIBRARY_PATH/],
    ["/lib/x86_64-linux-gnu/libm.so.6: version `GLIBC_2.29' not found (required by /a/deps/lib/libtensorflow.so.2)", 'GLIBC_2.29', /newer system/],
    ["/usr/lib/libstdc++.so.6: version `GLIBCXX_3.4.29' not found (required by /a/libtensorflow.so.2)", 'GLIBCXX_3.4.29', /newer system/],
    ['/a/lib/napi-v8/tfjs_binding.node: undefined symbol: TF_TensorIsAligned', 'TF_TensorIsAligned', /different versions/],
    ['/a/lib/napi-v8/tfjs_binding.node: wrong ELF class: ELFCLASS32', 'tfjs_binding.node', /npm run install --prefix "\/a"/],
    ["dlopen(/a/tfjs_binding.node, 0x0001): tried: '/a/tfjs_binding.node' (mach-o file, but is an incompatible architecture (have 'x86_64', need 'arm64'))", 'tfjs_binding.node', /npm run install --prefix "\/a"/],
    ['dlopen(/a/tfjs_binding.node, 0x0001): Library not loaded: @rpath/libtensorflow.2.dylib\n  Referenced from: /a', 'libtensorflow.2.dylib', /npm run install --prefix "\/a"/],
    ['The specified module could not be found.\n\\\\?\\C:\\a\\tfjs_binding.node', 'tensorflow.dll', /beside/],
    ["The module '/a/tfjs_binding.node'\nwas compiled against a different Node.js version using\nNODE_MODULE_VERSION 83.", 'tfjs_binding.node', /npm run install --prefix "\/a"/],
  ])('%s', (text, library, next) => {
    const e = loadProblem(new Error(text), system, '/a');
    expect(e).toBeInstanceOf(NetloomError);
    expect(e.diagnostic).toMatchObject({ code: 'tensorflow.library', args: { library } });
    expect(e.message).toMatch(next);
  });

  it('is said as it is where nobody knows it', () => {
    expect(loadProblem(new Error('It rains.\nat x'), system, '/a').message).toBe('TensorFlow: expected its native binding to load, got It rains. Install the package again, or choose another device in the top bar.');
  });

  it.skipIf(process.platform !== 'linux').each([0, 4096])('a file of %d bytes that is no library, by this machine’s own loader', (bytes) => {
    const file = join(root, 'x.node');
    writeFileSync(file, Buffer.alloc(bytes, 1));
    let said: unknown;
    try {
      process.dlopen({ exports: {} }, file);
    } catch (e) {
      said = e;
    }
    expect(loadProblem(said, system, '/a').diagnostic).toMatchObject({ code: 'tensorflow.library', args: { library: 'tfjs_binding.node' } });
  });
});
