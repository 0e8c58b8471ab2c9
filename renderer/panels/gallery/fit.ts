/** Which size a template is opened at: the loaded data's where it can be, the paper's otherwise. Pure. */
import type { DataInfo } from '../../../shared/protocol/values.ts';
import type { Template, TemplateOptions } from '../../../shared/templates/template.ts';

export interface Fit {
  /** The template for the loaded data; null where it cannot be made for it. */
  readonly data: TemplateOptions | null;
  /** Why not, or what does not go with it. */
  readonly reason: string | null;
}

/** What the loaded data asks of a template. A net with a class for each pixel keeps its own classes: those of the data are of whole pictures. */
export function fitOf(t: Template, data: Pick<DataInfo, 'shape' | 'classes'> | null): Fit {
  if (!data) return { data: null, reason: null };
  const [channels, height, width] = data.shape;
  if (channels === undefined || height === undefined || width === undefined || data.shape.length !== 3) return { data: null, reason: 'The loaded data has no pictures.' };
  if (height !== width) return { data: null, reason: `The loaded pictures are ${height}×${width}; templates take square ones. Change the Input afterwards.` };
  if (height < t.smallest) return { data: null, reason: `The loaded pictures are ${height}×${width}; this net needs ${t.smallest}×${t.smallest} or more.` };
  if (t.family === 'pixel') return { data: { size: height, channels, classes: t.defaults.classes }, reason: 'This net answers with a picture. The loaded data has one class for each picture: the net can be changed and exported, not trained on it.' };
  return { data: { size: height, channels, classes: data.classes.length }, reason: null };
}

export const sameOptions = (a: TemplateOptions, b: TemplateOptions): boolean => a.size === b.size && a.channels === b.channels && a.classes === b.classes;

/** "224×224×3, 1,000 classes". */
export const describeOptions = (t: Template, o: TemplateOptions): string => `${o.size}×${o.size}×${o.channels}${t.withoutClasses ? '' : `, ${o.classes.toLocaleString('en-US')} classes`}`;

/** Templates in which every word of the query is found; the best matches (by label) first. */
export function search(templates: readonly Template[], query: string): readonly Template[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const plain = (text: string): string => text.toLowerCase().replaceAll('-', ' ');
  const within = (text: string, word: string): boolean => text.toLowerCase().includes(word) || plain(text).includes(plain(word));
  const found = templates.filter((t) => words.every((w) => [t.id, t.label, t.summary, t.description, String(t.year ?? ''), t.paper?.authors ?? '', t.paper?.title ?? ''].some((text) => within(text, w))));
  const rank = (t: Template): number => (words.every((w) => within(t.label, w) || within(t.id, w)) ? 0 : 1);
  return words.length === 0 ? found : found.map((t, i) => [t, rank(t), i] as const).sort((a, b) => a[1] - b[1] || a[2] - b[2]).map(([t]) => t);
}
