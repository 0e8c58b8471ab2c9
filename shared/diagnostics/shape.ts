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
    got: a.got.includes('×') ? a.got : `a vector of ${a.got}`,
    next: 'Connect it before the Flatten layer.',
  })),
  'shape.needs-vector': error((a: { got: string }) => ({
    expected: 'a vector',
    got: `maps of ${a.got}`,
    next: 'Put a Flatten layer before it.',
  })),
  'shape.needs-sequence': error((a: { got: string }) => ({
    expected: 'a sequence (length × channels)',
    got: a.got,
    next: 'Put a Tokens or Reshape layer before it, or set the Input to a sequence.',
  })),
  'shape.needs-volume': error((a: { got: string }) => ({
    expected: 'a volume (depth × height × width × channels)',
    got: a.got,
    next: 'Put a Reshape layer before it, or set the Input to a volume.',
  })),
  'shape.needs-maps': error((a: { got: string }) => ({
    expected: 'maps with at least one axis beside the channels',
    got: a.got,
    next: 'Connect it before the Flatten layer.',
  })),
  'shape.reshape': error((a: { from: string; count: number; to: string; wanted: number }) => ({
    expected: `a shape of ${a.count} numbers, as ${a.from} has`,
    got: `${a.to} with ${a.wanted}`,
    next: 'Change the sizes so that their product stays the same.',
  })),
  'shape.divisible': error((a: { what: string; value: number; by: number }) => ({
    expected: `${a.what} that ${a.by} divides`,
    got: `${a.value}`,
    next: 'Change the channels before it, or this number.',
  })),
  'shape.broadcast': error((a: { first: string; other: string }) => ({
    expected: `${a.first}, or one number for each of its channels`,
    got: a.other,
    next: 'Bring both to one shape; a vector with one number a channel scales whole maps.',
  })),
  'shape.product': error((a: { wanted: string; got: string }) => ({
    expected: `${a.wanted} rows in the second factor, as the first has columns`,
    got: a.got,
    next: 'Exchange the axes of one of them, or bring both to fitting sizes.',
  })),
  'shape.crop': error((a: { room: number; axis: string; got: number }) => ({
    expected: `less than ${a.room} cut off along the ${a.axis}`,
    got: `${a.got}`,
    next: 'Make the edges smaller.',
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
  'shape.needs-samples': error((a: { got: string }) => ({
    expected: 'float32 numbers for each sample',
    got: a.got,
    next: 'Connect it to another output, or to an operator that takes such tensors.',
  })),
  'shape.operator': error((a: { op: string; expected: string; got: string }) => ({
    expected: `${a.expected} (${a.op})`,
    got: a.got,
    next: 'Change what feeds it back to what the imported net had, or replace it by a layer.',
  })),
  'field.invalid': error((a: { expected: string; got: string }) => ({
    expected: a.expected,
    got: a.got,
    next: 'Enter another value, or reset the field.',
  })),
};
