/** What can be wrong with a project folder. */
import { error } from './entry.ts';

export const projectDiagnostics = {
  'project.not-a-project': error((a: { found: string }) => ({
    expected: 'a folder with a network.json of Netloom',
    got: a.found,
    next: 'Choose another folder, or save a project there first.',
  })),
};
