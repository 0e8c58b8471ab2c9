/** The circles at a node where wires begin and end; where there are several they are named: of a group all, of an operator what comes out. */
import { Handle, Position } from '@xyflow/react';
import { portsOf, type DrawnPort } from '../../shared/compile/ports.ts';
import type { DrawnNode } from '../../shared/graph/document.ts';

/** Room for the names of several ports, one under another. */
export const PORT_ROW = 26;

export function Handles({ drawn }: { drawn: DrawnNode }) {
  const { inputs, outputs } = portsOf(drawn);
  const at = (i: number, count: number) => ({ top: `${((i + 1) / (count + 1)) * 100}%` });
  // A name beside every circle would only repeat "in" and "out".
  const said = (p: DrawnPort, ports: readonly DrawnPort[]) => (ports.length > 1 && (drawn.kind === 'group' || (drawn.kind === 'operator' && ports === outputs)) ? (p.label || p.id) : null);
  return (
    <>
      {inputs.map((p, i) => <Handle key={p.id} id={p.id} type="target" position={Position.Left} aria-label={`${drawn.name} ${said(p, inputs) ?? ''} input`.replace('  ', ' ')} data-many={p.many === true} style={at(i, inputs.length)}>{said(p, inputs) !== null && <span className="port-name" data-side="inputs">{said(p, inputs)}</span>}</Handle>)}
      {outputs.map((p, i) => <Handle key={p.id} id={p.id} type="source" position={Position.Right} aria-label={`${drawn.name} ${said(p, outputs) ?? ''} output`.replace('  ', ' ')} style={at(i, outputs.length)}>{said(p, outputs) !== null && <span className="port-name" data-side="outputs">{said(p, outputs)}</span>}</Handle>)}
    </>
  );
}
