/** The name of what is selected; two of one graph cannot share one, and none can be without. */
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { graphAt } from '../../../shared/graph/apply.ts';
import type { DrawnNode, GraphPath } from '../../../shared/graph/document.ts';
import { currentDocument, edit } from '../../state/document.ts';

/** `path` is where the node lies. */
export function Name({ node, path }: { node: DrawnNode; path: GraphPath }) {
  const [text, setText] = useState(node.name);
  const taken = graphAt(currentDocument(), path).nodes.some((n) => n.id !== node.id && n.name === text.trim());
  const wrong = text.trim() === '' ? 'Expected a name, got nothing.' : taken ? `Expected a new name, got that of another layer.` : null;
  const take = () => {
    const name = text.trim();
    if (wrong !== null) setText(node.name);
    else if (name !== node.name) edit({ kind: 'set-node', path, id: node.id, change: { name } }, `Rename ${node.name}`);
  };
  return (
    <TextInput variant="unstyled" size="sm" aria-label="Name" value={text} error={wrong} style={{ flex: 1 }} styles={{ input: { fontWeight: 600, fontSize: 14, height: 26, minHeight: 26 } }}
      onChange={(e) => setText(e.currentTarget.value)} onBlur={take} onKeyDown={(e) => { if (e.key === 'Enter') e.currentTarget.blur(); if (e.key === 'Escape') setText(node.name); }} />
  );
}
