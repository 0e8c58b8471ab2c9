/** The table's rows: opened, sorted, searched. */
import { describe, expect, it } from 'vitest';
import type { AnalysisRow, GroupRow, LayerRow } from '../../../shared/analysis/tree.ts';
import { nextSorting, shownRows, type TableView } from './rows.ts';

const amounts = { macs: 0, activationBytes: 0, forwardMs: null, backwardMs: null };
const layer = (id: string, parameters: number, type = 'conv2d'): LayerRow => ({ kind: 'layer', title: type === 'dense' ? 'Dense' : 'Conv2D', id, path: id, name: id.split('/').at(-1) as string, type, frozen: false, shape: [parameters], receptiveField: null, parameters, ...amounts });
const group = (id: string, rows: readonly AnalysisRow[], copies = 1): GroupRow => ({ kind: 'group', id, path: id, name: id, shape: [1], receptiveField: null, copies, layers: rows.length, rows, parameters: rows.reduce((n, r) => n + r.parameters, 0), ...amounts });

const tree = [layer('conv 10', 5), group('stage', [group('stage#1', [layer('stage#1/b', 1), layer('stage#1/a', 3, 'dense')]), group('stage#2', [layer('stage#2/a', 30, 'dense')])], 2), layer('conv 2', 9)];
const view: TableView = { sorting: null, filter: '', open: new Set(), flat: false };
const names = (change: Partial<TableView>) => shownRows(tree, { ...view, ...change }).map((r) => `${'.'.repeat(r.depth)}${r.row.id}`);

describe('rows', () => {
  it('are closed groups at first; the whole and its first copy open apart', () => {
    expect(names({})).toEqual(['conv 10', 'stage', 'conv 2']);
    expect(names({ open: new Set(['stage#']) })).toEqual(['conv 10', 'stage', '.stage#1', '.stage#2', 'conv 2']);
    expect(names({ open: new Set(['stage#', 'stage#1']) })).toEqual(['conv 10', 'stage', '.stage#1', '..stage#1/b', '..stage#1/a', '.stage#2', 'conv 2']);
  });
  it('sort within their group, names as people count', () => {
    expect(names({ sorting: { column: 'parameters', falling: true }, open: new Set(['stage#', 'stage#1']) })).toEqual(['stage', '.stage#2', '.stage#1', '..stage#1/a', '..stage#1/b', 'conv 2', 'conv 10']);
    expect(names({ sorting: { column: 'name', falling: false } })).toEqual(['conv 2', 'conv 10', 'stage']);
    expect(names({ sorting: { column: 'parameters', falling: true }, flat: true })).toEqual(['stage#2/a', 'conv 2', 'conv 10', 'stage#1/a', 'stage#1/b']);
  });
  it('are found by name and by kind, inside closed groups too', () => {
    expect(names({ filter: 'DENSE' })).toEqual(['stage', '.stage#1', '..stage#1/a', '.stage#2', '..stage#2/a']);
    expect(names({ filter: 'conv 2' })).toEqual(['conv 2']);
    expect(names({ filter: 'stage#2' })).toEqual(['stage', '.stage#2']);
    expect(names({ filter: 'nothing' })).toEqual([]);
  });
  it('a column sorts down, up, and not at all', () => {
    const down = nextSorting(null, 'macs');
    const up = nextSorting(down, 'macs');
    expect([down?.falling, up?.falling, nextSorting(up, 'macs')]).toEqual([true, false, null]);
    expect(nextSorting(up, 'name')?.falling).toBe(false);
  });
});
