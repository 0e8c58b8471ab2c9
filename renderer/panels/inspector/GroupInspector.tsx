/** One group: what it is called, how often it is repeated, its variables and ports, its sum, and what is inside. */
import { Button, NumberInput, Tooltip } from '@mantine/core';
import type { GroupSummary } from '../../../shared/compile/summary.ts';
import { activationBytes } from '../../../shared/analysis/memory.ts';
import { render } from '../../../shared/diagnostics/diagnostic.ts';
import type { GraphPath, GroupNode } from '../../../shared/graph/document.ts';
import { formatShape } from '../../../shared/shapes/shape.ts';
import { findAction, keyLabel } from '../../actions/actions.ts';
import { saveBlock } from '../../actions/blocks.ts';
import { blockOf, describe } from '../../canvas/describe.ts';
import { edit, isError, layerAt, select, showGraph, useDocument } from '../../state/document.ts';
import { groupAtPlace, problemsAtPlace } from '../../state/lookup.ts';
import { useSession } from '../../state/session.ts';
import { useTold } from '../../state/told.ts';
import { bytes, short, whole } from '../../ui/format.ts';
import { TimeHere } from '../analysis/TimeHere.tsx';
import { Commands } from './Commands.tsx';
import { frozenOf } from '../../canvas/frozen.ts';
import { Freeze } from './Freeze.tsx';
import { Name } from './Name.tsx';
import { Note } from './Note.tsx';
import { Ports } from './Ports.tsx';
import { Variables } from './Variables.tsx';

function Totals({ summary, batch, at }: { summary: GroupSummary; batch: number; at: GraphPath }) {
  const activations = summary.layers.reduce((n, l) => n + activationBytes(l, batch), 0);
  return (
    <div className="card">
      {summary.outputs.map((o) => <div key={o.id} className="row"><span className="dim">{summary.outputs.length > 1 ? o.label : 'Out'}</span><strong className="mono" data-testid="out-shape">{o.shape ? formatShape(o.shape) : '–'}</strong></div>)}
      <div className="row"><span className="dim">Layers</span><span className="mono">{whole(summary.layers.length)}</span></div>
      <div className="row"><span className="dim">Parameters</span><span className="mono" data-testid="parameters">{whole(summary.parameters)}</span></div>
      <div className="row"><span className="dim">Multiply-adds</span><span className="mono">{short(summary.macs)}</span></div>
      <div className="row"><span className="dim">Activations, batch {batch}</span><span className="mono">{bytes(activations)}</span></div>
      <TimeHere at={at} />
    </div>
  );
}

/** What lies directly inside; a click opens the group and selects it. */
function Inside({ group, path }: { group: GroupNode; path: GraphPath }) {
  const { compiled } = useTold();
  const root = useDocument((s) => s.history.document.graph);
  const inner = [...path, group.id];
  return (
    <div className="card">
      <strong>Inside{group.repeat > 1 ? ', first copy' : ''}</strong>
      <div className="group-table">
        {group.graph.nodes.map((n) => {
          const layer = layerAt(compiled, inner, n.id);
          const sum = n.kind === 'group' ? groupAtPlace(root, compiled, [...inner, n.id]) : null;
          const shape = layer?.shape ?? sum?.outputs[0]?.shape;
          const { glyph, color, caption } = describe(n, layer?.params);
          const wrong = sum ? sum.worst === 'error' : problemsAtPlace(compiled, [...inner, n.id].join('/')).some(isError);
          return (
            <button key={n.id} data-wrong={wrong} title={`${n.name} · ${caption}`} onClick={() => { showGraph(inner); select([n.id]); }}>
              <span className="glyph" style={{ background: color }} aria-hidden>{glyph}</span>
              <span className="ellipsis">{n.name}{n.kind === 'group' && n.repeat > 1 ? ` ×${n.repeat}` : ''}</span>
              <span className="mono dim">{shape ? formatShape(shape) : '–'}</span>
              <span className="mono">{whole(layer?.parameters ?? sum?.parameters ?? 0)}</span>
            </button>
          );
        })}
      </div>
    </div>
  );
}

function Repeat({ group, path }: { group: GroupNode; path: GraphPath }) {
  return (
    <div className="field">
      <Tooltip label="Copies one after another. In a formula, k is the copy from 0 and n how many there are." position="left"><span className="dim">Copies</span></Tooltip>
      <span style={{ flex: 1 }} />
      <NumberInput size="xs" w={92} aria-label="Copies" min={1} max={1000} clampBehavior="strict" allowDecimal={false} value={group.repeat} classNames={{ input: 'mono' }}
        onChange={(v) => { if (typeof v === 'number' && v >= 1 && v !== group.repeat) edit({ kind: 'set-node', path, id: group.id, change: { repeat: v } }, `Repeat ${group.name}`, `${group.id} repeat`); }} />
    </div>
  );
}

const labelOf = (id: string): string => { const a = findAction(id); return a ? `${a.label} (${keyLabel(a.keys[0] ?? '')})` : id; };

/** `inside`: the group is open on the canvas, and nothing in it is selected. */
export function GroupInspector({ group, path, inside = false }: { group: GroupNode; path: GraphPath; inside?: boolean }) {
  const { compiled } = useTold();
  const root = useDocument((s) => s.history.document.graph);
  const batch = useSession((s) => s.config.batchSize);
  const summary = groupAtPlace(root, compiled, [...path, group.id]);
  const { glyph, color, label } = describe(group);
  const [own, inner] = [(summary?.problems ?? []).filter((d) => d.place.node === [...path, group.id].join('/')), (summary?.problems ?? []).filter((d) => d.place.node !== [...path, group.id].join('/'))];
  return (
    <>
      <div style={{ display: 'flex', alignItems: 'center', gap: 8 }}>
        <span className="glyph" style={{ background: color }} aria-hidden>{glyph}</span>
        <Name key={group.name} node={group} path={path} />
        <span className="dim ellipsis" style={{ maxWidth: 110, flex: 'none' }} title={label}>{label}</span>
      </div>
      {!inside && <div style={{ margin: '4px 0 10px -4px' }}><Commands bypassed={group.bypassed === true} /></div>}
      <div style={{ display: 'flex', gap: 6, margin: inside ? '10px 0 12px' : '0 0 12px' }}>
        {!inside && <Tooltip label={labelOf('enter')}><Button variant="default" size="compact-xs" style={{ flex: 'none' }} onClick={() => showGraph([...path, group.id])}>Open</Button></Tooltip>}
        {!inside && <Tooltip label={labelOf('ungroup')}><Button variant="default" size="compact-xs" style={{ flex: 'none' }} onClick={() => findAction('ungroup')?.run()}>Ungroup</Button></Tooltip>}
        <Tooltip label="Keeps a copy in the palette, for any project"><Button variant="default" size="compact-xs" style={{ flex: 'none' }} onClick={() => saveBlock(group)}>Save to my blocks</Button></Tooltip>
      </div>
      {own.map((d) => <p key={`${d.code} ${d.place.field ?? ''}`} role="alert" className="wrong">{render(d).sentence}</p>)}
      {inner.slice(0, 2).map((d) => (
        <p key={`${d.code} ${d.place.node} ${d.place.field ?? ''}`} role="alert" className="wrong">{render(d).sentence} <button className="tab" style={{ padding: '0 4px' }} onClick={() => { const ids = d.place.node?.split('/') ?? []; showGraph(ids.slice(0, -1)); select(ids.slice(-1)); }}>Show it</button></p>
      ))}
      <Repeat group={group} path={path} />
      {!inside && (summary?.parameters ?? 0) > 0 && <Freeze frozen={frozenOf(group, summary?.layers ?? []) === 'all'} />}
      <Variables group={group} path={path} />
      {summary && <Totals summary={summary} batch={batch} at={[...path, group.id]} />}
      <Ports group={group} path={path} />
      {!inside && <Inside group={group} path={path} />}
      {blockOf(group) && <p className="dim teaching">{blockOf(group)?.description}</p>}
      <Note node={group} path={path} />
    </>
  );
}
