/** What can be wrong with a layer's parameters and input shapes. */
import { error } from './entry.ts';

export const shapeDiagnostics = {
  'shape.kernel-too-large': error((a: { kernel: number; input: number; axis: string }) => ({
    expected: `a kernel of at most ${a.input} along the ${a.axis}`,
    got: `${a.kernel}`,
    next: 'Make the kernel smaller, pad the input, or remove a pooling layer before it.',
  })),
  'shape.needs-image': error((a: { got: string }) => ({
    expected: 'maps (height × width × channels)',
    got: `a vector of ${a.got}`,
    next: 'Connect it before the Flatten layer.',
  })),
  'shape.needs-vector': error((a: { got: string }) => ({
    expected: 'a vector',
    got: `maps of ${a.got}`,
    next: 'Put a Flatten layer before it.',
  })),
  'shape.groups': error((a: { groups: number; channels: number; filters: number }) => ({
    expected: `groups that divide ${a.channels} input channels and ${a.filters} filters`,
    got: `${a.groups}`,
    next: 'Set groups to a common divisor of both.',
  })),
  'shape.mismatch': error((a: { first: string; other: string }) => ({
    expected: `the shape ${a.first} on every input`,
    got: a.other,
    next: 'Bring both to one shape, for example by a 1×1 Conv2D on the shortcut.',
  })),
  'shape.concat-mismatch': error((a: { first: string; other: string }) => ({
    expected: `the height and width of ${a.first} on every input`,
    got: a.other,
    next: 'Bring both to one height and width by padding or stride.',
  })),
  'shape.too-few-inputs': error((a: { need: number; got: number }) => ({
    expected: `${a.need} or more wires`,
    got: `${a.got}`,
    next: 'Connect another output to it.',
  })),
  'field.invalid': error((a: { expected: string; got: string }) => ({
    expected: a.expected,
    got: a.got,
    next: 'Enter another value, or reset the field.',
  })),
};
