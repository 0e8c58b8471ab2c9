/** "Which is fastest here?": the devices that are timed one after another, and what came of each. */
import { create } from 'zustand';
import { NetloomError, problem, render } from '../../shared/diagnostics/diagnostic.ts';
import type { DevicePace, RacePhase } from '../../shared/protocol/race-requests.ts';
import { currentDocument, useDocument } from './document.ts';
import { bridge } from './engine.ts';
import { whyIdle } from './lookup.ts';
import { isTraining, useSession } from './session.ts';
import { setUi, useUi } from './ui.ts';

export interface RaceRow {
  readonly device: string;
  readonly name: string;
  readonly state: 'waiting' | 'running' | 'done' | 'skipped';
  readonly progress: { readonly phase: RacePhase; readonly done: number; readonly steps: number } | null;
  readonly pace: DevicePace | null;
}

interface RaceState {
  readonly running: boolean;
  readonly rows: readonly RaceRow[];
  /** What ended the whole race, as a sentence. */
  readonly error: string | null;
}

export const useRace = create<RaceState>(() => ({ running: false, rows: [], error: null }));

const change = (device: string, row: Partial<RaceRow>): void => useRace.setState((s) => ({ rows: s.rows.map((r) => (r.device === device ? { ...r, ...row } : r)) }));

/** Counts races: what comes from an earlier one is of no interest. */
let current = 0;
/** The last one's end: after a cancel the engine still finishes its step. */
let over: Promise<void> = Promise.resolve();

bridge.on('race.progress', ({ device, ...progress }) => { if (useRace.getState().running) change(device, { progress }); });

/** Why no race can begin, as a sentence; null where it can. */
export function whyNoRace(): string | null {
  if (!useUi.getState().connected) return 'The engine is not there yet.';
  if (useSession.getState().devices.length === 0) return 'The devices are still looked for.';
  const { progress } = useSession.getState();
  if (isTraining(progress)) return progress?.state === 'paused' ? 'A run is paused; stop it first.' : 'A run trains now; stop it first.';
  if (useDocument.getState().dataInfo === null) return 'Choose a data set first.';
  return whyIdle(useDocument.getState().compiled);
}

/** Resolves when there is an engine to ask. */
function connected(): Promise<void> {
  return new Promise((resolve) => {
    let off: (() => void) | null = null;
    let open = false;
    off = bridge.onConnection((state) => {
      if (state !== 'open') return;
      open = true;
      off?.();
      resolve();
    });
    if (open) off();
  });
}

/** One device's answer; null when it was cancelled. An engine that goes away while it works is an answer about the device. */
async function ask({ device, name }: RaceRow): Promise<DevicePace | null> {
  const { config, data } = useSession.getState();
  try {
    return await bridge.request('race.device', { document: currentDocument(), config, data, device });
  } catch (e) {
    if (!(e instanceof NetloomError) || e.diagnostic.code !== 'engine.unreachable') throw e;
    await connected();
    return { ok: false, device, error: problem('training.device-ended', { label: name }, { device: name, cause: 'its process went away' }).diagnostic };
  }
}

async function race(mine: number): Promise<void> {
  const stale = () => mine !== current;
  try {
    for (const row of useRace.getState().rows) {
      change(row.device, { state: 'running' });
      const pace = await ask(row);
      if (stale()) return;
      change(row.device, pace ? { state: 'done', pace } : { state: 'skipped' });
    }
    useRace.setState({ running: false });
  } catch (e) {
    if (!stale()) stopped(e instanceof NetloomError ? render(e.diagnostic).sentence : String(e));
  }
}

function stopped(error: string | null): void {
  useRace.setState((s) => ({ running: false, error, rows: s.rows.map((r) => (r.state === 'done' ? r : { ...r, state: 'skipped' })) }));
}

/** Times all available devices anew. */
export function startRace(): void {
  const mine = ++current;
  const rows = useSession.getState().devices.filter((d) => d.available).map(({ id, name }): RaceRow => ({ device: id, name, state: 'waiting', progress: null, pace: null }));
  useRace.setState({ running: true, error: null, rows });
  over = over.then(() => (mine === current ? race(mine) : undefined));
}

/** Ends the timing within a step and leaves out what was to come. */
export function cancelRace(): void {
  if (!useRace.getState().running) return;
  current++;
  stopped(null);
  void bridge.request('race.cancel', {}).catch(() => undefined);
}

export function openRace(): void {
  setUi({ dialog: 'race' });
  startRace();
}
