/** What can go wrong before and while training. */
import { deviceName } from '../util/device-names.ts';
import { error } from './entry.ts';

export const trainingDiagnostics = {
  'training.not-finite': error((a: { what: string; step: number }) => ({
    expected: 'finite numbers',
    got: `${a.what} that overflowed at step ${a.step}`,
    next: 'Lower the learning rate and train again from the last checkpoint.',
  })),
  'insight.not-finite': error((a: { what: string }) => ({ expected: 'finite numbers', got: `${a.what} that are none`, next: 'Take the weights of an earlier checkpoint, or train again from there with a lower learning rate.' })),
  'training.busy': error((_: Record<string, never>) => ({ expected: 'no other training at the same time', got: 'one that still runs', next: 'Stop it first.' })),
  'training.racing': error((_: Record<string, never>) => ({ expected: 'nothing else that computes', got: 'a measurement of the devices under way', next: 'Wait a few seconds, or cancel it.' })),
  'training.device-ended': error((a: { device: string; cause: string }) => ({ expected: `${deviceName(a.device)} to train this net`, got: `an engine that ended (${a.cause})`, next: 'A newer driver may help; train on another device until then.' })),
  'training.none': error((_: Record<string, never>) => ({ expected: 'a training that runs', got: 'none', next: 'Press Train first.' })),
  'training.no-samples': error((a: { split: string }) => ({ expected: `samples in the ${a.split} set`, got: 'none', next: 'Choose another data set or another share for validation.' })),
  'training.checkpoint-mismatch': error((a: { weight: string }) => ({ expected: 'a checkpoint of this network', got: `one that does not fit it at ${a.weight}`, next: 'Open the net that the run trained, undo the edits made since, or start a fresh run.' })),
  'training.targets': error((a: { expected: string; got: string }) => ({ expected: `targets of ${a.expected}`, got: a.got, next: 'Choose a data set whose labels fit what the network answers.' })),
  'training.one-output': error((_: Record<string, never>) => ({ expected: 'an output for each class with cross-entropy', got: 'one output, which it would always take for certain', next: 'Choose binary cross-entropy as the loss, or give the last Dense layer a unit for each class.' })),
  'training.class-weights': error((a: { expected: number; got: number }) => ({ expected: `${a.expected} class weights, one for each of the network's outputs`, got: String(a.got), next: 'Give one for each class, or choose "balanced".' })),
  'training.tensors': error((a: { got: string }) => ({ expected: 'one input and one output of float32 numbers for each sample', got: a.got, next: 'It runs, predicts and exports as it is; to train it, leave one Input and one Output.' })),
  'training.no-filters': error((_: Record<string, never>) => ({ expected: 'a layer with convolution filters', got: 'one without', next: 'Choose a convolution.' })),
};
