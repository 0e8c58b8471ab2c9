/** Step 1: groups are opened, repeated copies chained; what remains is one flat graph of layers and operators. */
import type { DrawnGraph, DrawnNode, GroupNode, WireEnd } from '../graph/document.ts';

export interface FlatNode {
  readonly id: string;
  readonly name: string;
  /** Where it stands in the document: the first copy of a repeated group stands for all. */
  readonly path: string;
  readonly node: Exclude<DrawnNode, GroupNode>;
  readonly frozen: boolean;
}
export interface FlatWire { readonly from: { node: string; port: string }; readonly to: { node: string; port: string } }
export interface FlatGraph { readonly nodes: readonly FlatNode[]; readonly wires: readonly FlatWire[] }

interface Scope { readonly id: string; readonly name: string; readonly path: string; readonly frozen: boolean }
const join = (a: string, b: string, by: string) => (a === '' ? b : `${a}${by}${b}`);

/** Ends of a wire at a group become the inner ends; of a plain node, itself. */
type Ends = (end: WireEnd) => { node: string; port: string }[];

function open(graph: DrawnGraph, scope: Scope, nodes: FlatNode[], wires: FlatWire[]): { sources: Ends; targets: Ends } {
  const groups = new Map<string, { first: { sources: Ends; targets: Ends }; last: { sources: Ends; targets: Ends }; group: GroupNode }>();
  for (const n of graph.nodes) {
    const inner: Scope = { id: join(scope.id, n.id, '/'), name: join(scope.name, n.name, ' / '), path: join(scope.path, n.id, '/'), frozen: scope.frozen || n.frozen === true };
    if (n.kind !== 'group') {
      nodes.push({ id: inner.id, name: inner.name, path: inner.path, node: n, frozen: inner.frozen });
      continue;
    }
    const copies = Array.from({ length: n.repeat }, (_, k) => open(n.graph, n.repeat === 1 ? inner : { ...inner, id: `${inner.id}#${k + 1}`, name: `${inner.name} ${k + 1}` }, nodes, wires));
    // Copy k feeds copy k + 1, first output into first input.
    const [output] = n.outputs;
    const [input] = n.inputs;
    copies.slice(1).forEach((copy, k) => {
      if (!output || !input) return;
      for (const from of copies[k]?.sources({ node: output.node, port: output.port }) ?? []) {
        for (const to of copy.targets({ node: input.node, port: input.port })) wires.push({ from, to });
      }
    });
    const first = copies[0];
    const last = copies.at(-1);
    if (first && last) groups.set(n.id, { first, last, group: n });
  }
  const plain = (end: WireEnd) => [{ node: join(scope.id, end.node, '/'), port: end.port }];
  const sources: Ends = (end) => {
    const g = groups.get(end.node);
    return g ? g.group.outputs.filter((p) => p.id === end.port).flatMap((p) => g.last.sources({ node: p.node, port: p.port })) : plain(end);
  };
  const targets: Ends = (end) => {
    const g = groups.get(end.node);
    return g ? g.group.inputs.filter((p) => p.id === end.port).flatMap((p) => g.first.targets({ node: p.node, port: p.port })) : plain(end);
  };
  for (const w of graph.wires) for (const from of sources(w.from)) for (const to of targets(w.to)) wires.push({ from, to });
  return { sources, targets };
}

export function flatten(graph: DrawnGraph): FlatGraph {
  const nodes: FlatNode[] = [];
  const wires: FlatWire[] = [];
  open(graph, { id: '', name: '', path: '', frozen: false }, nodes, wires);
  return { nodes, wires };
}
