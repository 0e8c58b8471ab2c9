/** The net while it is drawn: nodes with the weights they hold, which a group takes along. */
import type { NamedWeight } from '../../../../shared/compile/weights.ts';
import type { DrawnNode, Wire } from '../../../../shared/graph/document.ts';

export interface WorkNode {
  readonly node: DrawnNode;
  /** By what follows the node's own id in a weight's full name: ".kernel"; of a group "/conv-1.kernel", of its copies "#2/conv-1.kernel". */
  readonly weights: ReadonlyMap<string, NamedWeight>;
  /** What the file calls it, where that says something. */
  readonly hint?: string;
}

/** Nodes in topological order. */
export interface WorkGraph { readonly nodes: readonly WorkNode[]; readonly wires: readonly Wire[] }
