/** The norm of each layer's gradient while a run goes on: a bar on a logarithmic scale, the number, the last seconds. */
import { useDocument } from '../../state/document.ts';
import { useSession } from '../../state/session.ts';
import { useThrottled } from './Curves.tsx';
import { gradientRows } from './gradient-rows.ts';

const SPARK = { width: 72, height: 16 };

function Spark({ values }: { values: readonly number[] }) {
  const step = SPARK.width / Math.max(values.length - 1, 1);
  const points = values.map((v, i) => `${(i * step).toFixed(1)},${(SPARK.height - 1 - v * (SPARK.height - 2)).toFixed(1)}`).join(' ');
  return <svg aria-hidden width={SPARK.width} height={SPARK.height} style={{ display: 'block' }}><polyline points={points} fill="none" stroke="var(--dim)" strokeWidth={1.2} /></svg>;
}

const text = (norm: number): string => (norm === 0 ? '0' : Number.isFinite(norm) ? norm.toExponential(1) : 'overflow');

export function Gradients() {
  const frames = useThrottled(useSession((s) => s.gradients), 250);
  const layers = useDocument((s) => s.compiled.network.layers);
  const { rows, from, to } = gradientRows(frames);
  if (rows.length === 0) return <p className="dim" style={{ margin: '4px 0' }}>The size of every layer’s gradient appears here while the network trains: layers that hardly learn, and gradients that explode.</p>;
  const name = (id: string): string => layers.find((l) => l.id === id)?.name ?? id;
  return (
    <table aria-label="Gradient norm by layer" style={{ width: '100%', borderCollapse: 'collapse', fontVariantNumeric: 'tabular-nums' }}>
      <thead>
        <tr className="dim" style={{ fontSize: 11, textAlign: 'left' }}>
          <th style={{ fontWeight: 400 }}>layer</th>
          <th style={{ fontWeight: 400, display: 'flex', justifyContent: 'space-between' }}><span>10<sup>{from}</sup></span><span>10<sup>{to}</sup></span></th>
          <th style={{ fontWeight: 400, textAlign: 'right' }}>norm</th>
          <th style={{ fontWeight: 400, paddingLeft: 12 }}>lately</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((r) => (
          <tr key={r.layer}>
            <td style={{ maxWidth: 120, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', paddingRight: 10 }} title={name(r.layer)}>{name(r.layer)}</td>
            <td style={{ width: '50%' }}><span style={{ display: 'block', height: 8, borderRadius: 2, background: 'var(--line)' }}><span style={{ display: 'block', height: '100%', borderRadius: 2, width: `${r.share * 100}%`, background: Number.isFinite(r.norm) ? 'var(--accent)' : 'var(--error)' }} /></span></td>
            <td className="mono" style={{ textAlign: 'right', paddingLeft: 10, whiteSpace: 'nowrap' }}>{text(r.norm)}</td>
            <td style={{ paddingLeft: 12, width: SPARK.width + 12 }}><Spark values={r.past} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
