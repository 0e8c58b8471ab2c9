/** What is in My models: opened, or taken out. */
import { Button } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { SavedModel } from '../../../shared/protocol/export-requests.ts';
import { attempt, bridge } from '../../state/engine.ts';
import { hasUnsavedEdits, useDocument } from '../../state/document.ts';
import { openModel } from '../../state/models.ts';
import { isTraining, useSession } from '../../state/session.ts';
import { bytes, percent, short } from '../../ui/format.ts';

export function KeptModels({ onOpened }: { readonly onOpened: () => void }) {
  const [models, setModels] = useState<readonly SavedModel[]>([]);
  /** The net whose button was pressed once, and what a second press does. */
  const [asked, setAsked] = useState<{ readonly id: string; readonly what: 'open' | 'delete' } | null>(null);
  const unsaved = useDocument(hasUnsavedEdits);
  const training = useSession((s) => isTraining(s.progress));
  useEffect(() => attempt(async () => setModels(await bridge.request('models.list', {}))), []);
  if (models.length === 0) return null;
  const is = (id: string, what: 'open' | 'delete') => asked?.id === id && asked.what === what;
  const open = (id: string) => {
    if (unsaved && !is(id, 'open')) setAsked({ id, what: 'open' });
    else attempt(async () => { await openModel(id); onOpened(); });
  };
  const remove = (id: string) => {
    if (!is(id, 'delete')) setAsked({ id, what: 'delete' });
    else attempt(async () => { setModels(await bridge.request('models.delete', { id })); setAsked(null); });
  };
  return (
    <section aria-label="My models">
      <h2 className="section">Kept so far</h2>
      <ul className="kept">
        {models.map((m) => (
          <li key={m.id}>
            <span className="what"><strong className="ellipsis">{m.name}</strong><span className="dim ellipsis">{[m.accuracy === null ? '' : `${percent(m.accuracy)} right`, m.classes.length > 0 ? `${m.classes.length} classes` : '', `${short(m.parameters)} parameters`, bytes(m.size), new Date(m.date).toLocaleDateString()].filter(Boolean).join(' · ')}</span></span>
            {is(m.id, 'delete') ? <Button size="compact-xs" color="red" variant="light" onClick={() => remove(m.id)}>Delete for good</Button> : <button type="button" className="icon-button" aria-label={`Delete ${m.name}`} onClick={() => remove(m.id)}><IconTrash size={14} stroke={1.7} /></button>}
            <Button size="compact-xs" variant="default" disabled={training} onClick={() => open(m.id)}>{is(m.id, 'open') ? 'Open, and lose the edits here' : 'Open'}</Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
