/** Machines made of folders: what is found in each, and what would mend the rest. */
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { cudaOf } from './cuda.ts';
import { findTensorflow } from './find.ts';
import { file, machine, onMachines, own, packaged, rootOf, withDriver } from './machines.harness.ts';
import { GPU_PACKAGE } from './mending.ts';
import { disk, hasLibrary, thisSystem, type System } from './system.ts';

onMachines();

const cudaEleven = ['libcudart.so.11.0', 'libcublas.so.11', 'libcublasLt.so.11', 'libcufft.so.10', 'libcurand.so.10', 'libcusolver.so.11', 'libcusparse.so.11', 'libcudnn.so.8'];

describe('nothing that can be loaded', () => {
  it('the package is absent: two commands fetch it whatever npm thinks of scripts', () => {
    expect(findTensorflow(machine())).toEqual({
      place: null, detail: 'The package @tensorflow/tfjs-node-gpu is not installed.',
      commands: [
        { does: expect.any(String), command: `npm install --prefix "${own()}" --ignore-scripts @tensorflow/tfjs-node-gpu@4.22.0` },
        { does: expect.any(String), command: `npm run install --prefix "${join(own(), 'node_modules/@tensorflow/tfjs-node-gpu')}"` },
      ],
    });
  });

  it.each([['darwin', 'arm64'], ['darwin', 'x64'], ['linux', 'arm64']] as const)('%s on %s has no build for graphics cards', (platform, arch) => {
    const { detail, commands } = findTensorflow(machine({ platform, arch }));
    expect(detail).toBe('The package @tensorflow/tfjs-node is not installed.');
    expect(commands[0]?.command).toMatch(/@tensorflow\/tfjs-node@4\.22\.0$/);
  });

  it('the package without its binding, whose script never ran', () => {
    const folder = packaged('tfjs-node-gpu', { binding: '', libraries: [] });
    const { place, detail, commands } = findTensorflow(machine());
    expect(place).toBeNull();
    expect(detail).toBe('@tensorflow/tfjs-node-gpu 4.22.0 is there, but its native binding is not: its install script was not run, since npm was told to run none (ignore-scripts, allowScripts).');
    expect(commands.map((c) => c.command)).toEqual([`npm run install --prefix "${folder}"`]);
  });

  it('the package without its binding, whose script failed', () => {
    packaged('tfjs-node-gpu', { binding: '' });
    expect(findTensorflow(machine()).detail).toMatch(/its install script failed\. .*Python 3 and a C\+\+ compiler/);
  });

  it('a binding of another Node-API', () => {
    packaged('tfjs-node-gpu', { binding: 'napi-v6' });
    expect(findTensorflow(machine()).detail).toContain('was built for napi-v6, and this Node asks for napi-v8');
    expect(findTensorflow(machine({ napi: 6 })).place).not.toBeNull();
    expect(findTensorflow(machine({ napi: 2 })).detail).toContain('needs Node-API 3, and this Node has 2');
  });

  it('a binding without the library it names', () => {
    const folder = packaged('tfjs-node-gpu', { libraries: [] });
    expect(findTensorflow(machine()).detail).toContain(`TensorFlow’s library is not: libtensorflow.so.2 and libtensorflow_framework.so.2 were not found in ${join(folder, 'deps/lib')}`);
    file(join(folder, 'lib/napi-v8/tfjs_binding.node'), '\0libtensorflow_cc.so.2\0');
    expect(findTensorflow(machine()).detail).toContain('libtensorflow_cc.so.2 was not found');
    file(join(rootOf(), 'libs', 'libtensorflow_cc.so.2'));
    expect(findTensorflow(machine({ env: { LD_LIBRARY_PATH: `/nowhere:${join(rootOf(), 'libs')}` } })).place).not.toBeNull();
  });

  it('names the one that is nearest to being there', () => {
    packaged('tfjs-node-gpu', { binding: '', libraries: [] });
    const nearer = packaged('tfjs-node-gpu', { binding: 'napi-v8', libraries: [], modules: join(own(), 'node_modules') });
    expect(findTensorflow(machine()).detail).toContain(join(nearer, 'deps/lib'));
  });
});

describe('on the graphics card', () => {
  it('all is there', () => {
    const folder = packaged('tfjs-node-gpu', { modules: join(own(), 'node_modules') });
    withDriver();
    for (const l of cudaEleven) file(join(rootOf(), 'cuda', l));
    expect(findTensorflow(machine({ env: { LD_LIBRARY_PATH: join(rootOf(), 'cuda') } }))).toEqual({
      place: { folder, on: 'gpu' }, detail: 'TensorFlow 2.9.1 on the graphics card with CUDA 11.2 and cuDNN 8.1, through TensorFlow.js 4.22.0.', commands: [],
    });
  });

  it('finds them in the loader’s own list, too', () => {
    packaged('tfjs-node-gpu');
    const listed = [...cudaEleven, 'libcuda.so.1'].map((l) => `${l}\0/opt/cuda/lib64/${l}\0`).join('');
    file(join(rootOf(), 'ld.so.cache'), `ld.so-1.7.0\0${listed}`);
    expect(findTensorflow(machine()).place?.on).toBe('gpu');
    expect(hasLibrary(machine(), 'libcudart.so.1')).toBe(false);
  });

  it('without cuDNN it runs on the processor, says which is missing, and how to get it', () => {
    packaged('tfjs-node-gpu');
    withDriver();
    for (const l of cudaEleven.filter((n) => !n.startsWith('libcudnn'))) file(join(rootOf(), 'usr', 'lib', l));
    const { place, detail, commands } = findTensorflow(machine());
    expect(place?.on).toBe('cpu');
    expect(detail).toBe('TensorFlow 2.9.1 on the processor, through TensorFlow.js 4.22.0. Not on a graphics card: it wants CUDA 11.2 and cuDNN 8.1, of which libcudnn.so.8 was not found.');
    expect(commands.map((c) => c.command)).toEqual([
      `python3 -m pip install --target "${join(own(), 'cuda')}" nvidia-cuda-runtime-cu11 nvidia-cublas-cu11 nvidia-cufft-cu11 nvidia-curand-cu11 nvidia-cusolver-cu11 nvidia-cusparse-cu11 "nvidia-cudnn-cu11==8.*"`,
      `export LD_LIBRARY_PATH="$(printf '%s:' "${join(own(), 'cuda')}"/nvidia/*/lib)$LD_LIBRARY_PATH"`,
    ]);
  });

  it('without any of them it names two', () => {
    packaged('tfjs-node-gpu');
    withDriver();
    expect(findTensorflow(machine()).detail).toMatch(/of which libcudart\.so\.11\.0, libcudnn\.so\.8 and 6 more were not found\.$/);
  });

  it('without a driver there is nothing to fetch', () => {
    packaged('tfjs-node-gpu');
    expect(findTensorflow(machine())).toMatchObject({ place: { on: 'cpu' }, detail: expect.stringMatching(/NVIDIA’s driver was not found \(libcuda\.so\.1\)\.$/), commands: [] });
  });

  it.each([['2.4.0', null], ['2.5.0', '11.2'], ['2.9.1', '11.2'], ['2.11.1', '11.2'], ['2.14.0', '11.8'], ['2.17.0', '12.2'], ['2.21.0', '12.5'], ['2.22.0', null], ['3.9.0', null]])('TensorFlow %s wants CUDA %s', (version, cuda) => {
    expect(cudaOf(version)?.cuda ?? null).toBe(cuda);
  });
});

describe('on the processor', () => {
  it('a person’s own tfjs-node', () => {
    const folder = packaged('tfjs-node', { modules: join(own(), 'node_modules') });
    expect(findTensorflow(machine({ platform: 'darwin' }))).toMatchObject({ place: null });
    expect(findTensorflow(machine())).toMatchObject({ place: { folder, on: 'cpu' }, detail: 'TensorFlow 2.9.1 on the processor, through TensorFlow.js 4.22.0. Not on a graphics card: the package @tensorflow/tfjs-node-gpu is not installed.' });
  });

  it('is preferred to the graphics card’s build without a card, and takes nothing from one that has all', () => {
    const gpu = packaged('tfjs-node-gpu');
    const cpu = packaged('tfjs-node');
    expect(findTensorflow(machine()).place).toEqual({ folder: cpu, on: 'cpu' });
    withDriver();
    for (const l of cudaEleven) file(join(rootOf(), 'usr', 'lib', l));
    expect(findTensorflow(machine()).place).toEqual({ folder: gpu, on: 'gpu' });
  });

  it('serves while the graphics card’s build is not whole, which it says', () => {
    packaged('tfjs-node-gpu', { binding: '', libraries: [] });
    const cpu = packaged('tfjs-node');
    expect(findTensorflow(machine())).toMatchObject({ place: { folder: cpu, on: 'cpu' }, detail: expect.stringContaining('its install script was not run'), commands: [{ command: expect.stringContaining('npm run install') }] });
  });

  it('built against another TensorFlow it takes a graphics card like that one', () => {
    const folder = packaged('tfjs-node', { needs: '\0libtensorflow_cc.so.2\0', libraries: ['libtensorflow_cc.so.2', 'libtensorflow.so.2.21.0'] });
    expect(findTensorflow(machine()).detail).toContain('tfjs-node-gpu is not installed');
    file(join(folder, 'scripts', 'custom-binary.json'), '{}');
    expect(findTensorflow(machine())).toEqual({ place: { folder, on: 'cpu' }, detail: 'TensorFlow 2.21.0 on the processor, through TensorFlow.js 4.22.0. Not on a graphics card: NVIDIA’s driver was not found (libcuda.so.1).', commands: [] });
    withDriver();
    expect(findTensorflow(machine()).commands[0]?.command).toMatch(/ nvidia-cuda-runtime-cu12 .*"nvidia-cudnn-cu12==9\.\*"$/);
    for (const l of ['libcudart.so.12', 'libcublas.so.12', 'libcublasLt.so.12', 'libcufft.so.11', 'libcurand.so.10', 'libcusolver.so.11', 'libcusparse.so.12', 'libcudnn.so.9']) file(join(rootOf(), 'usr', 'lib', l));
    expect(findTensorflow(machine())).toMatchObject({ place: { folder, on: 'gpu' }, detail: expect.stringContaining('CUDA 12.5 and cuDNN 9.3') });
  });

  it('macOS', () => {
    const folder = packaged('tfjs-node', { libraries: ['libtensorflow.2.dylib', 'libtensorflow.2.9.1.dylib'] });
    expect(findTensorflow(machine({ platform: 'darwin', arch: 'arm64' }))).toEqual({ place: { folder, on: 'cpu' }, detail: 'TensorFlow 2.9.1 on the processor, through TensorFlow.js 4.22.0.', commands: [] });
  });
});

describe('Windows', () => {
  const windows = (path = ''): System => machine({ platform: 'win32', env: { Path: path } });
  const dlls = ['nvcuda.dll', 'cudart64_110.dll', 'cublas64_11.dll', 'cublasLt64_11.dll', 'cufft64_10.dll', 'curand64_10.dll', 'cusolver64_11.dll', 'cusparse64_11.dll', 'cudnn64_8.dll'];

  it('needs the library beside the binding, where the package’s script does not lay it', () => {
    const folder = packaged('tfjs-node-gpu', { libraries: ['tensorflow.dll'] });
    const { place, detail, commands } = findTensorflow(windows());
    expect(place).toBeNull();
    expect(detail).toContain(`tensorflow.dll was not found in ${join(folder, 'lib/napi-v8')}`);
    expect(commands.map((c) => c.command)).toEqual([`copy "${join(folder, 'deps/lib/tensorflow.dll')}" "${join(folder, 'lib/napi-v8')}"`]);
  });

  it('with all of it', () => {
    const folder = packaged('tfjs-node-gpu', { libraries: ['tensorflow.dll'] });
    file(join(folder, 'lib/napi-v8/tensorflow.dll'));
    for (const dll of dlls) file(join(rootOf(), 'cuda', dll));
    expect(findTensorflow(windows(`C:\\Windows;${join(rootOf(), 'cuda')}`))).toMatchObject({ place: { folder, on: 'gpu' } });
    rmSync(join(rootOf(), 'cuda', 'cudart64_110.dll'));
    const without = findTensorflow(windows(join(rootOf(), 'cuda')));
    expect(without.detail).toContain('cudart64_110.dll was not found');
    expect(without.commands.map((c) => c.command)).toEqual([expect.stringMatching(/^py -m pip install --target /), expect.stringMatching(/^\$env:PATH = /)]);
  });

  it('three commands where nothing is there', () => {
    expect(findTensorflow(windows()).commands.map((c) => c.command.split(' ')[0])).toEqual(['npm', 'npm', 'copy']);
  });
});

describe('this machine', () => {
  const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));
  const folder = join(modules, ...GPU_PACKAGE.split('/'));
  const present = disk.exists(join(folder, 'package.json'));
  const bound = disk.list(join(folder, 'lib')).length > 0;

  it('looks where the app’s packages are, then where a person’s are', () => {
    const system = thisSystem();
    expect(system.modules).toContain(modules);
    expect(system.modules.at(-1)).toBe(join(system.own, 'node_modules'));
  });

  it.skipIf(!present || bound)('really fails to load the package as foretold: present, without its binding', () => {
    const { place, detail, commands } = findTensorflow({ ...thisSystem(), modules: [modules] });
    expect(place).toBeNull();
    expect(detail).toContain('its native binding is not');
    expect(commands[0]?.command).toContain(`npm run install --prefix ${JSON.stringify(folder)}`);
    expect(() => createRequire(import.meta.url)(folder)).toThrow(/native addon module \(tfjs_binding\.node\) can not be found at path/);
  });
});
