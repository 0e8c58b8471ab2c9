/** netloom hub: pretrained nets, listed and fetched. */
import { NetloomError } from '../../shared/diagnostics/diagnostic.ts';
import type { DownloadState } from '../../shared/protocol/hub-requests.ts';
import { TrainingConfigSchema } from '../../shared/training/config.ts';
import { emptyDocument } from '../../shared/graph/document.ts';
import { megabytes } from '../../shared/util/size.ts';
import { hubOf } from '../engine/handlers/hub.ts';
import { listBuiltIn } from '../engine/hub/built-in.ts';
import type { ParsedCommand } from './args.ts';
import { resources, withEngine, type Opened, type Outcome } from './opened.ts';

const nothing: Opened = { project: { document: emptyDocument('hub'), training: TrainingConfigSchema.parse({}), data: { kind: 'builtin', id: 'digits' }, weights: null }, folder: null, data: { kind: 'builtin', id: 'digits' } };
const percent = (share: number | null): string => (share === null ? '–' : `${(share * 100).toFixed(1)} %`);

/** Throws hub.*. */
export async function hubNets(p: ParsedCommand): Promise<Outcome> {
  return withEngine(nothing, async (w) => {
    const hub = hubOf(w);
    if (typeof p.flags.get !== 'string') {
      const [builtIn, downloads] = [await listBuiltIn(resources()), await hub.list()];
      const line = (id: string, cells: readonly string[]) => `${id.padEnd(24)}${cells.join(' · ')}`;
      const text = [...builtIn.map((c) => line(c.id, [c.title, percent(c.top1), 'comes along'])), ...downloads.map(({ card, download }) => line(card.id, [card.title, card.data, percent(card.top1), megabytes(card.bytes), download.state]))].join('\n');
      return { data: { builtIn, downloads }, text };
    }
    const id = p.flags.get;
    const stop = () => void hub.cancel(id);
    process.once('SIGINT', stop);
    const tell = (s: DownloadState) => process.stderr.write(`\r${megabytes(s.received)} ${s.state}${s.speed === null ? '' : `, ${megabytes(s.speed)}/s`}    `);
    const off = w.onEvent((event, data) => { if (event === 'hub.progress') tell(data as DownloadState); });
    await hub.download(id);
    await hub.settled(id);
    off();
    process.off('SIGINT', stop);
    process.stderr.write('\n');
    const state = (await hub.list()).find((d) => d.card.id === id)?.download;
    if (state?.error) throw new NetloomError(state.error);
    const { path, entry } = await hub.fileOf(id);
    return { data: { id, path, bytes: entry.bytes, sha256: entry.sha256 }, text: path };
  });
}
