/** How a row of the diagnostics table is written. */

/** `say` completes "where: expected …, got …. Next step." from the row's typed arguments. */
export interface DiagnosticEntry<A> {
  readonly severity: 'error' | 'warning' | 'info';
  readonly say: (args: A) => { readonly expected: string; readonly got: string; readonly next: string };
  /** A setting of the run that goes round it, which the interface offers: another device, or numbers that every device has. */
  readonly wayRound?: 'device' | 'precision';
}

const row =
  (severity: DiagnosticEntry<unknown>['severity']) =>
  <A>(say: DiagnosticEntry<A>['say']): DiagnosticEntry<A> => ({ severity, say });

export const error = row('error');
/** What this device cannot do, and another can. */
export const deviceError = <A>(say: DiagnosticEntry<A>['say']): DiagnosticEntry<A> => ({ ...error(say), wayRound: 'device' });
/** What it cannot do with 16-bit numbers. */
export const precisionError = <A>(say: DiagnosticEntry<A>['say']): DiagnosticEntry<A> => ({ ...error(say), wayRound: 'precision' });
export const warning = row('warning');
export const info = row('info');
