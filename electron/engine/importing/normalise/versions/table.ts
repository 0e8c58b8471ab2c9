/** The table of operator versions: from any opset to 18. */
import type { DraftNode } from '../draft.ts';
import { changedRows } from './changed.ts';
import { movedRows } from './moved.ts';
import { newerRows } from './newer.ts';
import { removedRows } from './removed.ts';
import type { VersionRow } from './row.ts';

export const versionRows: readonly VersionRow[] = [...changedRows, ...movedRows, ...removedRows, ...newerRows];

const rows = new Map<string, VersionRow[]>();
for (const row of versionRows) rows.set(row.op, [...(rows.get(row.op) ?? []), row]);
for (const list of rows.values()) list.sort((a, b) => (a.until ?? Infinity) - (b.until ?? Infinity));

/** The next row that a node of the standard domain needs; undefined where it is in its last form. */
export function versionRow(node: DraftNode): VersionRow | undefined {
  if (node.domain !== '') return undefined;
  return rows.get(node.op)?.find((row) => (row.until !== undefined ? node.opset < row.until : row.from !== undefined && node.opset >= row.from));
}
