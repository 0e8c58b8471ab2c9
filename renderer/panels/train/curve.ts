/** A curve thinned for drawing: at most so many points, extremes kept. Pure. */
import type { CurvePoint } from '../../../shared/protocol/values.ts';

export type Series = 'loss' | 'accuracy';

/** Epochs named under a curve. */
export const EPOCH_TICKS = 6;

/** How every axis of a curve looks. */
export const AXIS = { tick: { fontSize: 11, fill: 'var(--dim)' }, tickLine: false, axisLine: false } as const;

/** A loss or an accuracy in words: "0.0428", "98.9 %". */
export const formatMetric = (series: Series, v: number): string => (series === 'accuracy' ? `${(v * 100).toFixed(1)} %` : v >= 1 ? v.toFixed(2) : v.toPrecision(3));
/** The same beside an axis, shorter. */
export const tickMetric = (series: Series, v: number): string => (series === 'accuracy' ? `${Math.round(v * 100)} %` : String(Number(v.toPrecision(2))));

/** What a logarithmic axis can show. */
export const aboveZero = (rows: readonly Row[]): Row[] => rows.filter((r) => (r.training ?? r.validation ?? 0) > 0);

/** Ticks of an axis from 0 to `max`: steps of 1, 2 or 5 times a power of ten, at most `most` of them behind 0. */
export function roundTicks(max: number, most: number): number[] {
  if (!(max > 0) || !Number.isFinite(max)) return [0];
  const power = 10 ** Math.floor(Math.log10(max / most));
  const step = ([1, 2, 5, 10].find((m) => m * power * most >= max * (1 - 1e-9)) ?? 10) * power;
  return Array.from({ length: Math.floor((max / step) * (1 + 1e-9)) + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}

export interface Row {
  readonly epoch: number;
  readonly step: number;
  readonly training?: number;
  readonly validation?: number;
}

/** Lowest and highest point of each bucket, in order, so that no spike is lost. */
export function decimate<T extends Row>(rows: readonly T[], most: number): readonly T[] {
  if (rows.length <= most) return rows;
  const buckets = Math.floor(most / 2);
  const out: T[] = [];
  for (let k = 0; k < buckets; k++) {
    const part = rows.slice(Math.floor((k * rows.length) / buckets), Math.floor(((k + 1) * rows.length) / buckets));
    const value = (r: T) => r.training ?? r.validation ?? 0;
    const low = part.reduce((a, b) => (value(b) < value(a) ? b : a));
    const high = part.reduce((a, b) => (value(b) > value(a) ? b : a));
    out.push(...(low === high ? [low] : part.indexOf(low) < part.indexOf(high) ? [low, high] : [high, low]));
  }
  return out;
}

/** Rows of both lines by epoch, each at most `most` points. */
export function curveRows(curve: readonly CurvePoint[], series: Series, most = 300): Row[] {
  const training: Row[] = [];
  const validation: Row[] = [];
  for (const p of curve) {
    const t = series === 'loss' ? p.loss : p.accuracy;
    const v = series === 'loss' ? p.validationLoss : p.validationAccuracy;
    if (t !== undefined) training.push({ epoch: p.epoch, step: p.step, training: t });
    if (v !== undefined) validation.push({ epoch: p.epoch, step: p.step, validation: v });
  }
  return [...decimate(training, most), ...decimate(validation, most)].sort((a, b) => a.step - b.step);
}
