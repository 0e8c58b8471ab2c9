/** How much of a drawn node stands still in training. */
import type { NetworkLayer } from '../../shared/compile/network.ts';
import type { DrawnNode } from '../../shared/graph/document.ts';

export type Frozen = 'none' | 'part' | 'all';

/** Of the layers that have weights; a node without any is as it is marked. */
export function frozenOf(drawn: DrawnNode, layers: readonly NetworkLayer[]): Frozen {
  const learning = layers.filter((l) => l.weights.some((w) => w.role === 'trained'));
  if (learning.length === 0) return drawn.frozen === true ? 'all' : 'none';
  const still = learning.filter((l) => l.frozen).length;
  return still === 0 ? 'none' : still === learning.length ? 'all' : 'part';
}
