/** Ports of a group: tied to inner nodes, named, added and taken away; wires at them follow. */
import { graphAt } from './apply.ts';
import type { Document, DrawnGraph, GraphPath, GroupNode, GroupPort, NodeId, WireEnd } from './document.ts';
import type { Edit } from './edit.ts';
import { connectEdit, removeAndReconnect } from './operations.ts';

export type Side = 'inputs' | 'outputs';

/** The inner node of a port that leads nowhere yet: no node of a drawn graph is called so. */
export const NOWHERE = '@nowhere';

const same = (a: WireEnd, b: WireEnd): boolean => a.node === b.node && a.port === b.port;
const set = (path: GraphPath, group: GroupNode, side: Side, ports: readonly GroupPort[]): Edit => ({ kind: 'set-node', path, id: group.id, change: { [side]: ports } });

/** The group whose inside is shown at a path, and where it lies; null at the root. */
export function groupAround(document: Document, path: GraphPath): { readonly path: GraphPath; readonly group: GroupNode } | null {
  const id = path.at(-1);
  const group = id === undefined ? undefined : graphAt(document, path.slice(0, -1)).nodes.find((n) => n.id === id);
  return group?.kind === 'group' ? { path: path.slice(0, -1), group } : null;
}

/** Calls a port something else. `path` is where the group lies, as in all of these. */
export const renamePort = (path: GraphPath, group: GroupNode, side: Side, id: string, label: string): Edit =>
  set(path, group, side, group[side].map((p) => (p.id === id ? { ...p, label } : p)));

/** Takes a port away, and the wires at it. `graph` is the one the group lies in. */
export function removePort(graph: DrawnGraph, path: GraphPath, group: GroupNode, side: Side, id: string): Edit {
  const gone = graph.wires.filter((w) => (side === 'inputs' ? w.to : w.from).node === group.id && (side === 'inputs' ? w.to : w.from).port === id);
  return { kind: 'batch', edits: [...gone.map((w): Edit => ({ kind: 'remove-wire', path, id: w.id })), set(path, group, side, group[side].filter((p) => p.id !== id))] };
}

/** Puts a port one place up or down: the first ports of a repeated group are those of its chain. */
export function movePort(path: GraphPath, group: GroupNode, side: Side, id: string, by: -1 | 1): Edit {
  const ids = [...new Set(group[side].map((p) => p.id))];
  const at = ids.indexOf(id);
  const to = at + by;
  if (at < 0 || to < 0 || to >= ids.length) return { kind: 'batch', edits: [] };
  ids.splice(to, 0, ...ids.splice(at, 1));
  return set(path, group, side, ids.flatMap((k) => group[side].filter((p) => p.id === k)));
}

/** Ties a port to an inner end; an output comes from one end alone. A port that led nowhere, or to a node that is gone, leads there now. */
export function tiePort(path: GraphPath, group: GroupNode, side: Side, id: string, end: WireEnd): Edit {
  const ports = group[side];
  const old = ports.filter((p) => p.id === id);
  if (old.some((p) => same(p, end)) || old.length === 0) return { kind: 'batch', edits: [] };
  const there = (p: GroupPort) => group.graph.nodes.some((n) => n.id === p.node);
  const kept = side === 'inputs' ? old.filter(there) : [];
  const ties = [...kept, { id, label: (old[0] as GroupPort).label, node: end.node, port: end.port }];
  const first = ports.findIndex((p) => p.id === id);
  const rest = ports.filter((p) => p.id !== id);
  const before = ports.slice(0, first).filter((p) => p.id !== id).length;
  return set(path, group, side, [...rest.slice(0, before), ...ties, ...rest.slice(before)]);
}

/** Unties a port from an inner end; the last tie leaves a port that leads nowhere, so that wires outside stay. */
export function untiePort(path: GraphPath, group: GroupNode, side: Side, id: string, end: WireEnd): Edit {
  const last = group[side].filter((p) => p.id === id).length === 1;
  const ports = group[side].flatMap((p): GroupPort[] => (p.id !== id || !same(p, end) ? [p] : last ? [{ id: p.id, label: p.label, node: NOWHERE, port: p.port }] : []));
  return set(path, group, side, ports);
}

/** A new port, tied to an inner end or open. */
export function addPort(path: GraphPath, group: GroupNode, side: Side, end: WireEnd | null): Edit {
  const stem = side === 'inputs' ? 'in' : 'out';
  const ids = new Set(group[side].map((p) => p.id));
  let id = stem;
  for (let i = 2; ids.has(id); i++) id = `${stem}-${i}`;
  const word = side === 'inputs' ? 'Input' : 'Output';
  const label = ids.size === 0 ? word : `${word} ${ids.size + 1}`;
  return set(path, group, side, [...group[side], { id, label, node: end?.node ?? NOWHERE, port: end?.port ?? stem }]);
}

/** Removes a node of any graph of the document and joins what fed it to what it fed, ports of the group around included. */
export function removeAndReconnectAt(document: Document, path: GraphPath, id: NodeId): Edit {
  const graph = graphAt(document, path);
  const removal = removeAndReconnect(graph, path, id);
  const around = groupAround(document, path);
  if (!around) return removal;
  const { group } = around;
  const source = graph.wires.find((w) => w.to.node === id)?.from;
  const targets = graph.wires.filter((w) => w.from.node === id).map((w) => w.to);
  const inputs = group.inputs.flatMap((p) => (p.node === id && targets.length > 0 ? targets.map((t): GroupPort => ({ id: p.id, label: p.label, ...t })) : [p]));
  const outputs = group.outputs.map((p) => (p.node === id && source ? { ...p, ...source } : p));
  return { kind: 'batch', edits: [removal, { kind: 'set-node', path: around.path, id: group.id, change: { inputs, outputs } }] };
}

/** A port of the group as it is seen from inside: the node that stands for it, "@in:port"; null is the place for a new one. */
export const stubId = (side: Side, port: string | null): NodeId => `@${side === 'inputs' ? 'in' : 'out'}${port === null ? '' : `:${port}`}`;

/** The port that such a node stands for; null for any other node. */
export function readStub(node: NodeId): { readonly side: Side; readonly port: string | null } | null {
  const [, word, port] = /^@(in|out)(?::(.*))?$/s.exec(node) ?? [];
  return word === undefined ? null : { side: word === 'in' ? 'inputs' : 'outputs', port: port ?? null };
}

/** What a wire between two ends is: one end may be a port of the group around, seen from inside. Null where both are, or the side is wrong. */
export function tieBetween(from: WireEnd, to: WireEnd): { readonly side: Side; readonly port: string | null; readonly end: WireEnd } | null {
  const [a, b] = [readStub(from.node), readStub(to.node)];
  if (a?.side === 'inputs' && !b) return { ...a, end: to };
  if (b?.side === 'outputs' && !a) return { ...b, end: from };
  return null;
}

/** Draws a wire at a path, or ties a port of the group around when one end stands for it. */
export function wireEdit(document: Document, path: GraphPath, from: WireEnd, to: WireEnd): Edit {
  const tie = tieBetween(from, to);
  const around = tie && groupAround(document, path);
  if (!tie || !around) return connectEdit(path, from, to);
  return tie.port === null ? addPort(around.path, around.group, tie.side, tie.end) : tiePort(around.path, around.group, tie.side, tie.port, tie.end);
}
