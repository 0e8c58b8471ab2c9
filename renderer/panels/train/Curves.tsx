/** Loss and accuracy over the epochs, training and validation; redrawn at most four times a second. */
import { useEffect, useRef, useState } from 'react';
import { CartesianGrid, Line, LineChart, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import type { CurvePoint } from '../../../shared/protocol/values.ts';
import { aboveZero, AXIS, curveRows, EPOCH_TICKS, formatMetric, roundTicks, tickMetric, type Row, type Series } from './curve.ts';

const REDRAW_MS = 250;

/** A value that changes at most every `ms`, and always ends at the newest. */
export function useThrottled<T>(value: T, ms: number): T {
  const [shown, setShown] = useState(value);
  const last = useRef(0);
  useEffect(() => {
    const wait = Math.max(0, last.current + ms - performance.now());
    const timer = setTimeout(() => { last.current = performance.now(); setShown(value); }, wait);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return shown;
}

function Hover({ active, payload, series }: { active?: boolean; payload?: readonly { payload?: Row }[]; series: Series }) {
  const row = payload?.[0]?.payload;
  if (active !== true || !row) return null;
  return (
    <div className="card" style={{ background: 'var(--panel)', boxShadow: 'var(--shadow)' }}>
      <div className="dim">epoch {row.epoch.toFixed(2)} · step {row.step}</div>
      {row.training !== undefined && <div style={{ color: 'var(--train)' }}>training {formatMetric(series, row.training)}</div>}
      {row.validation !== undefined && <div style={{ color: 'var(--validation)' }}>validation {formatMetric(series, row.validation)}</div>}
    </div>
  );
}

export function Curve({ curve, series, log, bestEpoch }: { curve: readonly CurvePoint[]; series: Series; log: boolean; bestEpoch: number | null }) {
  const shown = useThrottled(curve, REDRAW_MS);
  const all = curveRows(shown, series);
  const rows = log ? aboveZero(all) : all;
  const last = rows.at(-1)?.epoch ?? 0;
  const final = all.findLast((r) => r.validation !== undefined)?.validation;
  return (
    <figure aria-label={`${series === 'loss' ? 'Loss' : 'Accuracy'} curve`} style={{ margin: 0, display: 'grid', gridTemplateRows: '24px minmax(0, 1fr)', minWidth: 0, height: '100%' }}>
      <figcaption style={{ display: 'flex', gap: 10, fontSize: 12, alignItems: 'baseline', whiteSpace: 'nowrap', overflow: 'hidden' }}>
        <strong>{series === 'loss' ? 'Loss' : 'Accuracy'}</strong>
        <span className="dim"><span style={{ color: 'var(--train)' }}>━</span> train</span>
        <span className="dim"><span style={{ color: 'var(--validation)' }}>╌</span> valid. {final !== undefined && <span className="mono">{formatMetric(series, final)}</span>}</span>
      </figcaption>
      <ResponsiveContainer width="100%" height="100%">
        <LineChart data={rows} margin={{ top: 6, right: 10, bottom: 0, left: -8 }}>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis {...AXIS} dataKey="epoch" type="number" domain={[0, 'dataMax']} ticks={roundTicks(last, EPOCH_TICKS)} interval={0} />
          <YAxis {...AXIS} scale={log ? 'log' : 'auto'} domain={series === 'accuracy' ? [0, 1] : log ? ['auto', 'auto'] : [0, 'auto']} allowDataOverflow={false} width={48} tickFormatter={(v: number) => tickMetric(series, v)} />
          <Tooltip content={<Hover series={series} />} isAnimationActive={false} />
          {shown.filter((p) => p.thawed !== undefined).map((p) => <ReferenceLine key={p.step} x={p.epoch} stroke="var(--dim)" strokeDasharray="1 3" label={{ value: `+${p.thawed ?? ''}`, position: 'insideBottomLeft', fill: 'var(--dim)', fontSize: 11 }} />)}
          {bestEpoch !== null && <ReferenceLine x={bestEpoch} stroke="var(--ok)" strokeDasharray="2 3" label={{ value: 'best', position: `inside${series === 'accuracy' ? 'Bottom' : 'Top'}${bestEpoch > last / 2 ? 'Right' : 'Left'}` as const, fill: 'var(--ok)', fontSize: 11 }} />}
          <Line dataKey="training" stroke="var(--train)" strokeWidth={1.6} dot={false} connectNulls isAnimationActive={false} />
          <Line dataKey="validation" stroke="var(--validation)" strokeWidth={1.6} strokeDasharray="5 3" dot={false} connectNulls isAnimationActive={false} />
        </LineChart>
      </ResponsiveContainer>
    </figure>
  );
}
