/** Applies edits to a document and gives the edit that undoes them. */
import { assertNever } from '../util/assert.ts';
import type { Document, DrawnGraph, DrawnNode, GraphPath, Wire } from './document.ts';
import type { Edit } from './edit.ts';

export interface Applied {
  readonly document: Document;
  readonly inverse: Edit;
}

/** The graph at a path. Throws when a group on the way is missing: an edit that was valid when made cannot miss. */
export function graphAt(document: Document, path: GraphPath): DrawnGraph {
  return path.reduce<DrawnGraph>((graph, id) => {
    const node = graph.nodes.find((n) => n.id === id);
    if (node?.kind !== 'group') throw new Error(`No group ${id} in the document`);
    return node.graph;
  }, document.graph);
}

function changeGraph(graph: DrawnGraph, path: GraphPath, change: (g: DrawnGraph) => DrawnGraph): DrawnGraph {
  const [id, ...rest] = path;
  if (id === undefined) return change(graph);
  return { ...graph, nodes: graph.nodes.map((n) => (n.id === id && n.kind === 'group' ? { ...n, graph: changeGraph(n.graph, rest, change) } : n)) };
}

const at = (document: Document, path: GraphPath, change: (g: DrawnGraph) => DrawnGraph): Document => ({ ...document, graph: changeGraph(document.graph, path, change) });

const insert = <T>(items: readonly T[], item: T, index = items.length): T[] => [...items.slice(0, index), item, ...items.slice(index)];

function indexOf(items: readonly { readonly id: string }[], id: string): number {
  const i = items.findIndex((item) => item.id === id);
  if (i < 0) throw new Error(`Nothing with id ${id} in the graph`);
  return i;
}

function mapNode(document: Document, path: GraphPath, id: string, change: (n: DrawnNode) => DrawnNode): Document {
  return at(document, path, (g) => ({ ...g, nodes: g.nodes.map((n) => (n.id === id ? change(n) : n)) }));
}

/** The document after an edit, and the edit that takes it back. Shares what did not change. */
export function applyEdit(document: Document, edit: Edit): Applied {
  switch (edit.kind) {
    case 'add-node':
      return { document: at(document, edit.path, (g) => ({ ...g, nodes: insert(g.nodes, edit.node, edit.index) })), inverse: { kind: 'remove-node', path: edit.path, id: edit.node.id } };
    case 'remove-node': {
      const { nodes } = graphAt(document, edit.path);
      const index = indexOf(nodes, edit.id);
      return { document: at(document, edit.path, (g) => ({ ...g, nodes: g.nodes.toSpliced(index, 1) })), inverse: { kind: 'add-node', path: edit.path, node: nodes[index] as DrawnNode, index } };
    }
    case 'add-wire':
      return { document: at(document, edit.path, (g) => ({ ...g, wires: insert(g.wires, edit.wire, edit.index) })), inverse: { kind: 'remove-wire', path: edit.path, id: edit.wire.id } };
    case 'remove-wire': {
      const { wires } = graphAt(document, edit.path);
      const index = indexOf(wires, edit.id);
      return { document: at(document, edit.path, (g) => ({ ...g, wires: g.wires.toSpliced(index, 1) })), inverse: { kind: 'add-wire', path: edit.path, wire: wires[index] as Wire, index } };
    }
    case 'move-nodes': {
      const moved = graphAt(document, edit.path).nodes.filter((n) => Object.hasOwn(edit.positions, n.id));
      const positions = Object.fromEntries(moved.map((n) => [n.id, n.position]));
      return {
        document: at(document, edit.path, (g) => ({ ...g, nodes: g.nodes.map((n) => ({ ...n, position: edit.positions[n.id] ?? n.position })) })),
        inverse: { kind: 'move-nodes', path: edit.path, positions },
      };
    }
    case 'set-params': {
      const { nodes } = graphAt(document, edit.path);
      const node = nodes[indexOf(nodes, edit.id)];
      if (node?.kind !== 'layer') throw new Error(`Node ${edit.id} has no parameters`);
      return {
        document: mapNode(document, edit.path, edit.id, (n) => (n.kind === 'layer' ? { ...n, params: edit.params } : n)),
        inverse: { ...edit, params: node.params },
      };
    }
    case 'set-node': {
      const { nodes } = graphAt(document, edit.path);
      const node = { ...(nodes[indexOf(nodes, edit.id)] as DrawnNode) } as Readonly<Record<string, unknown>>;
      const before = Object.fromEntries(Object.keys(edit.change).map((k) => [k, node[k]]));
      const change = (n: DrawnNode): DrawnNode => Object.fromEntries(Object.entries({ ...n, ...edit.change }).filter(([, v]) => v !== undefined)) as unknown as DrawnNode;
      return { document: mapNode(document, edit.path, edit.id, change), inverse: { ...edit, change: before } };
    }
    case 'set-graph':
      return { document: at(document, edit.path, () => edit.graph), inverse: { ...edit, graph: graphAt(document, edit.path) } };
    case 'set-document': {
      const before = Object.fromEntries(Object.keys(edit.change).map((k) => [k, document[k as keyof typeof edit.change]]));
      const { labels, ...rest } = { ...document, ...edit.change };
      return { document: labels === undefined ? rest : { ...rest, labels }, inverse: { kind: 'set-document', change: before } };
    }
    case 'batch': {
      const inverses: Edit[] = [];
      let current = document;
      for (const part of edit.edits) {
        const applied = applyEdit(current, part);
        current = applied.document;
        inverses.unshift(applied.inverse);
      }
      return { document: current, inverse: { kind: 'batch', edits: inverses } };
    }
    default:
      return assertNever(edit);
  }
}
