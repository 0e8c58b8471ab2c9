/** What can be wrong with what goes out: exports and the person's own gallery. */
import { error } from './entry.ts';

export const exportDiagnostics = {
  'export.opset': error((a: { opset: number; op: string; node: string }) => ({ expected: `operators of opset ${a.opset}`, got: `${a.op} (node ${a.node}), which it cannot say`, next: 'Export with opset 18.' })),
  'export.too-large': error((a: { bytes: number; most: number; next: string }) => ({ expected: `at most ${(a.most / 2 ** 30).toFixed(1)} GB in one file`, got: `${(a.bytes / 2 ** 30).toFixed(1)} GB`, next: a.next })),
  'export.no-preprocessing': error((_: Record<string, never>) => ({ expected: 'a net with preprocessing of its own, to leave out', got: 'one without', next: 'Export with values from 0 to 1.' })),
  'export.not-one-input': error((_: Record<string, never>) => ({ expected: 'one input of pictures or numbers', got: 'a net with others', next: 'Export with values as the net takes them.' })),
  'export.busy': error((_: Record<string, never>) => ({ expected: 'one export at a time', got: 'a second one', next: 'Wait for the first, or cancel it.' })),
  'export.training-differs': error((a: { step: number; tolerance: number; difference: number }) => ({
    expected: `the file to train as the net here does, within ${a.tolerance}`,
    got: `a loss in step ${a.step} that differs by ${a.difference.toExponential(1)}`,
    next: 'Nothing was written; please report this net.',
  })),
  'export.nothing-trains': error((a: { reason: string }) => ({ expected: 'a net of which something trains', got: `one where ${a.reason}`, next: 'Let a layer train, or export the net itself.' })),
  'models.untrained': error((_: Record<string, never>) => ({ expected: 'a net with trained weights', got: 'one that was never trained', next: 'Train it, or open one that was.' })),
  'models.unknown': error((a: { id: string }) => ({ expected: 'a net of the gallery', got: a.id, next: 'It may have been deleted; open the gallery again.' })),
};
