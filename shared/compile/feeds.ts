/** Wires into the ports of a node. */
import type { Compilation, KnownFeed } from './compilation.ts';
import type { FlatGraph, FlatNode } from './flatten.ts';
import { portsOf, type DrawnPort } from './ports.ts';

export interface Feed { readonly from: string; readonly fromPort: string; readonly port: string }

/** Wires into each node, in wire order. */
export function feedsOf(flat: FlatGraph): (id: string) => readonly Feed[] {
  const incoming = new Map<string, Feed[]>();
  for (const { from, to } of flat.wires) {
    const feed = { from: from.node, fromPort: from.port, port: to.port };
    const list = incoming.get(to.node);
    if (list) list.push(feed);
    else incoming.set(to.node, [feed]);
  }
  return (id) => incoming.get(id) ?? [];
}

/** Wires into a layer's ports: at least one each, one where one is all it takes, none twice. False where some are amiss. */
export function checkFeeds(work: Compilation, node: FlatNode, ports: readonly DrawnPort[], feeds: readonly Feed[], lost: boolean, nameOf: (id: string) => string): boolean {
  let sound = true;
  for (const port of ports) {
    const into = feeds.filter((f) => f.port === port.id);
    const label = (port.label ?? port.id).toLowerCase();
    const twin = into.find((f, i) => into.some((other, k) => k < i && other.from === f.from && other.fromPort === f.fromPort));
    if (twin) work.report('graph.wire-twice', node, { from: nameOf(twin.from) });
    else if (into.length > 1 && !port.many) work.report('graph.port-taken', node, { port: label, count: into.length });
    // A wire that leads nowhere is said already.
    else if (into.length === 0 && !lost) work.report('graph.unconnected', node, { port: label });
    if (twin || into.length === 0 || (into.length > 1 && !port.many)) sound = false;
  }
  return sound;
}

/** What comes in, in the order of the ports, whatever order their wires were drawn in; null where some of it is not known. */
export function knownFeeds(work: Compilation, ports: readonly DrawnPort[], feeds: readonly Feed[], byId: ReadonlyMap<string, FlatNode>): readonly KnownFeed[] | null {
  const found = ports.flatMap((p) => feeds.filter((f) => f.port === p.id)).map(({ from, fromPort }): KnownFeed | null => {
    const known = work.known.get(from);
    const node = byId.get(from)?.node;
    if (!known || !node) return null;
    // An operator's outputs that are left out keep their places.
    const output = known.layer.bypassed ? 0 : node.kind === 'operator' ? node.outputs.indexOf(fromPort) : portsOf(node).outputs.findIndex((p) => p.id === fromPort);
    const type = known.layer.types[output];
    return type ? { known, output, type } : null;
  });
  return found.every((f) => f !== null) ? found : null;
}
