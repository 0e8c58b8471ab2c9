/** What can be wrong with an ONNX graph or file. */
import { error } from './entry.ts';

export const onnxDiagnostics = {
  'onnx.no-gradient': error((a: { op: string; node: string }) => ({
    expected: 'an operator with a gradient rule',
    got: `${a.op} (node ${a.node})`,
    next: 'What lies before it does not train: freeze those layers, or replace it.',
  })),
  'onnx.no-gradient-form': error((a: { op: string; node: string; expected: string; got: string }) => ({
    expected: `${a.expected}, which the gradient of ${a.op} can follow`,
    got: `${a.got} (node ${a.node})`,
    next: 'What lies before it does not train: freeze those layers, or replace it.',
  })),
  'onnx.unreadable': error((a: { expected: string; got: string }) => ({
    expected: a.expected,
    got: a.got,
    next: 'Check that the file is whole and is an ONNX net.',
  })),
  'onnx.external': error((a: { tensor: string; expected: string; got: string }) => ({
    expected: `${a.expected} (weights ${a.tensor})`,
    got: a.got,
    next: 'Put the files of weights beside the net, whole and under the names they were saved with, or save the net as one file (onnx.save).',
  })),
  'onnx.unsupported': error((a: { expected: string; got: string; next: string }) => ({ expected: a.expected, got: a.got, next: a.next })),
  'onnx.batch-held': error((a: { op: string }) => ({ expected: 'a layer that works for any number of samples', got: `a ${a.op} that holds a batch size`, next: 'Nothing was written; take this layer out, or report this net.' })),
  'onnx.export-differs': error((a: { tolerance: number; difference: number }) => ({
    expected: `the file to answer as the net here does, within ${a.tolerance}`,
    got: `a difference of ${a.difference.toExponential(1)}`,
    next: 'Nothing was written; please report this net.',
  })),
  'onnx.original': error((a: { reason: string }) => ({ expected: 'a file that ONNX Runtime runs, to compare with', got: a.reason, next: 'What is drawn may still be right; try the file in the program that made it.' })),
};
