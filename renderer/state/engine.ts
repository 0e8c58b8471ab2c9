/** What the interface asks of the engine, and how its answers reach the stores. Errors become notices. */
import { notifications } from '@mantine/notifications';
import { createElement } from 'react';
import { NetloomError, render } from '../../shared/diagnostics/diagnostic.ts';
import type { Device, Progress } from '../../shared/protocol/values.ts';
import type { DataRef, EventDataOf } from './types.ts';
import { defaultTrainingConfig, type TrainingConfig } from '../../shared/training/config.ts';
import type { Document } from '../../shared/graph/document.ts';
import { parseDocument } from '../../shared/graph/parse.ts';
import { connectBridge } from '../bridge/connect.ts';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { capitalised } from '../ui/format.ts';
import { currentDocument, markEdited, markSaved, replaceDocument, setDataInfo, useDocument } from './document.ts';
import { whyIdle } from './lookup.ts';
import { beginSession, isTraining, setSession, useSession } from './session.ts';
import { toldNow, whyNoRun } from './told.ts';
import { addLog, setUi, useUi } from './ui.ts';
import { wayRoundOf } from './way-round.ts';

export const bridge = connectBridge();

const JOURNAL_MS = 500;
/** Frames of gradient norms behind a sparkline. */
const GRADIENTS_KEPT = 60;

let errors = 0;
/** Says what went wrong: where, expected, got; and the next step. */
export function showError(e: unknown): void {
  if (e instanceof NetloomError) {
    const { where, what, next, sentence } = render(e.diagnostic);
    addLog({ time: new Date().toISOString(), level: 'error', text: sentence });
    const id = `error ${++errors}`;
    const offered = wayRoundOf(e.diagnostic);
    const round = offered && { ...offered, take: () => { offered.take(); notifications.hide(id); } };
    notifications.show({ id, title: where, message: createElement(ErrorNotice, { text: `${capitalised(what)}. ${next}`, round }), color: 'red', autoClose: 12_000, withBorder: true });
  } else notifications.show({ title: 'Something went wrong', message: e instanceof Error ? e.message : String(e), color: 'red', withBorder: true });
}

/** Runs an asynchronous action from a click; its error is shown. */
export const attempt = (action: () => Promise<unknown>): void => void action().catch(showError);

const split = () => {
  const { data, config } = useSession.getState();
  return { data, validationSplit: config.validationSplit, seed: config.seed };
};

let dataWanted = 0;
/** Data sets that are being read, and whether maps were wanted meanwhile: whether the net takes them is known afterwards. */
const reading = { count: 0, owesMaps: false };
/** The newest request wins: data that came late would take the place of an opened project's. */
export async function openData(data: DataRef): Promise<void> {
  const mine = ++dataWanted;
  const { config } = useSession.getState();
  reading.count++;
  try {
    const info = await bridge.request('data.open', { data, validationSplit: config.validationSplit, seed: config.seed });
    if (mine !== dataWanted) return;
    setSession({ data, probe: Math.min(useSession.getState().probe, info.samples - 1) });
    setDataInfo(info);
  } finally {
    reading.count--;
    if (reading.count === 0 && reading.owesMaps) attempt(refreshMaps);
  }
}

export const requestSamples = (indices: number[]) => bridge.request('data.samples', { ...split(), indices });

let mapsWanted = 0;
/** Maps of the probe with the weights as they are now; the newest request wins. */
export async function refreshMaps(): Promise<void> {
  const mine = ++mapsWanted;
  const { probe, progress } = useSession.getState();
  reading.owesMaps = reading.count > 0;
  if (reading.owesMaps || isTraining(progress) || !useUi.getState().connected || whyIdle(useDocument.getState().compiled) !== null) return;
  const maps = await bridge.request('insight.maps', { document: currentDocument(), ...split(), sample: probe });
  if (mine === mapsWanted) setSession({ maps });
}

export async function setProbe(sample: number): Promise<void> {
  setSession({ probe: sample });
  if (isTraining(useSession.getState().progress)) await bridge.request('training.setProbe', { sample });
  else await refreshMaps();
}

let starting = false;
/** Begins a run, or goes on with one; a second click before the engine has answered the first is none. */
export async function startTraining(from: 'fresh' | 'current' | { readonly run: string }): Promise<void> {
  if (starting) return;
  starting = true;
  await start(from).finally(() => { starting = false; });
}

async function start(from: 'fresh' | 'current' | { readonly run: string }): Promise<void> {
  const { config, data, probe } = useSession.getState();
  if (whyNoRun(toldNow()) !== null) {
    setUi({ dock: 'problems', place: 'design' });
    return;
  }
  const source = typeof from === 'string' ? ({ kind: from } as const) : ({ kind: 'checkpoint', run: from.run } as const);
  const curve = source.kind === 'checkpoint' ? await bridge.request('runs.curve', { run: source.run }) : [];
  const { curve: shown, gradients, features } = useSession.getState();
  setSession({ curve, gradients: [], features: null });
  setUi({ dock: 'train' });
  await bridge.request('training.start', { document: currentDocument(), config, data, from: source, probe }).catch((e: unknown) => {
    // Nothing began: what is shown of the run before stays.
    setSession({ curve: shown, gradients, features });
    throw e;
  });
  await bridge.request('training.wantMaps', {});
}

/** Pulls a lever of the run; one that has ended by itself meanwhile says so anyway. */
async function lever(pull: () => Promise<Progress>): Promise<void> {
  try {
    setSession({ progress: await pull() });
  } catch (e) {
    if (!(e instanceof NetloomError) || e.diagnostic.code !== 'training.none') throw e;
  }
}
export const pauseTraining = () => lever(() => bridge.request('training.pause', {}));
export const resumeTraining = () => lever(() => bridge.request('training.resume', {}));
export const stepTraining = (stride: 'batch' | 'epoch') => lever(() => bridge.request('training.step', { stride }));
export const stopTraining = () => lever(() => bridge.request('training.stop', {}));

export async function saveProject(path: string): Promise<void> {
  const { config, data } = useSession.getState();
  const document = currentDocument();
  const saved = await bridge.request('project.save', { path, document, training: config, data });
  setSession({ projectPath: saved.path, savedAt: Date.now() });
  markSaved(document);
}

export async function openProject(path: string): Promise<void> {
  const opened = await bridge.request('project.open', { path });
  // The data is the project's, whether or not it is there to be read.
  beginSession({ projectPath: opened.path, config: opened.training, data: opened.data, savedAt: opened.recovered ? null : Date.now(), trained: opened.weightsLoaded });
  replaceDocument(opened.document, opened.recovered ? null : opened.document);
  await openData(opened.data);
  if (opened.recovered) notifications.show({ title: 'Unsaved edits found', message: 'They were kept in the journal and are applied. Save to keep them.', withBorder: true });
  await refreshMaps();
}

/** A project without a folder in place of the open one; the data that is loaded stays. */
export async function newProject(document: Document, config: TrainingConfig = defaultTrainingConfig()): Promise<void> {
  await bridge.request('project.new', {});
  beginSession({ config, trained: false });
  replaceDocument(document, null);
  await openData(useSession.getState().data);
  await refreshMaps();
}

let recovered = false;
/** Once in a window's life, before anything was drawn in it: the last window may have ended without saving. */
async function recover(): Promise<void> {
  if (recovered) return;
  recovered = true;
  const draft = await bridge.request('project.recover', {});
  const untouched = useSession.getState().projectPath === null && useDocument.getState().history.past.length === 0;
  if (!draft || !untouched) return;
  setSession({ config: draft.training, data: draft.data });
  // Read as the journal was: else keys in another order would be an edit.
  const drawn = parseDocument(currentDocument());
  if (drawn.ok && JSON.stringify(draft.document) === JSON.stringify(drawn.value)) return;
  const fresh = currentDocument();
  replaceDocument(draft.document, null);
  setUi({ recovered: { name: draft.document.name, startFresh: () => attempt(() => newProject(fresh)) } });
}

/** Lists the devices anew: what is listed may have been installed, or taken away, since. */
export async function lookForDevices(): Promise<readonly Device[]> {
  const devices = await bridge.request('system.devices', {});
  setSession({ devices });
  return devices;
}

/** After connecting: devices, data, and a run that went on while the window was away. */
async function attach(): Promise<void> {
  const { progress, curve, features } = await bridge.request('training.status', {});
  setSession({ progress, curve, features, trained: useSession.getState().trained || progress !== null });
  await recover();
  await openData(useSession.getState().data);
  if (isTraining(progress)) await bridge.request('training.wantMaps', {});
  else await refreshMaps();
  await lookForDevices();
}

function onProgress(progress: EventDataOf<'training.progress'>): void {
  const before = useSession.getState().progress;
  setSession({ progress, trained: true });
  if (isTraining(before) && !isTraining(progress)) {
    if (progress.error) showError(new NetloomError(progress.error));
    attempt(refreshMaps);
  }
}

/** Connects stores and engine for the life of the window. */
export function startSession(): void {
  bridge.onConnection((state) => {
    setUi({ connected: state === 'open' });
    if (state === 'open') attempt(attach);
  });
  bridge.on('training.progress', onProgress);
  bridge.on('training.features', ({ features }) => setSession({ features }));
  bridge.on('training.points', ({ points }) => setSession({ curve: [...useSession.getState().curve, ...points] }));
  bridge.on('training.gradients', ({ gradients }) => setSession({ gradients: [...useSession.getState().gradients, gradients].slice(-GRADIENTS_KEPT) }));
  bridge.on('training.maps', (maps) => {
    setSession({ maps });
    // Credit only once this frame has been drawn.
    requestAnimationFrame(() => void bridge.request('training.wantMaps', {}).catch(() => undefined));
  });
  bridge.on('log', addLog);
  bridge.on('engine.restarted', ({ reason, resumableRun }) => {
    setSession({ progress: null });
    notifications.show({ title: 'The engine was started again', message: `${reason}. ${resumableRun ? 'The run can be resumed from its last checkpoint under Runs.' : 'Nothing was lost.'}`, color: 'yellow', autoClose: false, withBorder: true });
    attempt(attach);
  });
  // The journal follows every edit, every setting and the choice of data within a second; the maps follow edits.
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = currentDocument();
  let drawn = false;
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const { config, data } = useSession.getState();
      if (useUi.getState().connected && useDocument.getState().saved !== currentDocument()) void bridge.request('project.journal', { document: currentDocument(), training: config, data }).catch(() => undefined);
      if (drawn) attempt(refreshMaps);
      drawn = false;
    }, JOURNAL_MS);
  };
  useDocument.subscribe(() => {
    if (currentDocument() === last) return;
    last = currentDocument();
    drawn = true;
    changed();
  });
  useSession.subscribe((s, before) => {
    if (s.config === before.config && (s.data === before.data || JSON.stringify(s.data) === JSON.stringify(before.data))) return;
    markEdited();
    changed();
  });
}
