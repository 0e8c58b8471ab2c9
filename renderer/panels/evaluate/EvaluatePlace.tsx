/** How good the net is: accuracy, confusion matrix, each class, the most confident mistakes. */
import { Button, SegmentedControl } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { Evaluation, Samples } from '../../../shared/protocol/values.ts';
import { attempt, bridge, requestSamples, setProbe } from '../../state/engine.ts';
import { currentDocument, useDocument } from '../../state/document.ts';
import { whyIdle } from '../../state/lookup.ts';
import { isTraining, useSession } from '../../state/session.ts';
import { setUi } from '../../state/ui.ts';
import { percent, whole } from '../../ui/format.ts';
import { SamplePicture } from '../data/SamplePicture.tsx';
import { ShowProblems } from '../ShowProblems.tsx';

function Confusion({ e }: { e: Evaluation }) {
  const most = Math.max(...e.confusion.flat(), 1);
  const head = (c: string) => <th key={c} scope="col" className="mono" style={{ fontWeight: 400, padding: 2 }}>{c}</th>;
  return (
    <table aria-label="Confusion matrix" style={{ borderCollapse: 'separate', borderSpacing: 2 }}>
      <thead><tr><th scope="col" className="dim" style={{ fontWeight: 400, textAlign: 'right', paddingRight: 8 }}>truth ↓ says →</th>{e.classes.map(head)}</tr></thead>
      <tbody>
        {e.confusion.map((row, truth) => (
          <tr key={truth}>
            <th scope="row" className="mono" style={{ textAlign: 'right', paddingRight: 8, fontWeight: 400 }}>{e.classes[truth]}</th>
            {row.map((n, says) => {
              // Never so full that the number could not be read on it, in both schemes.
              const strong = n / most;
              return <td key={says} className="mono" title={`${n} of class ${e.classes[truth]} called ${e.classes[says]}`} style={{ width: 34, height: 26, textAlign: 'center', borderRadius: 4, color: n === 0 ? 'transparent' : 'var(--text)', background: n === 0 ? 'color-mix(in srgb, var(--line) 40%, transparent)' : `color-mix(in srgb, ${truth === says ? '#2f6fde' : 'var(--error)'} ${Math.round(truth === says ? 18 + 62 * strong : 18 + 44 * Math.min(1, strong * 4 + 0.15))}%, transparent)` }}>{n}</td>;
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function EvaluatePlace() {
  const idle = useDocument((s) => whyIdle(s.compiled));
  const ready = idle === null;
  const trained = useSession((s) => s.trained);
  const training = useSession((s) => isTraining(s.progress));
  const [split, setSplit] = useState<Evaluation['split']>('validation');
  const [evaluation, setEvaluation] = useState<Evaluation | null>(null);
  const [pictures, setPictures] = useState<Samples | null>(null);
  const [busy, setBusy] = useState(false);
  /** The newest request wins. */
  const asked = useRef(0);
  const run = (which: Evaluation['split']) => attempt(async () => {
    const mine = ++asked.current;
    setBusy(true);
    try {
      const { data, config } = useSession.getState();
      const e = await bridge.request('evaluate.run', { document: currentDocument(), data, validationSplit: config.validationSplit, seed: config.seed, loss: config.loss, split: which });
      const mistaken = e.mistakes.length > 0 ? await requestSamples(e.mistakes.map((m) => m.sample)) : null;
      if (mine !== asked.current) return;
      setPictures(mistaken);
      setEvaluation(e);
    } finally {
      if (mine === asked.current) setBusy(false);
    }
  });
  useEffect(() => { if (ready && trained) run(split); }, [ready, trained, split]);
  // What was told in the midst of a run is told anew at its end, of the weights that are kept.
  const before = useRef(training);
  useEffect(() => {
    if (before.current && !training && ready && trained) run(split);
    before.current = training;
  }, [training, ready, trained, split]);
  if (!ready || !trained) return <main className="place"><div className="empty"><strong>Nothing to evaluate yet</strong><span>{idle ?? 'Train the network first; then its accuracy, its confusions and its mistakes are shown here.'}</span>{idle !== null && <ShowProblems />}</div></main>;
  const e = evaluation;
  return (
    <main className="place" aria-label="Evaluate">
      <div style={{ display: 'flex', justifyContent: 'space-between', alignItems: 'center', gap: 16, flexWrap: 'wrap' }}>
        <div><h1>Evaluation</h1>{e && <p className="dim" style={{ margin: 0 }}>{whole(e.samples)} {e.split} samples: accuracy <strong style={{ color: 'var(--text)' }} data-testid="accuracy">{percent(e.accuracy)}</strong>, loss {e.loss.toFixed(4)}</p>}</div>
        <span style={{ display: 'flex', gap: 8 }}>
          <SegmentedControl size="xs" aria-label="Samples" value={split} onChange={(v) => setSplit(v as Evaluation['split'])} data={[{ value: 'validation', label: 'Validation' }, { value: 'train', label: 'Training' }, { value: 'all', label: 'All' }]} />
          <Button variant="default" loading={busy} onClick={() => run(split)}>Evaluate again</Button>
        </span>
      </div>
      {e && (
        <div style={{ display: 'flex', flexWrap: 'wrap', gap: 40 }}>
          <div><h2>What is taken for what</h2><Confusion e={e} /></div>
          <div style={{ flex: '1 1 320px', maxWidth: 520 }}>
            <h2>Each class</h2>
            <table className="table">
              <thead><tr><th>Class</th><th className="num">Precision</th><th className="num">Recall</th><th className="num">F1</th><th className="num">Samples</th></tr></thead>
              <tbody>{e.perClass.map((c, i) => <tr key={i}><td>{e.classes[i]}</td><td className="num">{percent(c.precision)}</td><td className="num">{percent(c.recall)}</td><td className="num">{percent(c.f1)}</td><td className="num">{c.support}</td></tr>)}</tbody>
            </table>
          </div>
        </div>
      )}
      {e && <h2>{e.mistakes.length === 0 ? 'No mistakes' : `Mistakes, the most confident first`}</h2>}
      {e && pictures && e.mistakes.length > 0 && (
        <div style={{ display: 'flex', flexWrap: 'wrap', gap: 6 }}>
          {e.mistakes.map((m, i) => (
            <button key={m.sample} className="sample" onClick={() => { attempt(() => setProbe(m.sample)); setUi({ place: 'insight' }); }} aria-label={`Sample ${m.sample}: ${e.classes[m.truth]} taken for ${e.classes[m.prediction]}`}>
              <SamplePicture samples={pictures} position={i} size={56} />
              <span><strong style={{ color: 'var(--error)' }}>{e.classes[m.prediction]}</strong> not {e.classes[m.truth]}</span><span>{percent(m.confidence)}</span>
            </button>
          ))}
        </div>
      )}
    </main>
  );
}
