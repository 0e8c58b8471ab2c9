/** The model hub: nets that come along, one's own, and those that can be fetched; the chosen one in detail beside them. */
import { Loader, Modal, Select, TextInput } from '@mantine/core';
import { IconFileImport, IconSearch } from '@tabler/icons-react';
import { useEffect, useMemo, useState, type KeyboardEvent } from 'react';
import { NetloomError, render } from '../../../shared/diagnostics/diagnostic.ts';
import { hasUnsavedEdits, useDocument } from '../../state/document.ts';
import { loadHub, useHub } from '../../state/hub.ts';
import { chooseImport } from '../../state/importing.ts';
import { setUi, useUi } from '../../state/ui.ts';
import { bytes, percent } from '../../ui/format.ts';
import { entriesOf, found, isHere, kinds, orders, type HubEntry, type HubKind, type Order } from './entries.ts';
import { HubDetail } from './HubDetail.tsx';
import '../gallery/gallery.css';
import './hub.css';

const close = () => setUi({ dialog: null });
const keyOf = (e: HubEntry): string => `${e.kind} ${e.id}`;
const kindIds = Object.keys(kinds) as HubKind[];

/** What a row says of a download, in a word or two. */
function stateText({ download, bytes: size }: HubEntry): string {
  if (!download) return '';
  const share = percent(download.received / size);
  return { absent: '', partial: `${share} here`, downloading: share, checking: 'checking', stored: 'here' }[download.state];
}

function Row({ entry, chosen, onChoose }: { readonly entry: HubEntry; readonly chosen: boolean; readonly onChoose: () => void }) {
  const { download } = entry;
  const moving = download?.state === 'downloading' || download?.state === 'checking';
  return (
    <button type="button" role="option" aria-selected={chosen} tabIndex={chosen ? 0 : -1} className="hub-row" data-key={keyOf(entry)} onClick={onChoose}>
      <span className="what"><strong className="ellipsis">{entry.title}</strong><span className="dim ellipsis">{[entry.data, entry.classes === null ? entry.task : `${entry.classes} classes`, entry.year].filter(Boolean).join(' · ')}</span></span>
      <span className="mono" title="Right at the first guess">{entry.accuracy === null ? '' : percent(entry.accuracy)}</span>
      <span className="mono dim">{bytes(entry.bytes)}</span>
      <span className={`state ${download?.error ? 'wrong' : isHere(entry) && download ? 'here' : 'dim'}`}>{download?.error ? 'failed' : stateText(entry)}</span>
      {moving && <span className="bar" style={{ width: `${(download.received / entry.bytes) * 100}%` }} />}
    </button>
  );
}

const nothing: Readonly<Record<HubKind, string>> = {
  'built-in': 'The nets that come along are missing from this installation.',
  mine: 'No net of your own yet. Train one, then keep it under Export, My models.',
  download: 'The catalogue is empty.',
};

function Hub() {
  const { builtIn, downloads, mine, failed } = useHub();
  const [query, setQuery] = useState('');
  const [order, setOrder] = useState<Order>('name');
  const [kind, setKind] = useState<HubKind | null>(null);
  const [key, setKey] = useState('');
  const unsaved = useDocument(hasUnsavedEdits);
  useEffect(() => { void loadHub(); }, []);
  const all = useMemo(() => entriesOf(builtIn ?? [], mine, downloads), [builtIn, mine, downloads]);
  const matches = useMemo(() => found(all, query, order), [all, query, order]);
  const groups = kindIds.filter((k) => kind === null || kind === k).map((k) => [k, matches.filter((e) => e.kind === k)] as const);
  const shown = groups.flatMap(([, rows]) => rows);
  const chosen = shown.find((e) => keyOf(e) === key) ?? shown[0];

  const move = (e: KeyboardEvent, inList: boolean) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step === undefined || !chosen) return;
    e.preventDefault();
    const next = shown[Math.min(shown.length - 1, Math.max(0, shown.indexOf(chosen) + step))];
    if (!next) return;
    setKey(keyOf(next));
    const row = document.querySelector<HTMLElement>(`[data-key="${CSS.escape(keyOf(next))}"]`);
    row?.scrollIntoView({ block: 'nearest' });
    if (inList) row?.focus();
  };
  const tab = (id: HubKind | null, label: string) => <button key={label} className="family" aria-pressed={kind === id} onClick={() => setKind(id)}><span>{label}</span><span className="mono dim">{matches.filter((e) => id === null || e.kind === id).length}</span></button>;

  if (failed !== null) return <div className="gallery hub"><div className="empty" role="alert" style={{ gridColumn: '1 / -1' }}><span>{failed instanceof NetloomError ? render(failed.diagnostic).sentence : String(failed)}</span><button className="tab" onClick={() => void loadHub()}>Try again</button></div></div>;
  return (
    <div className="gallery hub">
      <nav aria-label="Where from">
        {tab(null, 'All')}
        {kindIds.map((k) => tab(k, kinds[k]))}
        <span className="grow" />
        <button className="family" onClick={() => { close(); chooseImport(); }}><IconFileImport size={14} stroke={1.7} aria-hidden /><span className="grow">ONNX file …</span></button>
      </nav>
      <section className="shelf">
        <div className="search">
          <TextInput data-autofocus size="xs" aria-label="Search nets" placeholder="Search by name, data, author or year" leftSection={<IconSearch size={14} stroke={1.7} />} value={query} onChange={(e) => setQuery(e.currentTarget.value)} onKeyDown={(e) => move(e, false)} />
          <Select size="xs" w={170} aria-label="Order" allowDeselect={false} value={order} onChange={(v) => v !== null && setOrder(v as Order)} data={Object.entries(orders).map(([value, label]) => ({ value, label }))} />
        </div>
        <div className="scroll" role="listbox" aria-label="Pretrained nets" onKeyDown={(e) => move(e, true)}>
          {shown.length > 0 && <div className="hub-heads dim" aria-hidden><span>Net</span><span>Right at first</span><span>Size</span><span /></div>}
          {builtIn === null && <div className="empty"><Loader size={18} /></div>}
          {builtIn !== null && groups.map(([id, rows]) => (
            <div key={id} role="group" aria-label={kinds[id]}>
              {(rows.length > 0 || query.trim() === '') && <h3 className="section">{kinds[id]}</h3>}
              {rows.map((e) => <Row key={keyOf(e)} entry={e} chosen={e === chosen} onChoose={() => setKey(keyOf(e))} />)}
              {rows.length === 0 && query.trim() === '' && <p className="dim none">{nothing[id]}</p>}
            </div>
          ))}
          {builtIn !== null && shown.length === 0 && query.trim() !== '' && <div className="empty"><span>No net has “{query}” in its description.</span><button className="tab" onClick={() => { setQuery(''); setKind(null); }}>Show all</button></div>}
        </div>
      </section>
      {chosen ? <HubDetail key={keyOf(chosen)} entry={chosen} unsaved={unsaved} /> : <aside className="gallery-detail" />}
    </div>
  );
}

export function HubDialog() {
  const opened = useUi((s) => s.dialog === 'hub');
  return <Modal opened={opened} onClose={close} title="Pretrained nets" size="min(1080px, 96vw)" padding={0} classNames={{ header: 'gallery-header', content: 'gallery-content' }}><Hub /></Modal>;
}
