/** Files that come from a browser piece by piece, into a folder of the app's own. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { writeProblem } from '../projects/atomic.ts';

/** Largest piece in bytes: far below what a message may hold. */
export const LARGEST_PIECE = 8 * 1024 * 1024;

const invalid = (name: string, expected: string, got: string) => problem('request.invalid', { label: name || 'File' }, { expected, got });

/** A name alone: no folder, no way out of ours, nothing that a system forbids. */
// eslint-disable-next-line no-control-regex -- control characters are what it refuses
const isPlainName = (name: string): boolean => name !== '.' && name !== '..' && !/[/\\:*?"<>|\x00-\x1f]/.test(name);

interface Upload { readonly id: string; readonly folder: string; readonly sizes: ReadonlyMap<string, number> }

/** One upload at a time; the one before is forgotten with its files. */
export class Uploads {
  readonly #folder: string;
  #current: Upload | null = null;

  constructor(appDir: string) {
    this.#folder = join(appDir, 'uploads');
  }

  /** Makes room for files of these names and sizes in bytes. Throws request.invalid and project.write. */
  async begin(files: readonly { readonly name: string; readonly size: number }[]): Promise<{ id: string; folder: string }> {
    for (const { name } of files) if (!isPlainName(name)) throw invalid(name, 'the name of a file', 'another name');
    this.#current = null;
    const id = randomUUID();
    const folder = join(this.#folder, id);
    try {
      await rm(this.#folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      for (const { name } of files) await (await open(join(folder, name), 'w')).close();
    } catch (cause) {
      throw writeProblem(folder, cause);
    }
    this.#current = { id, folder, sizes: new Map(files.map((f) => [f.name, f.size])) };
    return { id, folder };
  }

  /** Writes a piece at its place. Throws request.invalid where it belongs to no file of this upload, project.write where the disk refuses. */
  async piece(id: string, name: string, offset: number, bytes: Uint8Array): Promise<void> {
    const upload = this.#current;
    const size = upload?.id === id ? upload.sizes.get(name) : undefined;
    if (!upload || size === undefined) throw invalid(name, 'a file of the present upload', 'another');
    if (bytes.length > LARGEST_PIECE || !Number.isSafeInteger(offset) || offset + bytes.length > size) throw invalid(name, `a piece within ${size} bytes`, `${bytes.length} bytes at ${offset}`);
    const path = join(upload.folder, name);
    try {
      const file = await open(path, 'r+');
      try {
        await file.write(bytes, 0, bytes.length, offset);
      } finally {
        await file.close();
      }
    } catch (cause) {
      throw writeProblem(path, cause);
    }
  }
}
