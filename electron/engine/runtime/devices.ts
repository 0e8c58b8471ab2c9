/** Which devices this machine can train on, and why not the others. */
import { cpus, totalmem } from 'node:os';
import * as ort from 'onnxruntime-node';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { Device } from '../../../shared/protocol/values.ts';
import { gigabytes, graphicsCard, hasCudaLibrary, hasVulkanLoader } from './hardware.ts';
import { selfTest } from './self-test.ts';
import type { DeviceId } from './session.ts';

const vulkan = (): string => hasVulkanLoader()
  ? 'Install a Vulkan driver for your graphics card (vulkaninfo shows whether it works).'
  : 'Install Vulkan’s loader (the package libvulkan1 or vulkan-loader) and a driver for your graphics card.';
const through = 'The same card trains through WebGPU.';

interface Provider {
  readonly id: DeviceId;
  readonly name: string;
  readonly platforms: readonly NodeJS.Platform[];
  /** Why it need not be tried; null when it may be there. */
  missing(bundled: ReadonlySet<string>): string | null;
  /** What to do when the test fails. */
  advice(): string;
}

const carries = (id: string) => (bundled: ReadonlySet<string>): string | null => (bundled.has(id) ? null : `This build carries no such kernels. ${through}`);

/** ONNX Runtime's ways to a graphics card, the one that keeps tensors there first. */
const providers: readonly Provider[] = [
  {
    id: 'webgpu', name: 'GPU through WebGPU', platforms: ['linux', 'win32', 'darwin'], missing: () => null,
    advice: () => (process.platform === 'linux' ? vulkan() : process.platform === 'win32' ? 'Update the graphics driver; Direct3D 12 is needed.' : 'A Mac with Metal is needed.'),
  },
  {
    id: 'cuda', name: 'NVIDIA CUDA', platforms: ['linux', 'win32'],
    missing: () => (hasCudaLibrary() ? null : `This build carries no CUDA kernels (npm install --onnxruntime-node-install=cuda12 fetches them for Linux). ${through}`),
    advice: () => `Install CUDA 12 and cuDNN 9. ${through}`,
  },
  { id: 'dml', name: 'DirectML', platforms: ['win32'], missing: carries('dml'), advice: () => `Update the graphics driver. ${through}` },
  { id: 'coreml', name: 'Core ML', platforms: ['darwin'], missing: carries('coreml'), advice: () => through },
];

async function tried(p: Provider, bundled: ReadonlySet<string>): Promise<Device> {
  const { id, name } = p;
  const missing = p.missing(bundled);
  if (missing !== null) return { id, name, available: false, detail: missing };
  const [{ reason, half }, card] = await Promise.all([selfTest(id), graphicsCard()]);
  if (reason !== null) return { id, name, available: false, detail: `${reason} ${p.advice()}` };
  const facts = [card.name, card.bytes === null ? null : gigabytes(card.bytes), half ? 'computes with 16-bit numbers too' : null].filter((f) => f !== null);
  return { id, name, available: true, detail: ['Runs ONNX Runtime’s kernels', ...facts].join(', ') + '.', ...(card.bytes === null ? {} : { memory: card.bytes }) };
}

let graphics: Promise<Device[]> | null = null;

function listGraphics(): Promise<Device[]> {
  const bundled = new Set(ort.listSupportedBackends().filter((b) => b.bundled).map((b) => b.name));
  return Promise.all(providers.filter((p) => p.platforms.includes(process.platform)).map((p) => tried(p, bundled)));
}

/** Bytes of main memory that this process may use: a container's limit, or all there is. */
export function mainMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

/** All devices, the fastest likely first. Each is tried once per process, by a small training step in a process of its own. */
export async function listDevices(): Promise<Device[]> {
  graphics ??= listGraphics();
  const processors = cpus();
  const cpu: Device = { id: 'cpu', name: (processors[0]?.model ?? 'CPU').replace(/\s+/g, ' ').trim(), available: true, detail: `${processors.length} threads, ${gigabytes(mainMemory())}`, memory: mainMemory() };
  return [...(await graphics), cpu];
}

const trains = (id: string): id is DeviceId => id === 'cpu' || providers.some((p) => p.id === id);

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
