/** Everything that can be wrong, as data: code, place, typed arguments; the sentence is rendered last. */
import type { DiagnosticEntry } from './entry.ts';
import { table } from './table.ts';

export type Severity = 'error' | 'warning' | 'info';

/** Where it is wrong. `node` is a node path ("group/conv 1" by ids joined with "/"); `label` is what people call the place. */
export interface Place {
  readonly label: string;
  readonly node?: string;
  readonly field?: string;
  readonly file?: string;
  readonly line?: number;
}

export type DiagnosticCode = keyof typeof table;
export type DiagnosticArgs<C extends DiagnosticCode> = Parameters<(typeof table)[C]['say']>[0];

export interface Diagnostic<C extends DiagnosticCode = DiagnosticCode> {
  readonly code: C;
  readonly place: Place;
  readonly args: DiagnosticArgs<C>;
}

/** Builds a diagnostic whose arguments fit its code. */
export function diagnostic<C extends DiagnosticCode>(code: C, place: Place, args: DiagnosticArgs<C>): Diagnostic<C> {
  return { code, place, args };
}

export function severityOf(d: Diagnostic): Severity {
  return table[d.code].severity;
}

/** Which setting of a run goes round it; null where none does. */
export function wayRound(d: Diagnostic): 'device' | 'precision' | null {
  const row: DiagnosticEntry<never> = table[d.code];
  return row.wayRound ?? null;
}

/** What a rendered diagnostic says, in parts; `sentence` is the whole: "where: expected X, got Y. Next step." */
export interface Rendered {
  readonly where: string;
  readonly what: string;
  readonly next: string;
  readonly sentence: string;
}

export function render(d: Diagnostic): Rendered {
  const say = table[d.code].say as (args: unknown) => { expected: string; got: string; next: string };
  const { expected, got, next } = say(d.args);
  const where = [d.place.label, d.place.field].filter(Boolean).join(', ') + (d.place.line ? `, line ${d.place.line}` : '');
  const what = `expected ${expected}, got ${got}`;
  return { where, what, next, sentence: `${where}: ${what}. ${next}` };
}

/** The one exception of the product: carries its diagnostic across any boundary. */
export class NetloomError extends Error {
  readonly diagnostic: Diagnostic;
  constructor(d: Diagnostic, options?: ErrorOptions) {
    super(render(d).sentence, options);
    this.name = 'NetloomError';
    this.diagnostic = d;
  }
}

/** Shorthand for `new NetloomError(diagnostic(...))`. */
export function problem<C extends DiagnosticCode>(code: C, place: Place, args: DiagnosticArgs<C>): NetloomError {
  return new NetloomError(diagnostic(code, place, args));
}
