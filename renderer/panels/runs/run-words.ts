/** What a run is told by: its state, the devices that it ran on. */
import type { RunSummary } from '../../../shared/protocol/values.ts';
import { deviceName } from '../../../shared/util/device-names.ts';

/** A run's states. */
export const stateWords = { preparing: 'Preparing', running: 'Training', paused: 'Paused', stopping: 'Stopping', stopped: 'Stopped', finished: 'Finished', failed: 'Failed' } as const satisfies Record<RunSummary['state'], string>;

type Ran = Pick<RunSummary, 'device' | 'devices'>;

/** "CPU", "CPU, then TensorFlow". */
export const devicesOf = ({ device, devices }: Ran): string => (devices?.map((d) => d.device) ?? [device]).map(deviceName).join(', then ');

/** "CPU, from epoch 4 on TensorFlow"; null where one device did all. */
export function sittings({ devices }: Ran): string | null {
  if (!devices) return null;
  return devices.map(({ device, epoch }, i) => (i === 0 ? deviceName(device) : `from epoch ${epoch} on ${deviceName(device)}`)).join(', ');
}
