/** Typed search for a layer or a block at the pointer, those that fit first: Enter places it, and connects it where a wire was dropped. */
import { TextInput } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { AddOptions } from '../actions/edits.ts';
import { useBlocks } from '../state/blocks.ts';
import { addables, searchAddables, type Addable } from './addables.ts';
import { useReasons } from './use-reasons.ts';

export interface QuickAddProps {
  readonly at: { readonly x: number; readonly y: number };
  readonly options: AddOptions;
  readonly onChoose: (chosen: Addable) => void;
  readonly onClose: () => void;
}

export const QUICK_ADD_WIDTH = 248;
const HEIGHT = 330;

export function QuickAdd({ at, options, onChoose, onClose }: QuickAddProps) {
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const mine = useBlocks((s) => s.mine);
  const all = useMemo(() => addables(mine), [mine]);
  const reasons = useReasons(all, options);
  // While some are still asked about nothing changes places under the pointer.
  const known = reasons.size >= all.length;
  const found = useMemo(() => searchAddables(query, mine).sort((a, b) => (known ? Number(reasons.get(a.key) !== null) - Number(reasons.get(b.key) !== null) : 0)), [query, mine, reasons, known]);
  useEffect(() => {
    const outside = (e: PointerEvent) => { if (!box.current?.contains(e.target as Element)) onClose(); };
    window.addEventListener('pointerdown', outside, true);
    return () => window.removeEventListener('pointerdown', outside, true);
  }, [onClose]);
  // In newer browsers it answers a promise, which is no way to clean up.
  useEffect(() => void box.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' }), [active]);
  const onKey = (e: React.KeyboardEvent) => {
    if (e.key === 'Escape') onClose();
    else if (e.key === 'ArrowDown') setActive((i) => Math.min(i + 1, found.length - 1));
    else if (e.key === 'ArrowUp') setActive((i) => Math.max(i - 1, 0));
    else if (e.key === 'Enter' && found[active]) onChoose(found[active]);
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  return (
    <div className="quickadd" ref={box} style={{ width: QUICK_ADD_WIDTH, left: Math.max(8, Math.min(at.x, window.innerWidth - QUICK_ADD_WIDTH - 8)), top: Math.max(8, Math.min(at.y, window.innerHeight - HEIGHT - 8)) }} role="dialog" aria-label="Add a layer">
      <TextInput autoFocus size="xs" placeholder="Find a layer" role="combobox" aria-label="Find a layer to add" aria-expanded aria-controls="quickadd-list" aria-activedescendant={found[active] && `quickadd-${found[active].key}`} value={query} onChange={(e) => { setQuery(e.currentTarget.value); setActive(0); }} onKeyDown={onKey} />
      <div className="list" role="listbox" id="quickadd-list" aria-label="Layers">
        {found.map((a, i) => {
          const reason = reasons.get(a.key) ?? null;
          return (
            <div key={a.key} id={`quickadd-${a.key}`} role="option" aria-selected={i === active} className="palette-item" data-active={i === active} data-misfit={reason !== null} title={reason ?? undefined} onClick={() => onChoose(a)} onPointerMove={() => setActive(i)}>
              <span className="glyph" style={{ background: a.color }} aria-hidden>{a.glyph}</span><span className="ellipsis">{a.label}</span>
              {reason !== null && <span className="dim misfit">does not fit here</span>}
            </div>
          );
        })}
        {found.length === 0 && <p className="dim" style={{ margin: 8 }}>No layer or block of that name. Try “conv” or “pool”.</p>}
      </div>
    </div>
  );
}
