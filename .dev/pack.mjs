/** npm run bench:pack: the benchmark as one archive for a Linux machine without a network: Node, engine, runtime, PyTorch's side. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureReady, root } from './setup.mjs';
import { bundles } from './build.mjs';

const LIMIT = 60e6;
const PLATFORM = 'linux/x64';

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error('bench:pack takes this machine\'s own Node along: run it on Linux, x64.');
  process.exit(1);
}
await ensureReady();
const out = join(root, 'out', 'bench');
const folder = join(out, 'netloom-bench');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const esbuild = await import('esbuild');
await esbuild.build({ ...bundles[0], entryPoints: [join(root, 'e2e', 'bench', 'index.ts')], outfile: join(folder, 'index.mjs'), sourcemap: false });
cpSync(join(root, 'e2e', 'bench', 'torch_reference.py'), join(folder, 'torch_reference.py'));
for (const name of ['LICENSE']) cpSync(join(root, name), join(folder, name));

/** Packages that stay outside the bundle, without the libraries of other platforms. */
for (const name of ['onnxruntime-common', 'onnxruntime-node']) {
  const from = join(root, 'node_modules', name);
  const keeps = (path) => {
    const inside = path.slice(from.length + 1).replaceAll('\\', '/');
    if (/\.(map|d\.ts|ts|md)$/.test(inside) && !inside.endsWith('package.json')) return false;
    if (/^(lib|script|__commit\.txt|node_modules)/.test(inside)) return false;
    if (inside.startsWith('dist/esm') && name === 'onnxruntime-node') return false;
    const parts = inside.split('/');
    // bin/napi-v6/PLATFORM/ARCH/…
    return parts[0] !== 'bin' || parts.slice(2, 4).every((p, i) => p === PLATFORM.split('/')[i]);
  };
  cpSync(from, join(folder, 'node_modules', name), { recursive: true, filter: keeps });
}

const node = join(folder, 'node');
cpSync(process.execPath, node, { dereference: true });
const stripped = spawnSync('strip', ['--strip-unneeded', node], { stdio: 'inherit' });
if (stripped.status !== 0) console.warn('strip was not found: the archive carries Node with its symbols.');
chmodSync(node, 0o755);

const launcher = join(folder, 'bench');
writeFileSync(launcher, `#!/bin/sh
# Training speed of this machine's devices: ./bench [--nets=lenet-5,resnet-18] [--batches=32,128] [--devices=cpu,webgpu] [--steps=N] [--against=none]
# NETLOOM_PYTHON names a Python with PyTorch (python3 by itself), NETLOOM_THREADS the threads of one operator.
here=$(cd "$(dirname "$0")" && pwd)
NETLOOM_PACKED=1 exec "$here/node" --expose-gc "$here/index.mjs" "$@"
`);
chmodSync(launcher, 0o755);

const archive = join(out, 'netloom-bench-linux-x64.tar.xz');
const packed = spawnSync('tar', ['--owner=0', '--group=0', '-cJf', archive, '-C', out, 'netloom-bench'], { stdio: 'inherit', env: { ...process.env, XZ_OPT: '-7 -T0' } });
if (packed.status !== 0) throw new Error('tar with xz did not make the archive');
const { size } = statSync(archive);
console.log(`${archive}: ${(size / 1e6).toFixed(1)} MB`);
if (size > LIMIT) {
  console.error(`The archive must stay under ${LIMIT / 1e6} MB.`);
  process.exit(1);
}
