/** The table's columns: what each says of a row, and how wide it is. */
import type { ReactNode } from 'react';
import type { Amounts, AnalysisRow } from '../../../shared/analysis/tree.ts';
import { formatShape } from '../../../shared/shapes/shape.ts';
import { bytes, milliseconds, short, whole } from '../../ui/format.ts';
import type { ColumnId } from './rows.ts';

export interface Column {
  readonly id: ColumnId;
  readonly label: string;
  readonly help: string;
  readonly width: string;
  readonly cell: (row: AnalysisRow) => ReactNode;
  readonly total: (totals: Amounts) => string;
}

const none = () => '';
const time = (v: number | null): string => (v === null ? '' : milliseconds(v));

export const columns: readonly Column[] = [
  { id: 'name', label: 'Layer', help: 'Layers in the order in which data passes them', width: 'minmax(172px, 1fr)', cell: (r) => r.name, total: () => 'Total' },
  { id: 'shape', label: 'Output', help: 'Shape of what comes out: height × width × channels', width: '84px', cell: (r) => formatShape(r.shape), total: none },
  { id: 'parameters', label: 'Parameters', help: 'Numbers that training changes', width: '88px', cell: (r) => (r.parameters > 0 ? whole(r.parameters) : '–'), total: (t) => whole(t.parameters) },
  { id: 'macs', label: 'Mult-adds', help: 'Multiplications with addition, for one sample', width: '84px', cell: (r) => (r.macs > 0 ? short(r.macs) : '–'), total: (t) => short(t.macs) },
  { id: 'activations', label: 'Activations', help: 'Memory of what comes out, for one batch of 32-bit numbers', width: '82px', cell: (r) => (r.activationBytes > 0 ? bytes(r.activationBytes) : '–'), total: (t) => bytes(t.activationBytes) },
  { id: 'field', label: 'Sees', help: 'Receptive field: height × width of the input that one output depends on', width: '66px', cell: (r) => (r.receptiveField ? r.receptiveField.join('×') : r.kind === 'layer' && r.shape.length === 1 ? 'all' : '–'), total: none },
  { id: 'forward', label: 'Forward', help: 'Measured milliseconds of the forward pass, one batch', width: '68px', cell: (r) => time(r.forwardMs), total: (t) => time(t.forwardMs) },
  { id: 'backward', label: 'Backward', help: 'Measured milliseconds of the backward pass, one batch', width: '80px', cell: (r) => time(r.backwardMs), total: (t) => time(t.backwardMs) },
];

/** The columns to show: times only once there are any. */
export const columnsFor = (totals: Amounts): readonly Column[] => (totals.forwardMs === null ? columns.filter((c) => c.id !== 'forward' && c.id !== 'backward') : columns);

/** Narrower than this the table scrolls sideways. */
export const leastWidth = (shown: readonly Column[]): number => shown.reduce((n, c) => n + Number(/\d+/.exec(c.width)?.[0] ?? 0), 0);
