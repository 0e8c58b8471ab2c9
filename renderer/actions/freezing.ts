/** Freezing and thawing: of what is selected, of all before it, and back. One step each, through groups and their copies. */
import { leadingTo } from '../../shared/compile/cuts.ts';
import { freezeLayers } from '../../shared/compile/trim.ts';
import { currentDocument, edit, useDocument } from '../state/document.ts';
import { placeOf } from '../state/lookup.ts';

const network = () => useDocument.getState().compiled.network;
const frozenNow = (): Set<string> => new Set(network().layers.filter((l) => l.frozen).map((l) => l.id));

/** Layers of the network that the selected nodes stand for: all copies, and what is in groups. */
function selectedLayers(): readonly string[] {
  const { path, nodes } = useDocument.getState();
  const places = [...nodes].map((id) => [...path, id].join('/'));
  return network().layers.map((l) => l.id).filter((id) => places.some((p) => placeOf(id) === p || placeOf(id).startsWith(`${p}/`)));
}

function setFrozen(frozen: ReadonlySet<string>, label: string): void {
  const { graph } = currentDocument();
  const next = freezeLayers(graph, frozen, network().layers.map((l) => l.id));
  if (next !== graph) edit({ kind: 'set-graph', path: [], graph: next }, label);
}

/** Freezes what is selected, or thaws it where all of it is frozen. */
export function toggleFrozen(): void {
  const mine = selectedLayers();
  const frozen = frozenNow();
  const thaw = mine.length > 0 && mine.every((id) => frozen.has(id));
  for (const id of mine) if (thaw) frozen.delete(id); else frozen.add(id);
  setFrozen(frozen, thaw ? 'Unfreeze' : 'Freeze');
}

/** Freezes all that the selected layers get their numbers from; what is frozen already stays so. */
export function freezeBefore(): void {
  const mine = new Set(selectedLayers());
  const before = leadingTo(network(), [...mine]);
  setFrozen(new Set([...frozenNow(), ...[...before].filter((id) => !mine.has(id))]), 'Freeze everything before this');
}

export const hasFrozen = (): boolean => network().layers.some((l) => l.frozen);
export const unfreezeAll = (): void => setFrozen(new Set(), 'Unfreeze everything');
