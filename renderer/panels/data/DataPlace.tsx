/** The data set: what it is, how many of each class, and its samples. */
import { Pagination, Select } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Samples } from '../../../shared/protocol/values.ts';
import { formatShape } from '../../../shared/shapes/shape.ts';
import { attempt, openData, refreshMaps, requestSamples, setProbe } from '../../state/engine.ts';
import { useDocument } from '../../state/document.ts';
import { useSession } from '../../state/session.ts';
import { setUi } from '../../state/ui.ts';
import { percent, whole } from '../../ui/format.ts';
import { Histogram } from './Histogram.tsx';
import { PictureFields } from './PictureFields.tsx';
import { OPEN_DATA, openDataAt } from './open-data.ts';
import { PathDialog } from '../dialogs/PathDialog.tsx';
import { SamplePicture } from './SamplePicture.tsx';

const PER_PAGE = 120;

export function DataPlace() {
  const info = useDocument((s) => s.dataInfo);
  const probe = useSession((s) => s.probe);
  const config = useSession((s) => s.config);
  const data = useSession((s) => s.data);
  const [page, setPage] = useState(1);
  const [samples, setSamples] = useState<Samples | null>(null);
  const [choosing, setChoosing] = useState(false);
  useEffect(() => {
    if (!info) return;
    const start = (page - 1) * PER_PAGE;
    const indices = Array.from({ length: Math.max(0, Math.min(PER_PAGE, info.samples - start)) }, (_, i) => start + i);
    attempt(async () => setSamples(await requestSamples(indices)));
  }, [info, page, config.validationSplit, config.seed]);
  const choose = (value: string | null) => {
    if (value === 'digits') attempt(async () => { await openData({ kind: 'builtin', id: 'digits' }); await refreshMaps(); });
    if (value === 'files') setChoosing(true);
  };
  if (!info) return <div className="place"><div className="empty">The data set is being read.</div></div>;
  return (
    <main className="place" aria-label="Data">
      <div style={{ display: 'flex', justifyContent: 'space-between', alignItems: 'start', gap: 16 }}>
        <div>
          <h1>{info.name}</h1>
          <p className="dim" style={{ margin: 0 }}>{whole(info.samples)} samples of {formatShape(info.shape)}{info.shape.length === 1 ? ' numbers' : ''}, {info.classes.length} classes, {whole(info.trainSamples)} for training and {whole(info.validationSamples)} ({percent(info.validationSamples / info.samples)}) held out for validation{info.givenSplit ? ', as the files say' : ''}. Licence: {info.licence}.</p>
          {info.skipped.length > 0 && <details className="dim"><summary>{info.skipped.length === 1 ? 'One file was' : `${whole(info.skipped.length)} files were`} left out</summary><ul style={{ margin: 0 }}>{info.skipped.slice(0, 50).map((s) => <li key={s}>{s}</li>)}</ul></details>}
        </div>
        <div style={{ display: 'flex', gap: 8, flex: 'none' }}>
          {data.kind === 'pictures' && <PictureFields data={data} shape={info.shape} />}
          <Select size="xs" aria-label="Data set" placeholder="Choose data" value={null} data={[{ value: 'digits', label: 'Digits (built in)' }, { value: 'files', label: 'Files or a folder …' }]} onChange={choose} />
        </div>
      </div>
      <h2>Samples of each class</h2>
      <Histogram classes={info.classes} counts={info.histogram} />
      <h2>Samples</h2>
      <p className="dim" style={{ marginTop: 0 }}>Click one to follow it through the network.</p>
      {samples && (
        <div style={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(62px, 1fr))', gap: 4 }}>
          {samples.indices.map((s, i) => (
            <button key={s} className="sample" aria-pressed={s === probe} aria-label={`Sample ${s}, class ${info.classes[samples.labels[i] ?? 0]}, ${samples.splits[i]}`} onClick={() => { attempt(() => setProbe(s)); setUi({ place: 'design', dock: 'train' }); }}>
              <SamplePicture samples={samples} position={i} size={46} />
              <span style={{ display: 'flex', maxWidth: '100%', gap: 3 }}><span className="ellipsis" title={info.classes[samples.labels[i] ?? 0]}>{info.classes[samples.labels[i] ?? 0]}</span>{samples.splits[i] === 'validation' && <span title="held out for validation" style={{ color: 'var(--validation)' }}>○</span>}</span>
            </button>
          ))}
        </div>
      )}
      <div style={{ display: 'flex', justifyContent: 'space-between', alignItems: 'center', padding: '14px 0' }}>
        <Pagination size="xs" total={Math.ceil(info.samples / PER_PAGE)} value={page} onChange={setPage} />
        <span className="dim"><span style={{ color: 'var(--validation)' }}>○</span> held out for validation</span>
      </div>
      <PathDialog {...OPEN_DATA} opened={choosing} onClose={() => setChoosing(false)} onChoose={async (path) => { await openDataAt(path); setPage(1); }} />
    </main>
  );
}
