/** CSV: one sample a row, its class in the last column. */
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { Dataset } from './dataset.ts';

export interface CsvOptions {
  readonly name: string;
  readonly licence?: string;
  readonly file?: string;
  /** Largest possible value; the largest found when left out. */
  readonly maximum?: number;
}

const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text));

/** A square of grey pixels where the number of columns is a square of at least 16, else a vector. */
function shapeOf(columns: number): number[] {
  const side = Math.sqrt(columns);
  return Number.isInteger(side) && side >= 4 ? [1, side, side] : [columns];
}

/** Reads CSV text (or gzip of it). A first row with any text in it is a header. Throws data.* with the line. */
export function readCsv(content: Uint8Array, options: CsvOptions): Dataset {
  const label = options.file ?? options.name;
  const bytes = content[0] === 0x1f && content[1] === 0x8b ? gunzipSync(content) : Buffer.from(content);
  let rows: { record: string[]; info: { lines: number } }[];
  try {
    rows = parse(bytes, { relax_column_count: true, skip_empty_lines: true, trim: true, bom: true, info: true }) as unknown as typeof rows;
  } catch (cause) {
    throw problem('data.unreadable', { label }, { reason: (cause as Error).message });
  }
  if (rows.length > 1 && rows[0]?.record.some((v) => !isNumber(v)) && rows[1]?.record.every(isNumber)) rows.shift();
  const first = rows[0];
  if (!first || first.record.length < 2) throw problem('data.empty', { label }, {});
  const columns = first.record.length - 1;
  const values = new Float32Array(rows.length * columns);
  const labels = new Int32Array(rows.length);
  let maximum = 0;
  let whole = true;
  rows.forEach(({ record, info }, r) => {
    const place = { label, line: info.lines };
    if (record.length !== columns + 1) throw problem('data.ragged-row', place, { expected: columns + 1, got: record.length });
    for (let c = 0; c < columns; c++) {
      const text = record[c] as string;
      if (!isNumber(text)) throw problem('data.not-a-number', place, { got: text, column: c + 1 });
      const v = Number(text);
      values[r * columns + c] = v;
      maximum = Math.max(maximum, Math.abs(v));
      whole &&= Number.isInteger(v) && v >= 0 && v <= 255;
    }
    const cls = record[columns] as string;
    const n = Number(cls);
    if (!isNumber(cls) || !Number.isInteger(n) || n < 0 || n > 100_000) throw problem('data.label', place, { got: cls === '' ? 'nothing' : `"${cls}"` });
    labels[r] = n;
  });
  const classes = labels.reduce((m, l) => Math.max(m, l), 0) + 1;
  return {
    name: options.name,
    licence: options.licence ?? 'yours',
    shape: shapeOf(columns),
    classes: Array.from({ length: classes }, (_, i) => String(i)),
    values: whole ? Uint8Array.from(values) : values,
    labels,
    count: rows.length,
    maximum: options.maximum ?? (maximum || 1),
  };
}
