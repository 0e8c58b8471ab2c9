/** Everything that is wrong, in words; a click goes to the layer, a button repairs it. */
import { Button } from '@mantine/core';
import { render, severityOf, type Diagnostic } from '../../shared/diagnostics/diagnostic.ts';
import { goToPlace } from '../actions/go.ts';
import { edit, useDocument } from '../state/document.ts';
import { attempt, openData, refreshMaps } from '../state/engine.ts';
import { openFineTune } from '../state/finetune.ts';
import { layerAtPlace } from '../state/lookup.ts';
import { useSession } from '../state/session.ts';
import { useTold } from '../state/told.ts';
import { wayRoundOf } from '../state/way-round.ts';
import { whole } from '../ui/format.ts';
import { sizeFor, sizeLabel } from './data/picture-size.ts';

/** Folders of pictures are read in any size: they can follow the net as well as the net them. */
function DataRepair({ problem }: { problem: Diagnostic }) {
  const data = useSession((s) => s.data);
  const compiled = useDocument((s) => s.compiled);
  const size = problem.code === 'graph.data-shape' ? sizeFor(layerAtPlace(compiled, problem.place.node ?? '')?.shape ?? []) : null;
  if (data.kind !== 'pictures' || !size) return null;
  return <Button variant="default" onClick={() => attempt(async () => { await openData({ ...data, ...size }); await refreshMaps(); })}>{sizeLabel(size)}</Button>;
}

/** Where it is the device that refuses: what it could be in its place. */
function WayRound({ problem }: { problem: Diagnostic }) {
  const round = wayRoundOf(problem);
  return round && <Button variant="default" onClick={round.take}>{round.label}</Button>;
}

/** Rows of one kind for what a device refuses: one click mends them all. */
const SHOWN = 4;

/** Of each, how many of its code stand before it. */
function countedByCode(all: readonly Diagnostic[]): ReadonlyMap<Diagnostic, number> {
  const counts = new Map<string, number>();
  return new Map(all.map((d) => {
    const before = counts.get(d.code) ?? 0;
    counts.set(d.code, before + 1);
    return [d, before];
  }));
}

export function Problems() {
  const { compiled: { problems }, refused } = useTold();
  if (problems.length === 0) return <div className="empty"><strong style={{ color: 'var(--ok)' }}>No problems</strong><span>The network can be trained.</span></div>;
  const place = countedByCode(refused);
  const shown = problems.filter((p) => (place.get(p.diagnostic) ?? 0) < SHOWN);
  return (
    <div role="list" aria-label="Problems" style={{ overflow: 'auto', height: '100%' }}>
      {shown.map(({ diagnostic: d, repairs }, i) => {
        const { sentence } = render(d);
        const severity = severityOf(d);
        return (
          <div className="problem" role="listitem" key={`${d.code} ${d.place.node ?? ''} ${i}`}>
            <span aria-label={severity} style={{ color: severity === 'error' ? 'var(--error)' : 'var(--warning)' }}>{severity === 'error' ? '●' : '▲'}</span>
            <button className="what" onClick={() => goToPlace(d.place.node)}>{sentence}</button>
            <DataRepair problem={d} />
            {place.get(d) === 0 && <WayRound problem={d} />}
            {d.code === 'graph.class-count' && <Button variant="default" onClick={openFineTune}>Replace the head …</Button>}
            {repairs.map((r) => <Button key={r.label} variant="default" onClick={() => edit(r.edit, r.label)}>{r.label}</Button>)}
          </div>
        );
      })}
      {shown.length < problems.length && <div className="problem dim" role="listitem" style={{ paddingLeft: 32 }}>And {whole(problems.length - shown.length)} more of this kind, marked on the canvas.</div>}
    </div>
  );
}
