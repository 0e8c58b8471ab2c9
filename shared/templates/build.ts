/** A small language for templates: layers and groups named and wired in the order they are written. */
import type { Document, DrawnGraph, DrawnNode, GroupNode, GroupPort, GroupVariable, Position, Wire } from '../graph/document.ts';
import { DOCUMENT_VERSION } from '../graph/document.ts';
import { arrange } from '../graph/layout.ts';
import { wireId } from '../graph/operations.ts';
import { nodeStem } from '../compile/repairs.ts';
import { defaultParams, layerSpec, type LayerType } from '../layers/table.ts';

/** A layer of a chain: its type, what differs from its defaults ("=width * 2" inside a group), and a name. */
export type Row = readonly [type: LayerType, params: Readonly<Record<string, unknown>>, name?: string];

export interface GroupOptions {
  readonly repeat?: number;
  /** Numbers that expressions inside use by name. */
  readonly variables?: readonly GroupVariable[];
  /** The block of the palette that it is. */
  readonly block?: string;
  /** What the inputs are called; one called "in" unless told. */
  readonly inputs?: readonly string[];
}

const slug = (text: string): string => text.replaceAll(/[^\p{L}\p{N}.×]+/gu, '-');

/** Inside a group, what feeds it: `@in` for its first input. */
const entryId = (port: string): string => `@${port}`;

const arranged = new Map<string, readonly Position[]>();
/** The arrangement follows from the wires alone, and a net has the same block many times: each is laid out once. */
function arrangeAlike(graph: DrawnGraph): Record<string, Position> {
  const index = new Map(graph.nodes.map((n, i) => [n.id, i]));
  const key = `${graph.nodes.length}:${graph.wires.map((w) => `${index.get(w.from.node)}>${index.get(w.to.node)}`).join()}`;
  const known = arranged.get(key);
  if (known) return Object.fromEntries(graph.nodes.map((n, i) => [n.id, known[i] as Position]));
  const positions = arrange(graph);
  arranged.set(key, graph.nodes.map((n) => positions[n.id] as Position));
  return positions;
}

/**
 * A group on its own, as a palette's block or for `Sketch.place`. `build` draws inside, fed by one entry for each input, and returns
 * the id whose output is the group's.
 */
export function group(name: string, build: (inner: Sketch, ...entries: string[]) => string, options: GroupOptions = {}): GroupNode {
  const { repeat = 1, variables, block, inputs: labels = ['in'] } = options;
  const ids = labels.map((label, i) => (i === 0 ? 'in' : slug(label)));
  const inner = new Sketch(ids);
  const out = build(inner, ...ids.map(entryId));
  return {
    kind: 'group', id: slug(name), name, position: { x: 0, y: 0 }, repeat, graph: inner.graph(),
    inputs: inner.ties.map((tie) => ({ ...tie, label: labels[ids.indexOf(tie.id)] ?? tie.id })),
    outputs: [{ id: 'out', label: 'out', node: out, port: 'out' }],
    ...(variables ? { variables } : {}), ...(block === undefined ? {} : { block }),
  };
}

export class Sketch {
  readonly #nodes: DrawnNode[] = [];
  readonly #wires: Wire[] = [];
  readonly #counts = new Map<string, number>();
  readonly #entries: ReadonlyMap<string, string>;
  /** The inner ports that a group's inputs feed, in the order drawn. */
  readonly ties: GroupPort[] = [];

  /** `ports`: the inputs of the group that is drawn; none at the top. */
  constructor(ports: readonly string[] = []) {
    this.#entries = new Map(ports.map((p) => [entryId(p), p]));
  }

  #count(stem: string): number {
    const count = (this.#counts.get(stem) ?? 0) + 1;
    this.#counts.set(stem, count);
    return count;
  }

  /** Feeds a port of `to` in order: a wire from each node, a tie from each input of the group around. */
  #feed(to: string, port: string, from: readonly string[]): void {
    from.forEach((source, order) => {
      const entry = this.#entries.get(source);
      if (entry !== undefined) {
        this.ties.push({ id: entry, label: entry, node: to, port, ...(from.length > 1 ? { order } : {}) });
        return;
      }
      const ends = [{ node: source, port: 'out' }, { node: to, port }] as const;
      this.#wires.push({ id: wireId(...ends), from: ends[0], to: ends[1] });
    });
  }

  /** Adds a layer fed by `from` (ids), port by port where it has several, and returns its id. */
  add(type: LayerType, params: Readonly<Record<string, unknown>>, from: readonly string[], name?: string): string {
    const stem = name ?? nodeStem(type);
    const count = this.#count(stem);
    const single = type === 'input' || type === 'output' || type === 'flatten';
    const id = `${stem.replaceAll(' ', '-')}-${count}`;
    this.#nodes.push({ kind: 'layer', id, name: single && count === 1 ? stem : `${stem} ${count}`, layer: type, params: { ...defaultParams(type), ...params }, position: { x: 0, y: 0 } });
    const ports = layerSpec(type).inputs;
    if (ports.length > 1) from.forEach((source, i) => this.#feed(id, ports[i]?.id ?? 'in', [source]));
    else this.#feed(id, 'in', from);
    return id;
  }

  /** Adds layers one behind another and returns the last one's id. */
  chain(from: string | null, layers: readonly Row[]): string {
    return layers.reduce<string | null>((last, [type, params, name]) => this.add(type, params, last === null ? [] : [last], name), from) as string;
  }

  /** Adds a group under a name and id of its own here, fed input by input, and returns its id. */
  place(node: GroupNode, from: string | readonly string[], name = node.name): string {
    const count = this.#count(name);
    const id = count === 1 ? slug(name) : `${slug(name)}-${count}`;
    this.#nodes.push({ ...node, id, name: count === 1 ? name : `${name} ${count}` });
    const ports = [...new Set(node.inputs.map((p) => p.id))];
    (typeof from === 'string' ? [from] : from).forEach((source, i) => this.#feed(id, ports[i] ?? 'in', [source]));
    return id;
  }

  /** Draws a group and adds it: `group` and `place` at once. */
  group(name: string, from: string | readonly string[], build: (inner: Sketch, ...entries: string[]) => string, options: GroupOptions = {}): string {
    return this.place(group(name, build, options), from);
  }

  /** What was drawn, arranged. */
  graph(): DrawnGraph {
    // Where inputs of the group lead to several layers they stand in as nodes, so that a way around the others gets room.
    const branches = this.ties.length > 1;
    const entries = branches ? [...this.#entries.keys()].map((id): DrawnNode => ({ kind: 'layer', id, name: id, layer: 'input', params: {}, position: { x: 0, y: 0 } })) : [];
    const ties = branches ? this.ties.map((tie): Wire => ({ id: `${tie.id}>${tie.node}`, from: { node: entryId(tie.id), port: 'out' }, to: { node: tie.node, port: tie.port } })) : [];
    const positions = arrangeAlike({ nodes: [...entries, ...this.#nodes], wires: [...ties, ...this.#wires] });
    const corner = (['x', 'y'] as const).map((axis) => Math.min(...this.#nodes.map((n) => positions[n.id]?.[axis] ?? 0)));
    const placed = ({ x, y }: Position): Position => ({ x: x - (corner[0] ?? 0), y: y - (corner[1] ?? 0) });
    return { nodes: this.#nodes.map((n) => ({ ...n, position: placed(positions[n.id] ?? n.position) })), wires: [...this.#wires] };
  }

  document(name: string, origin: string): Document {
    return { version: DOCUMENT_VERSION, name, origin, weights: null, graph: this.graph() };
  }
}
