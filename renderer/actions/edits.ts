/** Commands on the drawn graph. */
import { canConnect, portsOf } from '../../shared/compile/connect.ts';
import { namesAt } from '../../shared/compile/formulas.ts';
import { newLayer, nodeStem } from '../../shared/compile/repairs.ts';
import { render } from '../../shared/diagnostics/diagnostic.ts';
import { applyEdit } from '../../shared/graph/apply.ts';
import type { DrawnNode, Position, Wire, WireEnd, WireId } from '../../shared/graph/document.ts';
import type { Edit } from '../../shared/graph/edit.ts';
import { groupAround, removeAndReconnectAt, untiePort, wireEdit } from '../../shared/graph/group-ports.ts';
import { NODE } from '../../shared/graph/layout.ts';
import { connectEdit, copyText, pasteEdit, removeNodes, spliceEdit } from '../../shared/graph/operations.ts';
import type { LayerType } from '../../shared/layers/table.ts';
import { tiesOf } from '../canvas/stubs.ts';
import { canvas } from '../canvas/view.ts';
import { currentDocument, currentGraph, edit, select, useDocument } from '../state/document.ts';

const path = () => useDocument.getState().path;
const selected = (): string[] => [...useDocument.getState().nodes];

/** Between two layers of a row. */
const GAP = 34;

/** Right of a node, and what makes room there: layers further right in its row move aside. */
function rightOf({ position: { x, y } }: DrawnNode): { readonly place: Position; readonly room: Edit[] } {
  const by = NODE.width + GAP;
  const place = { x: x + by, y };
  const row = currentGraph().nodes.filter((n) => n.position.x > x && Math.abs(n.position.y - y) < NODE.height);
  const taken = row.some((n) => n.position.x < place.x + NODE.width);
  return { place, room: taken ? [{ kind: 'move-nodes', path: path(), positions: Object.fromEntries(row.map((n) => [n.id, { x: n.position.x + by, y: n.position.y }])) }] : [] };
}

/** The only wire that leaves a node; undefined where there are none or several. */
function onlyWireFrom(id: string): Wire | undefined {
  const [wire, ...more] = currentGraph().wires.filter((w) => w.from.node === id);
  return more.length === 0 ? wire : undefined;
}

/** Where a new node goes when no place was given: right of the selection, or below everything. */
function freePlace(after: DrawnNode | undefined): Position {
  const { nodes } = currentGraph();
  const free = (p: Position) => nodes.every((n) => Math.abs(n.position.x - p.x) >= NODE.width || Math.abs(n.position.y - p.y) >= NODE.height);
  if (after) {
    for (const dy of [0, 1, -1, 2]) {
      const p = { x: after.position.x + NODE.width + GAP, y: after.position.y + dy * (NODE.height + 30) };
      if (free(p)) return p;
    }
  }
  return { x: after?.position.x ?? 0, y: Math.max(0, ...nodes.map((n) => n.position.y + NODE.height + 44)) };
}

/** A wire that lies open to a new node between two others. */
export interface AddOptions { readonly position?: Position; readonly from?: WireEnd; readonly to?: WireEnd; readonly into?: Wire }

/** Adds a node that is made for this graph; connects it to the given end, into the given wire, or after the selected node where that is possible: between it and the one layer that it feeds. */
export function addNode(node: DrawnNode, options: AddOptions = {}): void {
  const graph = currentGraph();
  const last = graph.nodes.find((n) => n.id === selected()[0]);
  const ports = portsOf(node);
  const [input, output] = [ports.inputs[0]?.id, ports.outputs[0]?.id];
  const simple = ports.inputs.length === 1 && ports.outputs.length === 1 && ports.inputs[0]?.many !== true;
  const onward = last && simple && Object.keys(options).length === 0 ? onlyWireFrom(last.id) : undefined;
  const beside = last && onward ? rightOf(last) : { place: options.position ?? freePlace(last), room: [] };
  const placed: DrawnNode = { ...node, position: beside.place };
  const edits: Edit[] = [...beside.room, { kind: 'add-node', path: path(), node: placed }];
  if (onward && input !== undefined && output !== undefined) edits.push(spliceEdit(path(), onward, placed, input, output));
  else if (options.into && input !== undefined && output !== undefined) edits.push(spliceEdit(path(), options.into, placed, input, output));
  else if (options.from && input !== undefined) edits.push(wireEdit(currentDocument(), path(), options.from, { node: placed.id, port: input }));
  else if (options.to && output !== undefined) edits.push(wireEdit(currentDocument(), path(), { node: placed.id, port: output }, options.to));
  else if (!options.position && last && input !== undefined) {
    const out = portsOf(last).outputs[0];
    const open = out && !graph.wires.some((w) => w.from.node === last.id);
    if (open) edits.push(connectEdit(path(), { node: last.id, port: out.id }, { node: placed.id, port: input }));
  }
  edit({ kind: 'batch', edits }, `Add ${placed.name}`);
  select([placed.id]);
  if (onward) canvas.refit();
}

/** Adds a layer as `addNode` does. */
export const addLayer = (type: LayerType, options: AddOptions = {}): void => addNode(newLayer(currentGraph(), type, nodeStem(type), { x: 0, y: 0 }), options);

/** Draws a wire where it is allowed. */
export function connect(from: WireEnd, to: WireEnd): void {
  if (canConnect(currentDocument(), path(), from, to).ok) edit(wireEdit(currentDocument(), path(), from, to), 'Connect');
}

/** Takes a wire away, or the tie of a port of the group that is shown. */
export function removeWireEdit(id: WireId): Edit {
  const around = groupAround(currentDocument(), path());
  const tie = around && tiesOf(around.group).find((t) => t.id === id);
  return tie ? untiePort(around.path, around.group, tie.side, tie.port, tie.end) : { kind: 'remove-wire', path: path(), id };
}

export function removeSelection(): void {
  const { nodes, wires } = useDocument.getState();
  if (nodes.size + wires.size === 0) return;
  const own = currentGraph().wires.filter((w) => wires.has(w.id)).map((w) => w.id);
  // Ties are properties of the group around: one after another.
  let document = applyEdit(currentDocument(), removeNodes(currentGraph(), path(), [...nodes], own)).document;
  const edits: Edit[] = [removeNodes(currentGraph(), path(), [...nodes], own)];
  for (const id of wires) {
    const around = groupAround(document, path());
    const tie = around && tiesOf(around.group).find((t) => t.id === id);
    if (!tie) continue;
    const untied = untiePort(around.path, around.group, tie.side, tie.port, tie.end);
    document = applyEdit(document, untied).document;
    edits.push(untied);
  }
  edit({ kind: 'batch', edits }, nodes.size > 0 ? 'Delete' : 'Delete wire');
}

/** Removes the selected layers, joining what fed each to what it fed; one step however many they are. */
export function removeSelectionAndReconnect(): void {
  const edits: Edit[] = [];
  let document = currentDocument();
  for (const id of selected()) {
    const part = removeAndReconnectAt(document, path(), id);
    document = applyEdit(document, part).document;
    edits.push(part);
  }
  if (edits.length > 0) edit({ kind: 'batch', edits }, 'Delete and reconnect');
}

/** Puts a layer that is on the canvas into a wire, as part of the step `mergeKey`. */
export function spliceNode(id: string, wire: Wire, mergeKey: string): void {
  const node = currentGraph().nodes.find((n) => n.id === id);
  const ports = node && portsOf(node);
  const [input, output] = [ports?.inputs[0]?.id, ports?.outputs[0]?.id];
  if (node && input !== undefined && output !== undefined) edit(spliceEdit(path(), wire, node, input, output), `Put ${node.name} into a wire`, mergeKey);
}

/** Moves an end of a wire. */
export function rewire(id: string, from: WireEnd, to: WireEnd): void {
  const removal = removeWireEdit(id);
  const { document } = applyEdit(currentDocument(), removal);
  edit({ kind: 'batch', edits: [removal, wireEdit(document, path(), from, to)] }, 'Move wire');
}

/** Joins the selected layers from left to right wherever a wire is allowed; one step. */
export function joinSelection(): void {
  const nodes = currentGraph().nodes.filter((n) => useDocument.getState().nodes.has(n.id)).sort((a, b) => a.position.x - b.position.x || a.position.y - b.position.y);
  const edits: Edit[] = [];
  let document = currentDocument();
  for (const [i, to] of nodes.entries()) {
    const from = nodes[i - 1];
    const [output, input] = [from && portsOf(from).outputs[0], portsOf(to).inputs[0]];
    if (!from || !output || !input) continue;
    const ends = [{ node: from.id, port: output.id }, { node: to.id, port: input.id }] as const;
    if (!canConnect(document, path(), ...ends).ok) continue;
    const wire = connectEdit(path(), ...ends);
    document = applyEdit(document, wire).document;
    edits.push(wire);
  }
  if (edits.length > 0) edit({ kind: 'batch', edits }, 'Connect');
}

/** Why a new node, made for this graph, could not be connected as asked; null when it can, or when nothing is asked. */
export function whyNotNode(node: DrawnNode, { from, to }: AddOptions): string | null {
  if (!from && !to) return null;
  const { document } = applyEdit(currentDocument(), { kind: 'add-node', path: path(), node });
  const ports = portsOf(node);
  const answer = from
    ? canConnect(document, path(), from, { node: node.id, port: ports.inputs[0]?.id ?? '' })
    : canConnect(document, path(), { node: node.id, port: ports.outputs[0]?.id ?? '' }, to as WireEnd);
  return answer.ok ? null : render(answer.error).sentence;
}

/** Why a new layer of this type could not be connected as asked. */
export const whyNot = (type: LayerType, options: AddOptions): string | null => whyNotNode(newLayer(currentGraph(), type, nodeStem(type), { x: 0, y: 0 }), options);

export const selectAll = (): void => select(currentGraph().nodes.map((n) => n.id));

/** Selects, with the selected nodes, all that they get their numbers from and all that gets numbers from them, in the graph that is shown. */
export function selectJoined(): void {
  const { wires } = currentGraph();
  const upstream = new Set(selected());
  const downstream = new Set(selected());
  // A set is walked in the order in which it grows.
  for (const id of upstream) for (const { from, to } of wires) if (to.node === id) upstream.add(from.node);
  for (const id of downstream) for (const { from, to } of wires) if (from.node === id) downstream.add(to.node);
  select([...upstream, ...downstream]);
}

/** What formulas of the shown graph may name. */
const namesHere = () => namesAt(currentDocument(), path());

/** The selected layers as clipboard text; null when none is selected. */
export const selectionText = (): string | null => (selected().length > 0 ? copyText(currentGraph(), selected(), namesHere()) : null);

/** Puts layers in from clipboard text; any other text is left alone. */
export function pasteText(text: string, label = 'Paste'): void {
  const pasted = pasteEdit(currentGraph(), path(), text, { x: 40, y: 60 }, new Set(namesHere().keys()));
  if (!pasted) return;
  edit(pasted.edit, label);
  select(pasted.ids);
}

export const duplicateSelection = (): void => pasteText(copyText(currentGraph(), selected(), namesHere()), 'Duplicate');

/** Sets a flag on all selected nodes, or clears it when all have it. */
export function toggleFlag(flag: 'bypassed', label: string): void {
  const nodes = currentGraph().nodes.filter((n) => useDocument.getState().nodes.has(n.id));
  if (nodes.length === 0) return;
  const value = nodes.every((n) => n[flag] === true) ? undefined : true;
  edit({ kind: 'batch', edits: nodes.map((n): Edit => ({ kind: 'set-node', path: path(), id: n.id, change: { [flag]: value } })) }, label);
}
