/** How a row of the diagnostics table is written. */

/** `say` completes "where: expected …, got …. Next step." from the row's typed arguments. */
export interface DiagnosticEntry<A> {
  readonly severity: 'error' | 'warning' | 'info';
  readonly say: (args: A) => { readonly expected: string; readonly got: string; readonly next: string };
  /** Another device does it: the interface offers one. */
  readonly elsewhere?: true;
}

const row =
  (severity: DiagnosticEntry<unknown>['severity']) =>
  <A>(say: DiagnosticEntry<A>['say']): DiagnosticEntry<A> => ({ severity, say });

export const error = row('error');
/** What this device cannot do, and another can. */
export const deviceError = <A>(say: DiagnosticEntry<A>['say']): DiagnosticEntry<A> => ({ ...error(say), elsewhere: true });
export const warning = row('warning');
export const info = row('info');
