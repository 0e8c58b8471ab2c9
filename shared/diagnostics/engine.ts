/** What can go wrong in the engine: devices, sessions, its process. */
import { error } from './entry.ts';

export const engineDiagnostics = {
  'engine.internal': error((a: { message: string }) => ({
    expected: 'the engine to finish this',
    got: a.message,
    next: 'Try again; if it stays, save the project and report the sentence above.',
  })),
  'engine.died': error((a: { cause: string }) => ({
    expected: 'the engine to keep running',
    got: a.cause,
    next: 'It has been started again; resume the run from its last checkpoint.',
  })),
};
