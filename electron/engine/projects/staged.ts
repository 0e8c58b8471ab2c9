/** Several files that appear together: written aside in the same folder, then moved into place, or none of them at all. */
import { access, mkdir, mkdtemp, open, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeProblem } from './atomic.ts';

/** Writes one file from pieces and flushes it. Throws project.write. */
export async function writePieces(path: string, pieces: Iterable<Uint8Array>): Promise<void> {
  try {
    const file = await open(path, 'w');
    try {
      for (const piece of pieces) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw writeProblem(path, cause);
  }
}

const exists = (path: string): Promise<boolean> => access(path).then(() => true, () => false);

/** Moves files of `from` into `folder`; what they replace comes back when one of them cannot be moved. */
async function moveAll(from: string, folder: string, names: readonly string[]): Promise<void> {
  const undo: (() => Promise<void>)[] = [];
  try {
    for (const name of names) {
      const [target, aside] = [join(folder, name), join(from, `before ${name}`)];
      if (await exists(target)) {
        await rename(target, aside);
        undo.push(() => rename(aside, target));
      }
      await rename(join(from, name), target);
      undo.push(() => rename(target, join(from, name)));
    }
  } catch (cause) {
    for (const back of undo.reverse()) await back();
    throw writeProblem(folder, cause);
  }
}

/** Outermost folder that has to be made for `folder`, with all below it; none where it is there. */
async function missingFolders(folder: string): Promise<string[]> {
  if (await exists(folder)) return [];
  return [folder, ...(await missingFolders(dirname(folder)))];
}

/**
 * Gives `body` an empty folder inside `folder`; the files that it names come to stand in `folder`, in that order. When it throws
 * or answers null nothing is left, not even a folder that was made for it. Throws project.write.
 */
export async function stage<T extends { readonly names: readonly string[] }>(folder: string, body: (temporary: string) => Promise<T | null>): Promise<T | null> {
  const made = await missingFolders(folder);
  let temporary: string | null = null;
  let done = false;
  try {
    try {
      // One by one: where no folder can be made at all (/proc), Node's own recursion never ends.
      for (const path of [...made].reverse()) await mkdir(path);
      temporary = await mkdtemp(join(folder, '.netloom-'));
    } catch (cause) {
      throw writeProblem(folder, cause);
    }
    const answer = await body(temporary);
    if (answer) {
      await moveAll(temporary, folder, answer.names);
      done = true;
    }
    return answer;
  } finally {
    if (temporary !== null) await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    // Only folders that are empty go: somebody may have used them meanwhile.
    if (!done) for (const path of made) await rmdir(path).catch(() => undefined);
  }
}
