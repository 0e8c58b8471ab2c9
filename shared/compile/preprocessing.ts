/** What a net expects of its pictures, as a layer right behind its Input. */
import { applyEdit } from '../graph/apply.ts';
import type { Document, DrawnGraph, DrawnNode, LayerNode } from '../graph/document.ts';
import type { Edit } from '../graph/edit.ts';
import { NODE } from '../graph/layout.ts';
import { connectEdit, removeAndReconnect } from '../graph/operations.ts';
import type { Preparation } from '../layers/spec.ts';
import { isLayerType, layerSpec } from '../layers/table.ts';
import { newLayer } from './repairs.ts';

/** A node and the gap to the next, as arranging has them. */
const STEP = NODE.width + 30;

const specOf = (node: DrawnNode) => (node.kind === 'layer' && isLayerType(node.layer) ? layerSpec(node.layer) : null);

/** The Input that takes pictures, or the only one; null where samples of pictures cannot enter. */
function pictureSource(graph: DrawnGraph): LayerNode | null {
  const sources = graph.nodes.filter((n): n is LayerNode => n.kind === 'layer' && specOf(n)?.inputs.length === 0 && specOf(n)?.tensors === undefined);
  return sources.find((n) => n.params.kind === 'image') ?? null;
}

/** The layer behind the Input that prepares its pictures already. */
function preparing(graph: DrawnGraph, source: LayerNode): LayerNode | null {
  const targets = graph.wires.filter((w) => w.from.node === source.id).map((w) => graph.nodes.find((n) => n.id === w.to.node));
  return targets.find((n): n is LayerNode => n?.kind === 'layer' && specOf(n)?.prepares !== undefined) ?? null;
}

/** What the document prepares its pictures by; null where it does not. */
export function preprocessingOf(document: Document): Preparation | null {
  const source = pictureSource(document.graph);
  const layer = source && preparing(document.graph, source);
  return layer ? (specOf(layer)?.prepares?.(layer.params as never) ?? null) : null;
}

/** An edit that brings the net's preprocessing to these values, or takes it out; null where nothing changes, or no pictures enter. */
export function preprocessingEdit(document: Document, values: Preparation | null): Edit | null {
  const { graph } = document;
  const source = pictureSource(graph);
  if (!source) return null;
  const existing = preparing(graph, source);
  if (!values) return existing ? removeAndReconnect(graph, [], existing.id) : null;
  const params = { order: values.order, scale: values.scale, mean: values.mean, deviation: values.deviation };
  if (existing) return { kind: 'set-params', path: [], id: existing.id, params: { ...existing.params, ...params } };
  const wires = graph.wires.filter((w) => w.from.node === source.id);
  // The Input makes room to its left, so that nothing else moves.
  const node = newLayer(graph, 'rescale', 'preprocessing', source.position, params);
  const positions = { [source.id]: { x: source.position.x - STEP, y: source.position.y } };
  const [port] = specOf(node)?.outputs ?? [];
  const [entry] = specOf(node)?.inputs ?? [];
  if (!port || !entry) return null;
  const joined = wires.map((w) => connectEdit([], { node: node.id, port: port.id }, w.to));
  return {
    kind: 'batch',
    edits: [
      { kind: 'add-node', path: [], node }, { kind: 'move-nodes', path: [], positions },
      ...wires.map((w): Edit => ({ kind: 'remove-wire', path: [], id: w.id })), connectEdit([], { node: source.id, port: wires[0]?.from.port ?? 'out' }, { node: node.id, port: entry.id }), ...joined,
    ],
  };
}

/** The document with this preprocessing right behind its Input; as it is where no pictures enter. */
export function withPreprocessing(document: Document, values: Preparation | null): Document {
  const edit = preprocessingEdit(document, values);
  return edit ? applyEdit(document, edit).document : document;
}
