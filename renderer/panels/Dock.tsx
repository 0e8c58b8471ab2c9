/** The dock under the canvas: Train, Problems, Analysis, Log. */
import { Button, Tooltip } from '@mantine/core';
import { IconAdjustmentsHorizontal, IconChevronsDown, IconChevronsUp } from '@tabler/icons-react';
import { severityOf } from '../../shared/diagnostics/diagnostic.ts';
import { useTold } from '../state/told.ts';
import { setUi, useUi, type DockTab } from '../state/ui.ts';
import { AnalysisPanel } from './analysis/AnalysisPanel.tsx';
import { Problems } from './Problems.tsx';
import { TrainPanel } from './train/TrainPanel.tsx';
import { TrainProgress } from './train/TrainProgress.tsx';

function Log() {
  const log = useUi((s) => s.log);
  if (log.length === 0) return <div className="empty"><span>What the engine does is written here.</span></div>;
  return (
    <div className="mono" role="log" style={{ overflow: 'auto', height: '100%', padding: '8px 12px', lineHeight: 1.7 }}>
      {log.map((l, i) => <div key={i} style={{ color: l.level === 'error' ? 'var(--error)' : l.level === 'warning' ? 'var(--warning)' : undefined }}><span className="dim">{l.time.slice(11, 19)}</span> {l.text}</div>)}
    </div>
  );
}

const panels: Readonly<Record<DockTab, () => React.JSX.Element>> = { train: TrainPanel, problems: Problems, analysis: AnalysisPanel, log: Log };

export function Dock() {
  const tab = useUi((s) => s.dock);
  const tall = useUi((s) => s.dockTall);
  const { problems } = useTold().compiled;
  const errors = problems.filter((p) => severityOf(p.diagnostic) === 'error').length;
  const Panel = panels[tab];
  return (
    <section className="dock" aria-label="Dock">
      <div className="tabs">
        <div role="tablist" aria-label="Dock" style={{ display: 'flex', gap: 4, flex: 'none' }}>
          {(['train', 'problems', 'analysis', 'log'] as const).map((t) => (
            <button key={t} className="tab" role="tab" aria-selected={t === tab} onClick={() => setUi({ dock: t })}>
              {{ train: 'Train', problems: 'Problems', analysis: 'Analysis', log: 'Log' }[t]}{t === 'problems' && problems.length > 0 && <span style={{ marginLeft: 6, color: errors > 0 ? 'var(--error)' : 'var(--warning)' }}>{problems.length}</span>}
            </button>
          ))}
        </div>
        <TrainProgress />
        <span style={{ flex: 1 }} />
        <Button variant="subtle" color="gray" size="compact-xs" style={{ flex: 'none' }} aria-label="Training settings" title="Training settings" onClick={() => setUi({ dialog: 'training' })}><IconAdjustmentsHorizontal size={15} stroke={1.6} aria-hidden /><span className="wide settings-word">Settings</span></Button>
        <Tooltip label={tall ? 'As high as before' : 'More room for the dock'}><button className="icon-button" style={{ flex: 'none' }} aria-label={tall ? 'As high as before' : 'More room for the dock'} aria-pressed={tall} onClick={() => setUi({ dockTall: !tall })}>{tall ? <IconChevronsDown size={15} stroke={1.6} /> : <IconChevronsUp size={15} stroke={1.6} />}</button></Tooltip>
      </div>
      <div style={{ minHeight: 0 }} role="tabpanel"><Panel /></div>
    </section>
  );
}
