/** Which devices this machine can train on, and why not the others. */
import { execFile } from 'node:child_process';
import { cpus } from 'node:os';
import { createRequire } from 'node:module';
import * as ort from 'onnxruntime-node';
import { diagnostic, NetloomError } from '../../../shared/diagnostics/diagnostic.ts';
import { GraphBuilder } from '../../../shared/onnx/builder.ts';
import { encodeModel } from '../onnx-io/model.ts';
import type { DeviceId } from './session.ts';

export interface DeviceInfo { readonly id: string; readonly name: string; readonly available: boolean; readonly detail: string }

const advice: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'Install a Vulkan driver for your graphics card (vulkaninfo shows whether it works).',
  win32: 'Update the graphics driver; Direct3D 12 is needed.',
  darwin: 'A Mac with Metal is needed.',
};

/** A model of one addition. */
function probeGraph(): ReturnType<GraphBuilder['build']> {
  const b = new GraphBuilder();
  const x = b.input('x', { element: 'float32', shape: [1] });
  b.output('y', b.add(x, b.scalar(1)));
  return b.build('probe');
}

const require_ = createRequire(import.meta.url);
let webgpu: Promise<DeviceInfo> | null = null;

/** Tries WebGPU once, in a process of its own: a broken driver can end a process. `script` is what the child evaluates. */
function probeWebGpu(model: Uint8Array): Promise<DeviceInfo> {
  const name = 'GPU through WebGPU';
  const script = `
    const ort = require(${JSON.stringify(require_.resolve('onnxruntime-node'))});
    ort.InferenceSession.create(Uint8Array.from(${JSON.stringify(Array.from(model))}), { executionProviders: ['webgpu'], logSeverityLevel: 4 })
      .then((s) => s.run({ x: new ort.Tensor('float32', Float32Array.of(1), [1]) }))
      .then((r) => process.exit(r.y.data[0] === 2 ? 0 : 3), () => process.exit(2));`;
  return new Promise((resolve) => {
    execFile(process.execPath, ['-e', script], { timeout: 30_000, env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } }, (error) => {
      const reason = !error ? 'Runs ONNX Runtime’s WebGPU kernels.' : `No GPU adapter was found. ${advice[process.platform] ?? ''}`.trim();
      resolve({ id: 'webgpu', name, available: !error, detail: reason });
    });
  });
}


/** All devices, the fastest likely first among those available. The GPU is probed once per process. */
export async function listDevices(): Promise<DeviceInfo[]> {
  webgpu ??= probeWebGpu(encodeModel(probeGraph()));
  const bundled = new Set(ort.listSupportedBackends().filter((b) => b.bundled).map((b) => b.name));
  const processors = cpus();
  const cpu: DeviceInfo = { id: 'cpu', name: (processors[0]?.model ?? 'CPU').replace(/\s+/g, ' ').trim(), available: true, detail: `${processors.length} threads` };
  const cuda: DeviceInfo[] = bundled.has('cuda') ? [] : [{ id: 'cuda', name: 'NVIDIA CUDA', available: false, detail: 'This build carries no CUDA kernels; an NVIDIA card trains through WebGPU.' }];
  return [await webgpu, cpu, ...cuda];
}

/**
 * The device to train on and why, in words. "auto" takes the GPU where there is one; software adapters are refused by nobody here,
 * so a person can choose the CPU by name. Throws engine.device when a named device is not available.
 */
export function chooseDevice(devices: readonly DeviceInfo[], wanted: string): { readonly id: DeviceId; readonly name: string; readonly reason: string } {
  const found = wanted === 'auto' ? devices.find((d) => d.available) : devices.find((d) => d.id === wanted);
  if (!found?.available || (found.id !== 'cpu' && found.id !== 'webgpu')) {
    throw new NetloomError(diagnostic('engine.device', { label: 'Device' }, { wanted, available: devices.filter((d) => d.available).map((d) => d.id).join(', '), reason: found?.detail ?? 'no such device' }));
  }
  const gpu = devices.find((d) => d.id === 'webgpu');
  const reason = wanted !== 'auto' ? 'chosen by you' : found.id === 'cpu' ? `no GPU: ${gpu?.detail ?? ''}` : 'the first device that is available';
  return { id: found.id, name: found.name, reason };
}
