/** Problems, counts, memory, device, saved, zoom; and what is on screen. */
import { Loader, Tooltip } from '@mantine/core';
import { IconLayoutBottombar, IconLayoutSidebar, IconLayoutSidebarRight } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { render, severityOf } from '../../shared/diagnostics/diagnostic.ts';
import { deviceInSentence } from '../../shared/util/device-names.ts';
import { findAction, keyLabel } from '../actions/actions.ts';
import { useMemory } from '../state/analysis.ts';
import { useDocument } from '../state/document.ts';
import { useLayout } from '../state/layout.ts';
import { isTraining, useSession } from '../state/session.ts';
import { useTold } from '../state/told.ts';
import { setUi, useUi } from '../state/ui.ts';
import { ago, bytes, capitalised, short, whole } from '../ui/format.ts';

/** Which device trains, and why that one. */
function DeviceLine() {
  const devices = useSession((s) => s.devices);
  const wanted = useSession((s) => s.config.device);
  const progress = useSession((s) => s.progress);
  const { device, refused } = useTold();
  if (!device) return null;
  // Only what would have been taken before it.
  const missing = devices.slice(0, devices.indexOf(device)).filter((d) => !d.available).map((d) => `${d.name}: ${d.detail}`);
  const running = isTraining(progress) && progress !== null;
  const why = running ? progress.deviceReason : refused[0] ? render(refused[0]).sentence : [wanted === 'auto' ? 'The first available device of the list that trains this net.' : 'Chosen in the top bar.', ...missing].join(' ');
  const name = deviceInSentence(running ? progress.device : device.id);
  const words = running ? `Trains on ${name}` : !device.available ? `${capitalised(name)} is not available` : refused.length > 0 ? `${capitalised(name)} does not train this` : `Would train on ${name}`;
  return <Tooltip label={why}><span className="dim wide-only" tabIndex={0}>{words}</span></Tooltip>;
}

const panes = [
  { id: 'palette', icon: IconLayoutSidebar, key: 'paletteOpen' }, { id: 'dock', icon: IconLayoutBottombar, key: 'dockOpen' }, { id: 'inspector', icon: IconLayoutSidebarRight, key: 'inspectorShown' },
] as const;

function PaneButtons() {
  const ui = useUi();
  if (ui.place !== 'design') return null;
  return (
    <span style={{ display: 'flex' }}>
      {panes.map(({ id, icon: Icon, key }) => {
        const action = findAction(id);
        return action && <button key={id} className="icon-button" aria-label={action.label} aria-pressed={ui[key]} title={`${action.label} (${keyLabel(action.keys[0] ?? '')})`} onClick={action.run}><Icon size={15} stroke={1.6} /></button>;
      })}
    </span>
  );
}

/** An arrangement that takes this long is worth a word. */
const PATIENCE_MS = 250;

function Arranging() {
  const cancel = useLayout((s) => s.cancel);
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!cancel) return;
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [cancel]);
  if (!cancel || !late) return null;
  return <span role="status" style={{ display: 'flex', alignItems: 'center', gap: 6 }}><Loader size={11} />Arranging the layers<button style={{ color: 'var(--accent)' }} onClick={cancel}>Cancel</button></span>;
}

export function StatusBar() {
  const { network, problems } = useTold().compiled;
  const { batchSize } = useSession((s) => s.config);
  const memory = useMemory(batchSize).total;
  const savedAt = useSession((s) => s.savedAt);
  const saved = useDocument((s) => s.saved === s.history.document);
  const zoom = useUi((s) => s.zoom);
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 5000);
    return () => clearInterval(timer);
  }, [savedAt]);
  const errors = problems.filter((p) => severityOf(p.diagnostic) === 'error').length;
  const text = problems.length === 0 ? 'No problems' : `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`;
  return (
    <footer className="statusbar">
      <button style={{ color: errors > 0 ? 'var(--error)' : problems.length > 0 ? 'var(--warning)' : 'var(--ok)' }} onClick={() => setUi({ place: 'design', dock: 'problems' })}>{text}</button>
      <span className="mono">{whole(network.layers.length)} layers</span>
      <span className="mono" data-testid="total-parameters">{whole(network.parameters)} parameters</span>
      <span className="mono">{short(network.macs)} multiply-adds</span>
      <Tooltip label="Weights, their gradients, what the optimiser remembers, and the activations of one batch."><button className="mono wide-only" onClick={() => setUi({ place: 'design', dock: 'analysis' })}>{bytes(memory)} to train at batch {batchSize}</button></Tooltip>
      <DeviceLine />
      <span style={{ flex: 1 }} />
      <Arranging />
      <span className="dim">{savedAt === null ? 'Kept in the journal' : saved ? `Saved ${ago(savedAt, now)}` : 'Edited, kept in the journal'}</span>
      <PaneButtons />
      <button className="mono" title="Zoom to 100 %" onClick={() => findAction('zoom-100')?.run()}>{Math.round(zoom * 100)} %</button>
    </footer>
  );
}
