/** npm run bench: bundles the benchmark and runs it; it prints ratios measured in one run. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureReady, root } from './setup.mjs';
import { bundles } from './build.mjs';

await ensureReady();
const esbuild = await import('esbuild');
const outfile = join(root, 'out', 'bench', 'index.mjs');
await esbuild.build({ ...bundles[0], entryPoints: [join(root, 'e2e', 'bench', 'index.ts')], outfile });
const result = spawnSync(process.execPath, ['--expose-gc', outfile, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
process.exit(result.status ?? 1);
