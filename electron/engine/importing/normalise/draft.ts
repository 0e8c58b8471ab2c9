/** Nodes on their way to the normal form: as the file has them, each with the opset it is written in. */
import { problem, type NetloomError } from '../../../../shared/diagnostics/diagnostic.ts';
import type { SourceAttribute, SourceGraph, SourceNode } from '../../onnx-io/source.ts';

export interface DraftNode extends SourceNode {
  /** Opset of the standard domain that the node is written in. */
  readonly opset: number;
  /** Functions that it came out of, the outermost first. */
  readonly calls: readonly string[];
}

/** What stands in the way of normalising a file, said to a person. */
export type Refuse = (expected: string, got: string, next: string) => NetloomError;
export const refuser = (file: string): Refuse => (expected, got, next) => problem('onnx.unsupported', { label: file }, { expected, got, next });

/** "Conv conv1" – how a node is called in messages. */
export const titleOf = (node: Pick<SourceNode, 'op' | 'name'>): string => `${node.op} (node ${node.name.length > 80 ? `${node.name.slice(0, 77)}…` : node.name})`;

export const draftOf = (node: SourceNode, opset: number, calls: readonly string[]): DraftNode => ({ ...node, opset, calls });

export const graphsOf = (node: Pick<SourceNode, 'attributes'>): readonly SourceGraph[] => Object.values(node.attributes).flatMap((a) => (a.kind === 'graph' ? [a.value] : []));

/** Values that a nested graph reads from outside. */
export function captured(graph: SourceGraph): Set<string> {
  const own = new Set([...graph.inputs.map((v) => v.name), ...graph.initializers.keys(), ...graph.nodes.flatMap((n) => n.outputs)]);
  const read = [...graph.nodes.flatMap(readBy), ...graph.outputs.map((v) => v.name)];
  return new Set(read.filter((name) => !own.has(name)));
}

/** Values that a node reads, also those that only its nested graphs do. */
export const readBy = (node: SourceNode): readonly string[] => {
  const graphs = graphsOf(node);
  return graphs.length === 0 ? node.inputs : [...node.inputs, ...graphs.flatMap((g) => [...captured(g)])];
};

/** A nested graph that reads other values; names of its own hide those outside. */
export function renameCaptured(graph: SourceGraph, rename: (name: string) => string): SourceGraph {
  const outside = captured(graph);
  const to = (name: string): string => (outside.has(name) ? rename(name) : name);
  return { ...graph, nodes: graph.nodes.map((n) => renameNode(n, to, (y) => y)), outputs: graph.outputs.map((v) => ({ ...v, name: to(v.name) })) };
}

export function renameNode(node: SourceNode, read: (name: string) => string, made: (name: string) => string): SourceNode {
  const attributes = graphsOf(node).length === 0 ? node.attributes
    : Object.fromEntries(Object.entries(node.attributes).map(([k, a]): [string, SourceAttribute] => [k, a.kind === 'graph' ? { kind: 'graph', value: renameCaptured(a.value, read) } : a]));
  const keep = (f: (name: string) => string) => (name: string) => (name === '' ? '' : f(name));
  return { ...node, inputs: node.inputs.map(keep(read)), outputs: node.outputs.map(keep(made)), attributes };
}
