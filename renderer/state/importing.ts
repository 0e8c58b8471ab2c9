/** A net of somebody else's on its way in: chosen or dropped, looked at, taken over, proved; and its report for later. */
import { create } from 'zustand';
import { preprocessingEdit, withPreprocessing } from '../../shared/compile/preprocessing.ts';
import { NetloomError, problem, render } from '../../shared/diagnostics/diagnostic.ts';
import type { Document } from '../../shared/graph/document.ts';
import type { ImportReport, ImportSummary, Preprocessing } from '../../shared/protocol/import-requests.ts';
import { defaultTrainingConfig } from '../../shared/training/config.ts';
import { currentDocument, edit, hasUnsavedEdits, replaceDocument } from './document.ts';
import { bridge, openData, refreshMaps, showError } from './engine.ts';
import { beginSession, isTraining, setSession, useSession } from './session.ts';
import { setUi, useUi } from './ui.ts';
import { capitalised } from '../ui/format.ts';

export type ImportStage =
  | { readonly kind: 'closed' }
  /** The path is asked for, where there is no native dialog. */
  | { readonly kind: 'choosing' }
  /** Share of the bytes handed over, from 0 to 1. */
  | { readonly kind: 'sending'; readonly name: string; readonly share: number }
  | { readonly kind: 'looking'; readonly name: string }
  /** Open sizes, or edits that would be lost: asked before anything is taken over. */
  | { readonly kind: 'asking'; readonly path: string; readonly summary: ImportSummary }
  | { readonly kind: 'importing'; readonly name: string }
  | { readonly kind: 'failed'; readonly name: string; readonly what: string; readonly next: string }
  | { readonly kind: 'report' };

type Sizes = Readonly<Record<string, number>>;
interface ImportState {
  readonly stage: ImportStage;
  /** Of the net imported last. */
  readonly report: ImportReport | null;
}

export const useImport = create<ImportState>(() => ({ stage: { kind: 'closed' }, report: null }));
const setStage = (stage: ImportStage): void => useImport.setState({ stage });

const nameOf = (path: string): string => path.split(/[/\\]/).at(-1) ?? path;

/** Each way in has a number; what an earlier one still answers is not taken. */
let way = 0;

function fail(name: string, e: unknown): void {
  if (!(e instanceof NetloomError)) {
    setStage({ kind: 'closed' });
    showError(e);
    return;
  }
  const { what, next } = render(e.diagnostic);
  setStage({ kind: 'failed', name, what: `${capitalised(what)}.`, next });
}

/** Looks at the file; asks where it leaves sizes open or where edits would be lost, and takes it in. */
export async function importPath(path: string): Promise<void> {
  const mine = ++way;
  const name = nameOf(path);
  setStage({ kind: 'looking', name });
  try {
    const summary = await bridge.request('import.inspect', { path });
    if (mine !== way) return;
    if (summary.openSizes.length > 0 || hasUnsavedEdits()) setStage({ kind: 'asking', path, summary });
    else await takeIn(path, name, {});
  } catch (e) {
    if (mine === way) fail(name, e);
  }
}

/** A net that the engine just took over takes the place of what is open, prepared as was guessed; its report is shown while it is proved. */
export async function showImported(net: Document, report: ImportReport): Promise<void> {
  beginSession({ config: defaultTrainingConfig(), trained: true });
  replaceDocument(withPreprocessing(net, report.preprocessing?.values ?? null), null);
  setUi({ place: 'design' });
  useImport.setState({ stage: { kind: 'report' }, report });
  void prove(report);
  // The net is here already: what is wrong with the data is said as such.
  await openData(useSession.getState().data).then(refreshMaps).catch(showError);
}

/** Draws the file in place of what is open, shows its report, and lets it be compared. Errors are shown in the dialog. */
export async function takeIn(path: string, name: string, sizes: Sizes): Promise<void> {
  const mine = ++way;
  setStage({ kind: 'importing', name });
  try {
    const answer = await bridge.request('import.open', { path, sizes });
    if (mine !== way || !answer) return;
    await showImported(answer.document, answer.report);
  } catch (e) {
    if (mine === way) fail(name, e);
  }
}

/** The proof comes while the report is read already. */
async function prove(report: ImportReport): Promise<void> {
  try {
    const proof = await bridge.request('import.prove', {});
    if (proof && useImport.getState().report === report) useImport.setState({ report: { ...report, proof } });
  } catch (e) {
    if (useImport.getState().report !== report) return;
    const error = e instanceof NetloomError ? render(e.diagnostic).sentence : String(e);
    useImport.setState({ report: { ...report, proof: { absolute: null, relative: null, tolerance: 0, passed: false, random: 0, real: 0, error } } });
  }
}

/** Leaves whatever is under way; what is open stays. */
export function closeImport(): void {
  const { kind } = useImport.getState().stage;
  if (kind !== 'report') way++;
  if (kind === 'importing') void bridge.request('import.cancel', {}).catch(() => undefined);
  setStage({ kind: 'closed' });
}

export const showImportReport = (): void => setStage({ kind: 'report' });

/** Whether what is open is the net that the report is about. */
export const hasImportReport = (): boolean => useImport.getState().report?.file === currentDocument().origin;

/** Asks for a file: natively on the desktop, with our own dialog in a browser. */
export function chooseImport(): void {
  const native = bridge.shell.dialogs;
  if (!native) return setStage({ kind: 'choosing' });
  void native.openNet().then((path) => (path === null ? undefined : importPath(path))).catch(showError);
}

const isNet = (name: string): boolean => /\.onnx$/i.test(name);
const PIECE = 4 * 1024 * 1024;

/** Hands the files over piece by piece; the path they have then. Null when another import began meanwhile. */
async function send(files: readonly File[], main: File): Promise<string | null> {
  const mine = ++way;
  const total = files.reduce((sum, f) => sum + f.size, 0);
  let done = 0;
  setStage({ kind: 'sending', name: main.name, share: 0 });
  const { id, folder } = await bridge.request('import.upload', { files: files.map(({ name, size }) => ({ name, size })) });
  for (const file of files) {
    for (let offset = 0; offset < file.size; offset += PIECE) {
      const bytes = new Uint8Array(await file.slice(offset, offset + PIECE).arrayBuffer());
      if (mine !== way) return null;
      await bridge.request('import.piece', { id, name: file.name, offset, bytes });
      if (mine !== way) return null;
      done += bytes.length;
      setStage({ kind: 'sending', name: main.name, share: done / total });
    }
  }
  return `${folder}${folder.includes('\\') ? '\\' : '/'}${main.name}`;
}

/** Dropped files: a net, and in a browser its files of weights along with it. */
export async function importFiles(files: readonly File[]): Promise<void> {
  if (isTraining(useSession.getState().progress)) return showError(problem('training.busy', { label: 'Import' }, {}));
  const [main, second] = files.filter((f) => isNet(f.name));
  const name = main?.name ?? files[0]?.name ?? 'Import';
  if (!main || second) return showError(problem('onnx.unreadable', { label: name }, { expected: 'one ONNX net (.onnx), with its files of weights beside it', got: second ? 'several nets' : 'none' }));
  try {
    const path = bridge.shell.pathOf(main) ?? (await send(files, main));
    if (path !== null) await importPath(path);
  } catch (e) {
    fail(name, e);
  }
}

/** Sets the preprocessing of the open net, as a step that can be undone; null takes it out. */
export function setPreprocessing(values: Preprocessing | null): void {
  const change = preprocessingEdit(currentDocument(), values);
  if (change) edit(change, values ? 'Set the preprocessing' : 'Take the preprocessing out', values ? 'preprocessing' : undefined);
}

/** Weights of a net that came with them and was never saved, for an engine that began anew. */
async function restore(): Promise<void> {
  const { origin } = currentDocument();
  if (origin === null || useSession.getState().projectPath !== null) return;
  const { restored } = await bridge.request('import.restore', { origin });
  if (!restored) return;
  setSession({ trained: true });
  await refreshMaps();
}

/** Nets that came with weights and were not saved get their weights again after the engine, or the whole app, began anew. */
export function watchRestarts(): () => void {
  const later = () => void restore().catch(showError);
  const ends = [bridge.on('engine.restarted', later), useUi.subscribe((s, before) => { if (s.recovered && !before.recovered) later(); })];
  return () => ends.forEach((end) => end());
}
