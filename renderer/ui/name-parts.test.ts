import { expect, test } from 'vitest';
import { nameParts } from './name-parts.ts';

test.each([
  ['conv 1', ['conv', ' 1']],
  ['inverted residual 16', ['inverted residual', ' 16']],
  ['inverted residual 9 2 / add 1', ['inverted residual', ' 9 2 / add 1']],
  ['stage 1 / block / conv 2', ['stage 1 / block', ' / conv 2']],
  ['flatten', ['flatten', '']],
  ['2', ['2', '']],
  ['', ['', '']],
])('%s', (text, parts) => {
  expect(nameParts(text)).toEqual(parts);
  expect(nameParts(text).join('')).toBe(text);
});
