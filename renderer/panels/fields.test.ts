import { describe, it, expect } from 'vitest';
import type { Field } from '../../shared/layers/fields.ts';
import { arithmetic, fieldText, fieldValue, steppedValue } from './fields.ts';

const int: Field = { kind: 'int', label: 'Filters', help: '', default: 8, min: 1, max: 100 };
const number: Field = { kind: 'number', label: 'Rate', help: '', default: 0.5, min: 0, max: 1, step: 0.1 };
const pair: Field = { kind: 'pair', label: 'Kernel', help: '', default: [3, 3], min: 1, max: 9 };
const edges: Field = { kind: 'edges', label: 'Padding', help: '', default: [0, 0, 0, 0], min: 0, max: 9 };

describe('arithmetic', () => {
  it.each([['3*32', 96], ['28/2-1', 13], [' 2 · 4 + 1 ', 9], ['-3', -3], ['1.5*2', 3], ['10-2*3', 4]])('%s is %d', (text, value) => expect(arithmetic(text)).toBe(value));
  it.each(['', 'many', '3*', '*3', '2**3', 'alert(1)', '1e400x'])('%j is no number', (text) => expect(arithmetic(text)).toBeNaN());
});

describe('a field as text and back', () => {
  it('takes one number for both sides of a pair, and either sign between two', () => {
    expect([fieldValue(pair, '5'), fieldValue(pair, '5 × 3'), fieldValue(pair, '5x3'), fieldValue(pair, '2*2, 3')]).toEqual([[5, 5], [5, 3], [5, 3], [4, 3]]);
  });
  it('takes one number for all four edges', () => expect(fieldValue(edges, '2')).toEqual([2, 2, 2, 2]));
  it('returns what it wrote', () => {
    for (const [field, value] of [[int, 12], [number, 0.25], [pair, [5, 3]], [edges, [0, 1, 0, 1]]] as const) expect(fieldValue(field, fieldText(field, value))).toEqual(value);
  });
});

describe('a list of numbers', () => {
  const mean: Field = { kind: 'numbers', label: 'Mean', help: '', default: [0], min: -1e6, max: 1e6, step: 0.001, most: 4096 };
  it('is written with commas and read back, of any length', () => {
    expect([fieldText(mean, [0.485, -2]), fieldValue(mean, '0.485, −2 127.5'), fieldValue(mean, '7'), fieldValue(mean, '')]).toEqual(['0.485, -2', [0.485, -2, 127.5], [7], []]);
  });
  it('says what is none', () => expect(fieldValue(mean, '1, grey')).toEqual([1, NaN]));
});

describe('arrow keys', () => {
  it('step by one, and by ten', () => expect([steppedValue(int, 8, 1), steppedValue(int, 8, -1), steppedValue(int, 8, 10)]).toEqual([9, 7, 18]));
  it('stay within the bounds', () => expect([steppedValue(int, 99, 10), steppedValue(int, 1, -1), steppedValue(pair, [9, 1], 1)]).toEqual([100, 1, [9, 2]]));
  it('step decimals without a tail of digits', () => expect(steppedValue(number, 0.2, 1)).toBe(0.3));
  it('keep whole numbers whole however fine the step', () => expect(steppedValue(int, 8, 0.1)).toBe(9));
});
