/** Bindings built against a TensorFlow of pip, on machines made of folders. */
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findTensorflow } from './find.ts';
import { file, machine, onMachines, packaged, rootOf, withDriver } from './machines.harness.ts';

onMachines();

describe('built against a wheel of pip', () => {
  const site = (): string => join(rootOf(), 'venv', 'site-packages');
  const twelve = ['libcudart.so.12', 'libcublas.so.12', 'libcublasLt.so.12', 'libcufft.so.11', 'libcurand.so.10', 'libcusolver.so.11', 'libcusparse.so.12', 'libcudnn.so.9'];
  /** As pip lays a wheel, of which `custom-binary.json` may know nothing. */
  function wheel(cuda: boolean, distribution: string): string {
    file(join(site(), 'tensorflow', 'python', 'platform', 'build_info.py'), `build_info = collections.OrderedDict([('is_cuda_build', ${cuda ? 'True' : 'False'}), ('is_rocm_build', False)])`);
    file(join(site(), 'tensorflow_estimator-2.15.0.dist-info', 'METADATA'));
    file(join(site(), distribution, 'METADATA'));
    for (const l of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) file(join(site(), 'tensorflow', l));
    return join(site(), 'tensorflow');
  }
  const bound = (): string => packaged('tfjs-node', { needs: '\0libtensorflow_cc.so.2\0libtensorflow_framework.so.2\0', libraries: [] });

  it('one with CUDA inside may take a card, wherever its library is found', () => {
    const at = wheel(true, 'tensorflow-2.21.0.dist-info');
    const folder = bound();
    const withPath = (): ReturnType<typeof findTensorflow> => findTensorflow(machine({ env: { LD_LIBRARY_PATH: at } }));
    expect(withPath()).toEqual({ place: { folder, on: 'cpu' }, detail: 'TensorFlow 2.21.0 on the processor, through TensorFlow.js 4.22.0. Not on a graphics card: NVIDIA’s driver was not found (libcuda.so.1).', commands: [] });
    withDriver();
    expect(withPath().detail).toMatch(/of which libcudart\.so\.12, libcudnn\.so\.9 and 6 more were not found\.$/);
    // What pip lays beside it, its library finds by itself.
    for (const l of twelve) file(join(site(), 'nvidia', l.replace(/^lib(.*?)\..*/, '$1'), 'lib', l));
    expect(withPath()).toMatchObject({ place: { folder, on: 'gpu' }, detail: expect.stringContaining('TensorFlow 2.21.0 on the graphics card with CUDA 12.5 and cuDNN 9.3') });
  });

  it('libraries that are linked one by one look beside their links, a folder that is a link beside what it leads to', () => {
    const at = wheel(true, 'tensorflow-2.21.0.dist-info');
    const folder = bound();
    withDriver();
    for (const l of twelve) file(join(site(), 'nvidia', 'all', 'lib', l));
    mkdirSync(join(folder, 'deps', 'lib'), { recursive: true });
    for (const l of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) symlinkSync(join(at, l), join(folder, 'deps', 'lib', l));
    expect(findTensorflow(machine()).detail).toMatch(/^TensorFlow 2\.21\.0 on the processor.* and 6 more were not found\.$/);
    rmSync(join(folder, 'deps', 'lib'), { recursive: true });
    symlinkSync(at, join(folder, 'deps', 'lib'));
    expect(findTensorflow(machine()).place).toEqual({ folder, on: 'gpu' });
  });

  it('one for processors takes none, whatever is there', () => {
    const folder = bound();
    file(join(folder, 'scripts', 'custom-binary.json'), '{}');
    mkdirSync(join(folder, 'deps'));
    symlinkSync(wheel(false, 'tensorflow_cpu-2.15.1.dist-info'), join(folder, 'deps', 'lib'));
    withDriver();
    for (const l of twelve) file(join(rootOf(), 'usr', 'lib', l));
    expect(findTensorflow(machine())).toMatchObject({ place: { folder, on: 'cpu' }, detail: 'TensorFlow 2.15.1 on the processor, through TensorFlow.js 4.22.0. Not on a graphics card: the package @tensorflow/tfjs-node-gpu is not installed.' });
  });
});
