/** A drawn net up to a layer: what comes behind it is taken away, inside groups too; and what comes before it is frozen. */
import type { DrawnGraph, DrawnNode, GroupNode, GroupPort, WireEnd } from '../graph/document.ts';

/** One step into the drawn net: a node, and in a repeated group the copy (from 1). */
interface Step { readonly node: string; readonly copy: number | null }

/** The way to a layer of the network: "stage#2/conv" is the second copy of stage, then conv. */
const stepsOf = (id: string): Step[] => id.split('/').map((part) => {
  const [, node, copy] = /^(.*?)(?:#(\d+))?$/s.exec(part) as unknown as [string, string, string | undefined];
  return { node, copy: copy === undefined ? null : Number(copy) };
});

const nodeOf = (graph: DrawnGraph, id: string): DrawnNode | undefined => graph.nodes.find((n) => n.id === id);

/** The end inside a group that its first output is tied to. */
function endsThere(group: GroupNode, [step, ...rest]: readonly Step[]): boolean {
  const tie = group.outputs.find((p) => p.id === group.outputs[0]?.id);
  const inner = step && nodeOf(group.graph, step.node);
  if (!inner || tie?.node !== inner.id) return false;
  if (inner.kind !== 'group' || inner.bypassed === true) return true;
  return (step.copy ?? 1) === inner.repeat && tie.port === inner.outputs[0]?.id && endsThere(inner, rest);
}

/**
 * Whether the net can be drawn up to this layer of the network: a repeated group can end behind any of its copies, but not in
 * the middle of one.
 */
export function drawable(graph: DrawnGraph, id: string): boolean {
  const walk = (g: DrawnGraph, [step, ...rest]: readonly Step[]): boolean => {
    const node = step && nodeOf(g, step.node);
    if (!node) return false;
    if (node.kind !== 'group' || node.bypassed === true) return rest.length === 0;
    return (step.copy === null || endsThere(node, rest)) && walk(node.graph, rest);
  };
  return walk(graph, stepsOf(id));
}

export interface Trimmed {
  readonly graph: DrawnGraph;
  /** Where the value of the cut can be had, at the root. */
  readonly end: WireEnd;
}

/** Whether any layer of the network that is drawn in this node is among `ids`; `place` is the node's id in the network. */
const drawsAny = (ids: ReadonlySet<string>, place: string): boolean => {
  if (ids.has(place)) return true;
  for (const id of ids) if (id.startsWith(`${place}/`) || id.startsWith(`${place}#`)) return true;
  return false;
};

/**
 * The graph without these layers of the network, which come behind the cut or lead to other answers. A group that holds the cut
 * ends there: fewer copies, nothing behind it inside, one output.
 */
export function trimTo(graph: DrawnGraph, cut: string, gone: ReadonlySet<string>): Trimmed {
  const walk = (g: DrawnGraph, [step, ...rest]: readonly Step[], around: string): Trimmed => {
    const { node: id, copy } = step as Step;
    const place = (n: DrawnNode): string => (around === '' ? n.id : `${around}/${n.id}`);
    let end: WireEnd = { node: id, port: 'out' };
    const nodes = g.nodes.flatMap((n): DrawnNode[] => {
      if (n.id !== id) return drawsAny(gone, place(n)) ? [] : [n];
      if (n.kind === 'operator') end = { node: id, port: n.outputs.find((o) => o !== '') ?? 'out' };
      if (n.kind !== 'group') return [n];
      const port = n.outputs[0];
      if (n.bypassed === true) {
        end = { node: id, port: port?.id ?? 'out' };
        return [n];
      }
      // Behind an earlier copy the inside stays whole.
      const inside = copy !== null && endsThere(n, rest);
      const inner = inside ? null : walk(n.graph, rest, place(n));
      const tie: GroupPort = inner ? { id: port?.id ?? 'out', label: port?.label ?? 'Output', ...inner.end } : (port as GroupPort);
      end = { node: id, port: tie.id };
      const kept = inner?.graph ?? n.graph;
      const inputs = n.inputs.filter((p) => nodeOf(kept, p.node) !== undefined);
      return [{ ...n, graph: kept, repeat: copy ?? n.repeat, outputs: [tie], inputs }];
    });
    const stays = new Map(nodes.map((n) => [n.id, n]));
    const fits = (node: string, side: 'inputs' | 'outputs', port: string): boolean => {
      const n = stays.get(node);
      return n !== undefined && (n.kind !== 'group' || n[side].some((p) => p.id === port));
    };
    return { graph: { nodes, wires: g.wires.filter((w) => fits(w.from.node, 'outputs', w.from.port) && fits(w.to.node, 'inputs', w.to.port)) }, end };
  };
  return walk(graph, stepsOf(cut), '');
}

/** Copies differ in nothing that is drawn: the first stands for all, where all are frozen. */
const inEveryCopy = (frozen: ReadonlySet<string>, place: string, repeat: number): ReadonlySet<string> => (repeat === 1 ? frozen
  : new Set([...frozen].filter((id) => id.startsWith(`${place}#1/`) && Array.from({ length: repeat }, (_, k) => id.replace(`${place}#1/`, `${place}#${k + 1}/`)).every((copy) => frozen.has(copy)))));

/** Whether a layer can be frozen up to: it stands in no copy of a repeated group but the last. */
export function freezable(graph: DrawnGraph, id: string): boolean {
  const walk = (g: DrawnGraph, [step, ...rest]: readonly Step[]): boolean => {
    const node = step && nodeOf(g, step.node);
    return node?.kind !== 'group' || ((step?.copy ?? node.repeat) === node.repeat && walk(node.graph, rest));
  };
  return walk(graph, stepsOf(id));
}

/** The graph with exactly these layers of the network frozen: a group as a whole where all of its layers are. */
export function freezeLayers(graph: DrawnGraph, frozen: ReadonlySet<string>, all: readonly string[], around = ''): DrawnGraph {
  const known = new Set(all);
  const marked = <T extends DrawnNode>(n: T, on: boolean): T => {
    if ((n.frozen === true) === on) return n;
    const { frozen: _, ...rest } = n;
    return (on ? { ...n, frozen: true } : rest) as T;
  };
  const nodes = graph.nodes.map((n): DrawnNode => {
    const place = around === '' ? n.id : `${around}/${n.id}`;
    // What is in no network keeps its mark.
    if (n.kind !== 'group' || n.bypassed === true) return known.has(place) ? marked(n, frozen.has(place)) : n;
    const inside = all.filter((id) => id.startsWith(`${place}/`) || id.startsWith(`${place}#`));
    if (inside.length === 0) return n;
    const whole = inside.every((id) => frozen.has(id));
    const kept = freezeLayers(n.graph, whole ? new Set() : inEveryCopy(frozen, place, n.repeat), all, n.repeat > 1 ? `${place}#1` : place);
    const next = marked(n, whole);
    return kept === n.graph ? next : { ...next, graph: kept };
  });
  return nodes.every((n, i) => n === graph.nodes[i]) ? graph : { ...graph, nodes };
}
