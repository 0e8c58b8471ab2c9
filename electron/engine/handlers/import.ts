/** Nets of others come in: looked at, drawn, taken over, and compared with their file. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { NetloomError, problem, render } from '../../../shared/diagnostics/diagnostic.ts';
import type { ImportProof, ImportReport } from '../../../shared/protocol/import-requests.ts';
import { listBuiltIn, openBuiltIn } from '../hub/built-in.ts';
import { openModel } from '../hub/mine.ts';
import { inspectOnnx, LABELS_SHOWN, type Imported } from '../importing/import.ts';
import { labelsFor } from '../importing/labels.ts';
import { classesOf } from '../importing/preprocessing.ts';
import { NOISE, PROOF_TOLERANCE } from '../importing/proof.ts';
import { writeAtomically } from '../projects/atomic.ts';
import { clearJournal } from '../projects/journal.ts';
import type { Weights } from '../training/engine.ts';
import type { Handlers } from './handler.ts';
import { realSamples } from './import-samples.ts';
import { absolutePath } from './paths.ts';
import { Uploads } from './uploads.ts';
import type { Workspace } from './workspace.ts';

interface Opened { readonly path: string; readonly imported: Imported }
interface State { readonly uploads: Uploads; last: Opened | null; cancel: (() => void) | null }

const states = new WeakMap<Workspace, State>();
function stateOf(w: Workspace): State {
  const state = states.get(w) ?? { uploads: new Uploads(w.options.appDir), last: null, cancel: null };
  states.set(w, state);
  return state;
}

/** A file in half precision rounds at each of its steps, about a thousandth each; what is drawn here does not. */
const HALF_TOLERANCE = 5e-3;
const toleranceFor = (report: ImportReport): number => (report.widened === 'float16' ? HALF_TOLERANCE : PROOF_TOLERANCE);

const finite = (n: number): number | null => (Number.isFinite(n) ? n : null);

/** Runs the file and what was drawn of it on noise and on pictures. What keeps one of them from running is in the answer. */
export async function proofOf(w: Workspace, path: string, { subject, report }: Imported): Promise<ImportProof> {
  const tolerance = toleranceFor(report);
  const real = await realSamples(report, w.options.resourcesDir);
  try {
    const { absolute, relative } = await w.host.job('prove', { path, subject, real });
    return { absolute: finite(absolute), relative: finite(relative), tolerance, passed: relative <= tolerance, random: NOISE, real: real.length, error: null };
  } catch (e) {
    if (!(e instanceof NetloomError)) throw e;
    return { absolute: null, relative: null, tolerance, passed: false, random: 0, real: 0, error: render(e.diagnostic).sentence };
  }
}

/** Where the net imported last came from, for an engine that begins anew before it was saved. */
const CameFromSchema = z.strictObject({ path: z.string(), sizes: z.record(z.string(), z.int()), origin: z.string() });
const cameFromFile = (w: Workspace): string => join(w.options.appDir, 'imported.json');

async function cameFrom(w: Workspace): Promise<z.infer<typeof CameFromSchema> | null> {
  try {
    return CameFromSchema.parse(JSON.parse(await readFile(cameFromFile(w), 'utf8')));
  } catch {
    return null;
  }
}

/** Nets that lie in folders, by what stands before the colon of their origin. */
const folders: Readonly<Record<string, (w: Workspace, id: string) => Promise<Weights | null>>> = {
  hub: async (w, id) => ((await listBuiltIn(w.options.resourcesDir)).some((c) => c.id === id) ? (await openBuiltIn(w.options.resourcesDir, id)).weights : null),
  models: async (w, id) => (await openModel(w.options.appDir, id)).project.weights,
};

/** The weights that a net came with; null where its origin is none that has any. Throws what opening it throws. */
async function weightsAgain(w: Workspace, origin: string): Promise<Weights | null> {
  const from = await cameFrom(w);
  if (from?.origin === origin) return (await w.host.job('import', { path: from.path, sizes: from.sizes })).subject.weights;
  const [kind = '', id = ''] = origin.split(':', 2);
  return (await (Object.hasOwn(folders, kind) ? folders[kind] : undefined)?.(w, id)) ?? null;
}

/** `origin`: what the file is called, where its path does not say. */
export interface ImportChoices { readonly sizes?: Readonly<Record<string, number>>; readonly name?: string; readonly origin?: string }

/** Reads and draws a file; a net for pictures that brings no class names along is given those that its number of answers tells. Throws what importing throws. */
export async function drawFile(w: Workspace, path: string, { sizes = {}, name }: ImportChoices): Promise<Imported> {
  const imported = await w.host.job('import', { path, sizes, ...(name === undefined ? {} : { name }) });
  const { document, report } = imported;
  const count = classesOf({ outputs: report.outputs.map((o) => ({ name: o.name, type: { element: 'float32', shape: o.shape } })) });
  if (document.labels || report.preprocessing === null || count === null) return imported;
  const known = await labelsFor(count, w.options.resourcesDir);
  if (!known) return imported;
  return { ...imported, document: { ...document, labels: known.names }, report: { ...report, labels: { count, source: known.source, first: known.names.slice(0, LABELS_SHOWN) } } };
}

/** Reads and draws a file, and takes its weights over as the engine's current ones, without a project. Throws training.busy and what importing throws; then everything stays as it was. */
export async function takeOver(w: Workspace, path: string, options: ImportChoices = {}, wanted: () => boolean = () => true): Promise<Imported | null> {
  const busy = () => { if (w.host.training) throw problem('training.busy', { label: 'Training' }, {}); };
  busy();
  const imported = await drawFile(w, path, options);
  if (!wanted()) return null;
  busy();
  await writeAtomically(cameFromFile(w), JSON.stringify({ path, sizes: options.sizes ?? {}, origin: options.origin ?? basename(path) }));
  await clearJournal(w.home);
  w.project = null;
  w.weights = imported.subject.weights;
  await clearJournal(w.home);
  stateOf(w).last = { path, imported };
  w.log('info', `Imported ${imported.report.file}: ${imported.report.nodes} nodes, ${imported.report.parameters} parameters`);
  return imported;
}

export const importHandlers: Handlers<'import'> = {
  'import.inspect': (_w, { path }) => inspectOnnx(absolutePath(path)),
  'import.open': async (w, { path, sizes }) => {
    const state = stateOf(w);
    state.cancel?.();
    let wanted = true;
    const cancelled = new Promise<null>((done) => {
      state.cancel = () => {
        wanted = false;
        done(null);
      };
    });
    // The thread that imports cannot be held; what it answers then is not taken.
    const imported = await Promise.race([takeOver(w, absolutePath(path), { sizes }, () => wanted), cancelled]);
    return imported && { document: imported.document, report: imported.report };
  },
  'import.prove': async (w) => {
    const { last } = stateOf(w);
    if (!last) return null;
    const proof = await proofOf(w, last.path, last.imported);
    return stateOf(w).last === last ? proof : null;
  },
  'import.cancel': (w) => {
    stateOf(w).cancel?.();
    return {};
  },
  'import.restore': async (w, { origin }) => {
    if (w.weights) return { restored: true };
    const weights = w.host.training ? null : await weightsAgain(w, origin);
    if (!weights) return { restored: false };
    w.weights ??= weights;
    return { restored: true };
  },
  'import.upload': (w, { files }) => stateOf(w).uploads.begin(files),
  'import.piece': async (w, { id, name, offset, bytes }) => {
    await stateOf(w).uploads.piece(id, name, offset, bytes);
    return {};
  },
};
