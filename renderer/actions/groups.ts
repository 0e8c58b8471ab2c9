/** Commands on groups: made of the selection, opened into the graph, entered and left, changed from the inspector. */
import { portsOf } from '../../shared/compile/ports.ts';
import { applyEdit, graphAt } from '../../shared/graph/apply.ts';
import type { DrawnNode, GroupNode } from '../../shared/graph/document.ts';
import type { Edit } from '../../shared/graph/edit.ts';
import { groupAround } from '../../shared/graph/group-ports.ts';
import { groupNodes, ungroup } from '../../shared/graph/grouping.ts';
import { freshName } from '../../shared/graph/operations.ts';
import { currentDocument, currentGraph, edit, select, showGraph, useDocument } from '../state/document.ts';

const path = () => useDocument.getState().path;
const chosen = () => currentGraph().nodes.filter((n) => useDocument.getState().nodes.has(n.id));

/** Groups that are selected. */
export const selectedGroups = (): readonly GroupNode[] => chosen().flatMap((n) => (n.kind === 'group' ? [n] : []));

/** Puts the selected layers into a new group, which is selected then. */
export function groupSelection(): void {
  const graph = currentGraph();
  const made = groupNodes(graph, path(), chosen().map((n) => n.id), freshName(graph, 'group'), portsOf, groupAround(currentDocument(), path()));
  if (!made) return;
  edit(made.edit, 'Group');
  select([made.id]);
}

/** Opens the selected groups into the graph they lie in; one step. */
export function ungroupSelection(): void {
  let document = currentDocument();
  const edits: Edit[] = [];
  const ids: string[] = [];
  for (const group of selectedGroups()) {
    const around = groupAround(document, path());
    const graph = around ? around.group.graph : document.graph;
    const opened = ungroup(graph, path(), group.id, around);
    if (!opened) continue;
    document = applyEdit(document, opened.edit).document;
    edits.push(opened.edit);
    ids.push(...opened.ids);
  }
  if (edits.length === 0) return;
  edit({ kind: 'batch', edits }, 'Ungroup');
  select(ids);
}

/** Opens every group of the shown graph, and the groups inside those, until there are only layers; one step. */
export function ungroupAll(): void {
  let document = currentDocument();
  const shown = () => graphAt(document, path());
  for (let group = shown().nodes.find(opens); group; group = shown().nodes.find(opens)) {
    const opened = ungroup(shown(), path(), group.id, groupAround(document, path()));
    if (!opened) break;
    document = applyEdit(document, opened.edit).document;
  }
  const around = groupAround(document, path());
  const edits: Edit[] = [{ kind: 'set-graph', path: path(), graph: shown() }];
  if (around) edits.push({ kind: 'set-node', path: around.path, id: around.group.id, change: { inputs: around.group.inputs, outputs: around.group.outputs } });
  edit({ kind: 'batch', edits }, 'Open all groups');
  select([]);
}
const opens = (n: DrawnNode): boolean => n.kind === 'group' && n.graph.nodes.length > 0;
export const hasGroups = (): boolean => currentGraph().nodes.some(opens);

/** Shows the inside of the one selected group. */
export function enterGroup(): void {
  const [group] = selectedGroups();
  if (group) showGraph([...path(), group.id]);
}

export const mayEnter = (): boolean => chosen().length === 1 && selectedGroups().length === 1;
