/** Everything that a run can be started on: ONNX Runtime's devices, then the engines that choose their own. */
import { meantDevice, whyNot } from '../../../shared/analysis/refusals.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { NetloomError } from '../../../shared/diagnostics/diagnostic.ts';
import type { Device } from '../../../shared/protocol/values.ts';
import type { TrainingConfig } from '../../../shared/training/config.ts';
import { required } from '../../../shared/util/assert.ts';
import { listDevices } from '../runtime/devices.ts';
import { abilities } from '../tensorflow/abilities.ts';
import { findTensorflow } from '../tensorflow/find.ts';
import { thisSystem, type System } from '../tensorflow/system.ts';
import type { TrainingDevice } from './engine.ts';

/** A row of the list. */
export type ListedDevice = Device & { readonly id: TrainingDevice };

/** TensorFlow in the list: what it would run on, or why it cannot be loaded and what would mend that. Looked for each time: it may have been installed meanwhile. */
export function tensorflowDevice(system: System): ListedDevice {
  const { place, detail, commands } = findTensorflow(system);
  return { id: 'tensorflow', name: 'TensorFlow', available: place !== null, detail, trains: abilities, ...(commands.length > 0 ? { commands: [...commands] } : {}) };
}

/** All devices, the fastest likely first; TensorFlow last, so that it is taken only when it is asked for. */
export async function trainingDevices(): Promise<ListedDevice[]> {
  return [...(await listDevices()), tensorflowDevice(thisSystem())];
}

/**
 * The device to train a net on and why, in words. "auto" takes the GPU where there is one that trains it. Throws engine.device
 * when a named device is not available, else the first reason why the device does not train the net as it is configured.
 */
export function chooseDevice(devices: readonly ListedDevice[], network: Network, config: Pick<TrainingConfig, 'device' | 'precision'>): { readonly id: TrainingDevice; readonly name: string; readonly reason: string } {
  const [refused] = whyNot(devices, network, config);
  if (refused) throw new NetloomError(refused);
  const found = required(meantDevice(devices, network, config), 'device');
  const { id, name } = found;
  if (config.device !== 'auto') return { id, name, reason: 'chosen by you' };
  if (devices.find((d) => d.available) !== found) return { id, name, reason: 'the first device that trains this net as it is configured' };
  return { id, name, reason: id === 'cpu' ? `no GPU: ${devices.find((d) => d.id === 'webgpu')?.detail ?? ''}` : 'the first device that is available' };
}
