/** A small language for templates: layers named and wired in the order they are written. */
import type { Document, DrawnNode, Wire } from '../graph/document.ts';
import { DOCUMENT_VERSION } from '../graph/document.ts';
import { arrange } from '../graph/layout.ts';
import { wireId } from '../graph/operations.ts';
import { nodeStem } from '../compile/repairs.ts';
import { defaultParams, type LayerType } from '../layers/table.ts';

export class Sketch {
  readonly #nodes: DrawnNode[] = [];
  readonly #wires: Wire[] = [];
  readonly #counts = new Map<string, number>();

  /** Adds a layer fed by `from` (ids) and returns its id. */
  add(type: LayerType, params: Readonly<Record<string, unknown>>, from: readonly string[], name?: string): string {
    const stem = name ?? nodeStem(type);
    const count = (this.#counts.get(stem) ?? 0) + 1;
    this.#counts.set(stem, count);
    const single = type === 'input' || type === 'output' || type === 'flatten';
    const id = `${stem.replaceAll(' ', '-')}-${count}`;
    this.#nodes.push({ kind: 'layer', id, name: single && count === 1 ? stem : `${stem} ${count}`, layer: type, params: { ...defaultParams(type), ...params }, position: { x: 0, y: 0 } });
    for (const f of from) {
      const ends = [{ node: f, port: 'out' }, { node: id, port: 'in' }] as const;
      this.#wires.push({ id: wireId(...ends), from: ends[0], to: ends[1] });
    }
    return id;
  }

  /** Adds layers one behind another and returns the last one's id. */
  chain(from: string | null, layers: readonly (readonly [LayerType, Readonly<Record<string, unknown>>, string?])[]): string {
    return layers.reduce<string | null>((last, [type, params, name]) => this.add(type, params, last === null ? [] : [last], name), from) as string;
  }

  document(name: string, origin: string): Document {
    const graph = { nodes: this.#nodes, wires: this.#wires };
    const positions = arrange(graph);
    return { version: DOCUMENT_VERSION, name, origin, weights: null, graph: { ...graph, nodes: this.#nodes.map((n) => ({ ...n, position: positions[n.id] ?? n.position })) } };
  }
}
