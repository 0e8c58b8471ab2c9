/** The list of everything that trains, and the choice from it. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DeviceSchema } from '../../../shared/protocol/values.ts';
import { listDevices } from '../runtime/devices.ts';
import { thisSystem } from '../tensorflow/system.ts';
import { chooseDevice, tensorflowDevice, trainingDevices, type ListedDevice } from './devices.ts';
import type { TrainingDevice } from './engine.ts';

const device = (id: TrainingDevice, available: boolean): ListedDevice => ({ id, name: id.toUpperCase(), available, detail: available ? 'here' : `no ${id} here` });

describe('chooseDevice', () => {
  const both = [device('webgpu', true), device('cpu', true), device('cuda', false)];
  it('takes the GPU by itself where there is one', () => {
    expect(chooseDevice(both, 'auto')).toEqual({ id: 'webgpu', name: 'WEBGPU', reason: 'the first device that is available' });
    expect(chooseDevice([device('webgpu', false), device('cpu', true)], 'auto')).toEqual({ id: 'cpu', name: 'CPU', reason: 'no GPU: no webgpu here' });
    expect(chooseDevice(both, 'cpu').reason).toBe('chosen by you');
  });
  it.each([['cuda', 'no cuda here'], ['tpu', 'There is no such device']])('refuses %s with the reason, never silently', (wanted, reason) => {
    expect(() => chooseDevice(both, wanted)).toThrow(`Device: expected an available device (webgpu, cpu), got ${wanted}. ${reason}. Choose an available device.`);
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
    expect(tensorflow).toEqual({ id: 'tensorflow', name: 'TensorFlow', available: false, detail: 'The package @tensorflow/tfjs-node-gpu is not installed.', commands: [expect.anything(), expect.anything()] });
    const found = { ...tensorflow, available: true };
    expect(chooseDevice([device('webgpu', false), device('cpu', true), found], 'auto').id).toBe('cpu');
    expect(chooseDevice([device('cpu', true), found], 'tensorflow')).toEqual({ id: 'tensorflow', name: 'TensorFlow', reason: 'chosen by you' });
    expect(() => chooseDevice([device('cpu', true), tensorflow], 'tensorflow')).toThrow('Device: expected an available device (cpu), got tensorflow. The package @tensorflow/tfjs-node-gpu is not installed. Choose an available device.');
  });
});
