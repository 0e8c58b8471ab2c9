/** npm run check:onnx: bundles the corpus of the ONNX project and runs it; it says so where the data is absent. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureReady, root } from './setup.mjs';
import { bundles } from './build.mjs';

await ensureReady();
const esbuild = await import('esbuild');
const outfile = join(root, 'out', 'checks', 'onnx.mjs');
await esbuild.build({ ...bundles[0], entryPoints: [join(root, 'e2e', 'checks', 'onnx.ts')], outfile });
process.exit(spawnSync(process.execPath, [outfile], { cwd: root, stdio: 'inherit' }).status ?? 1);
