/** What a file can hold that no hand can draw: wires that lead nowhere, ids and names given twice. */
import { diagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { DrawnGraph, DrawnNode, Wire } from '../graph/document.ts';
import { NOWHERE } from '../graph/group-ports.ts';
import { isReservedName } from '../util/expression.ts';
import { hasPort } from './ports.ts';

export interface Sound {
  /** The graph without the wires that lead nowhere; itself when there are none. */
  readonly graph: DrawnGraph;
  readonly faults: readonly Diagnostic[];
}

/** Checks a graph and the groups inside; `path` is the ids of the groups it lies in, `title` what the whole is called. */
export function soundOf(graph: DrawnGraph, title: string, path: readonly string[] = []): Sound {
  const faults: Diagnostic[] = [];
  const place = (node: DrawnNode) => ({ label: node.name, node: [...path, node.id].join('/') });
  const byId = new Map<string, DrawnNode>();
  const names = new Set<string>();
  for (const node of graph.nodes) {
    if (byId.has(node.id)) faults.push(diagnostic('graph.id-twice', place(node), { id: node.id }));
    else if (names.has(node.name)) faults.push(diagnostic('graph.name-twice', place(node), { name: node.name }));
    byId.set(node.id, node);
    names.add(node.name);
  }

  const leads = (wire: Wire, index: number): boolean => {
    const [from, to] = [byId.get(wire.from.node), byId.get(wire.to.node)];
    const starts = from !== undefined && hasPort(from, 'outputs', wire.from.port);
    const ends = to !== undefined && hasPort(to, 'inputs', wire.to.port);
    if (starts && ends) return true;
    const missing = !from ? wire.from.node : !to ? wire.to.node : starts ? `${wire.to.port} of ${to.name}` : `${wire.from.port} of ${from.name}`;
    const near = to ?? from;
    faults.push(diagnostic('graph.wire-lost', near ? place(near) : { label: title }, { index, path, missing }));
    return false;
  };
  const wires = graph.wires.filter(leads);

  const nodes = graph.nodes.map((node) => {
    if (node.kind !== 'group') return node;
    const inner = soundOf(node.graph, node.name, [...path, node.id]);
    faults.push(...inner.faults);
    (node.variables ?? []).forEach((v, i, all) => {
      const reason = !/^[A-Za-z_]\w*$/.test(v.name) || isReservedName(v.name) ? 'name' as const : all.some((o, j) => j < i && o.name === v.name) ? 'twice' as const : null;
      if (reason) faults.push(diagnostic('graph.variable', place(node), { variable: v.name, reason }));
    });
    for (const [side, ports] of [['inputs', node.inputs], ['outputs', node.outputs]] as const) {
      for (const port of ports) {
        const end = node.graph.nodes.find((n) => n.id === port.node);
        if (!end || !hasPort(end, side, port.port)) faults.push(diagnostic('graph.group-port', place(node), { port: port.label || port.id, missing: end ? `${port.port} of ${end.name}` : port.node === NOWHERE ? '' : port.node }));
      }
    }
    return inner.graph === node.graph ? node : { ...node, graph: inner.graph };
  });
  const same = wires.length === graph.wires.length && nodes.every((n, i) => n === graph.nodes[i]);
  return { graph: same ? graph : { nodes, wires }, faults };
}
