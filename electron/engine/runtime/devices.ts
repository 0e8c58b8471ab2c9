/** Which devices ONNX Runtime can train on here, and why not the others. */
import { cpus, totalmem } from 'node:os';
import * as ort from 'onnxruntime-node';
import type { Device } from '../../../shared/protocol/values.ts';
import { onnxAbilities } from './abilities.ts';
import { gigabytes, graphicsCard, hasCudaLibrary, hasVulkanLoader } from './hardware.ts';
import { selfTest } from './self-test.ts';
import type { DeviceId } from './session.ts';

const vulkan = (): string => hasVulkanLoader()
  ? 'Install a Vulkan driver for your graphics card (vulkaninfo shows whether it works).'
  : 'Install Vulkan’s loader (the package libvulkan1 or vulkan-loader) and a driver for your graphics card.';
const through = 'The same card trains through WebGPU.';

/** A device of ONNX Runtime's. */
export type RuntimeDevice = Device & { readonly id: DeviceId };

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

async function tried(p: Provider, bundled: ReadonlySet<string>): Promise<RuntimeDevice> {
  const { id, name } = p;
  const missing = p.missing(bundled);
  if (missing !== null) return { id, name, available: false, detail: missing, trains: onnxAbilities(id, false) };
  const [{ reason, half }, card] = await Promise.all([selfTest(id), graphicsCard()]);
  if (reason !== null) return { id, name, available: false, detail: `${reason} ${p.advice()}`, trains: onnxAbilities(id, false) };
  const facts = [card.name, card.bytes === null ? null : gigabytes(card.bytes), half ? 'computes with 16-bit numbers too' : null].filter((f) => f !== null);
  return { id, name, available: true, detail: ['Runs ONNX Runtime’s kernels', ...facts].join(', ') + '.', trains: onnxAbilities(id, half), ...(card.bytes === null ? {} : { memory: card.bytes }) };
}

let graphics: Promise<RuntimeDevice[]> | null = null;

function listGraphics(): Promise<RuntimeDevice[]> {
  const bundled = new Set(ort.listSupportedBackends().filter((b) => b.bundled).map((b) => b.name));
  return Promise.all(providers.filter((p) => p.platforms.includes(process.platform)).map((p) => tried(p, bundled)));
}

/** Bytes of main memory that this process may use: a container's limit, or all there is. */
export function mainMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

/** ONNX Runtime's devices, the fastest likely first. Each is tried once per process, by a small training step in a process of its own. */
export async function listDevices(): Promise<RuntimeDevice[]> {
  graphics ??= listGraphics();
  const processors = cpus();
  const cpu: RuntimeDevice = { id: 'cpu', name: (processors[0]?.model ?? 'CPU').replace(/\s+/g, ' ').trim(), available: true, detail: `The processor, ${processors.length} threads, ${gigabytes(mainMemory())}`, trains: onnxAbilities('cpu', false), memory: mainMemory() };
  return [...(await graphics), cpu];
}
