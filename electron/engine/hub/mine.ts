/** "My models": nets that a person keeps for reuse, each a project folder with a card in the app's own folder. */
import { randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { SavedModelSchema, type SavedModel } from '../../../shared/protocol/export-requests.ts';
import { writeAtomically, writeProblem } from '../projects/atomic.ts';
import { openProject, saveProject, type Project } from '../projects/project.ts';

/** Folder of all of them: one folder a net, named by its id. */
export const modelsFolder = (appDir: string): string => join(appDir, 'models');

const CARD = 'card.json';

/** An id comes from outside: it must not lead anywhere else. */
function folderOf(appDir: string, id: string): string {
  if (!/^[a-z0-9-]{1,80}$/.test(id)) throw problem('models.unknown', { label: 'My models' }, { id });
  return join(modelsFolder(appDir), id);
}

async function readCard(folder: string): Promise<SavedModel | null> {
  try {
    return SavedModelSchema.parse(JSON.parse(await readFile(join(folder, CARD), 'utf8')));
  } catch {
    return null;
  }
}

/** Cards of all nets, newest first; a folder that cannot be read is kept, and shown to nobody. */
export async function listModels(appDir: string): Promise<SavedModel[]> {
  const names = await readdir(modelsFolder(appDir)).catch(() => [] as string[]);
  const cards = await Promise.all(names.filter((n) => !n.startsWith('.')).map((n) => readCard(join(modelsFolder(appDir), n))));
  return cards.flatMap((c) => (c ? [c] : [])).sort((a, b) => b.date.localeCompare(a.date));
}

/** Keeps a net with its weights: a folder appears when all of it is written, else none. Throws project.write. */
export async function saveModel(appDir: string, project: Project, card: Omit<SavedModel, 'id' | 'date'>): Promise<SavedModel> {
  const model: SavedModel = { ...card, id: randomUUID(), date: new Date().toISOString() };
  const folder = folderOf(appDir, model.id);
  const temporary = join(modelsFolder(appDir), `.${model.id}.tmp`);
  try {
    await saveProject(temporary, project);
    await writeAtomically(join(temporary, CARD), `${JSON.stringify(model, null, 2)}\n`);
    await rename(temporary, folder).catch((cause: unknown) => { throw writeProblem(folder, cause); });
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw cause;
  }
  return model;
}

/** The card of one. Throws models.unknown. */
export async function modelCard(appDir: string, id: string): Promise<SavedModel> {
  const card = await readCard(folderOf(appDir, id));
  if (!card) throw problem('models.unknown', { label: 'My models' }, { id });
  return card;
}

/** Throws models.unknown and project.write. */
export async function renameModel(appDir: string, id: string, name: string): Promise<void> {
  const card = await modelCard(appDir, id);
  await writeAtomically(join(folderOf(appDir, id), CARD), `${JSON.stringify({ ...card, name }, null, 2)}\n`);
}

/** Takes one out; it is out of the list at once, also where its files cannot all be removed. Throws models.unknown and project.write. */
export async function deleteModel(appDir: string, id: string): Promise<void> {
  await modelCard(appDir, id);
  const folder = folderOf(appDir, id);
  const aside = join(modelsFolder(appDir), `.${id}.deleted`);
  await rename(folder, aside).catch((cause: unknown) => { throw writeProblem(folder, cause); });
  await rm(aside, { recursive: true, force: true }).catch(() => undefined);
}

/** The net as it was kept. Throws models.unknown, project.* and graph.*. */
export async function openModel(appDir: string, id: string): Promise<{ readonly project: Project; readonly model: SavedModel }> {
  const model = await modelCard(appDir, id);
  const project = await openProject(folderOf(appDir, id));
  // The weights belong to the kept copy, not to what is made of it.
  return { project: { ...project, document: { ...project.document, weights: null } }, model };
}
