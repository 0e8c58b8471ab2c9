/** Nets that come with Netloom: project folders with a card, trained by `node .dev/hub-models.mjs`. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PretrainedCardSchema, type PretrainedCard } from '../../../shared/protocol/hub-requests.ts';
import { openProject, type Project } from '../projects/project.ts';

export const builtInFolder = (resourcesDir: string): string => join(resourcesDir, 'models');

/** Cards by id; none where the folder is missing. A damaged one is left out: it must not hide the others. */
export async function listBuiltIn(resourcesDir: string): Promise<PretrainedCard[]> {
  const folder = builtInFolder(resourcesDir);
  const names = (await readdir(folder, { withFileTypes: true }).catch(() => [])).filter((d) => d.isDirectory()).map((d) => d.name).sort();
  const cards = await Promise.all(names.map(async (name) => {
    try {
      return [PretrainedCardSchema.parse(JSON.parse(await readFile(join(folder, name, 'card.json'), 'utf8')))];
    } catch {
      return [];
    }
  }));
  return cards.flat();
}

/** Document, settings and weights as they were trained. Throws project.* where the installation is damaged. */
export async function openBuiltIn(resourcesDir: string, id: string): Promise<Project> {
  const project = await openProject(join(builtInFolder(resourcesDir), id));
  // The weights belong to the installation, not to what is made of it.
  return { ...project, document: { ...project.document, weights: null } };
}
