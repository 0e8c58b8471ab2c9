/** The palette: every layer by family, searchable; drag one onto the canvas, or click to add it after the selection. */
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Family } from '../../shared/layers/spec.ts';
import { families, layerSpec } from '../../shared/layers/table.ts';
import { addLayer } from '../actions/edits.ts';
import { DRAG_TYPE } from '../canvas/Canvas.tsx';
import { searchLayers } from '../canvas/QuickAdd.tsx';
import { LAYER_SEARCH_ID } from '../ui/focus.ts';
import { familyColor } from '../ui/theme.ts';

export function Palette() {
  const [query, setQuery] = useState('');
  const found = searchLayers(query);
  return (
    <nav className="pane" aria-label="Layers" style={{ padding: 12 }}>
      <TextInput id={LAYER_SEARCH_ID} size="xs" placeholder="Find a layer" aria-label="Find a layer" rightSection={query === '' ? <kbd className="dim" aria-hidden>/</kbd> : null} value={query} onChange={(e) => setQuery(e.currentTarget.value)}
        onKeyDown={(e) => { if (e.key === 'Enter' && found[0]) { addLayer(found[0]); setQuery(''); } if (e.key === 'Escape') setQuery(''); }} />
      {(Object.keys(families) as Family[]).map((family) => {
        const types = found.filter((t) => layerSpec(t).family === family);
        if (types.length === 0) return null;
        return (
          <section key={family} aria-label={families[family].label}>
            <h2 className="section">{families[family].label}</h2>
            {types.map((type) => (
              <button key={type} className="palette-item" draggable title={layerSpec(type).teaching.text} onClick={() => addLayer(type)}
                onDragStart={(e) => { e.dataTransfer.setData(DRAG_TYPE, type); e.dataTransfer.effectAllowed = 'copy'; }}>
                <span className="glyph" style={{ background: familyColor[family] }} aria-hidden>{families[family].glyph}</span>
                {layerSpec(type).label}
              </button>
            ))}
          </section>
        );
      })}
      {found.length === 0 && <p className="dim" style={{ marginTop: 16 }}>No layer matches “{query}”. Try “conv”, “pool” or “dense”.</p>}
    </nav>
  );
}
