/** Which rows the table shows, in which order: groups opened and closed, sorted within their group, searched. */
import type { Amounts, AnalysisRow } from '../../../shared/analysis/tree.ts';

export type ColumnId = 'name' | 'shape' | 'parameters' | 'macs' | 'activations' | 'field' | 'forward' | 'backward';
export interface Sorting { readonly column: ColumnId; readonly falling: boolean }

export interface TableView {
  /** null: the order of the network. */
  readonly sorting: Sorting | null;
  readonly filter: string;
  readonly open: ReadonlySet<string>;
  /** Layers side by side, without their groups. */
  readonly flat: boolean;
}

export interface ShownRow { readonly row: AnalysisRow; readonly key: string; readonly depth: number; readonly open: boolean }

/** A group's copies stand under it with the same id as the first. */
export const rowKey = (row: AnalysisRow): string => (row.kind === 'group' && row.copies > 1 ? `${row.id}#` : row.id);

const area = (r: AnalysisRow): number => (r.receptiveField ? r.receptiveField[0] * r.receptiveField[1] : -1);
const size = (r: AnalysisRow): number => r.shape.reduce((n, d) => n * d, 1);

/** What a column sorts by. */
export function sortValue(row: AnalysisRow, column: Exclude<ColumnId, 'name'>): number {
  switch (column) {
    case 'shape': return size(row);
    case 'parameters': return row.parameters;
    case 'macs': return row.macs;
    case 'activations': return row.activationBytes;
    case 'field': return area(row);
    case 'forward': return row.forwardMs ?? -1;
    case 'backward': return row.backwardMs ?? -1;
  }
}

function sorted(rows: readonly AnalysisRow[], sorting: Sorting | null): readonly AnalysisRow[] {
  if (!sorting) return rows;
  const { column, falling } = sorting;
  const compare = (a: AnalysisRow, b: AnalysisRow) => (column === 'name' ? a.name.localeCompare(b.name, undefined, { numeric: true }) : sortValue(a, column) - sortValue(b, column));
  return [...rows].sort((a, b) => (falling ? -1 : 1) * compare(a, b));
}

const layersOf = (rows: readonly AnalysisRow[]): AnalysisRow[] => rows.flatMap((r) => (r.kind === 'group' ? layersOf(r.rows) : [r]));

/** By name, or by what kind of layer it is. */
function matches(row: AnalysisRow, words: string): boolean {
  return row.name.toLowerCase().includes(words) || (row.kind === 'layer' && row.title.toLowerCase().includes(words));
}

/** The rows as the table shows them. A search opens every group that holds what was found. */
export function shownRows(tree: readonly AnalysisRow[], { sorting, filter, open, flat }: TableView): readonly ShownRow[] {
  const words = filter.trim().toLowerCase();
  const list = (rows: readonly AnalysisRow[], depth: number, all: boolean): ShownRow[] =>
    sorted(rows, sorting).flatMap((row): ShownRow[] => {
      const hit = all || matches(row, words);
      if (row.kind === 'layer') return hit ? [{ row, key: row.id, depth, open: false }] : [];
      const key = rowKey(row);
      const found = words !== '' && !hit ? list(row.rows, depth + 1, false) : [];
      if (found.length > 0) return [{ row, key, depth, open: true }, ...found];
      if (!hit) return [];
      const isOpen = open.has(key);
      return [{ row, key, depth, open: isOpen }, ...(isOpen ? list(row.rows, depth + 1, true) : [])];
    });
  return list(flat ? layersOf(tree) : tree, 0, words === '');
}

/** Keys of every group, for opening all at once. */
export const groupKeys = (rows: readonly AnalysisRow[]): string[] => rows.flatMap((r) => (r.kind === 'group' ? [rowKey(r), ...groupKeys(r.rows)] : []));

/** A column's next state: largest first, then smallest first, then the order of the network; names the other way round. */
export function nextSorting(now: Sorting | null, column: ColumnId): Sorting | null {
  const first = column !== 'name';
  if (now?.column !== column) return { column, falling: first };
  return now.falling === first ? { column, falling: !first } : null;
}

/** A row's part of the whole, 0 to 1. */
export const shareOf = (value: number | null, total: number | null): number => (value === null || total === null || total <= 0 ? 0 : value / total);

/** The number behind a column's bar; null where the column has none. */
export function barValue(r: Amounts, column: ColumnId): number | null {
  switch (column) {
    case 'parameters': return r.parameters;
    case 'macs': return r.macs;
    case 'activations': return r.activationBytes;
    case 'forward': return r.forwardMs;
    case 'backward': return r.backwardMs;
    default: return null;
  }
}
