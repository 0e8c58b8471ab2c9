/** Text of a parameter field and back: "5 × 5", "5", "3*32". Pure. */
import type { Field } from '../../shared/layers/fields.ts';

/** A number ("0.5", "1e-8"), or products and sums of some: "3*32", "28/2-1". NaN when it is none. */
export function arithmetic(text: string): number {
  const source = text.replaceAll(/\s/g, '').replaceAll('·', '*').replaceAll('−', '-');
  if (/^[-+]?[\d.]+e[-+]?\d+$/i.test(source)) return Number(source);
  if (!/^[-+]?[\d.]+(?:[-+*/][\d.]+)*$/.test(source)) return NaN;
  const terms = source.match(/[-+]?[^-+]+/g) ?? [];
  return terms.reduce((sum, term) => {
    const sign = term.startsWith('-') ? -1 : 1;
    const factors = term.replace(/^[-+]/, '').match(/[*/]?[\d.]+/g) ?? [];
    return sum + sign * factors.reduce((p, f) => (f.startsWith('/') ? p / Number(f.slice(1)) : p * Number(f.replace('*', ''))), 1);
  }, 0);
}

export function fieldText(field: Field, value: unknown): string {
  if (field.kind === 'pair') return (value as number[]).join(' × ');
  if (field.kind === 'edges' || field.kind === 'numbers') return (value as number[]).join(', ');
  return String(value);
}

/** The value a text stands for; anything that is none stays text, so that the field's own check can say what is wrong. */
export function fieldValue(field: Field, text: string): unknown {
  if (field.kind !== 'pair' && field.kind !== 'edges' && field.kind !== 'numbers') return arithmetic(text);
  const parts = text.split(/[×x,; ]+/).filter((p) => p !== '').map(arithmetic);
  if (field.kind === 'numbers') return parts;
  const count = field.kind === 'pair' ? 2 : 4;
  return parts.length === 1 ? Array.from({ length: count }, () => parts[0]) : parts;
}

/** The value an arrow key leads to: one step of the field each, kept within its bounds; a pair or edges step together. Anything else stays. */
export function steppedValue(field: Field, value: unknown, steps: number): unknown {
  if (field.kind === 'bool' || field.kind === 'choice') return value;
  const { min, max } = field;
  const size = 'step' in field ? field.step * steps : Math.sign(steps) * Math.max(1, Math.abs(steps));
  const step = (v: unknown): unknown => (typeof v === 'number' && Number.isFinite(v) ? Number(Math.min(max, Math.max(min, v + size)).toPrecision(12)) : v);
  return Array.isArray(value) ? value.map(step) : step(value);
}
