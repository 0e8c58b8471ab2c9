/** What can be wrong with a data set. */
import { error } from './entry.ts';

export const dataDiagnostics = {
  'data.ragged-row': error((a: { expected: number; got: number }) => ({ expected: `${a.expected} values in every row`, got: `${a.got}`, next: 'Mend or remove this row.' })),
  'data.not-a-number': error((a: { got: string; column: number }) => ({ expected: `a number in column ${a.column}`, got: `"${a.got}"`, next: 'Mend or remove this row.' })),
  'data.label': error((a: { got: string }) => ({ expected: 'a class number from 0 up in the last column', got: a.got, next: 'Put the class of each sample into the last column.' })),
  'data.idx': error((a: { expected: string; got: string }) => ({ expected: a.expected, got: a.got, next: 'Choose other files, or load these again from where they came.' })),
  'data.no-classes': error((a: { got: string }) => ({ expected: 'a folder of pictures for each class, at least two', got: a.got, next: 'Put the pictures of each class into a folder with the name of the class.' })),
  'data.empty': error((_: Record<string, never>) => ({ expected: 'rows of numbers with the class last', got: 'none', next: 'Choose another file.' })),
  'data.unreadable': error((a: { reason: string }) => ({ expected: 'a file that can be read', got: a.reason, next: 'Check the path and try again.' })),
  'data.too-few': error((a: { need: number; got: number }) => ({ expected: `at least ${a.need} samples`, got: `${a.got}`, next: 'Use more data, or another split.' })),
  'data.no-picture-input': error((a: { got: string }) => ({ expected: 'a net whose Input takes pictures, grey or in colour', got: `an Input of ${a.got}`, next: 'Give it a net for pictures.' })),
  'data.picture': error((a: { reason: string }) => ({ expected: 'a picture (PNG, JPEG, WebP, GIF, TIFF)', got: a.reason, next: 'Choose another file.' })),
};
