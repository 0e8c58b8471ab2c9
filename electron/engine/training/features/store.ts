/** Features on disk: one file for each trunk, rows found by what went in. Bounded; what was used longest ago goes first. */
import { createHash } from 'node:crypto';
import { open, readdir, rm, stat, utimes, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../../projects/atomic.ts';

/** Of all files together, and of one: more would not fit beside a net in memory. */
export const FEATURES_LIMIT = 4 * 2 ** 30;
export const LARGEST_CACHE = 2 ** 30;

const ENDING = '.features';
const MAGIC = Buffer.from('netloom features 1\n');
const KEY_BYTES = 16;
const HEADER_BYTES = 96;
const CHUNK = 2 ** 26;

/** Rows of `width` numbers by the hash of the sample they were computed from. */
export interface FeatureRows {
  readonly width: number;
  /** Hash -> row. */
  readonly rows: ReadonlyMap<string, number>;
  readonly values: Float32Array;
}

const fileOf = (folder: string, trunk: string): string => join(folder, `${trunk}${ENDING}`);
const digestOf = (keys: Uint8Array, values: Uint8Array): Buffer => createHash('sha256').update(keys).update(values).digest();
const bytesOf = (values: Float32Array): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** The hash under which a sample's row is found. */
export const sampleKey = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest().subarray(0, KEY_BYTES).toString('hex');

async function readWhole(file: FileHandle, into: Uint8Array, from: number): Promise<boolean> {
  for (let at = 0; at < into.length; ) {
    const { bytesRead } = await file.read(into, at, Math.min(CHUNK, into.length - at), from + at);
    if (bytesRead === 0) return false;
    at += bytesRead;
  }
  return true;
}

/** What is kept for a trunk; null where there is nothing, or a file that is damaged or of another width, which is computed anew. */
export async function readFeatures(folder: string, trunk: string, width: number): Promise<FeatureRows | null> {
  const path = fileOf(folder, trunk);
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch {
    return null;
  }
  try {
    const { size } = await file.stat();
    const header = Buffer.alloc(HEADER_BYTES);
    if (size < HEADER_BYTES || !(await readWhole(file, header, 0)) || !header.subarray(0, MAGIC.length).equals(MAGIC)) return null;
    const [count, wide] = [header.readUInt32LE(32), header.readUInt32LE(36)];
    if (wide !== width || size !== HEADER_BYTES + count * (KEY_BYTES + 4 * width)) return null;
    const keys = new Uint8Array(count * KEY_BYTES);
    const values = new Float32Array(count * width);
    if (!(await readWhole(file, keys, HEADER_BYTES)) || !(await readWhole(file, bytesOf(values), HEADER_BYTES + keys.length))) return null;
    if (!digestOf(keys, bytesOf(values)).equals(header.subarray(40, 72))) return null;
    const now = new Date();
    // On a read-only disk it only counts as used longer ago.
    await utimes(path, now, now).catch(() => undefined);
    const rows = new Map(Array.from({ length: count }, (_, i) => [Buffer.from(keys.buffer, i * KEY_BYTES, KEY_BYTES).toString('hex'), i]));
    return { width, rows, values };
  } catch {
    // A disk that cannot be read has nothing to offer either.
    return null;
  } finally {
    await file.close().catch(() => undefined);
  }
}

/** Keeps rows for a trunk in place of what was there, then makes room. Throws project.write. */
export async function writeFeatures(folder: string, trunk: string, { width, rows, values }: FeatureRows, limit = FEATURES_LIMIT): Promise<void> {
  const keys = new Uint8Array(rows.size * KEY_BYTES);
  for (const [key, row] of rows) keys.set(Buffer.from(key, 'hex'), row * KEY_BYTES);
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(rows.size, 32);
  header.writeUInt32LE(width, 36);
  digestOf(keys, bytesOf(values)).copy(header, 40);
  await writeAtomically(fileOf(folder, trunk), [header, keys, bytesOf(values)]);
  await makeRoom(folder, limit, trunk);
}

interface Kept { readonly path: string; readonly bytes: number; readonly usedAt: number }

async function keptIn(folder: string): Promise<Kept[]> {
  const names = (await readdir(folder).catch(() => [] as string[])).filter((n) => n.endsWith(ENDING));
  const files = await Promise.all(names.map(async (name) => {
    const path = join(folder, name);
    const s = await stat(path).catch(() => null);
    return s ? [{ path, bytes: s.size, usedAt: s.mtimeMs }] : [];
  }));
  return files.flat();
}

/** Files and bytes that are kept. */
export async function featuresKept(folder: string): Promise<{ readonly files: number; readonly bytes: number }> {
  const kept = await keptIn(folder);
  return { files: kept.length, bytes: kept.reduce((n, f) => n + f.bytes, 0) };
}

async function makeRoom(folder: string, limit: number, newest: string): Promise<void> {
  const kept = (await keptIn(folder)).sort((a, b) => b.usedAt - a.usedAt);
  let left = limit;
  for (const { path, bytes } of [...kept.filter((f) => f.path === fileOf(folder, newest)), ...kept.filter((f) => f.path !== fileOf(folder, newest))]) {
    left -= bytes;
    if (left < 0) await rm(path, { force: true });
  }
}

/** Throws all features away; they are computed again where they are needed. */
export async function clearFeatures(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [] as string[]);
  // With what a write that was cut off has left.
  for (const name of names.filter((n) => n.endsWith(ENDING) || (n.includes(`${ENDING}.`) && n.endsWith('.tmp')))) await rm(join(folder, name), { force: true });
}
