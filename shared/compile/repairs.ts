/** Known repairs of problems, as edits of one undo step. */
import type { Diagnostic, DiagnosticArgs, DiagnosticCode } from '../diagnostics/diagnostic.ts';
import { graphAt } from '../graph/apply.ts';
import type { Document, DrawnGraph, DrawnNode, GraphPath, LayerNode, Wire, WireEnd } from '../graph/document.ts';
import type { Edit } from '../graph/edit.ts';
import { groupAround, removePort } from '../graph/group-ports.ts';
import { connectEdit, freshId, freshName, removeNodes, spliceEdit } from '../graph/operations.ts';
import { defaultParams, layerSpec, type LayerType } from '../layers/table.ts';
import type { Shape } from '../shapes/shape.ts';
import type { Network, Repair } from './network.ts';
import { groupSummary, networkId } from './summary.ts';

interface Context {
  readonly document: Document;
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

/** Puts a new layer into the first wire that goes into the node, or before what a port of the group around leads to. */
function before(c: Context, type: LayerType, name: string): Edit | null {
  const wire = c.graph.wires.find((w) => w.to.node === c.node.id);
  const around = groupAround(c.document, c.path);
  const tie = wire ? undefined : around?.group.inputs.find((p) => p.node === c.node.id);
  const from = c.graph.nodes.find((n) => n.id === wire?.from.node);
  const position = { x: ((from?.position.x ?? c.node.position.x) + c.node.position.x) / 2, y: c.node.position.y + 210 };
  const node = newLayer(c.graph, type, name, position);
  const add: Edit = { kind: 'add-node', path: c.path, node };
  if (wire) return { kind: 'batch', edits: [add, spliceEdit(c.path, wire, node, 'in', 'out')] };
  if (!tie || !around) return null;
  const inputs = around.group.inputs.map((p) => (p === tie ? { ...p, node: node.id, port: 'in' } : p));
  return { kind: 'batch', edits: [add, connectEdit(c.path, { node: node.id, port: 'out' }, { node: tie.node, port: tie.port }), { kind: 'set-node', path: around.path, id: around.group.id, change: { inputs } }] };
}

const setParams = (c: Context, node: DrawnNode, params: Record<string, unknown>, path = c.path): Edit | null =>
  node.kind === 'layer' ? { kind: 'set-params', path, id: node.id, params: { ...node.params, ...params } } : null;

interface Found { readonly node: LayerNode; readonly path: GraphPath }

/** The last layer of a group (or the layer itself) where it has a parameter of this name, else the nearest before it inside. */
function lastWith(graph: DrawnGraph, path: GraphPath, start: DrawnNode | undefined, param: string): Found | null {
  let node = start;
  for (let i = 0; node && i <= graph.nodes.length; i++) {
    if (node.kind === 'layer' && Object.hasOwn(node.params, param)) return { node, path };
    if (node.kind === 'group') {
      const group = node;
      const found = lastWith(group.graph, [...path, group.id], group.graph.nodes.find((n) => n.id === group.outputs[0]?.node), param);
      if (found) return found;
    }
    const id = node.id;
    const from: string | undefined = graph.wires.find((w) => w.to.node === id)?.from.node;
    node = graph.nodes.find((n) => n.id === from);
  }
  return null;
}

/** The layer nearest before a node that has a parameter of this name; one inside a group before it too. */
function nearestWith(c: Context, param: string): Found | null {
  const from = c.graph.wires.find((w) => w.to.node === c.node.id)?.from.node;
  return lastWith(c.graph, c.path, c.graph.nodes.find((n) => n.id === from), param);
}

const one = (label: string, edit: Edit | null): Repair[] => (edit ? [{ label, edit }] : []);

const table: { readonly [C in DiagnosticCode]?: (c: Context, args: DiagnosticArgs<C>) => Repair[] } = {
  'shape.needs-vector': (c) => one('Insert Flatten', before(c, 'flatten', 'flatten')),
  'graph.output-vector': (c) => one('Insert Flatten', before(c, 'flatten', 'flatten')),
  'shape.kernel-too-large': (c, args) => (c.node.kind === 'layer' ? shrinkKernel(c, c.node, args) : []),
  'graph.class-count': (c, args) => {
    const dense = nearestWith(c, 'units');
    return dense ? one(`Set ${dense.node.name} to ${args.classes} units`, setParams(c, dense.node, { units: args.classes }, dense.path)) : [];
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
  'graph.wire-twice': (c) => {
    const into = c.graph.wires.filter((w) => w.to.node === c.node.id);
    const same = (a: Wire, b: Wire) => a.from.node === b.from.node && a.from.port === b.from.port && a.to.port === b.to.port;
    const twin = into.find((w, i) => into.some((other, k) => k < i && same(w, other)));
    return one('Delete the second wire', twin ? removeWire(c.path, c.graph, twin) : null);
  },
  'graph.port-taken': (c) => {
    const into = c.graph.wires.filter((w) => w.to.node === c.node.id);
    const extra = into.findLast((w, i) => into.some((other, k) => k < i && other.to.port === w.to.port));
    return one('Keep the first wire', extra ? removeWire(c.path, c.graph, extra) : null);
  },
  'graph.group-port': (c) => {
    const { node: group } = c;
    if (group.kind !== 'group') return [];
    const side = (['inputs', 'outputs'] as const).find((k) => group[k].some((p) => !group.graph.nodes.some((n) => n.id === p.node)));
    const port = side && group[side].find((p) => !group.graph.nodes.some((n) => n.id === p.node));
    return side && port ? one('Remove the port', removePort(c.graph, c.path, group, side, port.id)) : [];
  },
  'graph.name-twice': (c) => one('Rename it', { kind: 'set-node', path: c.path, id: c.node.id, change: { name: freshName(c.graph, c.node.name.replace(/ \d+$/, '')) } }),
};

/** Removes one wire also where another has its id: all of that id go, and the others come back to their places. */
function removeWire(path: GraphPath, graph: DrawnGraph, wire: Wire): Edit {
  const alike = graph.wires.filter((w) => w.id === wire.id);
  const left = graph.wires.filter((w) => w !== wire);
  const back = alike.filter((w) => w !== wire).map((w): Edit => ({ kind: 'add-wire', path, wire: w, index: left.indexOf(w) }));
  return { kind: 'batch', edits: [...alike.map((w): Edit => ({ kind: 'remove-wire', path, id: w.id })), ...back] };
}

/** The largest kernel that fits along the axis at its dilation; where only dilation 1 fits, that. */
function shrinkKernel(c: Context, node: LayerNode, { input, axis }: DiagnosticArgs<'shape.kernel-too-large'>): Repair[] {
  const field = axis === 'depth' && Object.hasOwn(node.params, 'depth') ? 'depth' : 'kernel';
  const place = axis === 'width' ? 1 : 0;
  const at = (value: unknown): number => (Array.isArray(value) ? Number(value[place]) : typeof value === 'number' ? value : 1);
  const dilation = field === 'depth' ? 1 : at(node.params.dilation);
  const most = Math.floor((input - 1) / dilation) + 1;
  if (input < 1 || most >= at(node.params[field])) return [];
  const old = node.params[field];
  const kernel = one(`Shrink the kernel to ${most}`, setParams(c, node, { [field]: Array.isArray(old) ? old.map((k, i) => (i === place ? most : typeof k === 'number' ? Math.min(k, Math.max(most, 1)) : k)) : most }));
  const tight = dilation > 1 && at(old) <= input ? one('Take the dilation back to 1', setParams(c, node, { dilation: Array.isArray(node.params.dilation) ? [1, 1] : 1 })) : [];
  return [...kernel, ...tight];
}

/** A 1×1 convolution on the input whose channels (and size by a whole stride) differ from the first. */
function projectShortcut(c: Context): Repair[] {
  const wires = c.graph.wires.filter((w) => w.to.node === c.node.id);
  const compiled = { network: c.network, problems: [] };
  const shapeOf = ({ node, port }: WireEnd) => {
    const at = [...c.path, node];
    const sum = groupSummary(c.document.graph, compiled, at);
    return sum ? (sum.outputs.find((o) => o.id === port)?.shape ?? undefined) : c.network.layers.find((l) => l.id === networkId(c.document.graph, at))?.shape;
  };
  const shapes = wires.map((w) => shapeOf(w.from));
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

/** Finds the repairs of a document's problems; none where nothing is known. */
export function repairsOf(document: Document, network: Network, options: Context['options']): (d: Diagnostic) => readonly Repair[] {
  const graphs = new Map<string, { readonly graph: DrawnGraph; readonly nodes: ReadonlyMap<string, DrawnNode> }>();
  const inside = (path: GraphPath) => {
    const key = path.join('/');
    const known = graphs.get(key);
    if (known) return known;
    const graph = graphAt(document, path);
    const entry = { graph, nodes: new Map(graph.nodes.map((n) => [n.id, n])) };
    graphs.set(key, entry);
    return entry;
  };
  return (d) => {
    if (d.code === 'graph.wire-lost') return lostWire(inside, d.args as DiagnosticArgs<'graph.wire-lost'>);
    const ids = d.place.node?.split('/');
    const rule = table[d.code] as ((c: Context, args: unknown) => Repair[]) | undefined;
    if (!ids || !rule) return [];
    const path = ids.slice(0, -1);
    const { graph, nodes } = inside(path);
    const node = nodes.get(ids.at(-1) ?? '');
    return node ? rule({ document, graph, path, node, network, options }, d.args) : [];
  };
}

function lostWire(inside: (path: GraphPath) => { readonly graph: DrawnGraph }, { index, path }: DiagnosticArgs<'graph.wire-lost'>): Repair[] {
  const { graph } = inside(path);
  const wire = graph.wires[index];
  return wire ? one('Delete the wire', removeWire(path, graph, wire)) : [];
}

/** Label under which new nodes of a type are counted: "conv", "max pool", "pixel shuffle". */
export const nodeStem = (type: LayerType): string => layerSpec(type).label.replace(/2D$/, '').replace(/([a-z])([A-Z][a-z])/g, '$1 $2').toLowerCase();
