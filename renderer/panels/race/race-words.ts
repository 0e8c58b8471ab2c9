/** What a race says: speeds and times as people say them, and who has won. */
import type { DevicePace } from '../../../shared/protocol/race-requests.ts';
import type { RaceRow } from '../../state/race.ts';
import { duration, whole } from '../../ui/format.ts';

/** Speeds closer than this are no reason to prefer either: the next two seconds may turn them round. */
const NEAR = 1.1;

/** 12,345, 43.2, 0.123: never more digits than a short timing knows. */
export const speed = (n: number): string => (n >= 100 ? whole(Number(n.toPrecision(3))) : n.toPrecision(3));

/** "under a second", "4.2 s", "42 s", "1:15 min". */
export function epochTime(seconds: number): string {
  if (seconds < 1) return 'under a second';
  if (seconds < 59.5) return `${seconds < 9.95 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  return seconds < 3600 ? `${duration(seconds)} min` : duration(seconds);
}

type Finisher = Extract<DevicePace, { ok: true }>;
export const finishers = (rows: readonly RaceRow[]): readonly (Finisher & { readonly name: string })[] =>
  rows.flatMap(({ pace, name }) => (pace?.ok ? [{ ...pace, name }] : [])).sort((a, b) => b.samplesPerSecond - a.samplesPerSecond);

/** The fastest so far; null before any. */
export const fastest = (rows: readonly RaceRow[]): Finisher | null => finishers(rows)[0] ?? null;

/** Who bears the mark: nobody where there was nobody to beat. */
export const winner = (rows: readonly RaceRow[]): string | null => (finishers(rows).length > 1 ? (fastest(rows)?.device ?? null) : null);

/** The outcome in a sentence; null while there is none. */
export function verdict(rows: readonly RaceRow[]): string | null {
  const [first, second] = finishers(rows);
  if (!first) return null;
  const left = rows.some((r) => r.state === 'skipped');
  if (!second && left) return `Only ${first.name} was timed before the cancel.`;
  if (!second) return rows.length === 1 ? `${first.name} is the only device that can train here.` : `Only ${first.name} trained this net.`;
  const ratio = first.samplesPerSecond / second.samplesPerSecond;
  const rest = left ? ' Not all were timed.' : '';
  if (ratio < NEAR) return `${first.name} and ${second.name} are about equally fast.${rest}`;
  return `${first.name} is fastest: ${ratio < 10 ? ratio.toFixed(1) : whole(ratio)} times as fast as ${second.name}.${rest}`;
}

/** What of a training the times leave out, as sentences; empty where they leave out nothing. */
export function leftOut(rows: readonly RaceRow[], unfreezing: boolean): string {
  const layer = finishers(rows).find((f) => f.features !== null)?.features;
  return [
    ...(layer === undefined ? [] : [`As in training, the steps read kept features of the frozen layers up to “${layer}”. Computing these, once before the first epoch, is not in the times.`]),
    ...(unfreezing ? ['The steps are those of the first epoch; as frozen blocks join, they take longer.'] : []),
  ].join(' ');
}
