/** What can be wrong with a project folder. */
import { error } from './entry.ts';

export const projectDiagnostics = {
  'project.not-a-project': error((a: { found: string }) => ({ expected: 'a folder with a network.json of Netloom', got: a.found, next: 'Choose another folder, or save a project there first.' })),
  'project.not-json': error((a: { reason: string }) => ({ expected: 'JSON', got: a.reason, next: 'Restore the file from a backup, or mend it in a text editor.' })),
  'project.occupied': error((a: { found: string }) => ({ expected: 'an empty folder or a project', got: `a folder with ${a.found}`, next: 'Choose or name a new folder.' })),
  'project.write': error((a: { reason: string }) => ({ expected: 'to write the file', got: a.reason, next: 'Free space or choose another folder; what was there before is untouched.' })),
  'project.weights': error((a: { expected: string; got: string }) => ({ expected: a.expected, got: a.got, next: 'Train again, or restore the file from a backup.' })),
  'project.no-checkpoint': error((_: Record<string, never>) => ({ expected: 'a run with a checkpoint', got: 'none', next: 'Start a new training.' })),
};
