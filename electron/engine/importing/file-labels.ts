/** Names of the classes that a file brings along in its metadata. */

/** Keys under which tools write them: as a JSON list, as an object by number, or one to a line. */
const KEYS = ['classes', 'names', 'labels', 'class_names', 'id2label', 'synset'];

/** {0: 'person', 1: "dog"}, as Python prints a dictionary: what JSON would be but for its quotes and bare numbers. */
function pythonDictionary(text: string): string[] | null {
  const entries = [...text.matchAll(/(\d+)\s*:\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g)].map((m) => [Number(m[1]), (m[2] ?? m[3] ?? '').replaceAll(/\\(.)/g, '$1')] as const);
  return /^\s*\{.*\}\s*$/s.test(text) && entries.length > 0 ? inOrder(entries) : null;
}

/** Names by number, where no number is left out. */
function inOrder(entries: readonly (readonly [number, unknown])[]): string[] | null {
  const sorted = [...entries].sort(([a], [b]) => a - b);
  return sorted.every(([n, name], i) => n === i && typeof name === 'string') ? sorted.map(([, name]) => name as string) : null;
}

function namesIn(text: string): string[] | null {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value.every((v) => typeof v === 'string') ? value : null;
    return typeof value === 'object' && value !== null ? inOrder(Object.entries(value).map(([k, v]) => [Number(k), v])) : null;
  } catch {
    const lines = text.split(/\r?\n/).map((l) => l.trim()).filter((l) => l !== '');
    return pythonDictionary(text) ?? (lines.length > 1 ? lines : null);
  }
}

/** As many names as the net has answers; null where the file has none of that number. */
export function labelsInFile(metadata: Readonly<Record<string, string>>, count: number): readonly string[] | null {
  for (const key of KEYS) {
    const names = metadata[key] === undefined ? null : namesIn(metadata[key]);
    if (names?.length === count) return names;
  }
  return null;
}
