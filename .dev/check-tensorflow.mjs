/**
 * npm run check:tensorflow: bundles the comparison of TensorFlow with ONNX Runtime and Keras and runs it; it says so where no
 * TensorFlow can be loaded. With --build it first builds one from the Python that NETLOOM_PYTHON names.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureReady, root } from './setup.mjs';
import { bundles } from './build.mjs';
import { buildBinding } from './tensorflow/build-binding.mjs';

await ensureReady();
if (process.argv.includes('--build')) buildBinding(process.env.NETLOOM_PYTHON ?? 'python3');
const esbuild = await import('esbuild');
const outfile = join(root, 'out', 'checks', 'tensorflow.mjs');
await esbuild.build({ ...bundles[0], entryPoints: [join(root, 'e2e', 'checks', 'tensorflow.ts')], outfile });
process.exit(spawnSync(process.execPath, ['--expose-gc', outfile, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' }).status ?? 1);
