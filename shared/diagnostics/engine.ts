/** What can go wrong in the engine: devices, sessions, its process. */
import { deviceInSentence } from '../util/device-names.ts';
import { deviceError, error, precisionError, warning } from './entry.ts';

export const engineDiagnostics = {
  'engine.internal': error((a: { message: string }) => ({ expected: 'the engine to finish this', got: a.message, next: 'Try again; if it stays, save the project and report this sentence.' })),
  'engine.died': error((a: { cause: string }) => ({ expected: 'the engine to keep running', got: a.cause, next: 'It has been started again; resume the run from its last checkpoint under Runs.' })),
  'engine.unreachable': error((_: Record<string, never>) => ({ expected: 'the engine to answer', got: 'no connection', next: 'Wait for it to come back, or start Netloom again.' })),
  'engine.load': deviceError((a: { device: string; reason: string }) => ({ expected: `${deviceInSentence(a.device)} to load the net`, got: a.reason, next: 'Choose another device in the top bar.' })),
  'engine.run': error((a: { reason: string }) => ({ expected: 'the device to compute', got: a.reason, next: 'Make the batch smaller, or choose another device.' })),
  'engine.device-lost': error((a: { device: string; reason: string }) => ({ expected: `${deviceInSentence(a.device)} to stay`, got: `a device that was lost (${a.reason})`, next: 'Go on from the last checkpoint, on this device or on the CPU; a newer graphics driver may help.' })),
  'engine.out-of-memory': error((a: { device: string; reason: string }) => ({ expected: `enough memory on ${deviceInSentence(a.device)}`, got: `none left (${a.reason})`, next: 'Make the batch or the net smaller, or choose another device.' })),
  'engine.cpu-fallback': warning((a: { device: string; ops: readonly string[] }) => ({
    expected: `${deviceInSentence(a.device)} to compute every operator`,
    got: `a net of which the CPU computes ${a.ops.length > 0 ? a.ops.join(', ') : 'a part'}`,
    next: 'It trains, but slower than it could; other layers or another device avoid the copies.',
  })),
  'engine.operator': deviceError((a: { device: string; op: string }) => ({ expected: `a layer that ${deviceInSentence(a.device)} trains`, got: `the operator ${a.op}`, next: 'Train on another device, such as the CPU.' })),
  'engine.precision': precisionError((a: { device: string }) => ({ expected: `${deviceInSentence(a.device)} to compute with 16-bit numbers`, got: 'a device that cannot', next: 'Set the precision to 32 bit, or choose a graphics card that can.' })),
  'engine.device': deviceError((a: { wanted: string; available: string; reason: string }) => ({ expected: `an available device (${a.available})`, got: a.wanted, next: `${a.reason}. Choose an available device.` })),
};
