/** The table as text for other programs: Markdown and CSV. */
import { formatShape } from '../shapes/shape.ts';
import type { Analysis } from './analyse.ts';
import type { Amounts, AnalysisRow } from './tree.ts';

const groups = (n: number): string => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',');
const milliseconds = (v: number | null): string => (v === null ? '' : v.toFixed(3));

interface Column { readonly label: string; readonly number: boolean; readonly markdown: (r: AnalysisRow | Amounts) => string; readonly csv: (r: AnalysisRow | Amounts) => string }

const isRow = (r: AnalysisRow | Amounts): r is AnalysisRow => 'kind' in r;
const number = (label: string, pick: (r: Amounts) => number): Column => ({ label, number: true, markdown: (r) => groups(pick(r)), csv: (r) => String(pick(r)) });
const words = (label: string, pick: (r: AnalysisRow) => string): Column => ({ label, number: false, markdown: (r) => (isRow(r) ? pick(r) : ''), csv: (r) => (isRow(r) ? pick(r) : '') });
const time = (label: string, pick: (r: Amounts) => number | null): Column => ({ label, number: true, markdown: (r) => milliseconds(pick(r)), csv: (r) => milliseconds(pick(r)) });

/** Columns beside the name; times only where they were measured. */
function columnsOf({ batchSize, totals }: Analysis): readonly Column[] {
  return [
    words('Type', (r) => (r.kind === 'layer' ? r.title : r.copies > 1 ? `Group × ${r.copies}` : 'Group')),
    words('Output', (r) => formatShape(r.shape)),
    number('Parameters', (r) => r.parameters),
    number('Multiply-adds', (r) => r.macs),
    number(`Activation bytes at batch ${batchSize}`, (r) => r.activationBytes),
    words('Receptive field', (r) => r.receptiveField?.join('×') ?? ''),
    ...(totals.forwardMs === null ? [] : [time('Forward ms', (r) => r.forwardMs), time('Backward ms', (r) => r.backwardMs)]),
  ];
}

interface Line { readonly name: string; readonly row: AnalysisRow | Amounts }

/** Layers under the path of names that leads to them. */
function layerLines(rows: readonly AnalysisRow[], before = ''): Line[] {
  return rows.flatMap((row) => {
    // The copies carry the name of the whole.
    if (row.kind === 'group') return layerLines(row.rows, row.copies > 1 ? before : `${before}${row.name} / `);
    return [{ name: before + row.name, row }];
  });
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('\n', ' ');

/** A Markdown table of these rows (all layers unless told), with the totals last. */
export function toMarkdown(analysis: Analysis, lines: readonly Line[] = layerLines(analysis.tree)): string {
  const columns = columnsOf(analysis);
  const write = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const body = [...lines, { name: 'Total', row: analysis.totals }].map(({ name, row }) => write([escaped(name), ...columns.map((c) => c.markdown(row))]));
  return [write(['Layer', ...columns.map((c) => c.label)]), write(['---', ...columns.map((c) => (c.number ? '--:' : '---'))]), ...body].join('\n') + '\n';
}

/** RFC 4180, and no cell that a spreadsheet would take for a formula. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Comma-separated values of these rows (all layers unless told), with the totals last; plain numbers. */
export function toCsv(analysis: Analysis, lines: readonly Line[] = layerLines(analysis.tree)): string {
  const columns = columnsOf(analysis);
  const rows = [...lines, { name: 'Total', row: analysis.totals }].map(({ name, row }) => [name, ...columns.map((c) => c.csv(row))]);
  return [['Layer', ...columns.map((c) => c.label)], ...rows].map((r) => r.map(csvCell).join(',')).join('\r\n') + '\r\n';
}
