/** From the runtime's node times to layers: a node's name leads back to the layer it was made for. */
import type { LayerTimings } from '../../../shared/protocol/values.ts';
import type { Profile } from '../runtime/profile.ts';

/** Names of nodes made for a gradient begin so, or hold the other where the gradient is one node of its own. */
const GRADIENT = 'grad/';
const GRADIENT_NODE = '/gradient';
/** The runtime's own name for a product that it joined with what follows. */
const JOINED = /^fused /;

export interface Owner { readonly layer: string; readonly pass: 'forward' | 'backward' }

/** Which layer and pass a node was made for; null where it is for none (loss, optimiser). `layers`: all ids. */
export function ownerOf(named: string, layers: ReadonlySet<string>): Owner | null {
  const node = named.replace(JOINED, '');
  const find = (name: string): string | null => {
    // A layer's nodes are named "id/Op"; ids hold the separator too.
    for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) if (layers.has(name.slice(0, at))) return name.slice(0, at);
    return null;
  };
  const forward = find(node);
  if (forward !== null) return { layer: forward, pass: node.indexOf(GRADIENT_NODE, forward.length) >= 0 ? 'backward' : 'forward' };
  const backward = node.startsWith(GRADIENT) ? find(node.slice(GRADIENT.length)) : null;
  return backward === null ? null : { layer: backward, pass: 'backward' };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** Medians over all runs but the first. */
export function layerTimings({ runs, memory, nodes }: Profile, ids: readonly string[], batch: number): LayerTimings {
  const layers = new Set(ids);
  const times = new Map<string, number[]>();
  for (const { node, ms } of nodes) {
    const list = times.get(node);
    if (list) list.push(ms);
    else times.set(node, [ms]);
  }
  const sums = new Map(ids.map((id) => [id, { forward: 0, backward: 0 }]));
  let rest = 0;
  for (const [node, all] of times) {
    const ms = median(all.length > 1 ? all.slice(1) : all);
    const owner = ownerOf(node, layers);
    const sum = owner && sums.get(owner.layer);
    if (owner && sum) sum[owner.pass] += ms;
    else rest += ms;
  }
  return { batch, device: 'cpu', steps: runs.length - 1, layers: [...sums].map(([layer, s]) => ({ layer, ...s })), rest, total: median(runs.slice(1)), memory };
}
