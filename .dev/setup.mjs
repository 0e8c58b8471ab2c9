/** Makes a checkout ready: right Node, packages installed, everything built. Does nothing that is done already. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const minimum = [20, 19];

function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Prints one sentence and ends with exit code 1. */
export function stop(sentence) {
  say(sentence);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < minimum[0] || (major === minimum[0] && minor < minimum[1])) {
    stop(`Node: expected version ${minimum.join('.')} or newer, got ${process.versions.node}. Install a newer Node from nodejs.org and try again.`);
  }
}

/** The hash of package-lock.json, kept inside node_modules, says whether what is installed is what is asked for. */
function installPackages({ quiet }) {
  const lock = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
  const stamp = join(root, 'node_modules', '.netloom-installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  const modules = join(root, 'node_modules');
  // npm empties the folder first: behind a link it would be another checkout's.
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) stop('Packages: expected those of package-lock.json, got a node_modules that is a link to others. Install them where it leads, or remove the link, and try again.');
  say('Installing packages (once) …');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const result = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', quiet ? 2 : 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) {
    stop(`Packages: expected "npm ci" to finish, got exit code ${result.status}. Read npm's lines above, check the network, and try again.`);
  }
  writeFileSync(stamp, lock);
}

const ignored = new Set(['node_modules', 'out', 'dist', '.git']);

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (ignored.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (!/\.test\.tsx?$/.test(entry.name)) yield path;
  }
}

/** Contents of everything the build reads, as one hash: times differ between clones, contents do not. */
function sourceHash() {
  const hash = createHash('sha256');
  const sources = ['shared', 'electron', 'renderer', 'resources', '.dev'].map((d) => join(root, d)).filter(existsSync);
  for (const file of [...sources.flatMap((d) => [...files(d)]), join(root, 'package-lock.json')]) {
    hash.update(file.slice(root.length)).update(String(statSync(file).size)).update(readFileSync(file));
  }
  return hash.digest('hex');
}

async function buildAll() {
  const stamp = join(root, 'out', '.built');
  const hash = sourceHash();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  say('Building …');
  const { build } = await import('./build.mjs');
  await build();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
}

/** Installs and builds what is missing or stale. `quiet` keeps stdout free for a command's own answer. */
export async function ensureReady({ quiet = false, build = true } = {}) {
  checkNode();
  installPackages({ quiet });
  if (build) await buildAll();
}
