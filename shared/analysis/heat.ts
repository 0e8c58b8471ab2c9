/** What the canvas can be coloured by: one number for each drawn node, and how much of the largest it is. */
import type { Analysis, DrawnAmounts } from './analyse.ts';

export const heatKinds = ['parameters', 'macs', 'activations', 'field', 'time'] as const;
export type HeatKind = (typeof heatKinds)[number];

/** The number of a kind; null where there is none or it is not measured. A field counts by its longer side. */
export function heatValue(amounts: DrawnAmounts, kind: HeatKind): number | null {
  switch (kind) {
    case 'parameters': return amounts.parameters;
    case 'macs': return amounts.macs;
    case 'activations': return amounts.activationBytes;
    case 'field': return amounts.receptiveField ? Math.max(...amounts.receptiveField) : null;
    case 'time': return amounts.forwardMs === null ? null : amounts.forwardMs + (amounts.backwardMs ?? 0);
  }
}

export interface Heat { readonly value: number; /** 0 to 1: the root of the part of the largest, so that small ones still differ. */ readonly share: number }
export interface HeatMap { readonly kind: HeatKind; readonly most: number; readonly at: ReadonlyMap<string, Heat> }

/** Heat of the nodes drawn side by side in the graph at a path, against the largest among them. */
export function heatOf(analysis: Analysis, kind: HeatKind, path: readonly string[]): HeatMap {
  const values = new Map<string, number>();
  for (const [key, amounts] of analysis.drawn) {
    const parts = key.split('/');
    const here = parts.length === path.length + 1 && path.every((id, i) => id === parts[i]);
    const value = here ? heatValue(amounts, kind) : null;
    if (value !== null) values.set(key, value);
  }
  const most = Math.max(0, ...values.values());
  return { kind, most, at: new Map([...values].map(([key, value]) => [key, { value, share: most === 0 ? 0 : Math.sqrt(value / most) }])) };
}
