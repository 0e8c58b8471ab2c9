/** What can go wrong with TensorFlow: finding it, loading it, and what it cannot train. */
import { error } from './entry.ts';

export const tensorflowDiagnostics = {
  'tensorflow.missing': error((a: { reason: string; command: string | null }) => ({
    expected: 'an installation that can be loaded',
    got: `none (${a.reason.replace(/\.$/, '')})`,
    next: a.command === null ? 'Choose another device in the top bar.' : `Run ${a.command} first, or choose another device in the top bar.`,
  })),
  'tensorflow.library': error((a: { library: string; reason: string; next: string }) => ({ expected: a.library, got: a.reason, next: a.next })),
  'tensorflow.load': error((a: { reason: string }) => ({ expected: 'its native binding to load', got: a.reason.replace(/\.$/, ''), next: 'Install the package again, or choose another device in the top bar.' })),
};
