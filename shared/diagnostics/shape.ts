/** What can be wrong with a layer's parameters and input shapes. */
import { error } from './entry.ts';

export const shapeDiagnostics = {
  'shape.kernel-too-large': error((a: { kernel: number; input: number; axis: string }) => ({
    expected: `a kernel of at most ${a.input} along the ${a.axis}`,
    got: `${a.kernel}`,
    next: 'Make the kernel smaller, pad the input, or remove a pooling layer before it.',
  })),
};
