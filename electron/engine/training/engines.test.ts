/** One table says which engine a device has; what a device refuses is known before a run has a folder. */
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { findTemplate } from '../../../shared/templates/templates.ts';
import { defaultTrainingConfig, TrainingConfigSchema } from '../../../shared/training/config.ts';
import { required } from '../../../shared/util/assert.ts';
import { startEngine } from '../handlers/engine.harness.ts';
import { CPU_PACKAGE } from '../tensorflow/mending.ts';
import { thisSystem } from '../tensorflow/system.ts';
import { engineOf } from './engines.ts';

const document = required(findTemplate('mlp'), 'template').build();
const { network } = compile(document, {});

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'netloom-engines-'));
  vi.stubEnv('NETLOOM_HOME', home);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

/** A package that looks whole from outside, and whose binding then does not load. */
async function brokenPackage(): Promise<void> {
  const folder = join(home, 'tensorflow', 'node_modules', ...CPU_PACKAGE.split('/'));
  const build = Math.min(8, thisSystem().napi);
  const files = {
    'package.json': JSON.stringify({ name: CPU_PACKAGE, version: '4.22.0', main: 'index.js', binary: { napi_versions: [3, 4, 5, 6, 7, 8] } }),
    'index.js': "throw new Error('libtensorflow.so.2: cannot open shared object file: No such file or directory')",
    [`lib/napi-v${build}/tfjs_binding.node`]: '', [`lib/napi-v${build}/tensorflow.dll`]: '',
    'deps/lib/libtensorflow.so.2': '', 'deps/lib/libtensorflow.2.dylib': '',
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

describe('the table', () => {
  it.each(['cpu', 'tensorflow'] as const)('%s opens nothing that it does not train', async (device) => {
    const open = engineOf(device).open(network, { ...defaultTrainingConfig(), precision: 'mixed' }, initialWeights(network, 1), { element: 'float32', offset: 0, scale: 1 });
    await expect(open).rejects.toMatchObject({ diagnostic: { code: 'engine.precision', args: { device } } });
  });

  it('opens TensorFlow by loading it, which says what is missing', async () => {
    await brokenPackage();
    const open = engineOf('tensorflow').open(network, defaultTrainingConfig(), initialWeights(network, 1), { element: 'float32', offset: 0, scale: 1 });
    await expect(open).rejects.toMatchObject({ diagnostic: { code: 'tensorflow.library', args: { library: 'libtensorflow.so.2' } } });
  });
});

describe('a run on TensorFlow', () => {
  it('is refused before it has a folder, and fails with a diagnostic where loading does; the next one trains', async () => {
    await brokenPackage();
    const tried = await startEngine();
    try {
      const data = { kind: 'builtin', id: 'digits' } as const;
      const config = TrainingConfigSchema.parse({ epochs: 1, batchSize: 256, device: 'tensorflow' });
      const start = (c: typeof config) => tried.ask('training.start', { document, config: c, data, from: { kind: 'fresh' }, probe: 0 });
      const over = async () => {
        let progress = (await tried.ask('training.status', {})).progress;
        while (progress === null || !['failed', 'finished'].includes(progress.state)) {
          await new Promise((done) => setTimeout(done, 20));
          progress = (await tried.ask('training.status', {})).progress;
        }
        return progress;
      };
      expect((await tried.ask('system.devices', {})).find((d) => d.id === 'tensorflow')?.available).toBe(true);
      for (const device of ['tensorflow', 'cpu']) await expect(start({ ...config, device, precision: 'mixed' })).rejects.toMatchObject({ diagnostic: { code: 'engine.precision', args: { device } } });
      expect(await tried.ask('runs.list', {})).toEqual([]);
      await start(config);
      expect(await over()).toMatchObject({ state: 'failed', device: 'tensorflow', error: { code: 'tensorflow.library' } });
      await start({ ...config, device: 'cpu' });
      expect(await over()).toMatchObject({ state: 'finished', device: 'cpu', error: null });
    } finally {
      await tried.end();
    }
  });
});
