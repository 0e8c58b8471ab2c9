/** How a row of the diagnostics table is written. */

/** `say` completes "where: expected …, got …. Next step." from the row's typed arguments. */
export interface DiagnosticEntry<A> {
  readonly severity: 'error' | 'warning' | 'info';
  readonly say: (args: A) => { readonly expected: string; readonly got: string; readonly next: string };
}

const row =
  (severity: DiagnosticEntry<unknown>['severity']) =>
  <A>(say: DiagnosticEntry<A>['say']): DiagnosticEntry<A> => ({ severity, say });

export const error = row('error');
export const warning = row('warning');
export const info = row('info');
