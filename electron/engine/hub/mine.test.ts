/** My models: kept whole or not at all, and found again as they were. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findTemplate } from '../../../shared/templates/templates.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import type { Project } from '../projects/project.ts';
import { required } from '../../../shared/util/assert.ts';
import { deleteModel, listModels, modelsFolder, openModel, renameModel, saveModel } from './mine.ts';

let home = '';
beforeEach(async () => { home = await mkdtemp(join(tmpdir(), 'netloom-mine-')); });
afterEach(() => rm(home, { recursive: true, force: true }));

const document = { ...required(findTemplate('mlp'), 'template').build({ size: 8, channels: 1, classes: 3 }), labels: ['a', 'b', 'c'] };
const project: Project = { document, training: TrainingConfigSchema.parse({ epochs: 7 }), data: { kind: 'builtin', id: 'digits' }, weights: new Map([['x.kernel', { shape: [2], data: Float32Array.of(1, 2) }]]) };
const card = { name: 'Three kinds', task: 'classification' as const, classes: ['a', 'b', 'c'], accuracy: 0.9, input: [1, 8, 8], preprocessing: 'values from 0 to 1', licence: 'MIT', description: '', parameters: 2, size: 8 };

it('keeps, lists, renames, opens and deletes', async () => {
  const kept = await saveModel(home, project, card);
  expect(await listModels(home)).toEqual([kept]);
  await renameModel(home, kept.id, 'Kinds');
  const { project: opened, model } = await openModel(home, kept.id);
  expect([model, opened.document, opened.training, opened.weights]).toEqual([{ ...kept, name: 'Kinds' }, { ...document, weights: null }, project.training, project.weights]);
  await deleteModel(home, kept.id);
  expect([await listModels(home), await readdir(modelsFolder(home))]).toEqual([[], []]);
});

it('passes over what it cannot read, and keeps it', async () => {
  await mkdir(join(modelsFolder(home), 'torn'), { recursive: true });
  await writeFile(join(modelsFolder(home), 'torn', 'card.json'), '{"id"');
  expect([await listModels(home), await readdir(modelsFolder(home))]).toEqual([[], ['torn']]);
});

it('leaves nothing of what could not be written', async () => {
  // A file where the folder of all nets would be.
  await writeFile(modelsFolder(home), '');
  await expect(saveModel(home, project, card)).rejects.toThrow(/models|a file where a folder should be/);
  expect(await readdir(home)).toEqual(['models']);
});

it.each(['../session', 'no-such', '', '..'])('knows no net %j', async (id) => {
  await expect(openModel(home, id)).rejects.toThrow(/expected a net of the gallery/);
  await expect(deleteModel(home, id)).rejects.toThrow(/expected a net of the gallery/);
});
