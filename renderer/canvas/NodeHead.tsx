/** The first line of a node, layer or group: what it is, its name, and the states it is in. */
import { IconLock, IconLockOpen } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { DrawnNode } from '../../shared/graph/document.ts';
import { ShortName } from '../ui/ShortName.tsx';
import type { Frozen } from './frozen.ts';

interface NodeHeadProps { readonly drawn: DrawnNode; readonly frozen: Frozen; readonly glyph: string; readonly color: string; readonly children?: ReactNode }

export function NodeHead({ drawn, frozen, glyph, color, children }: NodeHeadProps) {
  return (
    <div className="head">
      <span className="glyph" style={{ background: color }} aria-hidden>{glyph}</span>
      <span className="name"><ShortName text={drawn.name} /></span>
      {drawn.bypassed && <span className="state">bypassed</span>}
      {frozen === 'all' && <IconLock size={13} className="dim" role="img" aria-label="Weights are frozen" />}
      {frozen === 'part' && <IconLockOpen size={13} className="dim" role="img" aria-label="Some weights are frozen" />}
      {children}
    </div>
  );
}
