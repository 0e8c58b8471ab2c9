/** The race as the window runs it: one device after another, whatever becomes of one of them. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { problem } from '../../shared/diagnostics/diagnostic.ts';
import type { DevicePace } from '../../shared/protocol/race-requests.ts';

interface Asked { readonly device: string; readonly resolve: (pace: DevicePace | null) => void; readonly reject: (e: Error) => void }
const asked: Asked[] = [];
const requests: string[] = [];
const told: { connection: ((state: 'open' | 'closed') => void)[]; progress: ((p: unknown) => void) | null } = { connection: [], progress: null };
let connection: 'open' | 'closed' = 'open';
vi.mock('../bridge/connect.ts', () => ({
  connectBridge: () => ({
    request: (method: string, params: { device: string }) => {
      requests.push(method);
      return method === 'race.device' ? new Promise((resolve, reject) => { asked.push({ device: params.device, resolve, reject }); }) : Promise.resolve({});
    },
    on: (event: string, listener: (p: unknown) => void) => { if (event === 'race.progress') told.progress = listener; return () => undefined; },
    onConnection: (listener: (state: 'open' | 'closed') => void) => { told.connection.push(listener); listener(connection); return () => { told.connection = told.connection.filter((l) => l !== listener); }; },
    shell: { kind: 'browser', dialogs: null, onMenu: () => () => undefined },
  }),
}));

const { cancelRace, startRace, useRace, whyNoRace } = await import('./race.ts');
const { setSession, trainOn, useSession } = await import('./session.ts');

const device = (id: string, available = true) => ({ id, name: id.toUpperCase(), available, detail: '', trains: { operators: true, precisions: ['float32' as const] } });
const pace = (id: string): DevicePace => ({ ok: true, device: id, samples: 32, steps: 3, stepMs: 1, samplesPerSecond: 32_000, epochSeconds: 1, notes: [], features: null });
const settled = () => new Promise((r) => setTimeout(r));
const states = () => useRace.getState().rows.map((r) => `${r.device} ${r.state}${r.pace ? (r.pace.ok ? ' ok' : ` ${r.pace.error.code}`) : ''}`);
async function answer(give: (a: Asked) => void): Promise<void> {
  const one = asked.shift();
  if (!one) throw new Error('Nothing was asked');
  give(one);
  await settled();
}

beforeEach(async () => {
  cancelRace();
  for (const a of asked.splice(0)) a.resolve(null);
  await settled();
  requests.length = 0;
  connection = 'open';
  setSession({ devices: [device('gpu'), device('cuda', false), device('cpu')] });
});

describe('the race', () => {
  it('times the devices that are there, one after another, and shows how far each is', async () => {
    startRace();
    await settled();
    expect([asked.map((a) => a.device), states()]).toEqual([['gpu'], ['gpu running', 'cpu waiting']]);
    told.progress?.({ device: 'gpu', phase: 'timing', done: 0.5, steps: 7 });
    expect(useRace.getState().rows[0]?.progress).toEqual({ phase: 'timing', done: 0.5, steps: 7 });
    await answer((a) => a.resolve(pace('gpu')));
    expect([asked.map((a) => a.device), states()]).toEqual([['cpu'], ['gpu done ok', 'cpu running']]);
    await answer((a) => a.resolve({ ok: false, device: 'cpu', error: problem('engine.precision', { label: 'Precision' }, { device: 'cpu' }).diagnostic }));
    expect([useRace.getState().running, states()]).toEqual([false, ['gpu done ok', 'cpu done engine.precision']]);
  });

  it('goes on with the next device when the engine went away, as soon as there is one again', async () => {
    startRace();
    await settled();
    connection = 'closed';
    await answer((a) => a.reject(problem('engine.unreachable', { label: 'Engine' }, {})));
    expect([asked.length, states()]).toEqual([0, ['gpu running', 'cpu waiting']]);
    for (const listener of told.connection) listener('open');
    await settled();
    expect([asked.map((a) => a.device), states(), told.connection.length]).toEqual([['cpu'], ['gpu done training.device-ended', 'cpu running'], 0]);
  });

  it('ends where the net itself is refused', async () => {
    startRace();
    await settled();
    await answer((a) => a.reject(problem('training.busy', { label: 'Measuring' }, {})));
    expect([useRace.getState().error, useRace.getState().running, states()]).toEqual(['Measuring: expected no other training at the same time, got one that still runs. Stop it first.', false, ['gpu skipped', 'cpu skipped']]);
  });

  it('is cancelled at once, keeps what it knows, and begins anew only when the engine is done with the old one', async () => {
    startRace();
    await settled();
    await answer((a) => a.resolve(pace('gpu')));
    cancelRace();
    expect([requests.at(-1), useRace.getState().running, states()]).toEqual(['race.cancel', false, ['gpu done ok', 'cpu skipped']]);
    startRace();
    await settled();
    expect([asked.map((a) => a.device), states()]).toEqual([['cpu'], ['gpu waiting', 'cpu waiting']]);
    await answer((a) => a.resolve(null));
    expect([asked.map((a) => a.device), states()]).toEqual([['gpu'], ['gpu running', 'cpu waiting']]);
  });

  it('says why it cannot begin', async () => {
    const { setUi } = await import('./ui.ts');
    const { replaceDocument, setDataInfo, currentDocument } = await import('./document.ts');
    const reasons = [whyNoRace()];
    setUi({ connected: true });
    const { devices } = useSession.getState();
    setSession({ devices: [] });
    reasons.push(whyNoRace());
    setSession({ devices });
    reasons.push(whyNoRace());
    setDataInfo({ name: 'd', licence: '', samples: 10, shape: [1, 8, 8], classes: Array.from({ length: 10 }, (_, i) => `${i}`), histogram: [], maximum: 16, trainSamples: 8, validationSamples: 2, givenSplit: false, skipped: [] });
    reasons.push(whyNoRace());
    const document = currentDocument();
    replaceDocument({ ...document, graph: { ...document.graph, wires: [] } }, null);
    reasons.push(whyNoRace());
    expect(reasons).toEqual(['The engine is not there yet.', 'The devices are still looked for.', 'Choose a data set first.', null, 'Mend the problems of the network first; Design lists them under Problems.']);
  });

  it('the chosen device is the one that trains', () => {
    trainOn('gpu');
    expect(useSession.getState().config.device).toBe('gpu');
  });
});
