/** Problems, counts, memory, saved, zoom. */
import { useEffect, useState } from 'react';
import { severityOf } from '../../shared/diagnostics/diagnostic.ts';
import { elementCount } from '../../shared/shapes/shape.ts';
import { useDocument } from '../state/document.ts';
import { useSession } from '../state/session.ts';
import { setUi, useUi } from '../state/ui.ts';
import { ago, bytes, short, whole } from '../ui/format.ts';

export function StatusBar() {
  const { network, problems } = useDocument((s) => s.compiled);
  const { batchSize, optimizer } = useSession((s) => s.config);
  const savedAt = useSession((s) => s.savedAt);
  const zoom = useUi((s) => s.zoom);
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 5000);
    return () => clearInterval(timer);
  }, []);
  const errors = problems.filter((p) => severityOf(p.diagnostic) === 'error').length;
  // Weights, gradients and optimiser state, and the activations kept for the backward pass, as float32.
  const copies = 2 + (optimizer.kind === 'adam' ? 2 : optimizer.momentum > 0 ? 1 : 0);
  const memory = 4 * (network.parameters * copies + batchSize * network.layers.reduce((n, l) => n + elementCount(l.shape), 0));
  const text = problems.length === 0 ? 'No problems' : `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`;
  return (
    <footer className="statusbar">
      <button style={{ color: errors > 0 ? 'var(--error)' : problems.length > 0 ? 'var(--warning)' : 'var(--ok)' }} onClick={() => setUi({ place: 'design', dock: 'problems' })}>{text}</button>
      <span className="mono">{network.layers.length} layers</span>
      <span className="mono" data-testid="total-parameters">{whole(network.parameters)} parameters</span>
      <span className="mono">{short(network.macs)} multiply-adds</span>
      <span className="mono wide-only">{bytes(memory)} to train at batch {batchSize}</span>
      <span style={{ flex: 1 }} />
      <span className="dim">{savedAt === null ? 'Kept in the journal' : `Saved ${ago(savedAt, now)}`}</span>
      <span className="mono">{Math.round(zoom * 100)} %</span>
    </footer>
  );
}
