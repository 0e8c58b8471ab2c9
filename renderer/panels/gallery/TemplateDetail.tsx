/** The chosen template: what it is, where it is from, at what size it is opened, and with what settings. */
import { Button } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { useMemo } from 'react';
import { compile } from '../../../shared/compile/compile.ts';
import { render, severityOf } from '../../../shared/diagnostics/diagnostic.ts';
import type { Field } from '../../../shared/layers/fields.ts';
import { families, type Template, type TemplateOptions } from '../../../shared/templates/template.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { short, whole } from '../../ui/format.ts';
import { FieldRow } from '../inspector/FieldRow.tsx';
import { fieldText } from '../fields.ts';
import { fieldOf, readSetting, rowsOf, sections } from '../train/settings-rows.ts';
import { describeOptions, sameOptions, type Fit } from './fit.ts';
import { Thumbnail } from './Thumbnail.tsx';

const count = (label: string, help: string, value: number, min: number, max: number): Field => ({ kind: 'int', label, help, default: value, min, max });

/** The settings that a new project gets: the basics, and whatever else differs from the defaults. */
function settingsOf(t: Template): readonly (readonly [label: string, value: string])[] {
  const config = TrainingConfigSchema.parse(t.training);
  return sections.flatMap(({ id }) => rowsOf(config, id).flatMap((row) => {
    const field = fieldOf(config, row);
    const value = readSetting(config, row);
    if (id !== 'basics' && value === row.field.default) return [];
    const text = field.kind === 'choice' ? (field.options.find((o) => o.value === value)?.label ?? String(value)) : field.kind === 'bool' ? (value === true ? 'Yes' : 'No') : fieldText(field, value);
    return [[field.label, field.unit === undefined ? text : `${text} ${text === '1' ? field.unit.replace(/s$/, '') : field.unit}`] as const];
  }));
}

interface DetailProps { readonly template: Template; readonly fit: Fit; readonly options: TemplateOptions; readonly onOptions: (o: TemplateOptions) => void; readonly onOpen: () => void; readonly unsaved: boolean }

export function TemplateDetail({ template: t, fit, options, onOptions, onOpen, unsaved }: DetailProps) {
  const { document, network, problems } = useMemo(() => {
    const built = t.build(options);
    return { document: built, ...compile(built) };
  }, [t, options]);
  const settings = useMemo(() => settingsOf(t), [t]);
  const wrong = problems.find((p) => severityOf(p.diagnostic) === 'error');
  const preset = (label: string, o: TemplateOptions) => (
    <button className="preset" aria-pressed={sameOptions(o, options)} onClick={() => onOptions(o)}><span>{label}</span><span className="mono dim">{describeOptions(t, o)}</span></button>
  );
  return (
    <aside className="gallery-detail" aria-label={t.label}>
      <div className="scroll">
        <div className="picture"><Thumbnail graph={document.graph} label={`Drawing of ${t.label}`} /></div>
        <h2>{t.label}</h2>
        <p className="dim line">{[families[t.family], t.year].filter(Boolean).join(' · ')}</p>
        <p className="about">{t.description}</p>
        {t.paper && (
          <p className="paper dim">
            {t.paper.authors}: <a href={t.paper.link} target="_blank" rel="noreferrer">{t.paper.title}<IconExternalLink size={12} stroke={1.7} aria-hidden /></a>, {t.paper.venue}
          </p>
        )}
        <h3 className="section">Size</h3>
        <div className="presets">
          {fit.data && preset('Loaded data', fit.data)}
          {(!fit.data || !sameOptions(fit.data, t.defaults)) && preset('As published', t.defaults)}
        </div>
        {fit.reason !== null && <p className="dim note">{fit.reason}</p>}
        <FieldRow field={count('Height and width', 'Of the picture, in pixels.', t.defaults.size, t.smallest, 4096)} value={options.size} onChange={(v) => onOptions({ ...options, size: Number(v) })} width={92} />
        <FieldRow field={count('Channels', '1 for grey pictures, 3 for colour.', t.defaults.channels, 1, 4096)} value={options.channels} onChange={(v) => onOptions({ ...options, channels: Number(v) })} width={92} />
        {!t.withoutClasses && <FieldRow field={count('Classes', t.family === 'pixel' ? 'That a pixel can be of.' : 'That a picture can be of.', t.defaults.classes, 1, 100_000)} value={options.classes} onChange={(v) => onOptions({ ...options, classes: Number(v) })} width={92} />}
        <div className="card totals">
          <div><strong className="mono">{whole(network.parameters)}</strong><span className="dim">parameters</span></div>
          <div><strong className="mono">{short(network.macs)}</strong><span className="dim">multiply-adds</span></div>
          <div><strong className="mono">{whole(network.layers.length)}</strong><span className="dim">layers</span></div>
        </div>
        {wrong && <p className="wrong">{render(wrong.diagnostic).sentence}</p>}
        <h3 className="section">Training settings it brings</h3>
        <div className="settings">{settings.map(([label, value]) => <div key={label} className="row"><span className="dim">{label}</span><span className="mono">{value}</span></div>)}</div>
      </div>
      <footer>
        <p className={unsaved ? 'unsaved' : 'dim'}>{unsaved ? 'The open network has edits that are not saved. The new project takes its place.' : 'Opens as a new project with these training settings.'}</p>
        <Button fullWidth onClick={onOpen}>Open {t.label}</Button>
      </footer>
    </aside>
  );
}
