/** The first line of a node, layer or group: what it is, its name, and the states it is in. */
import { IconLock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { DrawnNode } from '../../shared/graph/document.ts';

interface NodeHeadProps { readonly drawn: DrawnNode; readonly glyph: string; readonly color: string; readonly children?: ReactNode }

export function NodeHead({ drawn, glyph, color, children }: NodeHeadProps) {
  return (
    <div className="head">
      <span className="glyph" style={{ background: color }} aria-hidden>{glyph}</span>
      <span className="name">{drawn.name}</span>
      {drawn.bypassed && <span className="state">bypassed</span>}
      {drawn.frozen && <IconLock size={13} className="dim" role="img" aria-label="Weights are frozen" />}
      {children}
    </div>
  );
}
