/** What can be wrong with a request to the engine or a command line. */
import { error } from './entry.ts';

export const requestDiagnostics = {
  'request.invalid': error((a: { expected: string; got: string }) => ({ expected: a.expected, got: a.got, next: 'Correct it and try again.' })),
  'request.usage': error((a: { expected: string; got: string }) => ({ expected: a.expected, got: a.got, next: 'netloom --help lists the commands.' })),
};
