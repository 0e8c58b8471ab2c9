/** Every change of a Document, as data; each has an inverse, so undo needs no snapshots. */
import type { Document, DrawnGraph, DrawnNode, GraphPath, GroupPort, GroupVariable, NodeId, Position, Wire, WireId } from './document.ts';

export type Edit =
  | { readonly kind: 'add-node'; readonly path: GraphPath; readonly node: DrawnNode; readonly index?: number }
  | { readonly kind: 'remove-node'; readonly path: GraphPath; readonly id: NodeId }
  | { readonly kind: 'add-wire'; readonly path: GraphPath; readonly wire: Wire; readonly index?: number }
  | { readonly kind: 'remove-wire'; readonly path: GraphPath; readonly id: WireId }
  | { readonly kind: 'move-nodes'; readonly path: GraphPath; readonly positions: Readonly<Record<NodeId, Position>> }
  | { readonly kind: 'set-params'; readonly path: GraphPath; readonly id: NodeId; readonly params: Readonly<Record<string, unknown>> }
  | { readonly kind: 'set-node'; readonly path: GraphPath; readonly id: NodeId; readonly change: NodeChange }
  /** Another graph at a place: what changes a graph as a whole (grouping, ungrouping). Shares what stays. */
  | { readonly kind: 'set-graph'; readonly path: GraphPath; readonly graph: DrawnGraph }
  | { readonly kind: 'set-document'; readonly change: Partial<Pick<Document, 'name' | 'weights' | 'origin'>> & { readonly labels?: readonly string[] | undefined } }
  | { readonly kind: 'batch'; readonly edits: readonly Edit[] };

/** Properties every node has, and those of groups; undefined removes an optional one. */
export interface NodeChange {
  readonly name?: string;
  readonly note?: string | undefined;
  readonly frozen?: boolean | undefined;
  readonly bypassed?: boolean | undefined;
  readonly repeat?: number;
  readonly variables?: readonly GroupVariable[] | undefined;
  readonly inputs?: readonly GroupPort[];
  readonly outputs?: readonly GroupPort[];
  readonly block?: string | undefined;
}
