/** One device of the race: waiting, at work, with its speed, or with what keeps it from running. */
import { Button, Loader } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconInfoCircle, IconTrophy } from '@tabler/icons-react';
import { render, type Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import type { RaceRow as Row } from '../../state/race.ts';
import { trainOn } from '../../state/session.ts';
import { capitalised, milliseconds, whole } from '../../ui/format.ts';
import { epochTime, speed } from './race-words.ts';

interface RowProps {
  readonly row: Row;
  readonly fastest: boolean;
  /** Of the fastest; the bar is drawn against it. */
  readonly most: number;
  /** The configuration names it. */
  readonly chosen: boolean;
}

function phaseText({ progress }: Row): string {
  if (progress?.phase === 'timing') return `Training, ${whole(progress.steps)} ${progress.steps === 1 ? 'step' : 'steps'}`;
  return progress?.phase === 'warming' ? 'A first step, which is not counted …' : 'Loading the net …';
}

/** The device's own name need not be said again; a layer's must. */
function Why({ error, device }: { readonly error: Diagnostic; readonly device: string }) {
  const { where, what, next } = render(error);
  const first = where === device ? capitalised(what) : `${where}: ${what}`;
  return <p className="why"><IconAlertTriangle size={14} stroke={1.8} aria-hidden /><span>{first}. <span className="dim">{next}</span></span></p>;
}

/** Notes that are shown; a net of many such layers has one of each. */
const SHOWN = 2;

function Notes({ notes }: { readonly notes: readonly Diagnostic[] }) {
  return (
    <>
      {notes.slice(0, SHOWN).map((n, i) => {
        const { where, what } = render(n);
        return <p key={`${i} ${where}`} className="why dim"><IconInfoCircle size={14} stroke={1.8} aria-hidden /><span>{where}: {what}.</span></p>;
      })}
      {notes.length > SHOWN && <p className="why dim">And {notes.length - SHOWN} more of this kind.</p>}
    </>
  );
}

function Numbers({ row, fastest, most }: Omit<RowProps, 'chosen'>) {
  const { pace, state } = row;
  if (pace?.ok) {
    return (
      <>
        <span className="race-bar" aria-hidden><span data-fastest={fastest} style={{ width: `${(100 * pace.samplesPerSecond) / most}%` }} /></span>
        <p className="dim facts">{milliseconds(pace.stepMs)} ms a step of {whole(pace.samples)} {pace.samples === 1 ? 'sample' : 'samples'}, {pace.steps === 1 ? 'one step' : `the median of ${whole(pace.steps)}`} · an epoch in {epochTime(pace.epochSeconds)}</p>
        <Notes notes={pace.notes} />
      </>
    );
  }
  if (pace) return <Why error={pace.error} device={row.name} />;
  if (state !== 'running') return <p className="dim facts">{state === 'waiting' ? 'Waits for its turn' : 'Not timed'}</p>;
  return (
    <>
      <span className="race-bar" aria-hidden><span data-running style={{ width: `${100 * (row.progress?.done ?? 0)}%` }} /></span>
      <p className="dim facts">{phaseText(row)}</p>
    </>
  );
}

export function RaceRow({ row, fastest, most, chosen }: RowProps) {
  const { device, name, pace, state } = row;
  return (
    <li className="race-row" data-state={pace && !pace.ok ? 'failed' : state} aria-label={name}>
      <div className="head">
        <strong className="ellipsis" title={name}>{name}</strong>
        {fastest && <span className="tag-fastest"><IconTrophy size={12} stroke={1.8} aria-hidden />fastest</span>}
        <span className="grow" />
        {state === 'running' && <Loader size={14} />}
        {pace?.ok && <span className="speed" data-testid={`race-${device}`}><strong className="mono">{speed(pace.samplesPerSecond)}</strong> <span className="dim">samples/s</span></span>}
        {pace?.ok && (chosen
          ? <span className="in-use"><IconCheck size={14} stroke={2} aria-hidden />In use</span>
          : <Button variant={fastest ? 'filled' : 'default'} size="compact-sm" aria-label={`Use ${name}`} onClick={() => trainOn(device)}>Use it</Button>)}
      </div>
      <Numbers row={row} fastest={fastest} most={most} />
    </li>
  );
}
