/** Rows as columns of text. */

/** The first row heads the others; columns of numbers stand flush right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((r) => (r[i] ?? '').length)));
  const isNumber = (s: string) => /^[\d,.×%\s–-]*$/.test(s);
  return rows.map((r) => r.map((cell, i) => (i > 0 && isNumber(rows[1]?.[i] ?? '') ? cell.padStart(widths[i] as number) : cell.padEnd(widths[i] as number))).join('  ').trimEnd()).join('\n');
}
