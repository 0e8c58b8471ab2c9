/** Typed search for a layer at the pointer: Enter places it, and connects it where a wire was dropped. */
import { TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { families, layerSpec, layerTypes, type LayerType } from '../../shared/layers/table.ts';
import { familyColor } from '../ui/theme.ts';

/** Types whose label or keywords hold the words, best first; an empty search lists all. */
export function searchLayers(query: string, accepts: (type: LayerType) => boolean = () => true): LayerType[] {
  const q = query.trim().toLowerCase();
  const score = (type: LayerType): number => {
    const { label, keywords } = layerSpec(type);
    const l = label.toLowerCase();
    if (q === '' || l.startsWith(q)) return 0;
    if (l.includes(q) || type.includes(q)) return 1;
    return keywords.some((k) => k.includes(q)) ? 2 : 9;
  };
  return layerTypes.filter((t) => accepts(t) && score(t) < 9).sort((a, b) => score(a) - score(b));
}

export interface QuickAddProps {
  readonly at: { readonly x: number; readonly y: number };
  readonly accepts?: (type: LayerType) => boolean;
  readonly onChoose: (type: LayerType) => void;
  readonly onClose: () => void;
}

export function QuickAdd({ at, accepts, onChoose, onClose }: QuickAddProps) {
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const found = searchLayers(query, accepts);
  useEffect(() => {
    const outside = (e: PointerEvent) => { if (!box.current?.contains(e.target as Element)) onClose(); };
    window.addEventListener('pointerdown', outside, true);
    return () => window.removeEventListener('pointerdown', outside, true);
  }, [onClose]);
  const onKey = (e: React.KeyboardEvent) => {
    if (e.key === 'Escape') onClose();
    else if (e.key === 'ArrowDown') setActive((i) => Math.min(i + 1, found.length - 1));
    else if (e.key === 'ArrowUp') setActive((i) => Math.max(i - 1, 0));
    else if (e.key === 'Enter' && found[active]) onChoose(found[active]);
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  const left = Math.min(at.x, window.innerWidth - 260);
  const top = Math.min(at.y, window.innerHeight - 340);
  return (
    <div className="quickadd" ref={box} style={{ left, top }} role="dialog" aria-label="Add a layer">
      <TextInput autoFocus size="xs" placeholder="Find a layer" aria-label="Find a layer to add" value={query} onChange={(e) => { setQuery(e.currentTarget.value); setActive(0); }} onKeyDown={onKey} />
      <div className="list">
        {found.map((type, i) => {
          const { family, label } = layerSpec(type);
          return (
            <button key={type} className="palette-item" data-active={i === active} onClick={() => onChoose(type)} onPointerEnter={() => setActive(i)} style={{ cursor: 'pointer' }}>
              <span className="glyph" style={{ background: familyColor[family] }} aria-hidden>{families[family].glyph}</span>{label}
            </button>
          );
        })}
        {found.length === 0 && <p className="dim" style={{ margin: 8 }}>No layer of that name. Try “conv” or “pool”.</p>}
      </div>
    </div>
  );
}
