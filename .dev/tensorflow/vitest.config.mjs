/** Tests of the room on the TensorFlow of this machine in place of TensorFlow.js' plain backend: vitest run --config .dev/tensorflow/vitest.config.mjs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tfjs from '@tensorflow/tfjs';
import { defineConfig } from 'vitest/config';
import { root } from '../setup.mjs';

const folder = join(root, 'out', 'checks');
const native = join(folder, 'native-tensorflow.mjs');
const names = Object.keys(tfjs).filter((name) => /^[A-Za-z_]\w*$/.test(name) && !['default', 'setBackend'].includes(name));
mkdirSync(folder, { recursive: true });
writeFileSync(native, `import { loadTensorflow } from ${JSON.stringify(join(root, 'electron/engine/tensorflow/load.ts'))};
const tf = await loadTensorflow();
export const { ${names.join(', ')} } = tf;
// The backend is the machine's, whichever a test asks for.
export const setBackend = async () => true;
`);

export default defineConfig({
  root,
  resolve: { alias: [{ find: /^@tensorflow\/tfjs$/, replacement: native }] },
  test: {
    include: ['electron/engine/tensorflow/**/*.test.ts'],
    // Of these, one asks which packages there are and the other loads a package made up.
    exclude: ['**/find.test.ts', '**/load.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
