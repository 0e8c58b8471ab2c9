/** What an output of a layer sees of the input picture. */
import type { AnyLayerSpec, CheckedParams } from '../layers/table.ts';
import { pixelField, unite, widen, type Field } from '../shapes/receptive-field.ts';
import type { Shape } from '../shapes/shape.ts';

export interface Seen { readonly field: Field | null; readonly reachesAll: boolean; readonly shown: readonly [number, number] | null }

const nothing: Seen = { field: null, reachesAll: false, shown: null };

/** The field of one output; an image of which all is seen is said as the picture's size, null where nobody knows. */
export function seenOf(spec: AnyLayerSpec, params: CheckedParams, inputs: readonly Shape[], shape: Shape, feeds: readonly Seen[], bypassed: boolean): Seen {
  const reach = bypassed ? { kind: 'same' as const } : spec.reach(params, inputs);
  if (reach.kind === 'unknown') return nothing;
  if (feeds.length === 0) return shape.length === 3 ? { field: pixelField, reachesAll: false, shown: [1, 1] } : nothing;
  if (feeds.some((f) => f.reachesAll)) return { ...nothing, reachesAll: true };
  const fields = feeds.flatMap((f) => (f.field ? [f.field] : []));
  if (fields.length === 0) return nothing;
  const before = unite(fields);
  if (reach.kind === 'all') return { ...nothing, reachesAll: true };
  const field = reach.kind === 'window' ? widen(before, reach.kernel, reach.stride) : before;
  return { field, reachesAll: false, shown: field.size };
}
