/** One bundler for everything that runs in Node or Electron (esbuild), Vite for the renderer. */
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Native or too large to bundle; resolved at run time. */
const external = ['electron', 'onnxruntime-node', 'onnxruntime-common', 'sharp'];

/** CommonJS packages inside an ES module bundle still call require. */
const banner = { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" };

const node = (entry, outfile) => ({ entryPoints: [join(root, entry)], outfile: join(root, 'out', outfile), format: 'esm', platform: 'node', target: 'node20', bundle: true, external, banner, sourcemap: true, logLevel: 'warning', legalComments: 'none' });

export const bundles = [
  node('electron/main/index.ts', 'main/index.mjs'),
  // A sandboxed preload must be CommonJS.
  { ...node('electron/preload/index.ts', 'preload/index.cjs'), format: 'cjs', banner: {} },
  node('electron/engine/index.ts', 'engine/index.mjs'),
  node('electron/engine/training/worker.ts', 'engine/worker.mjs'),
  node('electron/server/index.ts', 'server/index.mjs'),
  node('electron/cli/index.ts', 'cli/index.mjs'),
];

export async function buildNode() {
  const esbuild = await import('esbuild');
  await Promise.all(bundles.map((options) => esbuild.build(options)));
}

export async function buildRenderer() {
  const vite = await import('vite');
  await vite.build({ configFile: join(root, 'renderer', 'vite.config.ts'), logLevel: 'warn' });
}

export async function build() {
  await buildNode();
  await buildRenderer();
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await build();
