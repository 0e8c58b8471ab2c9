/** Parts of a net with one way in and one way out: what lies between a place where branches part and the one where they meet. */
import type { Wire, WireEnd } from '../../../../shared/graph/document.ts';
import type { WorkGraph } from './work.ts';

/** A drawn graph by id, in topological order. */
export class Wiring {
  readonly order: readonly string[];
  readonly #in = new Map<string, Wire[]>();
  readonly #out = new Map<string, Wire[]>();
  readonly #place = new Map<string, number>();
  constructor({ nodes, wires }: WorkGraph) {
    this.order = nodes.map((n) => n.node.id);
    this.order.forEach((id, i) => {
      this.#place.set(id, i);
      this.#in.set(id, []);
      this.#out.set(id, []);
    });
    for (const w of wires) {
      this.#in.get(w.to.node)?.push(w);
      this.#out.get(w.from.node)?.push(w);
    }
  }
  into(id: string): readonly Wire[] { return this.#in.get(id) ?? []; }
  from(id: string): readonly Wire[] { return this.#out.get(id) ?? []; }
  placeOf(id: string): number { return this.#place.get(id) ?? -1; }
  inOrder(ids: Iterable<string>): string[] { return [...ids].sort((a, b) => this.placeOf(a) - this.placeOf(b)); }

  /** The node that alone follows, and is fed by nothing else. */
  next(id: string): string | null {
    const out = this.from(id);
    const to = out[0]?.to.node;
    return out.length === 1 && to !== undefined && this.into(to).length === 1 ? to : null;
  }
}

export interface Region {
  /** Where the branches meet. */
  readonly merge: string;
  /** The one end that feeds it. */
  readonly entry: WireEnd;
  /** All between, the merge too. */
  readonly nodes: ReadonlySet<string>;
}

/** Immediate dominators (Cooper, Harvey and Kennedy, 2001), which one pass finds where nothing runs back; null for what several sources feed. */
function dominators(g: Wiring): ReadonlyMap<string, string | null> {
  const idom = new Map<string, string | null>();
  const depth = new Map<string, number>();
  const common = (a: string | null, b: string | null): string | null => {
    let [x, y] = [a, b];
    while (x !== y) {
      if (x === null || y === null) return null;
      if ((depth.get(x) ?? 0) >= (depth.get(y) ?? 0)) x = idom.get(x) ?? null;
      else y = idom.get(y) ?? null;
    }
    return x;
  };
  for (const id of g.order) {
    const before = g.into(id).map((w) => w.from.node);
    const dom = before.length === 0 ? null : before.slice(1).reduce<string | null>((d, b) => common(d, b), before[0] ?? null);
    idom.set(id, dom);
    depth.set(id, dom === null ? 0 : (depth.get(dom) ?? 0) + 1);
  }
  return idom;
}

/** The most nodes that a block may have: beyond that it is a net. */
const LARGEST = 400;

/** Every such part that ends where branches meet, inner ones before those around them. Any two are apart, or one lies in the other. */
export function regionsOf(g: Wiring): readonly Region[] {
  const idom = dominators(g);
  return g.order.flatMap((merge): Region[] => {
    const into = g.into(merge);
    const entry = idom.get(merge) ?? null;
    if (entry === null || new Set(into.map((w) => w.from.node)).size < 2) return [];
    const nodes = new Set([merge]);
    let end: WireEnd | null = null;
    // A set gives what is added while it is walked.
    for (const id of nodes) {
      for (const { from } of g.into(id)) {
        if (from.node !== entry) nodes.add(from.node);
        else if (end && end.port !== from.port) return [];
        else end = from;
      }
      if (nodes.size > LARGEST) return [];
    }
    const leaks = [...nodes].some((id) => id !== merge && g.from(id).some((w) => !nodes.has(w.to.node)));
    return end && !leaks ? [{ merge, entry: end, nodes }] : [];
  });
}

/** The longest way from the entry to the merge, without the entry. */
export function spineOf(g: Wiring, { merge, entry, nodes }: Region): readonly string[] {
  const length = new Map<string, number>();
  const before = new Map<string, string>();
  for (const id of g.inOrder(nodes)) {
    length.set(id, 1);
    for (const { from } of g.into(id)) {
      const way = from.node === entry.node ? 1 : (length.get(from.node) ?? 0) + 1;
      if (way <= (length.get(id) ?? 0)) continue;
      length.set(id, way);
      before.set(id, from.node);
    }
  }
  const spine = [merge];
  for (let id = before.get(merge); id !== undefined; id = before.get(id)) spine.unshift(id);
  return spine;
}
