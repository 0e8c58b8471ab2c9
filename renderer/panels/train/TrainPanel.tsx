/** The dock's Train tab: curves on the left, what one sample becomes on the right. */
import { Button, SegmentedControl } from '@mantine/core';
import { IconDatabase } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { render } from '../../../shared/diagnostics/diagnostic.ts';
import { trainOrPause } from '../../actions/actions.ts';
import { useDocument } from '../../state/document.ts';
import { whyIdle } from '../../state/lookup.ts';
import { featureLine } from '../../state/features.ts';
import { isTraining, useSession } from '../../state/session.ts';
import { useTold } from '../../state/told.ts';
import { setUi } from '../../state/ui.ts';
import { percent } from '../../ui/format.ts';
import { MapCanvas } from '../../ui/MapCanvas.tsx';
import { ShortName } from '../../ui/ShortName.tsx';
import { ShowProblems } from '../ShowProblems.tsx';
import { Curve } from './Curves.tsx';
import { Gradients } from './Gradients.tsx';
import { LogScale } from './LogScale.tsx';
import { Refused } from './Refused.tsx';
import { SampleStepper } from './SampleStepper.tsx';

function Says() {
  const maps = useSession((s) => s.maps);
  const classes = useDocument((s) => s.dataInfo?.classes);
  if (!maps || maps.prediction.length === 0) return null;
  const best = maps.prediction.indexOf(Math.max(...maps.prediction));
  const right = best === maps.label;
  return (
    <div style={{ display: 'grid', gridTemplateColumns: '84px minmax(0,1fr)', alignItems: 'center', gap: 10, paddingBottom: 4 }}>
      <span className="dim">says</span>
      <span style={{ display: 'flex', alignItems: 'center', gap: 8 }}>
        <span style={{ flex: '1 1 40px', minWidth: 40, maxWidth: 240, height: 8, background: 'var(--line)', borderRadius: 2 }}><span style={{ display: 'block', height: '100%', borderRadius: 2, width: `${(maps.prediction[best] ?? 0) * 100}%`, background: right ? 'var(--ok)' : 'var(--error)' }} /></span>
        <strong data-testid="says" className="ellipsis" style={{ flex: '0 1 auto' }}>{classes?.[best] ?? best}</strong><span className="dim ellipsis" style={{ flex: '0 8 auto' }}>{percent(maps.prediction[best] ?? 0)}{right ? '' : `, truth ${classes?.[maps.label] ?? maps.label}`}</span>
      </span>
    </div>
  );
}

/** The maps of every layer that has pictures, in order. `aside` stands at the end of its head. */
export function Becomes({ aside }: { aside?: React.ReactNode }) {
  const maps = useSession((s) => s.maps);
  const layers = useDocument((s) => s.compiled.network.layers);
  const idle = useDocument((s) => whyIdle(s.compiled));
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(420);
  useEffect(() => {
    const observer = new ResizeObserver(([e]) => { if (e) setWidth(e.contentRect.width); });
    if (box.current) observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  const pictures = maps?.layers.filter((l) => l.height > 1) ?? [];
  const name = (id: string) => layers.find((l) => l.id === id)?.name ?? id;
  return (
    <section aria-label="Activation maps" style={{ display: 'grid', gridTemplateRows: '28px minmax(0,1fr)', gridTemplateColumns: 'minmax(0,1fr)', minWidth: 0, height: '100%' }}>
      <div style={{ display: 'flex', gap: 4, alignItems: 'center', minWidth: 0 }}>
        <SampleStepper />
        <span style={{ flex: 1 }} />{aside}
      </div>
      <div ref={box} style={{ overflow: 'auto', minWidth: 0 }}>
        <Says />
        {pictures.length === 0 ? <p className="dim">{idle ?? 'The maps of this sample are being computed …'}</p> : pictures.map((l, i) => (
          <div key={l.layer} style={{ display: 'grid', gridTemplateColumns: '84px minmax(0,1fr)', gap: 10, padding: '3px 0', alignItems: 'start' }}>
            <span className="dim"><ShortName title={name(l.layer)} text={name(l.layer).split(' / ').at(-1) ?? ''} /></span>
            <MapCanvas maps={l} width={Math.max(60, width - 100)} height={i === 0 ? 32 : 34} most={32} label={`Maps of ${name(l.layer)}`} />
          </div>
        ))}
      </div>
    </section>
  );
}

/** What the right half shows beside the curves. */
function Beside() {
  const [shown, setShown] = useState<'maps' | 'gradients'>('maps');
  const choice = <SegmentedControl size="xs" style={{ flex: 'none' }} aria-label="Shown beside the curves" value={shown} onChange={(v) => setShown(v as typeof shown)} data={[{ value: 'maps', label: 'Maps' }, { value: 'gradients', label: 'Gradients' }]} />;
  if (shown === 'maps') return <Becomes aside={choice} />;
  return (
    <section aria-label="Gradients" style={{ display: 'grid', gridTemplateRows: '28px minmax(0,1fr)', gridTemplateColumns: 'minmax(0,1fr)', minWidth: 0, height: '100%' }}>
      <div style={{ display: 'flex', gap: 4, alignItems: 'center', minWidth: 0 }}><strong style={{ whiteSpace: 'nowrap', overflow: 'hidden', textOverflow: 'ellipsis' }}>Gradient norms</strong><span style={{ flex: 1 }} />{choice}</div>
      <div style={{ overflow: 'auto', minWidth: 0 }}><Gradients /></div>
    </section>
  );
}

export function TrainPanel() {
  const progress = useSession((s) => s.progress);
  const curve = useSession((s) => s.curve);
  const features = useSession((s) => s.features);
  const [log, setLog] = useState(false);
  const training = isTraining(progress);
  const empty = curve.length === 0 && !training;
  const told = useTold();
  const idle = whyIdle(told.compiled);
  const refused = told.refused.length > 0 && !training && idle === null;
  return (
    <div style={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1.5fr) minmax(0, 1fr)', gridTemplateRows: 'minmax(0, 1fr)', height: '100%' }}>
      <div style={{ display: 'grid', gridTemplateRows: refused && !empty ? 'auto minmax(0,1fr)' : 'minmax(0,1fr)', gap: 8, padding: '8px 12px', borderRight: '1px solid var(--line)', minWidth: 0, position: 'relative' }}>
        {empty ? (
          <div className="empty">
            <strong style={{ color: 'var(--text)' }}>Nothing has been trained yet</strong>
            {refused ? <Refused /> : <span>{idle ?? 'Press Train: the curves of loss and accuracy grow here while the network learns.'}</span>}
            <span style={{ display: 'flex', gap: 8, marginTop: 4 }}>{idle === null ? <Button disabled={refused} onClick={trainOrPause}>Train</Button> : <ShowProblems />}<Button variant="default" onClick={() => setUi({ dialog: 'training' })}>Settings</Button></span>
            {progress?.error && <span role="alert" style={{ color: 'var(--error)' }}>{render(progress.error).sentence}</span>}
          </div>
        ) : (
          <>
            {refused && <Refused />}
            <div style={{ display: 'grid', gridTemplateColumns: '1fr 1fr', gap: 14, minHeight: 0 }}>
              <Curve curve={curve} series="loss" log={log} bestEpoch={progress?.bestEpoch ?? null} />
              <Curve curve={curve} series="accuracy" log={false} bestEpoch={progress?.bestEpoch ?? null} />
            </div>
            <span style={{ position: 'absolute', left: 16, bottom: 2, display: 'flex', gap: 10, alignItems: 'center' }}>
              <LogScale log={log} onChange={setLog} />
              {features && !features.computing && <span className="dim" style={{ fontSize: 11, display: 'flex', alignItems: 'center', gap: 5, whiteSpace: 'nowrap' }} data-testid="features"><IconDatabase size={12} aria-hidden />{featureLine(features)}</span>}
            </span>
          </>
        )}
      </div>
      <div style={{ padding: '8px 12px', minWidth: 0, minHeight: 0 }}><Beside /></div>
    </div>
  );
}
