/** The ports of a group: what they are called, and away with one. */
import { IconArrowUp, IconX } from '@tabler/icons-react';
import { graphAt } from '../../../shared/graph/apply.ts';
import type { GraphPath, GroupNode } from '../../../shared/graph/document.ts';
import { movePort, removePort, renamePort, type Side } from '../../../shared/graph/group-ports.ts';
import { currentDocument, edit } from '../../state/document.ts';
import { Committed } from './Committed.tsx';

function Rows({ group, path, side }: { group: GroupNode; path: GraphPath; side: Side }) {
  const ports = group[side].filter((p, i, all) => all.findIndex((o) => o.id === p.id) === i);
  const word = side === 'inputs' ? 'input' : 'output';
  return ports.map((p, i) => {
    const inner = group[side].filter((t) => t.id === p.id).map((t) => group.graph.nodes.find((n) => n.id === t.node)?.name ?? 'nothing');
    return (
      <div key={p.id} className="port-row">
        <Committed aria-label={`Name of ${word} ${p.label}`} value={p.label} wrong={(t) => (t.trim() === '' ? 'Expected a name, got nothing.' : null)} onTake={(to) => edit(renamePort(path, group, side, p.id, to.trim()), `Rename ${p.label}`)} />
        <span className="dim ellipsis" style={{ flex: 1, fontSize: 11 }} title={inner.join(', ')}>{side === 'inputs' ? '→' : '←'} {inner.join(', ')}</span>
        {ports.length > 1 && <button className="icon-button" aria-label={`Move ${p.label} up`} title="Up: the first ones make the chain of a repeated group" disabled={i === 0} onClick={() => edit(movePort(path, group, side, p.id, -1), `Move ${p.label}`)}><IconArrowUp size={13} /></button>}
        <button className="icon-button" aria-label={`Remove ${word} ${p.label}`} title="Remove it and the wires at it" onClick={() => edit(removePort(graphAt(currentDocument(), path), path, group, side, p.id), `Remove ${p.label}`)}><IconX size={13} /></button>
      </div>
    );
  });
}

export function Ports({ group, path }: { group: GroupNode; path: GraphPath }) {
  return (
    <div className="card">
      <strong>Ports</strong>
      {(['inputs', 'outputs'] as const).map((side) => (
        <section key={side} aria-label={side === 'inputs' ? 'Inputs' : 'Outputs'} style={{ marginTop: 6 }}>
          <div className="dim" style={{ fontSize: 11, marginBottom: 3 }}>{side === 'inputs' ? 'In' : 'Out'}{group[side].length === 0 ? ': none. Open the group and drag a wire to make one.' : ''}</div>
          <Rows group={group} path={path} side={side} />
        </section>
      ))}
    </div>
  );
}
