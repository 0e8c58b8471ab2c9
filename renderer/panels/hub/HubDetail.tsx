/** One pretrained net: what is known of it, how it gets here, and what can be done with it. */
import { Button, Progress, TextInput } from '@mantine/core';
import { useState } from 'react';
import { render } from '../../../shared/diagnostics/diagnostic.ts';
import { attempt } from '../../state/engine.ts';
import { deleteMine, fetchNet, holdNet, openMine, openPretrained, removeNet, renameMine } from '../../state/hub.ts';
import { isTraining, useSession } from '../../state/session.ts';
import { bytes, duration, percent } from '../../ui/format.ts';
import { isHere, kinds, type HubEntry } from './entries.ts';

function Fact({ label, value }: { readonly label: string; readonly value: string }) {
  return value === '' ? null : <div className="row"><span className="dim">{label}</span><span className="value">{value}</span></div>;
}

/** How far a download is, and the ways on from there. */
function Fetching({ entry }: { readonly entry: HubEntry }) {
  const { download, id } = entry;
  if (!download || download.state === 'stored') return null;
  const { state, received, speed, remaining, error } = download;
  const moving = state === 'downloading' || state === 'checking';
  const words = state === 'checking' ? 'Checking its SHA-256 …' : [`${bytes(received)} of ${bytes(entry.bytes)}`, speed === null ? '' : `${bytes(speed)}/s`, remaining === null ? '' : `${duration(remaining)} left`].filter(Boolean).join(' · ');
  return (
    <div className="fetching">
      {(moving || state === 'partial') && <><Progress size="sm" value={(received / entry.bytes) * 100} animated={moving} aria-label={`Download of ${entry.title}`} /><p className="dim mono" role="status">{words}</p></>}
      {error && <p className="wrong" role="alert">{render(error).sentence}</p>}
      {moving ? <Button fullWidth variant="default" disabled={state === 'checking'} onClick={() => attempt(() => holdNet(id))}>Hold</Button>
        : <Button fullWidth onClick={() => attempt(() => fetchNet(id))}>{state === 'partial' ? 'Resume' : `Download ${bytes(entry.bytes)}`}</Button>}
      {state === 'partial' && <Button fullWidth variant="subtle" color="gray" onClick={() => attempt(() => removeNet(id))}>Discard what has come</Button>}
      {state === 'absent' && !error && <p className="dim">From {new URL(entry.address ?? '').host}. It is used only if its SHA-256 is the one of the catalogue, and kept on this machine.</p>}
    </div>
  );
}

/** One's own net is called what one likes. */
function Name({ entry }: { readonly entry: HubEntry }) {
  const [name, setName] = useState(entry.title);
  const keep = () => {
    const next = name.trim();
    if (next === '' || next === entry.title) setName(entry.title);
    else attempt(() => renameMine(entry.id, next));
  };
  return <TextInput size="xs" aria-label="Name" maxLength={200} value={name} onChange={(e) => setName(e.currentTarget.value)} onBlur={keep} onKeyDown={(e) => { if (e.key === 'Enter') e.currentTarget.blur(); }} />;
}

export function HubDetail({ entry, unsaved }: { readonly entry: HubEntry; readonly unsaved: boolean }) {
  const training = useSession((s) => isTraining(s.progress));
  const [busy, setBusy] = useState(false);
  const [sure, setSure] = useState(false);
  const open = (then: 'look' | 'head') => {
    setBusy(true);
    attempt(async () => { try { await (entry.kind === 'mine' ? openMine : openPretrained)(entry.id, then); } finally { setBusy(false); } });
  };
  const remove = { 'built-in': null, mine: () => deleteMine(entry.id), download: () => removeNet(entry.id) }[entry.kind];
  return (
    <aside className="gallery-detail" aria-label={entry.title}>
      <div className="scroll">
        {entry.kind === 'mine' ? <Name entry={entry} /> : <h2>{entry.title}</h2>}
        <p className="dim line">{[kinds[entry.kind], entry.year].filter(Boolean).join(' · ')}</p>
        {entry.about !== '' && <p className="about">{entry.about}</p>}
        <div className="card facts">
          <Fact label="Answers" value={entry.classes === null ? entry.task : `${entry.classes} classes`} />
          <Fact label="Learned from" value={entry.data} />
          <Fact label="Right at the first guess" value={entry.accuracy === null ? 'not published' : percent(entry.accuracy)} />
          <Fact label="Among the first five" value={entry.top5 === null ? '' : percent(entry.top5)} />
          <Fact label="Input" value={entry.input} />
          <Fact label="Preprocessing" value={entry.preprocessing} />
          <Fact label="Size" value={bytes(entry.bytes)} />
          <Fact label="Licence" value={entry.licence} />
        </div>
        {isHere(entry) && remove && (sure ? <Button size="compact-xs" color="red" variant="light" onClick={() => { setSure(false); attempt(remove); }}>{entry.kind === 'mine' ? 'Delete for good' : 'Yes, take it off the disk'}</Button>
          : <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setSure(true)}>{entry.kind === 'mine' ? 'Delete …' : 'Take it off the disk …'}</Button>)}
      </div>
      <footer>
        {isHere(entry) ? (
          <>
            <p className={unsaved ? 'unsaved' : 'dim'}>{training ? 'A run is under way; stop it first.' : unsaved ? 'The open network has edits that are not saved. This net takes its place.' : 'Opens in place of what is on the canvas.'}</p>
            <Button fullWidth loading={busy} disabled={training} onClick={() => open('look')}>Open</Button>
            <Button fullWidth variant="default" disabled={busy || training} onClick={() => open('head')}>Open and replace the head …</Button>
          </>
        ) : <Fetching entry={entry} />}
      </footer>
    </aside>
  );
}
