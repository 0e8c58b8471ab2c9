/** What a drawn group comes to: its sizes and counts over all copies, and the worst that is wrong inside. */
import { severityOf, type Diagnostic, type Severity } from '../diagnostics/diagnostic.ts';
import type { DrawnGraph, GraphPath, GroupNode, NodeId } from '../graph/document.ts';
import type { Shape } from '../shapes/shape.ts';
import type { Compiled, NetworkLayer } from './network.ts';

export interface GroupSummary {
  /** Shape at each output port, in order, and the layer it comes from; null where it is not known. */
  readonly outputs: readonly { readonly id: string; readonly label: string; readonly shape: Shape | null; readonly layer: string | null }[];
  /** All layers inside, of every copy, in the network's order. */
  readonly layers: readonly NetworkLayer[];
  readonly parameters: number;
  readonly macs: number;
  /** What is wrong at the group and inside. */
  readonly problems: readonly Diagnostic[];
  readonly worst: Severity | null;
}

/**
 * The id in the network of what is drawn at a path: in repeated groups on the way, the first copy's (or the last one's).
 * `document` is the root graph. The last id of the path may be any node.
 */
export function networkId(document: DrawnGraph, path: GraphPath, copy: 'first' | 'last' = 'first'): string {
  let graph: DrawnGraph | null = document;
  const parts: string[] = [];
  for (const [depth, id] of path.entries()) {
    const node: DrawnGraph['nodes'][number] | undefined = graph?.nodes.find((n) => n.id === id);
    const inside = node?.kind === 'group' && depth < path.length - 1;
    parts.push(inside && node.repeat > 1 ? `${id}#${copy === 'first' ? 1 : node.repeat}` : id);
    graph = node?.kind === 'group' ? node.graph : null;
  }
  return parts.join('/');
}

/** Layers of a group by the id that `networkId` gives for it, copies and groups inside included. */
export const layersUnder = (layers: readonly NetworkLayer[], id: string): readonly NetworkLayer[] => layers.filter((l) => l.id === id || l.id.startsWith(`${id}/`) || (l.id.startsWith(`${id}#`) && /^\d+\//.test(l.id.slice(id.length + 1))));

/** The layer behind an output port of a group whose id in the network is known: in its last copy, through groups inside. */
function behind(group: GroupNode, id: string, port: string): string | null {
  if (group.bypassed === true) return id;
  const tie = group.outputs.find((p) => p.id === port);
  const node = group.graph.nodes.find((n) => n.id === tie?.node);
  if (!tie || !node) return null;
  const inner = `${id}${group.repeat > 1 ? `#${group.repeat}` : ''}/${node.id}`;
  return node.kind === 'group' ? behind(node, inner, tie.port) : inner;
}

/** Sums over a group at a path of the document (its ids from the root); of groups around it, their first copy counts. Null when there is no group. */
export function groupSummary(document: DrawnGraph, { network, problems }: Pick<Compiled, 'network' | 'problems'>, path: readonly NodeId[]): GroupSummary | null {
  const node = path.reduce<DrawnGraph['nodes'][number] | undefined>((n, id, i) => (i === 0 ? document : n?.kind === 'group' ? n.graph : null)?.nodes.find((c) => c.id === id), undefined);
  if (node?.kind !== 'group') return null;
  const id = networkId(document, path);
  const layers = layersUnder(network.layers, id);
  const shapes = new Map(layers.map((l) => [l.id, l.shape]));
  const place = path.join('/');
  const mine = problems.map((p) => p.diagnostic).filter((d) => d.place.node === place || d.place.node?.startsWith(`${place}/`) === true);
  const order: readonly Severity[] = ['error', 'warning', 'info'];
  const ports = node.outputs.filter((p, i) => node.outputs.findIndex((o) => o.id === p.id) === i);
  return {
    outputs: ports.map((p) => {
      const layer = behind(node, id, p.id);
      return { id: p.id, label: p.label, shape: shapes.get(layer ?? '') ?? null, layer };
    }),
    layers,
    parameters: layers.reduce((n, l) => n + l.parameters, 0),
    macs: layers.reduce((n, l) => n + l.macs, 0),
    problems: mine,
    worst: order.find((s) => mine.some((d) => severityOf(d) === s)) ?? null,
  };
}
