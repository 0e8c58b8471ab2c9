/** Order of a directed graph, or the cycle that forbids one. */

export type TopologicalOrder<T> =
  | { readonly kind: 'order'; readonly order: readonly T[] }
  | { readonly kind: 'cycle'; readonly cycle: readonly T[] };

/**
 * Depth-first topological sort that keeps the given order where it is free to.
 * `before(item)` lists what must come earlier; unknown items are ignored.
 */
export function topologicalSort<T>(items: readonly T[], before: (item: T) => readonly T[]): TopologicalOrder<T> {
  const known = new Set(items);
  const state = new Map<T, 'open' | 'done'>();
  const order: T[] = [];
  for (const root of items) {
    if (state.has(root)) continue;
    const stack: { item: T; rest: T[] }[] = [{ item: root, rest: [...before(root)] }];
    state.set(root, 'open');
    while (stack.length > 0) {
      const top = stack[stack.length - 1] as { item: T; rest: T[] };
      const next = top.rest.shift();
      if (next === undefined) {
        state.set(top.item, 'done');
        order.push(top.item);
        stack.pop();
      } else if (known.has(next)) {
        const seen = state.get(next);
        if (seen === 'open') {
          const path = stack.map((s) => s.item);
          return { kind: 'cycle', cycle: path.slice(path.indexOf(next)).reverse() };
        }
        if (seen === undefined) {
          state.set(next, 'open');
          stack.push({ item: next, rest: [...before(next)] });
        }
      }
    }
  }
  return { kind: 'order', order };
}

/**
 * The order of everything that lies in no loop and behind none, and the loops: one of each knot, so that mending them
 * one after another mends all.
 */
export function orderAround<T>(items: readonly T[], before: (item: T) => readonly T[]): { readonly order: readonly T[]; readonly cycles: readonly (readonly T[])[] } {
  const cycles: (readonly T[])[] = [];
  let left = items;
  let followers: ReadonlyMap<T, readonly T[]> | null = null;
  const after = () => (followers ??= reversed(items, before));
  for (;;) {
    const sorted = topologicalSort(left, before);
    if (sorted.kind === 'order') return { order: sorted.order, cycles };
    cycles.push(sorted.cycle);
    const lost = new Set(sorted.cycle);
    // A set gives what is added while it is walked.
    for (const item of lost) for (const next of after().get(item) ?? []) lost.add(next);
    left = left.filter((item) => !lost.has(item));
  }
}

function reversed<T>(items: readonly T[], before: (item: T) => readonly T[]): ReadonlyMap<T, readonly T[]> {
  const after = new Map<T, T[]>();
  for (const item of items) {
    for (const b of before(item)) {
      const list = after.get(b);
      if (list) list.push(item);
      else after.set(b, [item]);
    }
  }
  return after;
}
