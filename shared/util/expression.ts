/** Arithmetic that a person writes in a field: "width * 2 ** k". Numbers, names, + - * / % **, comparisons, ?: and a few functions. */
import { fail, ok, type Result } from './result.ts';

/** What does not fit, and where in the text (from 0). */
export interface ExpressionFault { readonly position: number; readonly expected: string; readonly got: string }
/** Values by name. */
export type ExpressionScope = ReadonlyMap<string, number>;
export interface Expression {
  readonly text: string;
  /** Every use of a name that is no function, in order of the text. */
  readonly names: readonly { readonly name: string; readonly position: number }[];
  /** A finite number, or what stands in the way. Comparisons give 1 or 0. */
  evaluate(scope: ExpressionScope): Result<number, ExpressionFault>;
}

const FUNCTIONS: Readonly<Record<string, { readonly least: number; readonly most: number; readonly run: (...args: number[]) => number }>> = {
  min: { least: 1, most: Infinity, run: Math.min },
  max: { least: 1, most: Infinity, run: Math.max },
  floor: { least: 1, most: 1, run: Math.floor },
  ceil: { least: 1, most: 1, run: Math.ceil },
  round: { least: 1, most: 1, run: Math.round },
};
/** Longer text is refused: its nesting could exhaust the stack. */
const LONGEST = 400;

class Fault extends Error {
  readonly fault: ExpressionFault;
  constructor(position: number, expected: string, got: string) {
    super(`${expected}, ${got}`);
    this.fault = { position, expected, got };
  }
}

interface Token { readonly kind: 'number' | 'name' | 'sign' | 'end'; readonly text: string; readonly position: number }
type Run = (scope: ExpressionScope) => number;

/** Signs as people type them on other keyboards. */
const SAME: Readonly<Record<string, string>> = { '·': '*', '×': '*', '−': '-', '≤': '<=', '≥': '>=', '≠': '!=' };
const TOKEN = /\s*(?:(\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)|([A-Za-z_]\w*)|(\*\*|[<>=!]=|[-+*/%<>()?:,·×−≤≥≠]))/y;

function tokens(text: string): Token[] {
  const out: Token[] = [];
  const pattern = new RegExp(TOKEN);
  while (text.slice(pattern.lastIndex).trim() !== '') {
    const start = pattern.lastIndex + (/\S/.exec(text.slice(pattern.lastIndex))?.index ?? 0);
    const [, number, name, sign] = pattern.exec(text) ?? [];
    const found = number ?? name ?? sign;
    if (found === undefined) throw new Fault(start, 'numbers, names and + - * / % **', `${text.slice(start, start + 1)}`);
    out.push({ kind: number !== undefined ? 'number' : name !== undefined ? 'name' : 'sign', text: SAME[found] ?? found, position: start });
  }
  return [...out, { kind: 'end', text: 'the end', position: text.length }];
}

const BINARY: readonly (Readonly<Record<string, (a: number, b: number) => number>>)[] = [
  { '==': (a, b) => Number(a === b), '!=': (a, b) => Number(a !== b), '<': (a, b) => Number(a < b), '<=': (a, b) => Number(a <= b), '>': (a, b) => Number(a > b), '>=': (a, b) => Number(a >= b) },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  { '*': (a, b) => a * b, '/': (a, b) => a / b, '%': (a, b) => a % b },
];

class Parser {
  readonly tokens: readonly Token[];
  readonly names: { name: string; position: number }[] = [];
  at = 0;
  constructor(text: string) {
    this.tokens = tokens(text);
  }

  get next(): Token {
    return this.tokens[Math.min(this.at, this.tokens.length - 1)] as Token;
  }

  takes(sign: string): boolean {
    const is = this.next.kind === 'sign' && this.next.text === sign;
    if (is) this.at++;
    return is;
  }

  needs(sign: string): void {
    if (!this.takes(sign)) throw new Fault(this.next.position, sign, this.next.text);
  }

  choice(): Run {
    const condition = this.binary(0);
    if (!this.takes('?')) return condition;
    const yes = this.choice();
    this.needs(':');
    const no = this.choice();
    return (s) => (condition(s) === 0 ? no(s) : yes(s));
  }

  binary(level: number): Run {
    const table = BINARY[level];
    if (!table) return this.signed();
    let left = this.binary(level + 1);
    for (;;) {
      const operator = this.next.kind === 'sign' && Object.hasOwn(table, this.next.text) ? table[this.next.text] : undefined;
      if (!operator) return left;
      this.at++;
      const [a, b] = [left, this.binary(level + 1)];
      left = (s) => operator(a(s), b(s));
    }
  }

  signed(): Run {
    if (this.takes('+')) return this.signed();
    if (this.takes('-')) {
      const value = this.signed();
      return (s) => -value(s);
    }
    const base = this.primary();
    if (!this.takes('**')) return base;
    // Right to left, and tighter than a sign before it: -2 ** 2 is -4.
    const power = this.signed();
    return (s) => base(s) ** power(s);
  }

  primary(): Run {
    const token = this.next;
    this.at++;
    if (token.kind === 'number') {
      const value = Number(token.text);
      return () => value;
    }
    if (token.kind === 'name') return this.takes('(') ? this.call(token) : this.name(token);
    if (token.kind !== 'sign' || token.text !== '(') throw new Fault(token.position, 'a number or a name', token.text);
    const inner = this.choice();
    this.needs(')');
    return inner;
  }

  name({ text: name, position }: Token): Run {
    this.names.push({ name, position });
    return (s) => {
      const value = s.get(name);
      if (value === undefined) throw new Fault(position, s.size === 0 ? 'numbers' : `one of ${[...s.keys()].join(', ')}`, name);
      return value;
    };
  }

  call({ text, position }: Token): Run {
    const row = Object.hasOwn(FUNCTIONS, text) ? FUNCTIONS[text] : undefined;
    if (!row) throw new Fault(position, `one of the functions ${Object.keys(FUNCTIONS).join(', ')}`, text);
    const args = [this.choice()];
    while (this.takes(',')) args.push(this.choice());
    this.needs(')');
    if (args.length < row.least || args.length > row.most) throw new Fault(position, `one value in ${text}( )`, `${args.length}`);
    return (s) => row.run(...args.map((a) => a(s)));
  }
}

const attempt = <T>(run: () => T): Result<T, ExpressionFault> => {
  try {
    return ok(run());
  } catch (e) {
    if (e instanceof Fault) return fail(e.fault);
    throw e;
  }
};

/** Reads an expression, without the "=" before it. Order of operations as in Python; names are ASCII letters, digits and "_". */
export function parseExpression(text: string): Result<Expression, ExpressionFault> {
  return attempt(() => {
    if (text.length > LONGEST) throw new Fault(LONGEST, `at most ${LONGEST} characters`, `${text.length}`);
    const parser = new Parser(text);
    const run = parser.choice();
    if (parser.next.kind !== 'end') throw new Fault(parser.next.position, 'an operator or the end', parser.next.text);
    const evaluate: Expression['evaluate'] = (scope) => attempt(() => {
      const value = run(scope);
      if (!Number.isFinite(value)) throw new Fault(0, 'a finite number', String(value));
      return value;
    });
    return { text, names: parser.names, evaluate };
  });
}

/** Whether a parameter is written as an expression: text that begins with "=". */
export const isExpression = (value: unknown): value is string => typeof value === 'string' && value.startsWith('=');

/** Names of the language itself: they cannot name a variable. */
export const isReservedName = (name: string): boolean => name === 'k' || name === 'n' || Object.hasOwn(FUNCTIONS, name);

/** The expression with some names written differently; a text that cannot be read stays as it is. Positions of the rest are kept in order. */
export function replaceNames(text: string, replacements: ReadonlyMap<string, string>): string {
  const parsed = parseExpression(text);
  if (!parsed.ok) return text;
  return parsed.value.names.toReversed().reduce((t, { name, position }) => {
    const by = replacements.get(name);
    return by === undefined ? t : t.slice(0, position) + by + t.slice(position + name.length);
  }, text);
}
