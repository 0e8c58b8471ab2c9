/** The palette: layers by family, the seldom ones behind a button, all of them searchable; drag one onto the canvas, or click to add it after the selection. */
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Family } from '../../shared/layers/spec.ts';
import { families, layerSpec, type LayerType } from '../../shared/layers/table.ts';
import { addLayer } from '../actions/edits.ts';
import { DRAG_TYPE } from '../canvas/Canvas.tsx';
import { searchLayers } from '../canvas/QuickAdd.tsx';
import { LAYER_SEARCH_ID } from '../ui/focus.ts';
import { familyColor } from '../ui/theme.ts';

function Item({ type }: { type: LayerType }) {
  const { family, label, teaching } = layerSpec(type);
  return (
    <button className="palette-item" draggable title={teaching.text} onClick={() => addLayer(type)}
      onDragStart={(e) => { e.dataTransfer.setData(DRAG_TYPE, type); e.dataTransfer.effectAllowed = 'copy'; }}>
      <span className="glyph" style={{ background: familyColor[family] }} aria-hidden>{families[family].glyph}</span>
      {label}
    </button>
  );
}

/** One family; `whole` shows the seldom layers too, as a search does. */
function Group({ family, types, whole }: { family: Family; types: readonly LayerType[]; whole: boolean }) {
  const [open, setOpen] = useState(false);
  const shown = whole || open ? types : types.filter((t) => !layerSpec(t).seldom);
  const more = types.length - types.filter((t) => !layerSpec(t).seldom).length;
  const { label } = families[family];
  return (
    <section aria-label={label}>
      <h2 className="section">{label}</h2>
      {shown.map((type) => <Item key={type} type={type} />)}
      {!whole && more > 0 && <button className="palette-item palette-more dim" aria-expanded={open} aria-label={open ? `Fewer layers: ${label}` : `${more} more layers: ${label}`} onClick={() => setOpen(!open)}>{open ? 'Fewer' : `${more} more`}</button>}
    </section>
  );
}

export function Palette() {
  const [query, setQuery] = useState('');
  const found = searchLayers(query);
  return (
    <nav className="pane" aria-label="Layers" style={{ padding: 12 }}>
      <TextInput id={LAYER_SEARCH_ID} size="xs" placeholder="Find a layer" aria-label="Find a layer" rightSection={query === '' ? <kbd className="dim" aria-hidden>/</kbd> : null} value={query} onChange={(e) => setQuery(e.currentTarget.value)}
        onKeyDown={(e) => { if (e.key === 'Enter' && found[0]) { addLayer(found[0]); setQuery(''); } if (e.key === 'Escape') setQuery(''); }} />
      {(Object.keys(families) as Family[]).map((family) => {
        const types = found.filter((t) => layerSpec(t).family === family);
        return types.length > 0 && <Group key={family} family={family} types={types} whole={query !== ''} />;
      })}
      {found.length === 0 && <p className="dim" style={{ marginTop: 16 }}>No layer matches “{query}”. Try “conv”, “pool” or “dense”.</p>}
    </nav>
  );
}
