/** The journal: unsaved edits, kept beside the project or in the app's own folder; and the list of recent projects. */
import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Document } from '../../../shared/graph/document.ts';
import { parseDocument } from '../../../shared/graph/parse.ts';
import { DataRefSchema, type DataRef } from '../../../shared/protocol/values.ts';
import { TrainingConfigSchema, type TrainingConfig } from '../../../shared/training/config.ts';
import { writeAtomically } from './atomic.ts';

export interface Draft { readonly document: Document; readonly training: TrainingConfig; readonly data: DataRef }

const fileIn = (folder: string) => join(folder, '.netloom-journal.json');

export const writeJournal = (folder: string, draft: Draft): Promise<void> => writeAtomically(fileIn(folder), JSON.stringify(draft));

export const clearJournal = (folder: string): Promise<void> => rm(fileIn(folder), { force: true });

/** The draft in a folder; null when there is none or it cannot be read: a lost draft must not keep a project from opening. */
export async function readJournal(folder: string): Promise<Draft | null> {
  try {
    const raw = JSON.parse(await readFile(fileIn(folder), 'utf8')) as Record<string, unknown>;
    const document = parseDocument(raw.document);
    return document.ok ? { document: document.value, training: TrainingConfigSchema.parse(raw.training), data: DataRefSchema.parse(raw.data) } : null;
  } catch {
    return null;
  }
}

export interface RecentProject { readonly path: string; readonly name: string; readonly openedAt: string }

const recentFile = (appDir: string) => join(appDir, 'recent.json');

export async function recentProjects(appDir: string): Promise<RecentProject[]> {
  try {
    return JSON.parse(await readFile(recentFile(appDir), 'utf8')) as RecentProject[];
  } catch {
    return [];
  }
}

export async function rememberProject(appDir: string, path: string): Promise<void> {
  const others = (await recentProjects(appDir)).filter((p) => p.path !== path).slice(0, 9);
  await writeAtomically(recentFile(appDir), JSON.stringify([{ path, name: basename(path), openedAt: new Date().toISOString() }, ...others], null, 2));
}
