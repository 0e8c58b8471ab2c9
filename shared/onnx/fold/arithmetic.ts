/** Folding of operators that work number by number, with broadcasting, and of reductions. */
import { attribute, type ElementType, type Node, type Tensor } from '../ir.ts';
import { elementOfCode } from '../ops/elementwise.ts';
import { broadcastStrides, isFloat, numbersOf, stridesOf, tensorOfNumbers, walkStrides } from './numbers.ts';
import type { FoldRow, FoldTable } from './row.ts';

/** Quotients of whole numbers are cut off; by zero there is none. */
const quotient = (a: number, b: number, whole: boolean): number => (whole ? (b === 0 ? NaN : Math.trunc(a / b)) : a / b);
const remainder = (a: number, b: number, node: Node): number => (attribute(node, 'fmod', 'int', 0) === 1 ? a % b : a - b * Math.floor(a / b));

function broadcastShape(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, i) => shapes.reduce((size, s) => {
    const d = s[s.length - rank + i] ?? 1;
    return d === 1 ? size : d;
  }, 1));
}

type Reckon = (a: number, b: number, whole: boolean, node: Node) => number;

/** Left to right over all inputs, which broadcast. Sums beyond 2^53 are refused as no whole number has them exactly. */
const pairwise = (reckon: Reckon, answer?: ElementType): FoldRow => (node, inputs) => {
  const first = inputs[0];
  if (!first || inputs.some((t) => !t || t.element !== first.element)) return null;
  const tensors = inputs as readonly Tensor[];
  const whole = !isFloat(first.element);
  const shape = broadcastShape(tensors.map((t) => t.shape));
  let total: Float64Array | null = null;
  for (const t of tensors) {
    const numbers = numbersOf(t);
    if (!numbers) return null;
    const before: Float64Array | null = total;
    const next: Float64Array = before ?? new Float64Array(shape.reduce((a, b) => a * b, 1));
    walkStrides(shape, broadcastStrides(t.shape, shape), 0, (from, to) => {
      const v = numbers[from] as number;
      next[to] = before ? reckon(before[to] as number, v, whole, node) : v;
      if (first.element === 'float32') next[to] = Math.fround(next[to] as number);
    });
    total = next;
  }
  if (!total || (whole && answer === undefined && !total.every((v) => Number.isSafeInteger(v)))) return null;
  const made = tensorOfNumbers(answer ?? first.element, shape, total);
  return made && [made];
};

const each = (reckon: (v: number) => number, answer?: ElementType): FoldRow => (_node, [x]) => {
  const numbers = x && numbersOf(x);
  const made = x && numbers && tensorOfNumbers(answer ?? x.element, x.shape, Float64Array.from(numbers, reckon));
  return made ? [made] : null;
};

/** Half to even, as ONNX rounds. */
const round = (v: number): number => (Math.abs(v % 1) === 0.5 ? 2 * Math.round(v / 2) : Math.round(v));

const cast: FoldRow = (node, [x]) => {
  const element = elementOfCode(attribute(node, 'to', 'int', 0));
  if (!x || !element) return null;
  if (x.element === element) return [x];
  const numbers = numbersOf(x);
  if (!numbers) return null;
  const whole = !isFloat(element) && element !== 'bool';
  const cut = whole && isFloat(x.element) ? Float64Array.from(numbers, Math.trunc) : numbers;
  const made = tensorOfNumbers(element, x.shape, cut);
  // What lies outside of the new type's range differs from machine to machine.
  return made && (!whole || sameNumbers(made, cut)) ? [made] : null;
};

function sameNumbers(t: Tensor, wanted: ArrayLike<number>): boolean {
  const got = numbersOf(t);
  return got !== null && Array.prototype.every.call(got, (v: number, i: number) => v === wanted[i]);
}

const where: FoldRow = (_node, [condition, a, b]) => {
  if (!condition || !a || !b || a.element !== b.element) return null;
  const shape = broadcastShape([condition.shape, a.shape, b.shape]);
  const pick = Uint8Array.from({ length: shape.reduce((x, y) => x * y, 1) });
  walkStrides(shape, broadcastStrides(condition.shape, shape), 0, (from, to) => { pick[to] = Number(condition.data[from]); });
  const [x, y] = [a, b].map(numbersOf);
  if (!x || !y) return null;
  const out = new Float64Array(pick.length);
  walkStrides(shape, broadcastStrides(a.shape, shape), 0, (from, to) => { if (pick[to]) out[to] = x[from] as number; });
  walkStrides(shape, broadcastStrides(b.shape, shape), 0, (from, to) => { if (!pick[to]) out[to] = y[from] as number; });
  const made = tensorOfNumbers(a.element, shape, out);
  return made && [made];
};

/** Whole numbers only: how floats are summed is the runtime's own. */
const reduce = (reckon: (a: number, b: number) => number, start: number): FoldRow => (node, [x, axesInput]) => {
  const numbers = x && !isFloat(x.element) ? numbersOf(x) : null;
  if (!x || !numbers) return null;
  const rank = x.shape.length;
  const given = axesInput ? Array.from(axesInput.data as ArrayLike<bigint>, Number).map((a) => (a < 0 ? a + rank : a)) : [];
  if (given.length === 0 && attribute(node, 'noop_with_empty_axes', 'int', 0) === 1) return [x];
  const axes = given.length > 0 ? given : x.shape.map((_, i) => i);
  const keep = attribute(node, 'keepdims', 'int', 1) === 1;
  const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  const out = new Float64Array(kept.reduce((a, b) => a * b, 1)).fill(start);
  const places = stridesOf(kept).map((s, i) => (axes.includes(i) ? 0 : s));
  walkStrides(x.shape, places, 0, (to, from) => { out[to] = reckon(out[to] as number, numbers[from] as number); });
  if (!out.every((v) => Number.isSafeInteger(v))) return null;
  const made = tensorOfNumbers(x.element, keep ? kept : x.shape.filter((_, i) => !axes.includes(i)), out);
  return made && [made];
};
const least = (a: number, b: number): number => Math.min(a, b);
const greatest = (a: number, b: number): number => Math.max(a, b);
const truth = (v: boolean): number => (v ? 1 : 0);

export const arithmeticFolds: FoldTable = {
  Add: pairwise((a, b) => a + b), Sub: pairwise((a, b) => a - b), Mul: pairwise((a, b) => a * b), Div: pairwise(quotient), Mod: pairwise((a, b, _whole, node) => remainder(a, b, node)),
  Min: pairwise(least), Max: pairwise(greatest), Sum: pairwise((a, b) => a + b),
  Equal: pairwise((a, b) => truth(a === b), 'bool'), Greater: pairwise((a, b) => truth(a > b), 'bool'), Less: pairwise((a, b) => truth(a < b), 'bool'),
  GreaterOrEqual: pairwise((a, b) => truth(a >= b), 'bool'), LessOrEqual: pairwise((a, b) => truth(a <= b), 'bool'),
  And: pairwise((a, b) => a * b), Or: pairwise(greatest), Xor: pairwise((a, b) => truth(a !== b)), Not: each((v) => 1 - v),
  Neg: each((v) => -v), Abs: each(Math.abs), Floor: each(Math.floor), Ceil: each(Math.ceil), Round: each(round), Sign: each(Math.sign), Sqrt: each(Math.sqrt), Reciprocal: each((v) => 1 / v),
  Cast: cast, Where: where,
  ReduceSum: reduce((a, b) => a + b, 0), ReduceProd: reduce((a, b) => a * b, 1), ReduceMax: reduce(greatest, -Infinity), ReduceMin: reduce(least, Infinity),
};
