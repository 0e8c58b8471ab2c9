/** The validation curves of the ticked runs over one another: loss or accuracy, and what each had where the pointer is. */
import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import type { CurvePoint } from '../../../shared/protocol/values.ts';
import { AXIS, EPOCH_TICKS, formatMetric, roundTicks, tickMetric, type Series } from '../train/curve.ts';
import { LogScale } from '../train/LogScale.tsx';
import { comparedRows, type ComparedRow } from './run-curves.ts';

export interface ComparedRun { readonly id: string; readonly label: string; readonly colour: string; readonly points: readonly CurvePoint[] }

function Hover({ active, payload, series, runs }: { active?: boolean; payload?: readonly { payload?: ComparedRow }[]; series: Series; runs: readonly ComparedRun[] }) {
  const row = payload?.[0]?.payload;
  if (active !== true || !row) return null;
  return (
    <div className="card" style={{ background: 'var(--panel)', boxShadow: 'var(--shadow)' }}>
      <div className="dim">after epoch {Number(row.epoch.toFixed(2))}</div>
      {runs.map(({ id, label, colour }, i) => {
        const value = row.values[i];
        return value !== undefined && <div key={id} className="row"><span><span aria-hidden style={{ color: colour }}>━ </span>{label}</span><span className="mono">{formatMetric(series, value)}</span></div>;
      })}
    </div>
  );
}

export function RunCurves({ runs }: { readonly runs: readonly ComparedRun[] }) {
  const [series, setSeries] = useState<Series>('loss');
  const [log, setLog] = useState(false);
  const logarithmic = log && series === 'loss';
  const rows = comparedRows(runs.map((r) => r.points), series);
  return (
    <figure style={{ margin: '0 0 12px' }} aria-label={`Validation ${series} of the ticked runs`}>
      <figcaption style={{ display: 'flex', alignItems: 'center', gap: 14, marginBottom: 6 }}>
        <SegmentedControl size="xs" aria-label="What is compared" value={series} onChange={(v) => setSeries(v as Series)} data={[{ value: 'loss', label: 'Validation loss' }, { value: 'accuracy', label: 'Validation accuracy' }]} />
        {series === 'loss' && <LogScale log={log} onChange={setLog} />}
      </figcaption>
      <div style={{ height: 240 }}>
        <ResponsiveContainer width="100%" height="100%">
          <LineChart data={rows} margin={{ top: 6, right: 12, bottom: 0, left: -8 }}>
            <CartesianGrid vertical={false} stroke="var(--line)" />
            <XAxis {...AXIS} dataKey="epoch" type="number" domain={[0, 'dataMax']} ticks={roundTicks(rows.at(-1)?.epoch ?? 0, 2 * EPOCH_TICKS)} interval={0} />
            <YAxis {...AXIS} width={48} scale={logarithmic ? 'log' : 'auto'} domain={series === 'accuracy' ? [0, 1] : logarithmic ? ['auto', 'auto'] : [0, 'auto']} tickFormatter={(v: number) => tickMetric(series, v)} />
            <Tooltip content={<Hover series={series} runs={runs} />} isAnimationActive={false} />
            {runs.map(({ id, colour }, i) => <Line key={id} dataKey={(r: ComparedRow) => { const v = r.values[i]; return logarithmic && v !== undefined && v <= 0 ? undefined : v; }} stroke={colour} strokeWidth={1.8} dot={false} connectNulls isAnimationActive={false} />)}
          </LineChart>
        </ResponsiveContainer>
      </div>
    </figure>
  );
}
