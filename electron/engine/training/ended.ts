/** How a run ends from within. */
import type { Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';

/** Thrown to leave the loop; the diagnostic is null for a stop that was asked for. */
export class Ended extends Error {
  readonly diagnostic: Diagnostic | null;
  constructor(d: Diagnostic | null) {
    super('The run ended');
    this.diagnostic = d;
  }
}
