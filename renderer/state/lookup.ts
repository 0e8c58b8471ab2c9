/** What compile says of a place of the document, found by the ids that lead there; read once for each compilation. */
import { groupSummary, type GroupSummary } from '../../shared/compile/summary.ts';
import type { Compiled, NetworkLayer } from '../../shared/compile/network.ts';
import type { Diagnostic, DiagnosticArgs } from '../../shared/diagnostics/diagnostic.ts';
import type { DrawnGraph } from '../../shared/graph/document.ts';

interface Index {
  /** By place; of copies, the first. */
  readonly layers: ReadonlyMap<string, NetworkLayer>;
  readonly problems: ReadonlyMap<string, readonly Diagnostic[]>;
  readonly groups: Map<string, GroupSummary | null>;
}

const indices = new WeakMap<Compiled, Index>();

/** "stage#2/conv" stands at "stage/conv". */
export const placeOf = (networkId: string): string => networkId.replaceAll(/#\d+(?=\/)/g, '');

function indexOf(compiled: Compiled): Index {
  const known = indices.get(compiled);
  if (known) return known;
  const layers = new Map<string, NetworkLayer>();
  for (const l of compiled.network.layers) {
    const place = placeOf(l.id);
    if (!layers.has(place)) layers.set(place, l);
  }
  const problems = new Map<string, Diagnostic[]>();
  for (const { diagnostic: d } of compiled.problems) {
    const place = d.place.node ?? '';
    const list = problems.get(place);
    if (list) list.push(d);
    else problems.set(place, [d]);
  }
  const index: Index = { layers, problems, groups: new Map() };
  indices.set(compiled, index);
  return index;
}

const NONE: readonly Diagnostic[] = [];

/** The layer at a place; of a repeated group's copies, the first. */
export const layerAtPlace = (compiled: Compiled, place: string): NetworkLayer | undefined => indexOf(compiled).layers.get(place);
export const problemsAtPlace = (compiled: Compiled, place: string): readonly Diagnostic[] => indexOf(compiled).problems.get(place) ?? NONE;

/** Why no sample of the data set runs through the net, as a sentence; null where one does. */
export function whyIdle({ ready, problems }: Compiled): string | null {
  if (!ready) return 'Mend the problems of the network first; Design lists them under Problems.';
  const tensors = problems.find((p) => p.diagnostic.code === 'graph.tensors')?.diagnostic;
  return tensors ? `No data set feeds this net: it needs one input and one output for each sample and has ${(tensors.args as DiagnosticArgs<'graph.tensors'>).got}.` : null;
}

/** Sums of the group at a place; null where there is none. `root` is the graph that was compiled. */
export function groupAtPlace(root: DrawnGraph, compiled: Compiled, path: readonly string[]): GroupSummary | null {
  const { groups } = indexOf(compiled);
  const place = path.join('/');
  if (!groups.has(place)) groups.set(place, groupSummary(root, compiled, path));
  return groups.get(place) ?? null;
}
