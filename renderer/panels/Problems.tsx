/** Everything that is wrong, in words; a click goes to the layer, a button repairs it. */
import { Button } from '@mantine/core';
import { render, severityOf, type Diagnostic } from '../../shared/diagnostics/diagnostic.ts';
import { goToPlace } from '../actions/go.ts';
import { edit, useDocument } from '../state/document.ts';
import { attempt, openData } from '../state/engine.ts';
import { openFineTune } from '../state/finetune.ts';
import { layerAtPlace } from '../state/lookup.ts';
import { useSession } from '../state/session.ts';
import { sizeFor, sizeLabel } from './data/picture-size.ts';

/** Folders of pictures are read in any size: they can follow the net as well as the net them. */
function DataRepair({ problem }: { problem: Diagnostic }) {
  const data = useSession((s) => s.data);
  const compiled = useDocument((s) => s.compiled);
  const size = problem.code === 'graph.data-shape' ? sizeFor(layerAtPlace(compiled, problem.place.node ?? '')?.shape ?? []) : null;
  if (data.kind !== 'pictures' || !size) return null;
  return <Button variant="default" onClick={() => attempt(() => openData({ ...data, ...size }))}>{sizeLabel(size)}</Button>;
}

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
            <DataRepair problem={d} />
            {d.code === 'graph.class-count' && <Button variant="default" onClick={openFineTune}>Replace the head …</Button>}
            {repairs.map((r) => <Button key={r.label} variant="default" onClick={() => edit(r.edit, r.label)}>{r.label}</Button>)}
          </div>
        );
      })}
    </div>
  );
}
