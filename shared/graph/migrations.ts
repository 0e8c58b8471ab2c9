/** Numbered steps from one file version to the next. */

export interface Migration {
  /** The version it makes; the table's k-th row makes version k + 2. */
  readonly to: number;
  readonly migrate: (file: Record<string, unknown>) => Record<string, unknown>;
}

/** Version 1 is the first: nothing to migrate yet. */
export const migrations: readonly Migration[] = [];

/** Throws when the table's numbers are not 2, 3, 4, …: a wrong number would skip or repeat a step. */
export function assertNumbering(table: readonly Migration[]): void {
  table.forEach((m, i) => {
    if (m.to !== i + 2) throw new Error(`Migration ${i}: expected it to make version ${i + 2}, got ${m.to}`);
  });
}

/** The file brought to the newest version. */
export function migrate(file: { readonly version: number }, table: readonly Migration[] = migrations): Record<string, unknown> {
  assertNumbering(table);
  return table.slice(file.version - 1).reduce<Record<string, unknown>>((f, m) => ({ ...m.migrate(f), version: m.to }), { ...file });
}
