/** The list of everything that trains, and the choice from it. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { DeviceSchema } from '../../../shared/protocol/values.ts';
import { findTemplate } from '../../../shared/templates/templates.ts';
import { required } from '../../../shared/util/assert.ts';
import { listDevices } from '../runtime/devices.ts';
import { thisSystem } from '../tensorflow/system.ts';
import { chooseDevice, tensorflowDevice, trainingDevices, type ListedDevice } from './devices.ts';
import type { TrainingDevice } from './engine.ts';

const device = (id: TrainingDevice, available: boolean, precisions: ListedDevice['trains']['precisions'] = ['float32']): ListedDevice => ({ id, name: id.toUpperCase(), available, detail: available ? 'here' : `no ${id} here`, trains: { operators: true, precisions } });
const { network } = compile(required(findTemplate('mlp'), 'template').build(), {});
const choose = (devices: readonly ListedDevice[], wanted: string, precision: 'float32' | 'mixed' = 'float32') => chooseDevice(devices, network, { device: wanted, precision });

describe('chooseDevice', () => {
  const both = [device('webgpu', true), device('cpu', true), device('cuda', false)];
  it('takes the GPU by itself where there is one', () => {
    expect(choose(both, 'auto')).toEqual({ id: 'webgpu', name: 'WEBGPU', reason: 'the first device that is available' });
    expect(choose([device('webgpu', false), device('cpu', true)], 'auto')).toEqual({ id: 'cpu', name: 'CPU', reason: 'no GPU: no webgpu here' });
    expect(choose(both, 'cpu').reason).toBe('chosen by you');
  });
  it('passes over what does not train the net so, and refuses where nothing does', () => {
    const some = [device('webgpu', true), device('cuda', true, ['float32', 'mixed']), device('cpu', true)];
    expect(choose(some, 'auto', 'mixed')).toEqual({ id: 'cuda', name: 'CUDA', reason: 'the first device that trains this net as it is configured' });
    for (const wanted of ['auto', 'cpu']) expect(() => choose([device('cpu', true)], wanted, 'mixed')).toThrow('Precision: expected the CPU to compute with 16-bit numbers');
  });
  it.each([['cuda', 'no cuda here'], ['tpu', 'There is no such device']])('refuses %s with the reason, never silently', (wanted, reason) => {
    expect(() => choose(both, wanted)).toThrow(`Device: expected an available device (webgpu, cpu), got ${wanted}. ${reason}. Choose an available device.`);
  });
});

describe('TensorFlow in the list', () => {
  it('stands last, with a reason and commands where it is not to be had', async () => {
    const devices = await trainingDevices();
    expect(devices.slice(0, -1)).toEqual(await listDevices());
    for (const d of devices) expect(DeviceSchema.parse(d)).toEqual(d);
    expect(devices.at(-1)).toMatchObject({ id: 'tensorflow', name: 'TensorFlow', detail: expect.stringMatching(/\.$/) });
  });

  it('is never taken by itself, and its reason is said when it is asked for', () => {
    const empty = mkdtempSync(join(tmpdir(), 'netloom-devices-'));
    const tensorflow = tensorflowDevice({ ...thisSystem(), platform: 'linux', arch: 'x64', modules: [empty], own: empty });
    expect(tensorflow).toEqual({ id: 'tensorflow', name: 'TensorFlow', available: false, detail: 'The package @tensorflow/tfjs-node-gpu is not installed.', trains: { operators: false, precisions: ['float32'] }, commands: [expect.anything(), expect.anything()] });
    const found = { ...tensorflow, available: true };
    expect(choose([device('webgpu', false), device('cpu', true), found], 'auto').id).toBe('cpu');
    expect(choose([device('cpu', true), found], 'tensorflow')).toEqual({ id: 'tensorflow', name: 'TensorFlow', reason: 'chosen by you' });
    expect(() => choose([device('cpu', true), tensorflow], 'tensorflow')).toThrow('Device: expected an available device (cpu), got tensorflow. The package @tensorflow/tfjs-node-gpu is not installed. Choose an available device.');
  });
});
