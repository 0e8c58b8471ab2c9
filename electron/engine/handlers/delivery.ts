/** Files that leave the app: written aside, proved from disk, then moved into place with their proof, or packed for a download. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { EventData } from '../../../shared/protocol/events.ts';
import type { ExportAnswer, ExportedFile, Proof } from '../../../shared/protocol/export-requests.ts';
import type { FilePieces } from '../onnx-io/export-pieces.ts';
import { stage, writePieces } from '../projects/staged.ts';
import { zip } from '../projects/zip.ts';
import { CANCEL, DONE, proofControl } from '../training/export-proof.ts';
import { absolutePath } from './paths.ts';
import { VERSION } from './system.ts';
import type { Workspace } from './workspace.ts';

/** A download passes through the page's memory. */
const MOST_DOWNLOADED = 2 ** 30;
const PROGRESS_MS = 100;

export interface Delivery {
  /** Of the model; null for a download. */
  readonly path: string | null;
  /** Of the model where no path is given: "net.onnx". */
  readonly name: string;
  /** Steps of the proof. */
  readonly total: number;
  /** The files under the model's name, the model first. */
  build(name: string): Promise<readonly FilePieces[]>;
  /** Throws when the file does not answer as the net does; null when it was cancelled. `record` goes into verify.json. */
  prove(model: string, control: Int32Array): Promise<{ readonly proof: Proof; readonly record: Readonly<Record<string, unknown>> } | null>;
}

/** Exports under way: what their proofs look at. */
const underWay = new WeakMap<Workspace, Int32Array>();

/** Ends the export under way; its answer is null and it leaves nothing. */
export function cancelDelivery(w: Workspace): void {
  const control = underWay.get(w);
  if (control) Atomics.store(control, CANCEL, 1);
}

function hashed({ name, pieces, size }: FilePieces): ExportedFile {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return { name, size, sha256: hash.digest('hex') };
}

const json = (name: string, value: unknown): FilePieces => {
  const bytes = new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
  return { name, pieces: [bytes], size: bytes.length };
};

/** "net.onnx" is proved by "net.verify.json", so that nets in one folder keep theirs. */
export const proofName = (model: string): string => `${model.replace(/\.onnx$/i, '')}.verify.json`;

/** Delivers, one at a time for a workspace; null when it was cancelled. On any failure nothing is left. Throws project.write, export.busy and what `build` and `prove` throw. */
export async function deliver(w: Workspace, delivery: Delivery): Promise<ExportAnswer | null> {
  if (underWay.has(w)) throw problem('export.busy', { label: 'Export' }, {});
  const control = proofControl();
  const cancelled = (): boolean => Atomics.load(control, CANCEL) !== 0;
  let stageNow: EventData<'export.progress'>['stage'] = 'building';
  const tell = (): void => w.emit('export.progress', { stage: stageNow, done: Math.min(Atomics.load(control, DONE), delivery.total), total: delivery.total });
  const enter = (next: typeof stageNow): void => {
    stageNow = next;
    tell();
  };
  underWay.set(w, control);
  const timer = setInterval(tell, PROGRESS_MS);
  try {
    enter('building');
    const path = delivery.path === null ? null : absolutePath(delivery.path);
    const name = path === null ? delivery.name : basename(path);
    const files = await delivery.build(name);
    const size = files.reduce((a, f) => a + f.size, 0);
    if (path === null && size > MOST_DOWNLOADED) throw problem('export.too-large', { label: name }, { bytes: size, most: MOST_DOWNLOADED, next: 'Export into a folder instead.' });
    const described = files.map(hashed);
    const write = async (folder: string): Promise<{ names: readonly string[]; answer: ExportAnswer; record: FilePieces } | null> => {
      if (cancelled()) return null;
      enter('writing');
      for (const f of files) await writePieces(join(folder, f.name), f.pieces);
      if (cancelled()) return null;
      enter('proving');
      const proved = await delivery.prove(join(folder, name), control);
      if (!proved || cancelled()) return null;
      const record = json(proofName(name), { format: 'netloom-verify', version: 1, passed: true, netloom: VERSION, date: new Date().toISOString(), files: described, ...proved.proof, ...proved.record });
      await writePieces(join(folder, record.name), record.pieces);
      const [model, ...beside] = files.map((f) => f.name);
      const answer: ExportAnswer = { path, files: [...described, hashed(record)], download: null, size, maxDifference: proved.proof.absolute, proof: proved.proof };
      // The model last: where it stands, all that belongs to it does.
      return { names: [...beside, record.name, model as string], answer, record };
    };
    if (path !== null) return (await stage(dirname(path), write))?.answer ?? null;
    const folder = await mkdtemp(join(tmpdir(), 'netloom-export-'));
    try {
      const written = await write(folder);
      if (!written) return null;
      const bytes = zip([...files, written.record].map((f) => ({ name: f.name, bytes: Buffer.concat(f.pieces) })));
      return { ...written.answer, download: { name: `${name.replace(/\.onnx$/i, '')}.zip`, bytes } };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  } finally {
    clearInterval(timer);
    underWay.delete(w);
  }
}
