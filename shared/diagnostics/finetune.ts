/** What can go wrong when a net gets another head. */
import { error } from './entry.ts';

export const finetuneDiagnostics = {
  'finetune.cut': error((a: { layer: string | null; some: readonly string[] }) => ({
    expected: 'a layer that everything on its way to the answer passes through',
    got: a.layer ?? 'a net without one',
    next: a.some.length > 0 ? `Choose another, such as ${a.some.join(', ')}.` : 'Mend the problems of the net first.',
  })),
  'finetune.freeze': error((a: { layer: string }) => ({ expected: 'a layer that the new net keeps, to freeze up to it', got: a.layer, next: 'Choose the cut itself or a layer before it.' })),
};
