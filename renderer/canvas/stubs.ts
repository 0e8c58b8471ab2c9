/** The ports of the group that is shown, as the canvas draws them inside: stubs left and right, tied to the layers. Pure. */
import type { DrawnGraph, GroupNode, GroupPort, Position, WireEnd } from '../../shared/graph/document.ts';
import { stubId, type Side } from '../../shared/graph/group-ports.ts';
import { NODE } from '../../shared/graph/layout.ts';

export const STUB = { width: 108, height: 30 } as const;
/** From the stubs to the first layer; between two stubs. */
const AWAY = 64;
const APART = 14;
/** Height of a layer without a picture, until it has been measured. */
const LOW = 82;

export interface Stub {
  readonly id: string;
  readonly side: Side;
  /** null: the place where a new port begins. */
  readonly port: string | null;
  readonly label: string;
  readonly position: Position;
  /** Tied to something inside. */
  readonly tied: boolean;
}
export interface Tie { readonly id: string; readonly side: Side; readonly port: string; readonly end: WireEnd; readonly from: WireEnd; readonly to: WireEnd }

/** Handle of a stub: data comes out of an input's. */
export const stubHandle = (side: Side): string => (side === 'inputs' ? 'out' : 'in');

const isTie = (graph: DrawnGraph) => (p: GroupPort): boolean => graph.nodes.some((n) => n.id === p.node);

/** Wires between the stubs and the layers. Their ids begin with "@", as no wire of a document does. */
export function tiesOf(group: GroupNode): readonly Tie[] {
  const of = (side: Side) => group[side].filter(isTie(group.graph)).map((p): Tie => {
    const [stub, end] = [{ node: stubId(side, p.id), port: stubHandle(side) }, { node: p.node, port: p.port }];
    return { id: `@${side}:${p.id}>${p.node}.${p.port}`, side, port: p.id, end, ...(side === 'inputs' ? { from: stub, to: end } : { from: end, to: stub }) };
  });
  return [...of('inputs'), ...of('outputs')];
}

/** Wished heights moved apart so that none overlaps, in their order. */
function spread(wished: readonly number[]): number[] {
  const order = wished.map((y, i) => ({ y, i })).sort((a, b) => a.y - b.y || a.i - b.i);
  const out = [...wished];
  let floor = -Infinity;
  for (const { y, i } of order) {
    out[i] = Math.max(y, floor);
    floor = (out[i] as number) + STUB.height + APART;
  }
  return out;
}

/** Stubs of a group: each beside what it is tied to, and below them the place for a new port. */
export function stubsOf(group: GroupNode, heightOf: (id: string) => number | undefined = () => undefined): readonly Stub[] {
  const { nodes } = group.graph;
  const xs = nodes.map((n) => n.position.x);
  const ys = nodes.map((n) => n.position.y);
  const [left, right, top] = nodes.length > 0 ? [Math.min(...xs), Math.max(...xs) + NODE.width, Math.min(...ys)] : [0, NODE.width, 0];
  const at = (side: Side): readonly Stub[] => {
    const ports = group[side].filter((p, i, all) => all.findIndex((o) => o.id === p.id) === i);
    const heights = ports.map((p) => {
      const tied = nodes.filter((n) => group[side].some((t) => t.id === p.id && t.node === n.id)).map((n) => n.position.y + (heightOf(n.id) ?? LOW) / 2);
      return (tied.length > 0 ? tied.reduce((a, b) => a + b) / tied.length : top + LOW / 2) - STUB.height / 2;
    });
    const places = spread(heights);
    const x = side === 'inputs' ? left - AWAY - STUB.width : right + AWAY;
    const last = places.length > 0 ? Math.max(...places) + STUB.height + APART : top + LOW / 2 - STUB.height / 2;
    const stubs = ports.map((p, i): Stub => ({ id: stubId(side, p.id), side, port: p.id, label: p.label || p.id, position: { x, y: places[i] as number }, tied: group[side].some((t) => t.id === p.id && isTie(group.graph)(t)) }));
    return [...stubs, { id: stubId(side, null), side, port: null, label: side === 'inputs' ? 'New input' : 'New output', position: { x, y: last }, tied: true }];
  };
  return [...at('inputs'), ...at('outputs')];
}
