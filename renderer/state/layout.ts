/** Arranging the graph that is shown: small ones at once, large ones beside the interface's thread, where it can be cancelled. */
import { create } from 'zustand';
import { graphAt } from '../../shared/graph/apply.ts';
import type { DrawnGraph, GraphPath, NodeId, Position } from '../../shared/graph/document.ts';
import { arrange } from '../../shared/graph/layout.ts';
import { currentDocument, currentGraph, edit, useDocument } from './document.ts';

type Positions = Record<NodeId, Position>;

/** Nodes that are arranged within a frame. */
const AT_ONCE = 60;

interface LayoutState {
  /** Ends the arrangement under way; null when there is none. */
  readonly cancel: (() => void) | null;
}
export const useLayout = create<LayoutState>(() => ({ cancel: null }));

/** Positions from a thread of its own; null when it was cancelled. Where no such thread starts, they are made here after all. */
function arrangeBeside(graph: DrawnGraph): Promise<Positions | null> {
  const worker = new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' });
  return new Promise<Positions | null>((resolve) => {
    const cancel = () => resolve(null);
    useLayout.setState({ cancel });
    worker.onmessage = (e: MessageEvent<Positions>) => resolve(e.data);
    worker.onerror = () => resolve(arrange(graph));
    worker.postMessage(graph);
  }).finally(() => {
    worker.terminate();
    useLayout.setState({ cancel: null });
  });
}

/** The graph at a path of the document as it is now; null when the document or the path is gone. */
function graphStill(name: string, origin: string | null, path: GraphPath): DrawnGraph | null {
  const document = currentDocument();
  if (document.name !== name || document.origin !== origin) return null;
  try {
    return graphAt(document, path);
  } catch {
    return null;
  }
}

const sameWiring = (a: DrawnGraph, b: DrawnGraph): boolean => a.wires === b.wires && a.nodes.length === b.nodes.length && a.nodes.every((n, i) => n.id === b.nodes[i]?.id);

/**
 * Arranges the graph that is shown, as one step. Answers whether it did: not where it was cancelled or the graph is gone. A
 * graph that was rewired meanwhile is arranged anew.
 */
export async function arrangeShown(beside: (graph: DrawnGraph) => Promise<Positions | null> = arrangeBeside): Promise<boolean> {
  useLayout.getState().cancel?.();
  const { path } = useDocument.getState();
  const { name, origin } = currentDocument();
  let graph = currentGraph();
  if (graph.nodes.length <= AT_ONCE) {
    edit({ kind: 'move-nodes', path, positions: arrange(graph) }, 'Arrange');
    return true;
  }
  for (;;) {
    const positions = await beside(graph);
    const now = positions && graphStill(name, origin, path);
    if (!now) return false;
    if (sameWiring(graph, now)) {
      edit({ kind: 'move-nodes', path, positions }, 'Arrange');
      return true;
    }
    graph = now;
  }
}
