/** All runs of the project: curves laid over one another, resume, delete. */
import { Button, Checkbox } from '@mantine/core';
import { useCallback, useEffect, useState } from 'react';
import type { CurvePoint, RunSummary } from '../../../shared/protocol/values.ts';
import { attempt, bridge, startTraining } from '../../state/engine.ts';
import { useSession } from '../../state/session.ts';
import { setUi } from '../../state/ui.ts';
import { duration, percent, whole } from '../../ui/format.ts';
import { RunCurves, type ComparedRun } from './RunCurves.tsx';
import { devicesOf, sittings, stateWords } from './run-words.ts';

const colours = ['#6ea8fe', '#f0a35e', '#4cc38a', '#e879a6', '#b392f0', '#5cc8d7', '#e5b454', '#8b94a3'];

/** The year only where it is another. */
function when(started: string): string {
  const date = new Date(started);
  return date.toLocaleString([], { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit', ...(date.getFullYear() === new Date().getFullYear() ? {} : { year: 'numeric' }) });
}

export function RunsPlace() {
  const state = useSession((s) => s.progress?.state);
  const [runs, setRuns] = useState<readonly RunSummary[] | null>(null);
  const [shown, setShown] = useState<ReadonlyMap<string, readonly CurvePoint[]>>(new Map());
  const [deleting, setDeleting] = useState<string | null>(null);
  const load = useCallback(() => attempt(async () => setRuns(await bridge.request('runs.list', {}))), []);
  useEffect(load, [load, state]);
  const toggle = (id: string) => attempt(async () => {
    if (shown.has(id)) return setShown((now) => new Map([...now].filter(([other]) => other !== id)));
    const points = await bridge.request('runs.curve', { run: id });
    // Another may have been ticked meanwhile.
    setShown((now) => new Map(now).set(id, points));
  });
  const remove = (id: string) => attempt(async () => {
    await bridge.request('runs.delete', { run: id });
    setDeleting(null);
    load();
  });
  if (runs?.length === 0) return <main className="place"><div className="empty"><strong>No runs yet</strong><span>Every training is kept here with its settings, its curve and its checkpoint.</span></div></main>;
  const ticked = [...shown].flatMap(([id, points]) => { const run = runs?.find((r) => r.id === id); return run ? [{ run, points }] : []; });
  const compared = ticked.map(({ run, points }, i): ComparedRun => ({ id: run.id, label: `${run.name}, ${when(run.started)}`, colour: colours[i % colours.length] as string, points }));
  const colourOf = (id: string): string => compared.find((c) => c.id === id)?.colour ?? 'accent';
  return (
    <main className="place" aria-label="Runs">
      <h1>Runs</h1>
      <p className="dim" style={{ margin: '0 0 12px' }}>Tick runs to lay their curves over one another.</p>
      {compared.length > 0 && <RunCurves runs={compared} />}
      <table className="table runs">
        <thead><tr><th><span className="dim">Curve</span></th><th>Name</th><th>Started</th><th>State</th><th className="num">Epochs</th><th className="num">Best accuracy</th><th className="num" title="Of the last batches that were trained">Training loss</th><th className="num">Time</th><th>Device</th><th className="num">Parameters</th><th /></tr></thead>
        <tbody>
          {runs?.map((r) => (
            <tr key={r.id}>
              <td><Checkbox size="xs" aria-label={`Show the curve of ${r.name}`} checked={shown.has(r.id)} color={colourOf(r.id)} onChange={() => toggle(r.id)} /></td>
              <td>{r.name}</td><td className="dim">{when(r.started)}</td><td style={r.state === 'failed' ? { color: 'var(--error)' } : undefined}>{stateWords[r.state]}</td>
              <td className="num">{r.epochs}</td><td className="num">{r.bestAccuracy === null ? '–' : percent(r.bestAccuracy)}</td><td className="num">{r.finalLoss === null ? '–' : r.finalLoss.toFixed(4)}</td><td className="num">{duration(r.seconds)}</td><td title={sittings(r) ?? undefined}>{devicesOf(r)}</td><td className="num">{whole(r.parameters)}</td>
              <td style={{ textAlign: 'right', whiteSpace: 'nowrap' }}>
                {r.resumable && <Button variant="default" size="compact-xs" onClick={() => attempt(async () => { await startTraining({ run: r.id }); setUi({ place: 'design' }); })}>Resume</Button>}{' '}
                {deleting === r.id ? <Button color="red" size="compact-xs" onClick={() => remove(r.id)}>Really delete</Button> : <Button variant="subtle" color="gray" size="compact-xs" onClick={() => setDeleting(r.id)}>Delete</Button>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </main>
  );
}
