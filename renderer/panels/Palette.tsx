/** The palette: layers by family, blocks, one's own blocks; the seldom behind a button, all searchable; drag one onto the canvas, or click to add it after the selection. */
import { Menu, TextInput } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { Family } from '../../shared/layers/spec.ts';
import { families } from '../../shared/layers/table.ts';
import { addNode } from '../actions/edits.ts';
import { searchAddables, type Addable, type Section } from '../canvas/addables.ts';
import { DRAG_TYPE } from '../canvas/Canvas.tsx';
import { deleteBlock, loadBlocks, renameBlock, useBlocks } from '../state/blocks.ts';
import { currentGraph } from '../state/document.ts';
import { attempt } from '../state/engine.ts';
import { useUi } from '../state/ui.ts';
import { LAYER_SEARCH_ID } from '../ui/focus.ts';

const add = (a: Addable): void => addNode(a.node(currentGraph()));

function Item({ a }: { a: Addable }) {
  return (
    <button className="palette-item" draggable title={a.help} onClick={() => add(a)}
      onDragStart={(e) => { e.dataTransfer.setData(DRAG_TYPE, a.key); e.dataTransfer.effectAllowed = 'copy'; }}>
      <span className="glyph" style={{ background: a.color }} aria-hidden>{a.glyph}</span>
      <span className="ellipsis">{a.label}</span>
    </button>
  );
}

/** One's own block, with its name to change and the way to be rid of it. */
function MyItem({ a }: { a: Addable }) {
  const id = a.key.replace(/^mine /, '');
  const [text, setText] = useState<string | null>(null);
  const take = () => {
    const name = text?.trim() ?? '';
    if (name !== '' && name !== a.label) attempt(() => renameBlock(id, name));
    setText(null);
  };
  if (text !== null) {
    return <TextInput size="xs" autoFocus aria-label={`Name of ${a.label}`} value={text} onFocus={(e) => e.currentTarget.select()} onChange={(e) => setText(e.currentTarget.value)} onBlur={take} onKeyDown={(e) => { if (e.key === 'Enter') take(); if (e.key === 'Escape') { setText(null); e.stopPropagation(); } }} />;
  }
  return (
    <div className="my-block">
      <Item a={a} />
      <Menu position="bottom-end" width={140} shadow="md">
        <Menu.Target><button className="icon-button" aria-label={`More on ${a.label}`}><IconDots size={14} /></button></Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setText(a.label)}>Rename</Menu.Item>
          <Menu.Item color="red" onClick={() => attempt(() => deleteBlock(id))}>Delete</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

const sections: readonly { readonly id: Section; readonly label: string }[] = [...(Object.keys(families) as Family[]).map((id) => ({ id, label: families[id].label })), { id: 'blocks', label: 'Blocks' }, { id: 'mine', label: 'My blocks' }];

/** One section; `whole` shows the seldom too, as a search does. */
function Group({ section: { id, label }, items, whole }: { section: (typeof sections)[number]; items: readonly Addable[]; whole: boolean }) {
  const [open, setOpen] = useState(false);
  const shown = whole || open ? items : items.filter((a) => !a.seldom);
  const more = items.filter((a) => a.seldom).length;
  const word = id === 'blocks' ? 'blocks' : 'layers';
  return (
    <section aria-label={label}>
      <h2 className="section">{label}</h2>
      {shown.map((a) => (id === 'mine' ? <MyItem key={a.key} a={a} /> : <Item key={a.key} a={a} />))}
      {!whole && more > 0 && <button className="palette-item palette-more dim" aria-expanded={open} aria-label={open ? `Fewer ${word}: ${label}` : `${more} more ${word}: ${label}`} onClick={() => setOpen(!open)}>{open ? 'Fewer' : `${more} more`}</button>}
    </section>
  );
}

export function Palette() {
  const [query, setQuery] = useState('');
  const mine = useBlocks((s) => s.mine);
  const connected = useUi((s) => s.connected);
  useEffect(() => { if (connected) attempt(loadBlocks); }, [connected]);
  const found = searchAddables(query, mine);
  return (
    <nav className="pane" aria-label="Layers" style={{ padding: 12 }}>
      <TextInput id={LAYER_SEARCH_ID} size="xs" placeholder="Find a layer" aria-label="Find a layer" rightSection={query === '' ? <kbd className="dim" aria-hidden>/</kbd> : null} value={query} onChange={(e) => setQuery(e.currentTarget.value)}
        onKeyDown={(e) => { if (e.key === 'Enter' && found[0]) { add(found[0]); setQuery(''); } if (e.key === 'Escape') { setQuery(''); if (query === '') e.currentTarget.blur(); } }} />
      {sections.map((section) => {
        const items = found.filter((a) => a.section === section.id);
        return items.length > 0 && <Group key={section.id} section={section} items={items} whole={query !== ''} />;
      })}
      {found.length === 0 && <p className="dim" style={{ marginTop: 16 }}>No layer or block matches “{query}”. Try “conv”, “pool” or “residual”.</p>}
    </nav>
  );
}
