/** Typed search for a layer at the pointer, those that fit first: Enter places it, and connects it where a wire was dropped. */
import { TextInput } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import { families, layerSpec, layerTypes, type LayerType } from '../../shared/layers/table.ts';
import { whyNot, type AddOptions } from '../actions/edits.ts';
import { familyColor } from '../ui/theme.ts';

/** Types whose label or keywords hold the words, best first; an empty search lists all. */
export function searchLayers(query: string): LayerType[] {
  const q = query.trim().toLowerCase();
  const score = (type: LayerType): number => {
    const { label, keywords } = layerSpec(type);
    const l = label.toLowerCase();
    if (q === '' || l.startsWith(q)) return 0;
    if (l.includes(q) || type.includes(q)) return 1;
    return keywords.some((k) => k.includes(q)) ? 2 : 9;
  };
  return layerTypes.filter((t) => score(t) < 9).sort((a, b) => score(a) - score(b));
}

export interface QuickAddProps {
  readonly at: { readonly x: number; readonly y: number };
  readonly options: AddOptions;
  readonly onChoose: (type: LayerType) => void;
  readonly onClose: () => void;
}

const WIDTH = 248;
const HEIGHT = 330;

export function QuickAdd({ at, options, onChoose, onClose }: QuickAddProps) {
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const reasons = useMemo(() => new Map(layerTypes.map((t) => [t, whyNot(t, options)])), [options]);
  const found = useMemo(() => searchLayers(query).sort((a, b) => Number(reasons.get(a) !== null) - Number(reasons.get(b) !== null)), [query, reasons]);
  useEffect(() => {
    const outside = (e: PointerEvent) => { if (!box.current?.contains(e.target as Element)) onClose(); };
    window.addEventListener('pointerdown', outside, true);
    return () => window.removeEventListener('pointerdown', outside, true);
  }, [onClose]);
  useEffect(() => box.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' }), [active]);
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
    <div className="quickadd" ref={box} style={{ width: WIDTH, left: Math.max(8, Math.min(at.x, window.innerWidth - WIDTH - 8)), top: Math.max(8, Math.min(at.y, window.innerHeight - HEIGHT - 8)) }} role="dialog" aria-label="Add a layer">
      <TextInput autoFocus size="xs" placeholder="Find a layer" role="combobox" aria-label="Find a layer to add" aria-expanded aria-controls="quickadd-list" aria-activedescendant={found[active] && `quickadd-${found[active]}`} value={query} onChange={(e) => { setQuery(e.currentTarget.value); setActive(0); }} onKeyDown={onKey} />
      <div className="list" role="listbox" id="quickadd-list" aria-label="Layers">
        {found.map((type, i) => {
          const { family, label } = layerSpec(type);
          const reason = reasons.get(type);
          return (
            <div key={type} id={`quickadd-${type}`} role="option" aria-selected={i === active} className="palette-item" data-active={i === active} data-misfit={reason !== null} title={reason ?? undefined} onClick={() => onChoose(type)} onPointerMove={() => setActive(i)}>
              <span className="glyph" style={{ background: familyColor[family] }} aria-hidden>{families[family].glyph}</span>{label}
              {reason !== null && <span className="dim misfit">does not fit here</span>}
            </div>
          );
        })}
        {found.length === 0 && <p className="dim" style={{ margin: 8 }}>No layer of that name. Try “conv” or “pool”.</p>}
      </div>
    </div>
  );
}
