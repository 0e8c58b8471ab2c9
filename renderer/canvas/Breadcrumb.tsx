/** Where the canvas is inside nested groups; each name leads back. */
import { IconChevronRight } from '@tabler/icons-react';
import { graphAt } from '../../shared/graph/apply.ts';
import { showGraph, useDocument } from '../state/document.ts';

export function Breadcrumb() {
  const path = useDocument((s) => s.path);
  const document_ = useDocument((s) => s.history.document);
  if (path.length === 0) return null;
  const name = (depth: number) => graphAt(document_, path.slice(0, depth)).nodes.find((n) => n.id === path[depth])?.name ?? '';
  return (
    <nav className="breadcrumb" aria-label="Groups">
      <button onClick={() => showGraph([])}>{document_.name}</button>
      {path.map((id, i) => (
        <span key={id} style={{ display: 'contents' }}>
          <IconChevronRight size={13} aria-hidden />
          <button aria-current={i === path.length - 1 ? 'page' : undefined} onClick={() => showGraph(path.slice(0, i + 1))}>{name(i)}</button>
        </span>
      ))}
    </nav>
  );
}
