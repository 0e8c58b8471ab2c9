/** Known repairs of problems, as edits of one undo step. */
import type { Diagnostic, DiagnosticArgs, DiagnosticCode } from '../diagnostics/diagnostic.ts';
import { graphAt } from '../graph/apply.ts';
import type { Document, DrawnGraph, DrawnNode, GraphPath, LayerNode } from '../graph/document.ts';
import type { Edit } from '../graph/edit.ts';
import { freshId, freshName, removeNodes, spliceEdit } from '../graph/operations.ts';
import { defaultParams, layerSpec, type LayerType } from '../layers/table.ts';
import type { Shape } from '../shapes/shape.ts';
import type { Network, Repair } from './network.ts';

interface Context {
  readonly graph: DrawnGraph;
  readonly path: GraphPath;
  readonly node: DrawnNode;
  readonly network: Network;
  readonly options: { readonly classes?: number; readonly sampleShape?: Shape };
}

/** A new layer node beside another. */
export function newLayer(graph: DrawnGraph, type: LayerType, name: string, position: { x: number; y: number }, params: Record<string, unknown> = {}): LayerNode {
  return { kind: 'layer', id: freshId(graph, type), name: freshName(graph, name), layer: type, params: { ...defaultParams(type), ...params }, position };
}

/** Puts a new layer into every wire that goes into the node. */
function before(c: Context, type: LayerType, name: string): Edit | null {
  const wire = c.graph.wires.find((w) => w.to.node === c.node.id);
  if (!wire) return null;
  const from = c.graph.nodes.find((n) => n.id === wire.from.node);
  const position = { x: ((from?.position.x ?? c.node.position.x) + c.node.position.x) / 2, y: c.node.position.y + 210 };
  const node = newLayer(c.graph, type, name, position);
  return { kind: 'batch', edits: [{ kind: 'add-node', path: c.path, node }, spliceEdit(c.path, wire, node, 'in', 'out')] };
}

const setParams = (c: Context, node: DrawnNode, params: Record<string, unknown>): Edit | null =>
  node.kind === 'layer' ? { kind: 'set-params', path: c.path, id: node.id, params: { ...node.params, ...params } } : null;

/** The layer nearest before a node that has a parameter of this name. */
function nearestWith(c: Context, param: string): LayerNode | null {
  let id: string | undefined = c.node.id;
  for (let i = 0; i < c.graph.nodes.length; i++) {
    id = c.graph.wires.find((w) => w.to.node === id)?.from.node;
    const node = c.graph.nodes.find((n) => n.id === id);
    if (node?.kind === 'layer' && Object.hasOwn(node.params, param)) return node;
  }
  return null;
}

const one = (label: string, edit: Edit | null): Repair[] => (edit ? [{ label, edit }] : []);

const table: { readonly [C in DiagnosticCode]?: (c: Context, args: DiagnosticArgs<C>) => Repair[] } = {
  'shape.needs-vector': (c) => one('Insert Flatten', before(c, 'flatten', 'flatten')),
  'graph.output-vector': (c) => one('Insert Flatten', before(c, 'flatten', 'flatten')),
  'shape.kernel-too-large': (c, args) => {
    const kernel = c.node.kind === 'layer' ? c.node.params.kernel : undefined;
    if (!Array.isArray(kernel) || args.input < 1) return [];
    return one(`Shrink the kernel to ${args.input}`, setParams(c, c.node, { kernel: kernel.map((k) => Math.min(k as number, args.input)) }));
  },
  'graph.class-count': (c, args) => {
    const dense = nearestWith(c, 'units');
    return dense ? one(`Set ${dense.name} to ${args.classes} units`, setParams(c, dense, { units: args.classes })) : [];
  },
  'graph.data-shape': (c) => {
    const shape = c.options.sampleShape;
    if (!shape) return [];
    const params = shape.length === 3 ? { kind: 'image', channels: shape[0], height: shape[1], width: shape[2] } : { kind: 'vector', channels: shape[0] };
    return one('Set the Input to the data', setParams(c, c.node, params));
  },
  'graph.unused': (c) => one('Delete it', removeNodes(c.graph, c.path, [c.node.id])),
  'graph.bypass-shape': (c) => one('Turn the bypass off', { kind: 'set-node', path: c.path, id: c.node.id, change: { bypassed: undefined } }),
  'shape.mismatch': (c) => projectShortcut(c),
};

/** A 1×1 convolution on the input whose channels (and size by a whole stride) differ from the first. */
function projectShortcut(c: Context): Repair[] {
  const wires = c.graph.wires.filter((w) => w.to.node === c.node.id);
  const prefix = c.path.length > 0 ? `${c.path.join('/')}/` : '';
  const shapeOf = (id: string) => c.network.layers.find((l) => l.id === prefix + id)?.shape;
  const shapes = wires.map((w) => shapeOf(w.from.node));
  // The deepest branch says what is wanted; the shorter one is projected.
  for (const [i, wire] of wires.entries()) {
    for (const [k, want] of shapes.entries()) {
      const have = shapes[i];
      if (i === k || have?.length !== 3 || want?.length !== 3) continue;
      const [stride, other] = [1, 2].map((a) => (have[a] as number) / (want[a] as number));
      const same = have.every((d, a) => d === want[a]);
      if (same || stride !== other || !Number.isInteger(stride)) continue;
      const position = { x: c.node.position.x - 190, y: c.node.position.y + 210 };
      const node = newLayer(c.graph, 'conv2d', 'shortcut', position, { filters: want[0], kernel: [1, 1], stride: [stride, stride], bias: false });
      return one('Project the shortcut by a 1×1 convolution', { kind: 'batch', edits: [{ kind: 'add-node', path: c.path, node }, spliceEdit(c.path, wire, node, 'in', 'out')] });
    }
  }
  return [];
}

/** Repairs of one problem; none where nothing is known. */
export function repairsFor(document: Document, d: Diagnostic, network: Network, options: Context['options']): readonly Repair[] {
  const ids = d.place.node?.split('/');
  const rule = table[d.code] as ((c: Context, args: unknown) => Repair[]) | undefined;
  if (!ids || !rule) return [];
  const path = ids.slice(0, -1);
  const graph = graphAt(document, path);
  const node = graph.nodes.find((n) => n.id === ids.at(-1));
  return node ? rule({ graph, path, node, network, options }, d.args) : [];
}

/** Label under which new nodes of a type are counted: "conv", "max pool". */
export const nodeStem = (type: LayerType): string => layerSpec(type).label.replace(/2D$/, '').toLowerCase();
