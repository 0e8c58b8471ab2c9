/** Why each thing of the palette could not be connected as asked: at once for small nets, piece by piece for large ones. */
import { useEffect, useState } from 'react';
import { whyNotNode, type AddOptions } from '../actions/edits.ts';
import { currentGraph } from '../state/document.ts';
import type { Addable } from './addables.ts';

/** Each trial compiles the net: the window stays responsive between pieces of this length. */
const FIRST_MS = 40;
const PIECE_MS = 10;

type Reasons = ReadonlyMap<string, string | null>;

/** Asks on from what is known until the time is up. */
function askMore(known: Reasons, rows: readonly Addable[], options: AddOptions, ms: number): Reasons {
  const reasons = new Map(known);
  const end = performance.now() + ms;
  for (const a of rows) {
    if (reasons.has(a.key)) continue;
    reasons.set(a.key, whyNotNode(a.node(currentGraph()), options));
    if (performance.now() > end) break;
  }
  return reasons;
}

/** Reasons by key, null for what fits; what has not been asked yet is missing. */
export function useReasons(rows: readonly Addable[], options: AddOptions): Reasons {
  const [reasons, setReasons] = useState<Reasons>(() => askMore(new Map(), rows, options, FIRST_MS));
  useEffect(() => {
    if (rows.every((a) => reasons.has(a.key))) return;
    const timer = setTimeout(() => setReasons(askMore(reasons, rows, options, PIECE_MS)), 0);
    return () => clearTimeout(timer);
  }, [reasons, rows, options]);
  return reasons;
}
