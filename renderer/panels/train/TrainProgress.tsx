/** Progress bar, epoch, step, speed and time left of the run; sits in the dock's row of tabs. */
import { Button } from '@mantine/core';
import { attempt, stepTraining } from '../../state/engine.ts';
import { featureLine } from '../../state/features.ts';
import { useSession } from '../../state/session.ts';
import { duration, percent, whole } from '../../ui/format.ts';
import { stateWords } from '../runs/run-words.ts';
import './train.css';

const words = { ...stateWords, stopping: 'Stopping after this step' } as const;

interface Part { readonly text: string; /** Left out where the row is narrow: `roomy` first, then `wide`. */ readonly room?: 'roomy' | 'wide' }

export function TrainProgress() {
  const p = useSession((s) => s.progress);
  const features = useSession((s) => s.features);
  if (!p) return null;
  const computing = p.state === 'preparing' && features?.computing === true ? features : null;
  const done = computing ? computing.done / Math.max(1, computing.samples) : p.state === 'finished' ? 1 : Math.min(1, ((p.epoch - 1) * p.stepsPerEpoch + p.step) / Math.max(1, p.epochs * p.stepsPerEpoch));
  const paused = p.state === 'paused';
  const parts: Part[] = computing ? [{ text: featureLine(computing) }] : [{ text: words[p.state] }, { text: `epoch ${p.epoch} of ${p.epochs}` }, { text: `step ${p.step} of ${p.stepsPerEpoch}`, ...(paused ? {} : { room: 'roomy' }) }];
  if (p.state === 'running') parts.push({ text: `${whole(p.speed)} img/s`, room: 'wide' });
  if (p.state === 'running' && p.remaining !== null) parts.push({ text: `${duration(p.remaining)} left` });
  return (
    <>
      <div role="progressbar" className="run-bar" aria-label="Training progress" aria-valuenow={Math.round(done * 100)} aria-valuemin={0} aria-valuemax={100}>
        <div style={{ width: `${done * 100}%`, background: p.state === 'failed' ? 'var(--error)' : p.state === 'finished' ? 'var(--ok)' : 'var(--accent)' }} />
      </div>
      <span className="run-state dim" data-testid="train-state" title={parts.map((part) => part.text).join(' · ')}>{parts.map(({ text, room }, i) => <span key={i} className={room}>{i > 0 && ' · '}{text}</span>)}</span>
      {paused && (
        <span role="group" aria-label="Go on by" style={{ display: 'flex', gap: 4, flex: 'none', marginLeft: 10 }}>
          <Button variant="default" size="compact-xs" title="One batch, then hold again" onClick={() => attempt(() => stepTraining('batch'))}>1 batch</Button>
          <Button variant="default" size="compact-xs" title="To the end of the epoch and its validation, then hold again" onClick={() => attempt(() => stepTraining('epoch'))}>1 epoch</Button>
        </span>
      )}
      {p.bestAccuracy !== null && <span className={paused ? 'roomy' : undefined} style={{ flex: 'none', marginLeft: 12 }}><span className="dim">best </span><strong data-testid="best-accuracy" style={{ color: 'var(--ok)', fontVariantNumeric: 'tabular-nums' }}>{percent(p.bestAccuracy)}</strong></span>}
    </>
  );
}
