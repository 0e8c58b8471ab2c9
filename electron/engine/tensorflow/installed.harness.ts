/** A TensorFlow of a person's own for tests, which is found and loaded as the native one is. */
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** `home`: the app's own folder. The package has the plain JavaScript kernels under the native backend's name. */
export async function installPure(home: string): Promise<void> {
  const folder = join(home, 'tensorflow', 'node_modules', '@tensorflow', 'tfjs-node');
  const files = {
    'package.json': JSON.stringify({ name: '@tensorflow/tfjs-node', version: '4.22.0', main: 'index.js', binary: { napi_versions: [8] } }),
    'index.js': `const tf = require(${JSON.stringify(createRequire(import.meta.url).resolve('@tensorflow/tfjs'))});
      tf.registerBackend('tensorflow', tf.findBackendFactory('cpu'));
      tf.copyRegisteredKernels('cpu', 'tensorflow');
      module.exports = tf;`,
    'lib/napi-v8/tfjs_binding.node': '',
    ...Object.fromEntries(['libtensorflow.so.2', 'libtensorflow_framework.so.2', 'libtensorflow.2.dylib'].map((name) => [`deps/lib/${name}`, ''])),
    'lib/napi-v8/tensorflow.dll': '',
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}
