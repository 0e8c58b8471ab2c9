/** Weights in files beside a model: what the model may name, and reading it straight into the tensors' memory. */
import { realpathSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep, win32 } from 'node:path';
import { NetloomError, problem } from '../../../shared/diagnostics/diagnostic.ts';
import { fill } from './hollow.ts';
import { shown, type ExternalRange } from './tensor-data.ts';

/** Ranges of a file may lie over one another, but not so often that little files fill the memory. */
const OVERLAP = 4;

const reasons: Readonly<Record<string, string>> = { ENOENT: 'no such file', EACCES: 'no permission', EPERM: 'no permission', EISDIR: 'a folder', ENOTDIR: 'a file where a folder should be', ELOOP: 'links that go in a circle' };

/** Any failure of the file system as data.unreadable; what says already what it is stays so. */
export function fileProblem(path: string, label: string, cause: unknown): Error {
  if (cause instanceof NetloomError) return cause;
  return problem('data.unreadable', { label, file: path }, { reason: reasons[(cause as NodeJS.ErrnoException).code ?? ''] ?? (cause as Error).message });
}

interface Opened { readonly path: string; readonly size: number; readonly ranges: Map<string, { readonly buffer: ArrayBuffer; readonly range: ExternalRange; readonly read: boolean }> }

/** The files beside one model. Ranges are taken while the model is decoded and filled by `load`. */
export class ExternalFiles {
  private readonly most: number;
  private readonly model: string;
  private readonly label: string;
  private readonly folder: string;
  /** By real path; `located` by what the model calls them. */
  private readonly files = new Map<string, Opened>();
  private readonly located = new Map<string, Opened>();
  private taken = 0;

  /** Ranges of `most` bytes and more are not read: they are zeros, which take no memory. */
  constructor(model: string, most = Infinity) {
    this.most = most;
    this.model = model;
    this.label = basename(model);
    this.folder = dirname(resolve(model));
  }

  /** Bytes of all files that were named. */
  get size(): number {
    return [...this.files.values()].reduce((sum, file) => sum + file.size, 0);
  }

  /** Memory for a range, the same for the same range. Throws onnx.external for a file that is missing or outside the model's folder and for a range beyond its end. */
  take(range: ExternalRange): ArrayBuffer {
    const file = this.file(range);
    const key = `${range.offset}+${range.length}`;
    const known = file.ranges.get(key);
    if (known) return known.buffer;
    if (range.offset + range.length > file.size) throw this.refuse(range, `${range.length} bytes from ${range.offset} in ${shown(range.location)}`, `a file of ${file.size}`);
    this.taken += range.length;
    if (this.taken > OVERLAP * this.size) throw this.refuse(range, 'weights of their own for each tensor', 'tensors that lie over one another many times');
    const read = range.length < this.most;
    const buffer = read ? (Buffer.allocUnsafeSlow(range.length).buffer as ArrayBuffer) : new ArrayBuffer(range.length);
    file.ranges.set(key, { buffer, range, read });
    return buffer;
  }

  /** Reads every range that was taken. Throws onnx.external where a file ends too early, data.unreadable where it cannot be read. */
  async load(): Promise<void> {
    for (const { path, ranges } of this.files.values()) {
      try {
        const handle = await open(path, 'r');
        try {
          for (const { buffer, range, read } of ranges.values()) {
            if (read && !(await fill(handle, new Uint8Array(buffer), range.offset))) throw this.refuse(range, `${range.length} bytes from ${range.offset} in ${shown(range.location)}`, 'fewer');
          }
        } finally {
          await handle.close();
        }
      } catch (cause) {
        throw fileProblem(path, basename(path), cause);
      }
    }
  }

  private refuse(range: ExternalRange, expected: string, got: string): Error {
    return problem('onnx.external', { label: this.label }, { tensor: range.tensor, expected, got });
  }

  private file(range: ExternalRange): Opened {
    const { location } = range;
    const known = this.located.get(location);
    if (known) return known;
    const outside = (got: string): Error => this.refuse(range, 'a file in the folder of the net', got);
    if (location === '' || location.includes('\0')) throw outside('no name');
    if (isAbsolute(location) || win32.isAbsolute(location) || /^[a-z]:/i.test(location)) throw outside(`the absolute path ${shown(location)}`);
    const parts = location.split(/[\\/]/);
    if (parts.includes('..')) throw outside(`the path ${shown(location)}`);
    let path: string;
    let stat: ReturnType<typeof statSync>;
    try {
      path = realpathSync(join(this.folder, ...parts));
      stat = statSync(path);
    } catch (cause) {
      throw this.refuse(range, `the file ${shown(location)} beside the net`, reasons[(cause as NodeJS.ErrnoException).code ?? ''] ?? (cause as Error).message);
    }
    // A model that is a link itself may have its weights where it really lies: download caches keep both so.
    const within = [this.folder, dirname(realpathSync(this.model))].some((folder) => !`${relative(realpathSync(folder), path)}${sep}`.startsWith(`..${sep}`));
    if (!within) throw outside(`the link ${shown(location)} to elsewhere`);
    if (!stat.isFile()) throw this.refuse(range, `the file ${shown(location)} beside the net`, 'something that is no file');
    const file = this.files.get(path) ?? { path, size: stat.size, ranges: new Map() };
    this.files.set(path, file);
    this.located.set(location, file);
    return file;
  }
}
