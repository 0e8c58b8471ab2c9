/** Which activation takes a layer's sums: it decides how the layer's kernel starts. */
import { isLayerType, layerSpec } from '../layers/table.ts';
import type { FlatGraph } from './flatten.ts';

/** For each node the activation after it, looked for through layers that keep the spread of their numbers; "none" where paths part or none comes. */
export function followingActivations(flat: FlatGraph): (id: string) => string {
  const nodes = new Map(flat.nodes.map((n) => [n.id, n]));
  const after = new Map<string, string[]>();
  for (const { from, to } of flat.wires) {
    const list = after.get(from.node);
    if (list) list.push(to.node);
    else after.set(from.node, [to.node]);
  }
  return (id) => {
    let at = id;
    // A loop has no end: no way is longer than there are nodes.
    for (let step = 0; step < nodes.size; step++) {
      const next = after.get(at) ?? [];
      const node = next.length === 1 ? nodes.get(next[0] as string)?.node : undefined;
      if (node?.kind !== 'layer' || !isLayerType(node.layer)) return 'none';
      const spec = layerSpec(node.layer);
      if (!node.bypassed && !spec.keepsSpread) return spec.activation ?? 'none';
      at = next[0] as string;
    }
    return 'none';
  };
}
