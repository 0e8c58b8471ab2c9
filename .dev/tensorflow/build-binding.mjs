/**
 * Builds @tensorflow/tfjs-node's native binding from its own source against the TensorFlow of a Python wheel, for machines
 * whose TensorFlow is another than the one the package fetches:
 *
 *   node .dev/tensorflow/build-binding.mjs <python with tensorflow> [folder]
 *
 * The folder is where Netloom looks for it by itself unless another is named. It needs npm, Python 3 and a C++ compiler.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stop } from '../setup.mjs';

const VERSION = '4.22.0';
const windows = process.platform === 'win32';

/** Where Netloom looks for a TensorFlow of a person's own. */
export const ownFolder = join(process.env.NETLOOM_HOME ?? join(homedir(), '.netloom'), 'tensorflow');

/** Folder and version of the TensorFlow that this Python has; null where it has none. Nothing of it is loaded. */
export function wheelOf(python) {
  const ask = `
import importlib.metadata as m, importlib.util as u, json
names = {d.metadata["Name"].replace("_", "-"): d.version for d in m.distributions()}
print(json.dumps([u.find_spec("tensorflow").submodule_search_locations[0], next(names[n] for n in ("tensorflow", "tensorflow-cpu") if n in names)]))`;
  const { status, stdout } = spawnSync(python, ['-c', ask], { encoding: 'utf8' });
  if (status !== 0) return null;
  const [folder, version] = JSON.parse(stdout.trim());
  return { folder, version };
}

function run(command, args, cwd, env = {}) {
  const { status } = spawnSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'], shell: windows, env: { ...process.env, ...env } });
  if (status !== 0) stop(`Building: expected "${command} ${args[0]}" to finish, got exit code ${status}. Read its lines above: a C++ compiler and Python 3 are needed.`);
}

function link(target, path) {
  rmSync(path, { force: true, recursive: true });
  symlinkSync(target, path);
}

/** The library under every name by which its package, the linker and the loader ask for it. */
function layLibraries(wheel, deps) {
  const libraries = readdirSync(wheel.folder).filter((f) => /^libtensorflow_(cc|framework)\.(so\.\d+|\d+\.dylib)$/.test(f));
  if (libraries.length < 2) stop(`TensorFlow ${wheel.version}: expected libtensorflow_cc and libtensorflow_framework in ${wheel.folder}, got ${libraries.join(', ') || 'neither'}. Take a wheel for Linux or macOS.`);
  mkdirSync(join(deps, 'lib'), { recursive: true });
  link(join(wheel.folder, 'include'), join(deps, 'include'));
  for (const file of libraries) {
    const whole = join(wheel.folder, file);
    const plain = file.split('.')[0].replace('_cc', '');
    const names = process.platform === 'darwin' ? [`${plain}.dylib`, `${plain}.2.dylib`] : [`${plain}.so`, `${plain}.so.${wheel.version}`];
    for (const name of [file, ...names]) link(whole, join(deps, 'lib', name));
  }
}

/** Builds into `folder`/node_modules and answers the package's folder. */
export function buildBinding(python, folder = ownFolder) {
  const wheel = wheelOf(python);
  if (!wheel) stop(`Python: expected ${python} to have tensorflow, got none. Install it with "${python} -m pip install tensorflow" and try again.`);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'package.json'))) writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', `@tensorflow/tfjs-node@${VERSION}`], folder);
  const home = join(folder, 'node_modules', '@tensorflow', 'tfjs-node');
  layLibraries(wheel, join(home, 'deps'));
  // The install script fetches nothing where the library of its version lies there, and builds from source where the library is not its own.
  const constants = join(home, 'scripts', 'deps-constants.js');
  writeFileSync(constants, readFileSync(constants, 'utf8').replace(/LIBTENSORFLOW_VERSION = '[^']+'/, `LIBTENSORFLOW_VERSION = '${wheel.version}'`));
  writeFileSync(join(home, 'scripts', 'custom-binary.json'), `${JSON.stringify({ 'tf-lib': wheel.folder })}\n`);
  // Node's own headers, where they lie beside it, instead of a download.
  const beside = dirname(dirname(process.execPath));
  const headers = process.env.npm_config_nodedir === undefined && existsSync(join(beside, 'include', 'node', 'node_api.h')) ? { npm_config_nodedir: beside } : {};
  run('npm', ['run', 'install', '--loglevel=error'], home, headers);
  const built = existsSync(join(home, 'lib')) && readdirSync(join(home, 'lib')).some((f) => existsSync(join(home, 'lib', f, 'tfjs_binding.node')));
  if (!built) stop(`Building: expected tfjs_binding.node in ${join(home, 'lib')}, got none. Read npm's lines above.`);
  return { home, tensorflow: wheel.version };
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [python, folder] = process.argv.slice(2);
  if (!python) stop('Usage: node .dev/tensorflow/build-binding.mjs <python with tensorflow> [folder]');
  const { home, tensorflow } = buildBinding(python, folder && resolve(folder));
  console.log(`The binding for TensorFlow ${tensorflow} lies in ${home}.`);
}
