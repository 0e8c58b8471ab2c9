/** The analysis in the dock: what every layer costs, what a training step needs, and how long it takes here. */
import { useCallback, useMemo, useState } from 'react';
import type { AnalysisRow } from '../../../shared/analysis/tree.ts';
import { canvas } from '../../canvas/view.ts';
import { useAnalysis, useAnalysisState, useBatch, useTimings } from '../../state/analysis.ts';
import { select, showGraph, useDocument } from '../../state/document.ts';
import { bytes, milliseconds } from '../../ui/format.ts';
import { AnalysisTable } from './AnalysisTable.tsx';
import { MemoryCard } from './MemoryCard.tsx';
import { groupKeys, shownRows, type Sorting } from './rows.ts';
import { Toolbar } from './Toolbar.tsx';

/** Enters the groups around a node and selects it. */
function goTo({ path }: AnalysisRow): void {
  const ids = path.split('/');
  const [id] = ids.slice(-1) as [string];
  const before = useDocument.getState().path.join('/');
  showGraph(ids.slice(0, -1));
  select([id]);
  const show = () => canvas.centre(id);
  // A graph that was just entered is drawn first.
  if (before === ids.slice(0, -1).join('/')) show();
  else requestAnimationFrame(() => requestAnimationFrame(show));
}

function Timings() {
  const timings = useTimings();
  const stale = useAnalysisState((s) => s.measured !== null);
  if (!timings) return stale ? <p className="dim" style={{ margin: '10px 0 0', lineHeight: 1.45 }}>The network has changed since it was measured.</p> : null;
  const sum = (pick: (l: { forward: number; backward: number }) => number) => timings.layers.reduce((n, l) => n + pick(l), 0);
  return (
    <section aria-label="Measured time" style={{ marginTop: 12 }}>
      <div className="row"><strong>One step on the CPU</strong></div>
      <div className="row"><span className="dim">Forward</span><span className="mono">{milliseconds(sum((l) => l.forward))} ms</span></div>
      <div className="row"><span className="dim">Backward</span><span className="mono">{milliseconds(sum((l) => l.backward))} ms</span></div>
      <div className="row" title="And what else belongs to no layer."><span className="dim">Loss and optimiser</span><span className="mono">{milliseconds(timings.rest)} ms</span></div>
      <div className="row" title="By so much the process grew: with gradients and the kernels’ own space."><span className="dim">Memory it took</span><span className="mono" data-testid="measured-memory">{bytes(timings.memory)}</span></div>
      <p className="dim" style={{ margin: '4px 0 0', lineHeight: 1.45 }}>Batch {timings.batch}, {timings.steps === 1 ? 'one step' : `the median of ${timings.steps} steps`}. A layer that the runtime joins with the one before counts there.</p>
    </section>
  );
}

export function AnalysisPanel() {
  const analysis = useAnalysis();
  const batch = useBatch();
  const path = useDocument((s) => s.path);
  const nodes = useDocument((s) => s.nodes);
  const [sorting, setSorting] = useState<Sorting | null>(null);
  const [filter, setFilter] = useState('');
  const [flat, setFlat] = useState(false);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => shownRows(analysis.tree, { sorting, filter, open, flat }), [analysis, sorting, filter, open, flat]);
  const groups = useMemo(() => groupKeys(analysis.tree), [analysis]);
  const toggle = useCallback((key: string) => setOpen((before) => {
    const next = new Set(before);
    if (!next.delete(key)) next.add(key);
    return next;
  }), []);
  const [only] = nodes.size === 1 ? nodes : [];
  if (analysis.layers.length === 0) return <div className="empty"><strong>Nothing to analyse yet</strong><span>Draw an Input and connect layers to it; each with a known shape is listed here with its cost.</span></div>;
  return (
    <div className="analysis">
      <Toolbar analysis={analysis} filter={filter} found={rows.filter((r) => r.row.kind === 'layer').length} hasGroups={groups.length > 0} flat={flat} allOpen={groups.every((k) => open.has(k))}
        onFilter={setFilter} onFlat={setFlat} onOpenAll={(all) => setOpen(new Set(all ? groups : []))} />
      <div className="analysis-body">
        <AnalysisTable analysis={analysis} rows={rows} sorting={sorting} selected={only === undefined ? null : [...path, only].join('/')} onSort={setSorting} onToggle={toggle} onChoose={goTo} />
        <div className="analysis-side"><MemoryCard batchSize={batch} /><Timings /></div>
      </div>
    </div>
  );
}
