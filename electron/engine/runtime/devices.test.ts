/** The device list says what is there, and why not the rest. */
import { describe, expect, it } from 'vitest';
import { DeviceSchema, type Device } from '../../../shared/protocol/values.ts';
import { chooseDevice, listDevices, runProbe } from './devices.ts';

const device = (id: string, available: boolean): Device => ({ id, name: id.toUpperCase(), available, detail: available ? 'here' : `no ${id} here` });

describe('listDevices', () => {
  it('has the CPU, and says of every other why it is there or not', async () => {
    const devices = await listDevices();
    for (const d of devices) expect(DeviceSchema.parse(d)).toEqual(d);
    expect(devices.find((d) => d.id === 'cpu')).toMatchObject({ available: true, detail: expect.stringMatching(/^\d+ threads$/) });
    const gpu = devices.find((d) => d.id === 'webgpu');
    // Without one: what was tried, and what to do.
    expect(gpu?.detail).toMatch(gpu?.available ? /WebGPU kernels/ : /^(No GPU adapter was found|The GPU .+)\. \S+/);
    expect(devices.filter((d) => d.available && d.id !== 'cpu' && d.id !== 'webgpu')).toEqual([]);
  });
});

describe('a probe survives its driver', () => {
  it.each([
    ['process.exit(0)', null],
    ['process.abort()', 'The GPU driver ended its process (SIGABRT).'],
    ['process.kill(process.pid, "SIGSEGV"); setInterval(() => {}, 1000)', 'The GPU driver ended its process (SIGSEGV).'],
    ['setInterval(() => {}, 1000)', 'The GPU did not answer within 1 s.'],
    ['console.error("Failed to get a WebGPU adapter: No supported adapters"); process.exit(2)', 'No GPU adapter was found.'],
    ['console.error("shader compiler missing"); process.exit(2)', 'The GPU could not be tried: shader compiler missing.'],
    ['process.exit(3)', 'The GPU computes wrong numbers.'],
  ])('%s', async (script, reason) => {
    expect(await runProbe(script, script.startsWith('setInterval') ? 1 : 30)).toBe(reason);
  });
});

describe('chooseDevice', () => {
  const both = [device('webgpu', true), device('cpu', true), device('cuda', false)];
  it('takes the GPU by itself where there is one', () => {
    expect(chooseDevice(both, 'auto')).toEqual({ id: 'webgpu', name: 'WEBGPU', reason: 'the first device that is available' });
    expect(chooseDevice([device('webgpu', false), device('cpu', true)], 'auto')).toEqual({ id: 'cpu', name: 'CPU', reason: 'no GPU: no webgpu here' });
    expect(chooseDevice(both, 'cpu').reason).toBe('chosen by you');
  });
  it.each([['cuda', 'no cuda here'], ['tpu', 'no such device']])('refuses %s with the reason, never silently', (wanted, reason) => {
    expect(() => chooseDevice(both, wanted)).toThrow(`Device: expected a device of webgpu, cpu, got ${wanted} (${reason}). Choose an available device.`);
  });
});
