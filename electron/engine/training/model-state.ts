/** How the weights the engine holds between requests fit a network that was edited since. */
import type { Network } from '../../../shared/compile/network.ts';
import { initialWeights, type NamedWeight } from '../../../shared/compile/weights.ts';
import type { Weights } from './engine.ts';

export interface FittedWeights {
  readonly weights: Map<string, NamedWeight>;
  /** Full names of the weights that had to be drawn anew. */
  readonly fresh: readonly string[];
}

const fits = (held: NamedWeight | undefined, shape: readonly number[]): held is NamedWeight =>
  held !== undefined && held.shape.length === shape.length && held.shape.every((d, i) => d === shape[i]);

/** Whether one way through groups is the other with some left out: "group-1/conv-2" and "conv-2". */
function isPartOf(few: readonly string[], many: readonly string[]): boolean {
  let at = 0;
  for (const part of many) if (part === few[at]) at++;
  return at === few.length;
}

/**
 * Names that weights had before layers were put into a group or taken out of one: the same layer by another way through
 * groups, of the same shape, where only one can be meant. New name -> old name.
 */
function movedNames(fresh: readonly string[], free: readonly string[], alike: (now: string, before: string) => boolean): Map<string, string> {
  const tail = (name: string) => name.slice(name.lastIndexOf('/') + 1);
  const byTail = new Map<string, string[]>();
  for (const name of free) byTail.set(tail(name), [...(byTail.get(tail(name)) ?? []), name]);
  const pairs = fresh.flatMap((now) => (byTail.get(tail(now)) ?? []).filter((before) => {
    // The only copy left of a repeated group has no number.
    const [a, b] = [now, before].map((name) => name.replaceAll('#1/', '/').split('/')).sort((x, y) => x.length - y.length) as [string[], string[]];
    return isPartOf(a, b) && alike(now, before);
  }).map((before) => ({ now, before })));
  const once = (key: 'now' | 'before', name: string) => pairs.filter((p) => p[key] === name).length === 1;
  return new Map(pairs.filter((p) => once('now', p.now) && once('before', p.before)).map((p) => [p.now, p.before]));
}

/** The current weights where name and shape fit, or where a layer was only grouped or ungrouped; freshly seeded ones elsewhere. */
export function weightsFor(network: Network, current: Weights | null, seed: number): FittedWeights {
  const fresh: string[] = [];
  // Drawn only where nothing is held: for a large pretrained net that would be a hundred million random numbers.
  const weights = initialWeights(network, seed, (name, shape) => {
    const held = current?.get(name);
    if (fits(held, shape)) return { shape: held.shape, data: held.data };
    fresh.push(name);
    return null;
  });
  if (!current || fresh.length === 0) return { weights, fresh };
  const shapeOf = (name: string) => weights.get(name)?.shape ?? [];
  const moved = movedNames(fresh, [...current.keys()].filter((name) => !weights.has(name)), (now, before) => fits(current.get(before), shapeOf(now)));
  for (const [now, before] of moved) {
    const held = current.get(before) as NamedWeight;
    weights.set(now, { shape: held.shape, data: held.data });
  }
  return { weights, fresh: fresh.filter((name) => !moved.has(name)) };
}

/** What a fresh start keeps of the weights: those of frozen layers, which nothing would teach anew. Null where there are none. */
export function frozenWeights(network: Network, current: Weights | null): Weights | null {
  const kept = network.layers.flatMap((l) => (l.frozen ? l.weights.flatMap((w) => (current?.has(w.fullName) ? [[w.fullName, current.get(w.fullName) as NamedWeight] as const] : [])) : []));
  return kept.length > 0 ? new Map(kept) : null;
}
