/** The project or template that a command is about, and an engine for it. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DataRef } from '../../shared/protocol/values.ts';
import { TrainingConfigSchema } from '../../shared/training/config.ts';
import { recognise } from '../engine/datasets/open.ts';
import { createEngine } from '../engine/handlers/engine.ts';
import { defaultAppDir, type Workspace } from '../engine/handlers/workspace.ts';
import { openProject, type Project } from '../engine/projects/project.ts';
import type { ParsedCommand } from './args.ts';
import { isTemplateWord, openTemplate } from './template-word.ts';

/** What a command answers: data for --json, words for people, and its exit code where that is not 0. */
export interface Outcome { readonly data: unknown; readonly text: string; readonly code?: number }

export interface Opened { readonly project: Project; readonly folder: string | null; readonly data: DataRef }

/** Opens a project folder or a template; --data takes the place of the data it names. */
export async function open(word: string, flags: ParsedCommand['flags']): Promise<Opened> {
  const given = typeof flags.data === 'string' ? await recognise(resolve(flags.data)) : null;
  if (!isTemplateWord(word)) {
    const project = await openProject(resolve(word));
    return { project, folder: resolve(word), data: given ?? project.data };
  }
  const { template, document } = openTemplate(word);
  const data = given ?? ({ kind: 'builtin', id: 'digits' } as const);
  return { project: { document, training: TrainingConfigSchema.parse(template.training), data, weights: null }, folder: null, data };
}

/** What the app brings along; beside the built programs, or where NETLOOM_RESOURCES says. */
export const resources = (): string => process.env.NETLOOM_RESOURCES ?? fileURLToPath(new URL('../../resources', import.meta.url));

/** Runs `body` with an engine of its own; the compute thread ends with it. */
export async function withEngine<T>(opened: Opened, body: (w: Workspace) => Promise<T>): Promise<T> {
  const engine = createEngine({
    resourcesDir: resources(),
    appDir: defaultAppDir(),
    workerUrl: new URL('../engine/worker.mjs', import.meta.url),
  });
  engine.workspace.project = opened.folder;
  engine.workspace.weights = opened.project.weights;
  try {
    return await body(engine.workspace);
  } finally {
    await engine.dispose();
  }
}
