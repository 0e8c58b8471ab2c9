/** Gradient norms as rows of a table: newest value, its place on a logarithmic scale, and how it went. Pure. */
import type { Gradients } from '../../../shared/protocol/values.ts';

export interface GradientRow {
  readonly layer: string;
  readonly norm: number;
  /** 0..1 between the smallest and the largest decade shown. */
  readonly share: number;
  /** The same for the norms before, oldest first. */
  readonly past: readonly number[];
}

/** Decades that are shown at least, so that small differences do not look large. */
const DECADES = 4;

/** Rows in network order; the scale's ends are powers of ten that hold every norm shown. */
export function gradientRows(frames: readonly Gradients[]): { readonly rows: readonly GradientRow[]; readonly from: number; readonly to: number } {
  const newest = frames.at(-1);
  if (!newest) return { rows: [], from: 0, to: 0 };
  const same = frames.filter((f) => f.layers.length === newest.layers.length);
  const positive = same.flatMap((f) => [...f.norms]).filter((n) => n > 0 && Number.isFinite(n)).map(Math.log10);
  const to = Math.ceil(positive.reduce((a, v) => Math.max(a, v), -Infinity));
  // Not −0, which would be written so.
  const top = Number.isFinite(to) ? to + 0 : 0;
  const low = Math.floor(positive.reduce((a, v) => Math.min(a, v), Infinity));
  const from = Math.min(Number.isFinite(low) ? low : top, top - DECADES);
  const share = (norm: number): number => (norm > 0 ? Math.min(1, Math.max(0, (Math.log10(norm) - from) / (top - from))) : 0);
  const rows = newest.layers.map((layer, i) => ({ layer, norm: newest.norms[i] as number, share: share(newest.norms[i] as number), past: same.map((f) => share(f.norms[i] as number)) }));
  return { rows, from, to: top };
}
