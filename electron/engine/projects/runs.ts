/** Runs on disk: runs/<time>-<name>/{run.json, metrics.jsonl, checkpoints/last.safetensors, best.safetensors}. */
import { access, appendFile, cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { CurvePointSchema, type CurvePoint, type RunSummary } from '../../../shared/protocol/values.ts';
import { writeAtomically, writeProblem } from './atomic.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors.ts';

/** What run.json holds: the summary and all that made the run. */
export interface RunRecord extends Omit<RunSummary, 'resumable'> {
  readonly settings: unknown;
}

const recordFile = (folder: string) => join(folder, 'run.json');
const metricsFile = (folder: string) => join(folder, 'metrics.jsonl');
const checkpointFile = (folder: string) => join(folder, 'checkpoints', 'last.safetensors');

export const runsIn = (home: string): string => join(home, 'runs');

/** "2026-11-21T10-15-30-lenet": sorts by time, valid on every file system. */
export function runId(name: string, now: Date): string {
  return `${now.toISOString().slice(0, 23).replaceAll(/[:.]/g, '-')}-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').slice(0, 40) || 'run'}`;
}

export async function createRun(home: string, record: RunRecord): Promise<string> {
  const folder = join(runsIn(home), record.id);
  await writeAtomically(recordFile(folder), JSON.stringify(record, null, 2));
  return folder;
}

export async function updateRun(folder: string, change: Partial<RunRecord>): Promise<void> {
  await writeAtomically(recordFile(folder), JSON.stringify({ ...(await readRun(folder)), ...change }, null, 2));
}

/** A run goes on, on this device, in this epoch (from 1): what it ran on before stays known. */
export async function continueRun(folder: string, device: string, epoch: number): Promise<void> {
  const { device: last, devices = [{ device: last, epoch: 1 }] } = await readRun(folder);
  // Where it was torn off within a line, the next begins another.
  const curve = await readFile(metricsFile(folder), 'utf8').catch(() => '');
  if (curve !== '' && !curve.endsWith('\n')) await append(folder, '\n');
  await updateRun(folder, { state: 'running', device, ...(device === last ? {} : { devices: [...devices, { device, epoch }] }) });
}

export async function readRun(folder: string): Promise<RunRecord> {
  try {
    return JSON.parse(await readFile(recordFile(folder), 'utf8')) as RunRecord;
  } catch (cause) {
    throw problem('project.not-json', { label: basename(folder), file: folder }, { reason: (cause as Error).message });
  }
}

async function append(folder: string, text: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await appendFile(metricsFile(folder), text);
  } catch (cause) {
    throw writeProblem(metricsFile(folder), cause);
  }
}

/** Appends curve points, one JSON document a line. */
export const appendMetrics = (folder: string, points: readonly CurvePoint[]): Promise<void> => append(folder, points.map((p) => `${JSON.stringify(p)}\n`).join(''));

/** Whether a run went back before `old` when it made `made`. A validation point may share its step with a training point. */
const repeats = (old: CurvePoint, made: CurvePoint): boolean =>
  old.step > made.step || (old.step === made.step && (made.loss !== undefined || old.thawed !== undefined || (old.validationLoss !== undefined && made.thawed === undefined)));

/** The curve of a run. A torn last line is left out; points that a resumed run has made again replace the earlier ones. */
export async function readCurve(folder: string): Promise<CurvePoint[]> {
  const text = await readFile(metricsFile(folder), 'utf8').catch(() => '');
  const points: CurvePoint[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    let parsed;
    try {
      parsed = CurvePointSchema.safeParse(JSON.parse(line));
    } catch {
      continue;
    }
    if (!parsed.success) continue;
    while (points.length > 0 && repeats(points.at(-1) as CurvePoint, parsed.data)) points.pop();
    points.push(parsed.data);
  }
  return points;
}

/** A checkpoint is one file, so that weights, state and position always belong together. */
export async function writeCheckpoint(folder: string, tensors: ReadonlyMap<string, StoredTensor>, position: unknown): Promise<void> {
  await writeAtomically(checkpointFile(folder), encodeSafetensors(tensors, { position: JSON.stringify(position) }));
}

/** Throws project.no-checkpoint when there is none, project.weights when it is damaged. */
export async function readCheckpoint(folder: string): Promise<{ tensors: ReadonlyMap<string, StoredTensor>; position: unknown }> {
  const bytes = await readFile(checkpointFile(folder)).catch(() => null);
  if (!bytes) throw problem('project.no-checkpoint', { label: basename(folder), file: folder }, {});
  const { tensors, metadata } = decodeSafetensors(bytes, 'last.safetensors');
  return { tensors, position: JSON.parse(metadata.position ?? '{}') as unknown };
}

export async function writeBest(folder: string, weights: ReadonlyMap<string, StoredTensor>): Promise<void> {
  await writeAtomically(join(folder, 'best.safetensors'), encodeSafetensors(weights));
}

/** The weights of a run's best epoch; null when there are none yet. Throws project.weights when the file is damaged. */
export async function readBest(folder: string): Promise<ReadonlyMap<string, StoredTensor> | null> {
  const bytes = await readFile(join(folder, 'best.safetensors')).catch(() => null);
  return bytes && decodeSafetensors(bytes, 'best.safetensors').tensors;
}

/** Runs of a home, newest first; a folder that is no run is left out. */
export async function listRuns(home: string): Promise<RunSummary[]> {
  const names = await readdir(runsIn(home)).catch(() => [] as string[]);
  const runs = await Promise.all(names.map(async (name) => {
    const folder = join(runsIn(home), name);
    const record = await readRun(folder).catch(() => null);
    if (!record) return [];
    const { settings: _, ...summary } = record;
    const resumable = record.state !== 'finished' && await access(checkpointFile(folder)).then(() => true, () => false);
    return [{ ...summary, resumable }];
  }));
  return runs.flat().sort((a, b) => (a.started < b.started ? 1 : -1));
}

/** Only a plain name may be deleted or opened: no path leaves the runs folder. */
export function runFolder(home: string, id: string): string {
  if (!/^[\w-]+$/.test(id)) throw problem('request.invalid', { label: 'Run' }, { expected: 'the id of a run', got: id });
  return join(runsIn(home), id);
}

export const deleteRun = (home: string, id: string): Promise<void> => rm(runFolder(home, id), { recursive: true, force: true });

/** Takes the runs of a session along when its project is first saved. */
export async function copyRuns(from: string, to: string): Promise<void> {
  if (from === to) return;
  await cp(runsIn(from), runsIn(to), { recursive: true, force: false }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw writeProblem(runsIn(to), cause);
  });
}
