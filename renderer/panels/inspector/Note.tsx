/** A note on what is selected. */
import { Textarea } from '@mantine/core';
import type { DrawnNode, GraphPath } from '../../../shared/graph/document.ts';
import { edit } from '../../state/document.ts';

export function Note({ node, path }: { node: DrawnNode; path: GraphPath }) {
  return (
    <Textarea size="xs" aria-label="Note" placeholder="Note" autosize minRows={1} maxRows={6} mt={10} value={node.note ?? ''}
      onChange={(e) => edit({ kind: 'set-node', path, id: node.id, change: { note: e.currentTarget.value === '' ? undefined : e.currentTarget.value } }, `Note on ${node.name}`, `${node.id} note`)} />
  );
}
