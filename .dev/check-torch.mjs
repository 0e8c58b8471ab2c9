/** npm run check:torch: bundles the comparison with PyTorch and runs it; it says so where Python has no torch. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureReady, root } from './setup.mjs';
import { bundles } from './build.mjs';

await ensureReady();
const esbuild = await import('esbuild');
const outfile = join(root, 'out', 'checks', 'torch.mjs');
await esbuild.build({ ...bundles[0], entryPoints: [join(root, 'e2e', 'checks', 'torch.ts')], outfile });
const result = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
process.exit(result.status ?? 1);
