/** What the system says of its graphics card and its drivers. Nothing here throws: what cannot be asked is unknown. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface Card { readonly name: string | null; readonly bytes: number | null }

const ASKING_MS = 3000;
const MEBIBYTE = 2 ** 20;
const DRM = '/sys/class/drm';

/** NVIDIA's tool: "NVIDIA RTX A2000, 6138". */
export function parseNvidia(line: string): Card | null {
  const [, name, mebibytes] = /^(.+?),\s*(\d+)\s*$/m.exec(line) ?? [];
  return name ? { name: name.trim(), bytes: Number(mebibytes) * MEBIBYTE } : null;
}

/** Bytes of the largest card whose Linux driver tells (AMD's does). */
function drmMemory(): number | null {
  try {
    const sizes = readdirSync(DRM).map((card) => join(DRM, card, 'device', 'mem_info_vram_total')).filter((f) => existsSync(f)).map((f) => Number(readFileSync(f, 'utf8')));
    return sizes.length > 0 ? Math.max(...sizes) : null;
  } catch {
    return null;
  }
}

/** The first graphics card, as far as it is known. */
export function graphicsCard(): Promise<Card> {
  return new Promise((resolve) => {
    execFile('nvidia-smi', ['--query-gpu=name,memory.total', '--format=csv,noheader,nounits'], { timeout: ASKING_MS, windowsHide: true }, (error, stdout) => {
      resolve((error ? null : parseNvidia(stdout)) ?? { name: null, bytes: drmMemory() });
    });
  });
}

/** Whether Linux has Vulkan's loader, without which no driver is found. */
export function hasVulkanLoader(): boolean {
  const folders = ['/usr/lib', '/usr/lib64', '/lib64', '/usr/local/lib', '/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', ...(process.env.LD_LIBRARY_PATH ?? '').split(':')];
  return folders.some((f) => f !== '' && existsSync(join(f, 'libvulkan.so.1')));
}

/** Whether the runtime's folder holds the library of CUDA kernels, which npm leaves out unless asked. */
export function hasCudaLibrary(): boolean {
  try {
    const folder = join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json')), 'bin', 'napi-v6', process.platform, process.arch);
    return readdirSync(folder).some((f) => f.includes('providers_cuda'));
  } catch {
    return false;
  }
}

/** "24 GB" */
export const gigabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 30)} GB`;
