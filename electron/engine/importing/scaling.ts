/** Preprocessing as lines y[c] = x[c] · factor + summand, by which several become one, and numbers as people write them. */
import type { Preprocessing } from '../../../shared/protocol/import-requests.ts';

export interface Lines { readonly order: Preprocessing['order']; /** One for each channel, in this order. */ readonly factors: readonly number[]; readonly summands: readonly number[] }

const at = (values: readonly number[], c: number): number => (values.length === 1 ? values[0] : values[c]) as number;

export function linesOf({ order, scale, mean, deviation }: Preprocessing, channels: number): Lines {
  const each = Array.from({ length: channels }, (_, c) => c);
  return { order, factors: each.map((c) => scale / at(deviation, c)), summands: each.map((c) => -at(mean, c) / at(deviation, c)) };
}

/** The second after the first. */
export function after(first: Lines, second: Lines): Lines {
  const channels = first.factors.length;
  const from = (c: number) => (second.order === 'bgr' ? channels - 1 - c : c);
  return {
    order: first.order === second.order ? 'rgb' : 'bgr',
    factors: second.factors.map((f, c) => f * (first.factors[from(c)] as number)),
    summands: second.summands.map((s, c) => s + (second.factors[c] as number) * (first.summands[from(c)] as number)),
  };
}

/** The shortest decimal number near a value that is as good. */
function shortest(value: number, good: (v: number) => boolean): number {
  for (let digits = 1; digits < 17; digits++) {
    const short = Number(value.toPrecision(digits));
    if (good(short)) return short;
  }
  return value;
}

/** One number in float32; `slack` in parts of it is rounding. */
const same = (a: number, b: number, slack = 0): boolean => Math.fround(a) === Math.fround(b) || Math.abs(a - b) <= slack * Math.abs(b);
/** What two roundings of float32 leave. */
export const TWO_ROUNDINGS = 2.4e-7;
const one = (values: readonly number[]): number[] => (values.every((v) => v === values[0]) ? values.slice(0, 1) : [...values]);
const digits = (p: Preprocessing): number => [p.scale, ...p.mean, ...p.deviation].reduce((n, v) => n + String(v).replaceAll(/[-.]|^0\./g, '').length, 0);

function withScale({ order, factors, summands }: Lines, scale: number, slack: number): Preprocessing {
  const deviation = factors.map((f) => shortest(scale / f, (d) => same(scale / d, f, slack)));
  const mean = summands.map((s, c) => shortest(-s * at(deviation, c), (m) => same(-m / at(deviation, c), s, slack)) + 0);
  return { order, scale, mean: one(mean), deviation: one(deviation) };
}

/** Scale, mean and deviation that draw these lines to the last bit of float32 (or within `slack`, in parts), in the fewest digits; null where nothing is done, or none draw them. */
export function preprocessingFrom(lines: Lines, slack = 0): Preprocessing | null {
  const { order, factors, summands } = lines;
  if (order === 'rgb' && factors.every((f) => same(f, 1, slack)) && summands.every((s) => Math.abs(s) < 1e-7)) return null;
  if (!factors.every((f) => f > 0 && Number.isFinite(f)) || !summands.every(Number.isFinite)) return null;
  const [first = 1] = factors;
  const written = [1, 255, shortest(first, (v) => same(v, first, slack))].map((scale) => withScale(lines, scale, slack));
  return written.reduce((best, p) => (digits(p) < digits(best) ? p : best));
}
