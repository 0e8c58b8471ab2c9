/** The validation curves of several runs as rows of one table, so that one place of the axis tells what each had there. Pure. */
import type { CurvePoint } from '../../../shared/protocol/values.ts';
import { curveRows, type Series } from '../train/curve.ts';

/** The epoch, and the value of each run that was validated at it, by the run's position. */
export interface ComparedRow { readonly epoch: number; readonly values: Readonly<Record<number, number>> }

export function comparedRows(runs: readonly (readonly CurvePoint[])[], series: Series): ComparedRow[] {
  const byEpoch = new Map<number, Record<number, number>>();
  runs.forEach((points, i) => {
    for (const { epoch, validation } of curveRows(points, series)) {
      if (validation === undefined) continue;
      const values = byEpoch.get(epoch) ?? {};
      values[i] = validation;
      byEpoch.set(epoch, values);
    }
  });
  return [...byEpoch].map(([epoch, values]) => ({ epoch, values })).sort((a, b) => a.epoch - b.epoch);
}
