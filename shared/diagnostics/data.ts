/** What can be wrong with a data set. */
import { error } from './entry.ts';

export const dataDiagnostics = {
  'data.ragged-row': error((a: { expected: number; got: number }) => ({
    expected: `${a.expected} values in every row`,
    got: `${a.got}`,
    next: 'Mend or remove this row.',
  })),
};
