/** Everything that is wrong, in words; a click goes to the layer, a button repairs it. */
import { Button } from '@mantine/core';
import { render, severityOf } from '../../shared/diagnostics/diagnostic.ts';
import { goToPlace } from '../actions/go.ts';
import { edit, useDocument } from '../state/document.ts';

export function Problems() {
  const problems = useDocument((s) => s.compiled.problems);
  if (problems.length === 0) return <div className="empty"><strong style={{ color: 'var(--ok)' }}>No problems</strong><span>The network can be trained.</span></div>;
  return (
    <div role="list" aria-label="Problems" style={{ overflow: 'auto', height: '100%' }}>
      {problems.map(({ diagnostic: d, repairs }, i) => {
        const { sentence } = render(d);
        const severity = severityOf(d);
        return (
          <div className="problem" role="listitem" key={`${d.code} ${d.place.node ?? ''} ${i}`}>
            <span aria-label={severity} style={{ color: severity === 'error' ? 'var(--error)' : 'var(--warning)' }}>{severity === 'error' ? '●' : '▲'}</span>
            <button className="what" onClick={() => goToPlace(d.place.node)}>{sentence}</button>
            {repairs.map((r) => <Button key={r.label} variant="default" onClick={() => edit(r.edit, r.label)}>{r.label}</Button>)}
          </div>
        );
      })}
    </div>
  );
}
