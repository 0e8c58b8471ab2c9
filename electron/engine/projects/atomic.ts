/** Writes that never leave half a file: temporary name, flush, rename. */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';

/** The calls that can fail, so that tests can make them fail. */
export interface Disk {
  readonly open: typeof open;
  readonly rename: typeof rename;
}
const disk: Disk = { open, rename };

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'a full disk', EDQUOT: 'a used-up quota', EACCES: 'no permission', EPERM: 'no permission', EROFS: 'a read-only disk', ENOENT: 'no such folder', ENOTDIR: 'a file where a folder should be',
};

/** Any failure of the file system as project.write. */
export function writeProblem(path: string, cause: unknown): Error {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  return problem('project.write', { label: basename(path), file: path }, { reason: reasons[code] ?? (cause as Error).message });
}

let counter = 0;

/** Replaces a file as a whole, making its folder; parts are written one after another. On any failure the old content stays and no temporary file is left. Throws project.write. */
export async function writeAtomically(path: string, content: Uint8Array | string | readonly Uint8Array[], on: Disk = disk): Promise<void> {
  const temporary = `${path}.${process.pid}-${++counter}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await on.open(temporary, 'w');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await on.rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writeProblem(path, cause);
  }
}
