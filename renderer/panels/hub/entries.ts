/** Nets of every kind as rows of one list: pure. */
import type { SavedModel } from '../../../shared/protocol/export-requests.ts';
import type { DownloadState, PretrainedCard } from '../../../shared/protocol/hub-requests.ts';
import type { Preprocessing } from '../../../shared/protocol/import-requests.ts';

export type HubKind = 'built-in' | 'mine' | 'download';
export const kinds: Readonly<Record<HubKind, string>> = { 'built-in': 'Built in', mine: 'My models', download: 'To download' };

export interface HubEntry {
  readonly kind: HubKind;
  readonly id: string;
  readonly title: string;
  readonly task: string;
  readonly data: string;
  readonly classes: number | null;
  /** Share of right answers at the first guess. */
  readonly accuracy: number | null;
  readonly top5: number | null;
  readonly bytes: number;
  readonly licence: string;
  readonly input: string;
  readonly preprocessing: string;
  readonly about: string;
  readonly year: number | null;
  readonly download: DownloadState | null;
  /** Where it is fetched from. */
  readonly address: string | null;
}

const tasks: Readonly<Record<PretrainedCard['task'] | SavedModel['task'], string>> = { classification: 'Classes', regression: 'Numbers', detection: 'Objects and boxes', segmentation: 'A class for each pixel', 'image-to-image': 'Picture to picture' };
const list = (v: readonly number[]): string => (new Set(v).size === 1 ? String(v[0]) : `[${v.join(', ')}]`);

/** "RGB, (x · 255 − 127.5) ÷ 127.5", x from 0 to 1. */
export function preprocessingText(p: Preprocessing | null): string {
  if (!p) return '';
  const [plainMean, plainDeviation] = [p.mean.every((m) => m === 0), p.deviation.every((d) => d === 1)];
  const scaled = p.scale === 1 ? 'x' : `x · ${p.scale}`;
  const centred = plainMean ? scaled : `${scaled} − ${list(p.mean)}`;
  return `${p.order.toUpperCase()}, ${plainDeviation ? centred : `(${centred}) ÷ ${list(p.deviation)}`}`;
}

const ofCard = (kind: HubKind, c: PretrainedCard): HubEntry => ({
  kind, id: c.id, title: c.title, task: tasks[c.task], data: c.data, classes: c.classes, accuracy: c.top1, top5: c.top5, bytes: c.bytes, licence: c.licence, input: `${c.input[0]} × ${c.input[1]} × ${c.input[2]}`,
  preprocessing: preprocessingText(c.preprocessing) || (kind === 'built-in' ? 'none: numbers from 0 to 1' : 'guessed when it is opened'), about: c.source, year: c.year, download: null, address: null,
});

const ofMine = (m: SavedModel): HubEntry => ({
  kind: 'mine', id: m.id, title: m.name, task: tasks[m.task], data: '', classes: m.classes.length > 0 ? m.classes.length : null, accuracy: m.accuracy, top5: null, bytes: m.size, licence: m.licence || 'none given',
  input: (m.input.length === 3 ? [m.input[1], m.input[2], m.input[0]] : m.input).join(' × '), preprocessing: m.preprocessing || 'none', about: m.description, year: new Date(m.date).getFullYear(), download: null, address: null,
});

export function entriesOf(builtIn: readonly PretrainedCard[], mine: readonly SavedModel[], downloads: readonly { readonly card: PretrainedCard & { readonly address: string }; readonly download: DownloadState }[]): readonly HubEntry[] {
  return [...builtIn.map((c) => ofCard('built-in', c)), ...mine.map(ofMine), ...downloads.map(({ card, download }) => ({ ...ofCard('download', card), download, address: card.address }))];
}

export type Order = 'name' | 'size' | 'accuracy' | 'year';
export const orders: Readonly<Record<Order, string>> = { name: 'As listed', size: 'Smallest first', accuracy: 'Most accurate first', year: 'Newest first' };
const ranks: Readonly<Record<Order, (e: HubEntry) => number>> = { name: () => 0, size: (e) => e.bytes, accuracy: (e) => -(e.accuracy ?? -1), year: (e) => -(e.year ?? 0) };

/** Those with every word of the query somewhere, in order; equals stay as they are listed. */
export function found(entries: readonly HubEntry[], query: string, order: Order): readonly HubEntry[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const text = (e: HubEntry) => [e.title, e.task, e.data, e.about, e.licence, e.year ?? ''].join(' ').toLowerCase();
  return entries.filter((e) => words.every((w) => text(e).includes(w))).map((e, i) => [e, i] as const).sort(([a, i], [b, j]) => ranks[order](a) - ranks[order](b) || i - j).map(([e]) => e);
}

/** Ready to be opened. */
export const isHere = (e: HubEntry): boolean => e.kind !== 'download' || e.download?.state === 'stored';
