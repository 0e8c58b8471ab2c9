/** The device list says what is there, and why not the rest. */
import { describe, expect, it } from 'vitest';
import { DeviceSchema } from '../../../shared/protocol/values.ts';
import { listDevices } from './devices.ts';
import { parseNvidia } from './hardware.ts';
import { runProbe, selfTest } from './self-test.ts';

describe('listDevices', () => {
  it('has the CPU, and says of every other why it is there or not', async () => {
    const devices = await listDevices();
    for (const d of devices) expect(DeviceSchema.parse(d)).toEqual(d);
    expect(devices.find((d) => d.id === 'cpu')).toMatchObject({ available: true, detail: expect.stringMatching(/^The processor, \d+ threads, \d+ GB$/), trains: { operators: true, precisions: ['float32'] } });
    const gpu = devices.find((d) => d.id === 'webgpu');
    // Without one: what was tried, and what to do.
    expect(gpu?.detail).toMatch(gpu?.available ? /ONNX Runtime’s kernels/ : /^(No GPU adapter was found|The GPU .+)\. \S+/);
    // Only where the card has kernels for it.
    expect(gpu?.trains.precisions.includes('mixed') ?? false).toBe(gpu?.detail.includes('16-bit numbers') ?? false);
    // CUDA's library is not part of the npm package; what is not tried is not offered.
    expect(devices.find((d) => d.id === 'cuda')?.detail ?? 'npm install').toContain('npm install');
    expect(await listDevices()).toEqual(devices);
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
    ['process.exit(4)', 'It has no kernels for a training step.'],
  ])('%s', async (script, reason) => {
    expect((await runProbe(script, script.startsWith('setInterval') ? 1 : 30)).reason).toBe(reason);
  });
});

describe('the self-test', () => {
  it('passes on a device that computes right', async () => {
    expect((await selfTest('cpu')).reason).toBeNull();
  });
  it('tells a provider that is not there', async () => {
    expect((await selfTest('coreml')).reason).toMatch(process.platform === 'darwin' ? /./ : /^The GPU could not be tried: .*backend not found\.$/);
  });
});

describe('NVIDIA’s tool', () => {
  it.each([['NVIDIA GeForce RTX 3060, 12288\n', { name: 'NVIDIA GeForce RTX 3060', bytes: 12288 * 2 ** 20 }], ['No devices were found', null]])('%s', (line, card) => {
    expect(parseNvidia(line)).toEqual(card);
  });
});
