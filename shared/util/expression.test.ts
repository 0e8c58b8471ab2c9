/** Expressions of fields beside JavaScript's own arithmetic, and what is said of those that cannot be read. */
import { describe, expect, it } from 'vitest';
import { isExpression, parseExpression, replaceNames } from './expression.ts';
import { fc } from './properties.harness.ts';

const scope = new Map([['width', 16], ['k', 2], ['n', 3]]);
const value = (text: string): unknown => {
  const e = parseExpression(text);
  const answer = e.ok ? e.value.evaluate(scope) : e;
  return answer.ok ? answer.value : answer.error;
};

describe('expressions', () => {
  it.each<[string, number]>([
    ['3', 3], ['1.5e2', 150], ['.5', 0.5], ['1 + 2 * 3', 7], ['(1 + 2) * 3', 9], ['7 % 4', 3], ['2 ** 3 ** 2', 512], ['-2 ** 2', -4], ['2 ** -1', 0.5], ['8 / 4 / 2', 1],
    ['10 - 3 - 2', 5], ['width * 2 ** k', 64], ['k == 0 ? 2 : 1', 1], ['k < n ? k > 1 ? 7 : 8 : 9', 7], ['max(width, 3, 20) + min(1, 2)', 21], ['floor(7 / 2) + ceil(7 / 2) + round(2.4)', 9],
    ['3 × 4 − 2 · 1', 10], ['(1 <= 1) + (1 >= 2) + (1 != 1)', 1], ['- - 3', 3], ['1 == 1 ? 5 : 1 / 0', 5],
  ])('%s is %d', (text, expected) => expect(value(text)).toBe(expected));

  it.each<[string, number, RegExp]>([
    ['', 0, /a number or a name/], ['2 +', 3, /a number or a name/], ['2 3', 2, /operator or the end/], ['(2', 2, /\)/], ['hieght * 2', 0, /one of width, k, n/], ['sin(2)', 0, /functions min/],
    ['2 # 3', 2, /numbers, names/], ['k ? 2', 5, /:/], ['floor(1, 2)', 0, /one value/], ['1 / (k - 2)', 0, /finite/], ['constructor', 0, /one of/], ['toString(1)', 0, /functions/], ['('.repeat(500), 400, /at most 400/],
  ])('“%s” is wrong at %d', (text, position, expected) => {
    const fault = value(text) as { position: number; expected: string };
    expect([fault.position, fault.expected]).toEqual([position, expect.stringMatching(expected)]);
  });

  it('sums, products and signs are JavaScript’s', () => {
    const text: fc.Arbitrary<string> = fc.letrec<{ e: string }>((tie) => ({
      e: fc.oneof({ maxDepth: 4 }, fc.nat(99).map(String), fc.tuple(tie('e'), fc.constantFrom('+', '-', '*'), tie('e')).map(([a, o, b]) => `${a} ${o} ${b}`), tie('e').map((a) => `(${a})`), tie('e').map((a) => `-(${a})`), fc.constantFrom('width', 'k', 'n')),
    })).e;
    fc.assert(fc.property(text.filter((t) => t.length < 400), (t) => {
      expect(value(t)).toBe(new Function('width', 'k', 'n', `return ${t}`)(16, 2, 3));
    }), { numRuns: 200 });
  });

  it('never throws, whatever is typed', () => fc.assert(fc.property(fc.string({ maxLength: 60 }), (t) => void value(t))));

  it('names are replaced where they stand, functions and parts of names are not', () => {
    expect(replaceNames('w + ww * min(w, 2)', new Map([['w', '(a - 1)'], ['min', 'x']]))).toBe('(a - 1) + ww * min((a - 1), 2)');
    expect(replaceNames('w +', new Map([['w', 'a']]))).toBe('w +');
  });

  it('begin with “=”', () => expect([isExpression('=a'), isExpression('a'), isExpression(3)]).toEqual([true, false, false]));
});
