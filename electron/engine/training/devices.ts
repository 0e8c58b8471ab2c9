/** Everything that a run can be started on: ONNX Runtime's devices, then the engines that choose their own. */
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { Device } from '../../../shared/protocol/values.ts';
import { listDevices } from '../runtime/devices.ts';
import { findTensorflow } from '../tensorflow/find.ts';
import { thisSystem, type System } from '../tensorflow/system.ts';
import type { TrainingDevice } from './engine.ts';

/** A row of the list. */
export type ListedDevice = Device & { readonly id: TrainingDevice };

/** TensorFlow in the list: what it would run on, or why it cannot be loaded and what would mend that. Looked for each time: it may have been installed meanwhile. */
export function tensorflowDevice(system: System): ListedDevice {
  const { place, detail, commands } = findTensorflow(system);
  return { id: 'tensorflow', name: 'TensorFlow', available: place !== null, detail, ...(commands.length > 0 ? { commands: [...commands] } : {}) };
}

/** All devices, the fastest likely first; TensorFlow last, so that it is taken only when it is asked for. */
export async function trainingDevices(): Promise<ListedDevice[]> {
  return [...(await listDevices()), tensorflowDevice(thisSystem())];
}

/**
 * The device to train on and why, in words. "auto" takes the GPU where there is one. Throws engine.device when a named device
 * is not available.
 */
export function chooseDevice(devices: readonly ListedDevice[], wanted: string): { readonly id: TrainingDevice; readonly name: string; readonly reason: string } {
  const found = wanted === 'auto' ? devices.find((d) => d.available) : devices.find((d) => d.id === wanted);
  if (!found?.available) {
    throw problem('engine.device', { label: 'Device' }, { wanted, available: devices.filter((d) => d.available).map((d) => d.id).join(', '), reason: (found?.detail ?? 'There is no such device').replace(/\.$/, '') });
  }
  const gpu = devices.find((d) => d.id === 'webgpu');
  const reason = wanted !== 'auto' ? 'chosen by you' : found.id === 'cpu' ? `no GPU: ${gpu?.detail ?? ''}` : 'the first device that is available';
  return { id: found.id, name: found.name, reason };
}
