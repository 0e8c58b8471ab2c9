/** Bodies of functions and nested graphs laid out in place. */
import type { SourceAttribute, SourceFunction, SourceGraph, SourceNode } from '../../onnx-io/source.ts';
import { draftOf, renameNode, type DraftNode } from './draft.ts';
import type { Expander, Expansion } from './expander.ts';
import { liveNodes, orderNodes } from './order.ts';

/** How deep functions may call one another. */
const DEEPEST = 64;
export const keyOf = (n: { readonly domain: string; readonly overload: string }, name: string): string => `${n.domain}:${name}:${n.overload}`;

/** The nodes of a body under names of their own, reading what `bound` says for its inputs. */
function inlined(nodes: readonly SourceNode[], wanted: readonly string[], bound: ReadonlyMap<string, string>, node: DraftNode, opset: number, calls: readonly string[], walk: Expander): { readonly items: readonly DraftNode[]; rename: (name: string) => string } {
  const own = new Map(bound);
  const inner = new Set(nodes.flatMap((n) => n.outputs));
  const live = liveNodes(orderNodes(nodes, (name) => bound.has(name) || !inner.has(name), walk.refuse), wanted);
  for (const n of live) for (const y of n.outputs) if (y !== '') own.set(y, walk.fresh(`${node.name}/${y}`));
  const rename = (name: string): string => own.get(name) ?? name;
  return { items: live.map((n) => draftOf({ ...renameNode(n, rename, rename), name: `${node.name}/${n.name}` }, opset, calls)), rename };
}

/** A nested graph laid out in place; `bound` names what its inputs are. */
export function inlinedGraph(graph: SourceGraph, bound: ReadonlyMap<string, string>, node: DraftNode, walk: Expander): { readonly items: readonly DraftNode[]; readonly outputs: readonly string[] } {
  const all = new Map(bound);
  for (const [name, tensor] of graph.initializers) {
    if (all.has(name)) continue;
    const own = walk.fresh(`${node.name}/${name}`);
    walk.weight(own, tensor);
    all.set(name, own);
  }
  const { items, rename } = inlined(graph.nodes, graph.outputs.map((v) => v.name), all, node, node.opset, node.calls, walk);
  return { items, outputs: graph.outputs.map((v) => rename(v.name)) };
}

function substituted(node: SourceNode, given: Readonly<Record<string, SourceAttribute>>): SourceNode {
  const attributes: Record<string, SourceAttribute> = {};
  for (const [name, a] of Object.entries(node.attributes)) {
    if (a.kind === 'reference') {
      const value = given[a.value];
      if (value) attributes[name] = value;
    } else attributes[name] = a.kind === 'graph' ? { kind: 'graph', value: { ...a.value, nodes: a.value.nodes.map((n) => substituted(n, given)) } } : a;
  }
  return { ...node, attributes };
}

export const call = (f: SourceFunction): Expansion => (node, walk) => {
  const key = keyOf(f, f.name);
  if (node.calls.includes(key)) throw walk.refuse('functions that do not call themselves', `${f.name}, which does`, 'Export the net without functions.');
  if (node.calls.length >= DEEPEST) throw walk.refuse(`functions within functions at most ${DEEPEST} deep`, 'more', 'Export the net without functions.');
  walk.importOpsets(f.opsets);
  const given = { ...f.defaults, ...node.attributes };
  const bound = new Map(f.inputs.map((name, i) => [name, node.inputs[i] ?? '']));
  const { items, rename } = inlined(f.nodes.map((n) => substituted(n, given)), f.outputs, bound, node, f.opsets[''] ?? node.opset, [...node.calls, key], walk);
  walk.push([...items, () => f.outputs.forEach((name, i) => { if ((node.outputs[i] ?? '') !== '') walk.link(node.outputs[i] as string, rename(name)); })]);
};
