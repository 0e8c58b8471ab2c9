/** What can go wrong with TensorFlow: finding it, loading it, and what it cannot train. */
import { deviceError } from './entry.ts';

export const tensorflowDiagnostics = {
  'tensorflow.missing': deviceError((a: { reason: string; command: string | null }) => ({
    expected: 'an installation that can be loaded',
    got: `none (${a.reason.replace(/\.$/, '')})`,
    next: a.command === null ? 'Choose another device in the top bar.' : `Run ${a.command} first, or choose another device in the top bar.`,
  })),
  'tensorflow.library': deviceError((a: { library: string; reason: string; next: string }) => ({ expected: a.library, got: a.reason, next: a.next })),
  'tensorflow.load': deviceError((a: { reason: string }) => ({ expected: 'its native binding to load', got: a.reason.replace(/\.$/, ''), next: 'Install the package again, or choose another device in the top bar.' })),
  'tensorflow.operator': deviceError((a: { op: string }) => ({ expected: 'layers that TensorFlow trains', got: `the operator ${a.op}, which only ONNX Runtime computes`, next: 'Train on another device, such as the CPU.' })),
};
