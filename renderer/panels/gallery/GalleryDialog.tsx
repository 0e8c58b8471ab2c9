/** The gallery: templates by family, found by search, each as a card; the chosen one in detail beside them. */
import { Modal, TextInput } from '@mantine/core';
import { IconFile, IconFileImport, IconSchool, IconSearch } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { Document } from '../../../shared/graph/document.ts';
import { families, type Template, type TemplateFamily, type TemplateOptions } from '../../../shared/templates/template.ts';
import { findTemplate, templates } from '../../../shared/templates/templates.ts';
import { TrainingConfigSchema, type TrainingConfig } from '../../../shared/training/config.ts';
import { short } from '../../ui/format.ts';
import { fitOf, search, type Fit } from './fit.ts';
import { useFacts } from './facts.ts';
import { TemplateDetail } from './TemplateDetail.tsx';
import { Thumbnail } from './Thumbnail.tsx';
import './gallery.css';

const nets = templates.filter((t) => t.id !== 'blank');
const familyIds = Object.keys(families) as TemplateFamily[];

function Card({ template: t, chosen, onChoose, onOpen }: { readonly template: Template; readonly chosen: boolean; readonly onChoose: () => void; readonly onOpen: () => void }) {
  const facts = useFacts(t);
  const own = useRef<HTMLButtonElement>(null);
  useEffect(() => { if (chosen) own.current?.scrollIntoView({ block: 'nearest' }); }, [chosen]);
  return (
    <button ref={own} role="option" aria-selected={chosen} tabIndex={chosen ? 0 : -1} className="gallery-card" data-template={t.id} onClick={onChoose} onDoubleClick={onOpen}>
      <span className="picture">{facts && <Thumbnail graph={facts.graph} label="" />}</span>
      <span className="name"><strong>{t.label}</strong>{t.year !== null && <span className="mono dim">{t.year}</span>}</span>
      <span className="summary dim">{t.summary}</span>
      <span className="mono dim">{facts ? `${short(facts.parameters)} parameters` : ' '}</span>
    </button>
  );
}

interface GalleryProps {
  readonly data: Parameters<typeof fitOf>[1];
  /** Where the open document came from; its template is chosen to begin with. */
  readonly origin: string | null;
  readonly unsaved: boolean;
  readonly onOpen: (document: Document, config: TrainingConfig) => void;
  /** A net of another tool, in place of a template. */
  readonly onImport: () => void;
  /** A net that has learned, in place of a template. */
  readonly onPretrained: () => void;
}

function Gallery({ data, origin, unsaved, onOpen, onImport, onPretrained }: GalleryProps) {
  const [query, setQuery] = useState('');
  const [family, setFamily] = useState<TemplateFamily | null>(null);
  const [chosenId, setChosenId] = useState(() => nets.find((t) => `template:${t.id}` === origin)?.id ?? nets[0]?.id ?? '');
  const [edited, setEdited] = useState<{ readonly id: string; readonly options: TemplateOptions } | null>(null);
  const list = useRef<HTMLDivElement>(null);

  const found = useMemo(() => search(nets, query), [query]);
  const shown = found.filter((t) => family === null || t.family === family);
  const chosen = shown.find((t) => t.id === chosenId) ?? shown[0];
  const fit: Fit = useMemo(() => (chosen ? fitOf(chosen, data) : { data: null, reason: null }), [chosen, data]);
  const options = useMemo(() => (chosen && edited?.id === chosen.id ? edited.options : (fit.data ?? chosen?.defaults)), [chosen, edited, fit]);
  const open = (t: Template, o: TemplateOptions) => onOpen(t.build(o), TrainingConfigSchema.parse(t.training));
  const openBlank = () => {
    const blank = findTemplate('blank');
    if (blank) open(blank, fitOf(blank, data).data ?? blank.defaults);
  };

  /** The best match is chosen as one types. */
  const type = (text: string) => {
    setQuery(text);
    const best = search(nets, text).find((t) => family === null || t.family === family);
    if (best && text.trim() !== '') setChosenId(best.id);
  };

  // Searched cards stand in order of the match, others in families.
  const groups = query.trim() === '' ? familyIds.map((f) => [f, shown.filter((t) => t.family === f)] as const).filter(([, rows]) => rows.length > 0) : [[null, shown] as const];
  const order = groups.flatMap(([, rows]) => rows);
  const move = (e: KeyboardEvent, fromSearch: boolean) => {
    const columns = getComputedStyle(list.current?.querySelector('.cards') ?? document.body).gridTemplateColumns.split(' ').length;
    const step = { ArrowDown: columns, ArrowUp: -columns, ...(fromSearch ? {} : { ArrowRight: 1, ArrowLeft: -1 }) }[e.key];
    if (e.key === 'Enter' && chosen && options) {
      e.preventDefault();
      open(chosen, options);
    }
    if (step === undefined || !chosen) return;
    e.preventDefault();
    const next = fromSearch ? chosen : order[Math.min(order.length - 1, Math.max(0, order.indexOf(chosen) + step))];
    if (!next) return;
    setChosenId(next.id);
    list.current?.querySelector<HTMLElement>(`[data-template="${next.id}"]`)?.focus();
  };
  const tab = (id: TemplateFamily | null, label: string) => {
    const n = found.filter((t) => id === null || t.family === id).length;
    return <button key={label} className="family" aria-pressed={family === id} disabled={n === 0} onClick={() => setFamily(id)}><span>{label}</span><span className="mono dim">{n}</span></button>;
  };
  return (
    <div className="gallery">
      <nav aria-label="Families">
        {tab(null, 'All')}
        {familyIds.map((f) => tab(f, families[f]))}
        <span className="grow" />
        <button className="family" onClick={onPretrained}><IconSchool size={14} stroke={1.7} aria-hidden /><span className="grow">Pretrained …</span></button>
        <button className="family" onClick={onImport}><IconFileImport size={14} stroke={1.7} aria-hidden /><span className="grow">ONNX file …</span></button>
        <button className="family" onClick={openBlank}><IconFile size={14} stroke={1.7} aria-hidden /><span className="grow">Blank</span></button>
      </nav>
      <section className="shelf">
        <TextInput data-autofocus size="xs" aria-label="Search templates" placeholder="Search by name, author, year or purpose" leftSection={<IconSearch size={14} stroke={1.7} />} value={query} onChange={(e) => type(e.currentTarget.value)} onKeyDown={(e) => move(e, true)} />
        <div className="scroll" ref={list} role="listbox" aria-label="Templates" onKeyDown={(e) => move(e, false)}>
          {groups.map(([id, rows]) => (
            <div key={id ?? 'found'} role="group" aria-label={id === null ? 'Found' : families[id]}>
              {family === null && id !== null && <h3 className="section">{families[id]}</h3>}
              <div className="cards">
                {rows.map((t) => <Card key={t.id} template={t} chosen={t.id === chosen?.id} onChoose={() => setChosenId(t.id)} onOpen={() => open(t, fitOf(t, data).data ?? t.defaults)} />)}
              </div>
            </div>
          ))}
          {shown.length === 0 && <div className="empty"><span>No template has “{query}” in its name or description.</span><button className="tab" onClick={() => { setQuery(''); setFamily(null); }}>Show all</button></div>}
        </div>
      </section>
      {chosen && options ? <TemplateDetail template={chosen} fit={fit} options={options} onOptions={(o) => setEdited({ id: chosen.id, options: o })} onOpen={() => open(chosen, options)} unsaved={unsaved} /> : <aside className="gallery-detail" />}
    </div>
  );
}

export function GalleryDialog({ opened, onClose, ...props }: GalleryProps & { readonly opened: boolean; readonly onClose: () => void }) {
  return <Modal opened={opened} onClose={onClose} title="New project" size="min(1240px, 96vw)" padding={0} classNames={{ header: 'gallery-header', content: 'gallery-content' }}><Gallery {...props} /></Modal>;
}
