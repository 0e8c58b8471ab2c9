/** What can be wrong with a drawn graph. */
import { error } from './entry.ts';

export const graphDiagnostics = {
  'graph.cycle': error((a: { names: readonly string[] }) => ({
    expected: 'a graph without loops',
    got: `the loop ${a.names.join(' → ')}`,
    next: 'Remove one of its wires.',
  })),
};
