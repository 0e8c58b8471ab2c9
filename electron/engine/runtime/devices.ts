/** Which devices this machine can train on, and why not the others. */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import * as ort from 'onnxruntime-node';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { GraphBuilder } from '../../../shared/onnx/builder.ts';
import type { Device } from '../../../shared/protocol/values.ts';
import { encodeModel } from '../onnx-io/model.ts';
import type { DeviceId } from './session.ts';

const advice: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'Install a Vulkan driver for your graphics card (vulkaninfo shows whether it works).',
  win32: 'Update the graphics driver; Direct3D 12 is needed.',
  darwin: 'A Mac with Metal is needed.',
};

const PROBE_SECONDS = 30;
/** What the probe's process answers besides 0; a crash answers a signal. */
const REFUSED = 2;
const WRONG = 3;

/** A model of one addition: x + 1. */
function probeModel(): Uint8Array {
  const b = new GraphBuilder();
  const x = b.input('x', { element: 'float32', shape: [1] });
  b.output('y', b.add(x, b.scalar(1)));
  return encodeModel(b.build('probe'));
}

/** The program of the probe: loads and runs the model on WebGPU and says on stderr why it cannot. */
function webGpuProbe(): string {
  const runtime = createRequire(import.meta.url).resolve('onnxruntime-node');
  return `
    const ort = require(${JSON.stringify(runtime)});
    ort.InferenceSession.create(Uint8Array.from(${JSON.stringify(Array.from(probeModel()))}), { executionProviders: ['webgpu'], logSeverityLevel: 4 })
      .then((s) => s.run({ x: new ort.Tensor('float32', Float32Array.of(1), [1]) }))
      .then((r) => process.exit(r.y.data[0] === 2 ? 0 : ${WRONG}), (e) => { console.error(e.message); process.exit(${REFUSED}); });`;
}

/**
 * Runs a probe in a process of its own, since a broken driver can end a process: null when it went well, else the reason as a
 * sentence. Never throws.
 */
export function runProbe(script: string, seconds: number = PROBE_SECONDS): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['-e', script], { timeout: seconds * 1000, killSignal: 'SIGKILL', env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } }, (error, _stdout, stderr) => {
      if (!error) return resolve(null);
      const said = stderr.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
      if (error.killed) return resolve(`The GPU did not answer within ${seconds} s.`);
      if (error.signal) return resolve(`The GPU driver ended its process (${error.signal}).`);
      if (error.code === WRONG) return resolve('The GPU computes wrong numbers.');
      if (/adapter/i.test(said)) return resolve('No GPU adapter was found.');
      return resolve(`The GPU could not be tried${said ? `: ${said}` : ''}.`);
    });
  });
}

let webGpu: Promise<Device> | null = null;

async function probeWebGpu(): Promise<Device> {
  const reason = await runProbe(webGpuProbe());
  const detail = reason === null ? 'Runs ONNX Runtime’s WebGPU kernels.' : `${reason} ${advice[process.platform] ?? ''}`.trim();
  return { id: 'webgpu', name: 'GPU through WebGPU', available: reason === null, detail };
}

/** Ways to compute that ONNX Runtime has somewhere and this product does not train on, with where one would look for them. */
const others: readonly { readonly backend: string; readonly id: string; readonly name: string; readonly platforms: readonly NodeJS.Platform[] }[] = [
  { backend: 'cuda', id: 'cuda', name: 'NVIDIA CUDA', platforms: ['linux', 'win32'] },
  { backend: 'dml', id: 'directml', name: 'DirectML', platforms: ['win32'] },
  { backend: 'coreml', id: 'coreml', name: 'Core ML', platforms: ['darwin'] },
];

function otherDevices(): Device[] {
  const bundled = new Set(ort.listSupportedBackends().filter((b) => b.bundled).map((b) => b.name));
  return others.filter((o) => o.platforms.includes(process.platform)).map(({ backend, id, name }) => ({
    id,
    name,
    available: false,
    detail: bundled.has(backend) ? 'Not used for training; the same card trains through WebGPU.' : `This build carries no ${name} kernels; the card trains through WebGPU.`,
  }));
}

/** All devices, the fastest likely first among those available. The GPU is probed once per process. */
export async function listDevices(): Promise<Device[]> {
  webGpu ??= probeWebGpu();
  const processors = cpus();
  const cpu: Device = { id: 'cpu', name: (processors[0]?.model ?? 'CPU').replace(/\s+/g, ' ').trim(), available: true, detail: `${processors.length} threads` };
  return [await webGpu, cpu, ...otherDevices()];
}

const trains = (id: string): id is DeviceId => id === 'cpu' || id === 'webgpu';

/**
 * The device to train on and why, in words. "auto" takes the GPU where there is one. Throws engine.device when a named device
 * is not available.
 */
export function chooseDevice(devices: readonly Device[], wanted: string): { readonly id: DeviceId; readonly name: string; readonly reason: string } {
  const found = wanted === 'auto' ? devices.find((d) => d.available) : devices.find((d) => d.id === wanted);
  if (!found?.available || !trains(found.id)) {
    throw problem('engine.device', { label: 'Device' }, { wanted, available: devices.filter((d) => d.available).map((d) => d.id).join(', '), reason: found?.detail ?? 'no such device' });
  }
  const gpu = devices.find((d) => d.id === 'webgpu');
  const reason = wanted !== 'auto' ? 'chosen by you' : found.id === 'cpu' ? `no GPU: ${gpu?.detail ?? ''}` : 'the first device that is available';
  return { id: found.id, name: found.name, reason };
}
