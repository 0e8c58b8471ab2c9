/** What can go wrong before and while training. */
import { error } from './entry.ts';

export const trainingDiagnostics = {
  'training.not-finite': error((a: { what: string; step: number }) => ({
    expected: 'finite numbers',
    got: `${a.what} is not finite at step ${a.step}`,
    next: 'Lower the learning rate and train again from the last checkpoint.',
  })),
};
