/** The project folder: network.json, training.json, weights/, runs/. */
import { access, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { NetloomError, problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { Document } from '../../../shared/graph/document.ts';
import { parseDocument, serializeDocument } from '../../../shared/graph/parse.ts';
import { DataRefSchema, type DataRef } from '../../../shared/protocol/values.ts';
import { TrainingConfigSchema, type TrainingConfig } from '../../../shared/training/config.ts';
import { writeAtomically, type Disk } from './atomic.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors.ts';

export interface Project {
  readonly document: Document;
  readonly training: TrainingConfig;
  readonly data: DataRef;
  readonly weights: ReadonlyMap<string, StoredTensor> | null;
}

export const WEIGHTS = 'weights/model.safetensors';
const defaultData: DataRef = { kind: 'builtin', id: 'digits' };

const exists = (path: string): Promise<boolean> => access(path).then(() => true, () => false);

export const isProject = (folder: string): Promise<boolean> => exists(join(folder, 'network.json'));

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw problem('project.not-json', { label: basename(path), file: path }, { reason: (cause as Error).message });
  }
}

/** Opens a folder; every file is checked. Throws project.* and graph.* diagnostics. */
export async function openProject(folder: string): Promise<Project> {
  const file = join(folder, 'network.json');
  if (!(await exists(file))) {
    const found = (await exists(folder)) ? 'a folder without one' : `nothing at ${folder}`;
    throw problem('project.not-a-project', { label: basename(folder) || folder, file: folder }, { found });
  }
  const parsed = parseDocument(await readJson(file), 'network.json');
  if (!parsed.ok) throw new NetloomError(parsed.error);
  const settings = join(folder, 'training.json');
  let training = TrainingConfigSchema.parse({});
  let data = defaultData;
  if (await exists(settings)) {
    const stored = (await readJson(settings)) as { config?: unknown; data?: unknown };
    const config = TrainingConfigSchema.safeParse(stored.config ?? {});
    const ref = DataRefSchema.safeParse(stored.data ?? defaultData);
    const issue = config.error?.issues[0] ?? ref.error?.issues[0];
    if (!config.success || !ref.success) throw problem('graph.invalid', { label: 'training.json', file: settings, field: issue?.path.join('.') ?? '' }, { expected: 'training settings of Netloom', got: issue?.message ?? 'something else' });
    training = config.data;
    data = ref.data;
  }
  // Weights only from inside the folder: a path that leaves it is ignored as if there were none.
  const path = parsed.value.weights;
  const inside = path !== null && !path.split('/').includes('..') && !path.startsWith('/') && !/^[a-z]:/i.test(path);
  const weightsFile = inside ? join(folder, path) : null;
  const weights = weightsFile && (await exists(weightsFile)) ? decodeSafetensors(await readFile(weightsFile), path ?? '').tensors : null;
  return { document: parsed.value, training, data, weights };
}

/** Names in a folder that are not ours. */
async function strangers(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  return names.filter((n) => !n.startsWith('.'));
}

/** Writes a project. Weights first, then settings, the network last: a folder is a project only when all of it is there. */
export async function saveProject(folder: string, project: Project, disk?: Disk): Promise<Document> {
  if (!(await isProject(folder))) {
    const found = (await strangers(folder)).filter((n) => n !== 'weights' && n !== 'training.json' && n !== 'runs');
    if (found.length > 0) throw problem('project.occupied', { label: basename(folder), file: folder }, { found: found.slice(0, 3).join(', ') });
  }
  const document: Document = { ...project.document, weights: project.weights ? WEIGHTS : project.document.weights };
  if (project.weights) await writeAtomically(join(folder, WEIGHTS), encodeSafetensors(project.weights), disk);
  await writeAtomically(join(folder, 'training.json'), `${JSON.stringify({ config: project.training, data: project.data }, null, 2)}\n`, disk);
  await writeAtomically(join(folder, 'network.json'), serializeDocument(document), disk);
  return document;
}
