/** "My blocks": groups that a person keeps for any project, in one file of the app's own folder. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NetloomError, problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { GroupNode } from '../../../shared/graph/document.ts';
import { parseBlock } from '../../../shared/graph/parse.ts';
import { writeAtomically } from './atomic.ts';

export interface SavedBlock { readonly id: string; readonly name: string; readonly group: GroupNode }

const fileIn = (appDir: string): string => join(appDir, 'blocks.json');

/** Rows of the file as they stand; one that cannot be read is kept, and shown to nobody. */
async function readRows(appDir: string): Promise<readonly Record<string, unknown>[]> {
  const file = fileIn(appDir);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw problem('project.not-json', { label: 'My blocks', file }, { reason: (cause as Error).message });
  }
  try {
    const { blocks } = JSON.parse(text) as { blocks: unknown };
    if (!Array.isArray(blocks)) throw new Error('no list of blocks');
    return blocks.filter((b): b is Record<string, unknown> => typeof b === 'object' && b !== null);
  } catch (cause) {
    // Writing over it would lose what a person kept.
    throw problem('project.not-json', { label: 'My blocks', file }, { reason: (cause as Error).message });
  }
}

function toBlock(row: Record<string, unknown>): SavedBlock[] {
  const { id, name, group } = row;
  const parsed = parseBlock(group);
  return typeof id === 'string' && typeof name === 'string' && parsed.ok ? [{ id, name, group: parsed.value }] : [];
}

/** The blocks, oldest first. Throws project.not-json when the file is there and is none of ours. */
export const listBlocks = async (appDir: string): Promise<SavedBlock[]> => (await readRows(appDir)).flatMap(toBlock);

let queue: Promise<unknown> = Promise.resolve();

/** One change after another, so that two at once do not lose one; answers the list after it. */
function change(appDir: string, next: (rows: readonly Record<string, unknown>[]) => readonly Record<string, unknown>[]): Promise<SavedBlock[]> {
  const work = queue.then(async () => {
    const rows = next(await readRows(appDir));
    await writeAtomically(fileIn(appDir), `${JSON.stringify({ version: 1, blocks: rows }, null, 2)}\n`);
    return rows.flatMap(toBlock);
  });
  queue = work.catch(() => undefined);
  return work;
}

/** Keeps a copy of a group. Throws graph.invalid when it is none, project.write when it cannot be written. */
export function saveBlock(appDir: string, name: string, group: unknown): Promise<SavedBlock[]> {
  const parsed = parseBlock(group);
  if (!parsed.ok) throw new NetloomError(parsed.error);
  return change(appDir, (rows) => [...rows, { id: randomUUID(), name, group: parsed.value }]);
}

export const renameBlock = (appDir: string, id: string, name: string): Promise<SavedBlock[]> => change(appDir, (rows) => rows.map((r) => (r.id === id ? { ...r, name } : r)));

export const deleteBlock = (appDir: string, id: string): Promise<SavedBlock[]> => change(appDir, (rows) => rows.filter((r) => r.id !== id));
