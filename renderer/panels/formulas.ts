/** Formulas of fields as text and back: "width * 2", or "size, size + 2" for the parts of a pair. Pure. */
import type { Field } from '../../shared/layers/fields.ts';
import { isExpression, parseExpression, type ExpressionFault } from '../../shared/util/expression.ts';

const COUNTS: Readonly<Record<string, number>> = { pair: 2, edges: 4 };

/** Whether a field's value is written by formula, whole or in part. */
export const isFormula = (value: unknown): boolean => isExpression(value) || (Array.isArray(value) && value.some(isExpression));

/** Fields that may be numbers by formula. */
export const takesFormula = (field: Field): boolean => field.kind !== 'choice';

const partText = (part: unknown): string => (isExpression(part) ? part.slice(1) : typeof part === 'boolean' ? String(Number(part)) : String(part));

/** One text for equal parts, else one after another. */
export function formulaText(value: unknown): string {
  const parts = (Array.isArray(value) ? value : [value]).map(partText);
  return parts.every((p) => p === parts[0]) ? (parts[0] ?? '') : parts.join(', ');
}

/** Parts at commas outside of parentheses. */
function partsOf(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const c of text) {
    if (c === '(') depth++;
    if (c === ')') depth--;
    if (c === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += c;
  }
  return parts.map((p) => p.trim().replace(/^=/, ''));
}

export const faultText = ({ position, expected, got }: ExpressionFault): string => `Expected ${expected} at character ${position + 1}, got ${got}.`;

/** The field's value for a text, or what is wrong with the text. One part stands for all of a pair. */
export function formulaValue(field: Field, text: string): { readonly value: unknown } | { readonly wrong: string } {
  const parts = partsOf(text);
  const count = COUNTS[field.kind] ?? 1;
  if (parts.length !== 1 && parts.length !== count) return { wrong: count === 1 ? 'Expected one formula.' : `Expected one formula, or ${count} with commas between.` };
  for (const part of parts) {
    const parsed = parseExpression(part);
    if (!parsed.ok) return { wrong: faultText(parsed.error) };
  }
  const written = parts.map((p) => `=${p}`);
  return { value: count === 1 ? written[0] : Array.from({ length: count }, (_, i) => written[parts.length === 1 ? 0 : i]) };
}
