/** Feeds mutants to whatever reads files and keeps what went wrong: anything but an answer or a sentence, slowness, memory. */
import { NetloomError, render } from '../../../shared/diagnostics/diagnostic.ts';
import { mutants } from './mutations.harness.ts';

export interface FuzzFinding { readonly what: string; readonly error: string; readonly base64: string }
export interface FuzzReport {
  readonly answered: number;
  /** How often each diagnostic was the answer. */
  readonly refused: Readonly<Record<string, number>>;
  readonly findings: readonly FuzzFinding[];
  readonly slowest: { readonly what: string; readonly milliseconds: number };
  /** The most that was allocated in one run, as seen between collections; a bound from above on what was held. */
  readonly largest: { readonly what: string; readonly bytes: number; readonly file: number };
}

export interface FuzzOptions {
  readonly count: number;
  readonly seed: number;
  /** A run that takes longer is a finding. */
  readonly milliseconds?: number;
  /** Memory a run may take, as a multiple of its file, beside `free` bytes that any run takes. */
  readonly growth?: number;
  readonly free?: number;
}

const held = (): number => {
  const m = process.memoryUsage();
  return m.heapUsed + m.external;
};

/** Why the answer to a mutant is no good; null where it is. */
function wrong(error: unknown): string | null {
  if (!(error instanceof NetloomError)) return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const { where, what, next } = render(error.diagnostic);
  const said = [where, what, next].every((part) => part.trim() !== '' && !part.includes('undefined') && !part.includes('[object'));
  return said ? null : `a sentence that says nothing: ${error.message}`;
}

/** Runs `read` on mutants of the files. A promise is waited for. */
export async function fuzz(files: readonly Uint8Array[], read: (bytes: Uint8Array) => unknown, options: FuzzOptions): Promise<FuzzReport> {
  const { count, seed, milliseconds = 60_000, growth = 20, free = 2 ** 20 } = options;
  const refused: Record<string, number> = {};
  const findings: FuzzFinding[] = [];
  let answered = 0;
  let slowest = { what: '', milliseconds: 0 };
  let largest = { what: '', bytes: 0, file: 0 };
  for (const { what, bytes } of mutants(files, count, seed)) {
    const found = (error: string): void => void findings.push({ what, error, base64: Buffer.from(bytes).toString('base64').slice(0, 4000) });
    const before = held();
    const start = performance.now();
    try {
      await read(bytes);
      answered++;
    } catch (error) {
      const reason = wrong(error);
      if (reason !== null) found(reason);
      else refused[(error as NetloomError).diagnostic.code] = (refused[(error as NetloomError).diagnostic.code] ?? 0) + 1;
    }
    const took = performance.now() - start;
    const grown = held() - before;
    if (took > slowest.milliseconds) slowest = { what, milliseconds: took };
    if (grown > largest.bytes) largest = { what, bytes: grown, file: bytes.length };
    if (took > milliseconds) found(`${Math.round(took)} ms`);
    if (grown > free + growth * bytes.length) found(`${grown} bytes of memory for a file of ${bytes.length}`);
  }
  return { answered, refused, findings, slowest, largest };
}
