/** npm run check:torch: bundles the comparisons with PyTorch (--only=architectures or --only=torch) and runs them; they say so where Python has no torch. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureReady, root } from './setup.mjs';
import { bundles } from './build.mjs';

await ensureReady();
const esbuild = await import('esbuild');
const only = process.argv.find((a) => a.startsWith('--only='))?.slice('--only='.length);
let failed = 0;
for (const check of ['architectures', 'torch']) {
  if (only !== undefined && only !== check) continue;
  const outfile = join(root, 'out', 'checks', `${check}.mjs`);
  await esbuild.build({ ...bundles[0], entryPoints: [join(root, 'e2e', 'checks', `${check}.ts`)], outfile });
  const { status } = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
  failed ||= status ?? 1;
}
process.exit(failed);
