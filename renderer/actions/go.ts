/** To a layer, wherever it lies: the groups on the way are entered. */
import type { GraphPath, NodeId } from '../../shared/graph/document.ts';
import { canvas } from '../canvas/view.ts';
import { select, showGraph, useDocument } from '../state/document.ts';
import { setUi } from '../state/ui.ts';

/** Shows a node of the graph at a path on the canvas, selected and in the middle, from whichever place one is in. */
export function goToNode(path: GraphPath, id: NodeId): void {
  const { path: before } = useDocument.getState();
  const entered = path.join('/') !== before.join('/');
  setUi({ place: 'design' });
  if (entered) showGraph(path);
  select([id]);
  // The canvas fits what it newly shows in its next frame; the layer comes to the middle after that.
  requestAnimationFrame(() => requestAnimationFrame(() => canvas.centre(id)));
}

/** The same, by the ids joined by "/" that a diagnostic's place has. */
export function goToPlace(place: string | undefined): void {
  const ids = place?.split('/') ?? [];
  const id = ids.at(-1);
  if (id !== undefined) goToNode(ids.slice(0, -1), id);
}
