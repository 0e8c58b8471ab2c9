/** What is told as an edit of a project that was saved, and what its journal is given. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { problem } from '../../shared/diagnostics/diagnostic.ts';
import type { DataInfo, DataRef } from '../../shared/protocol/values.ts';
import { defaultTrainingConfig } from '../../shared/training/config.ts';

const info: DataInfo = { name: 'd', licence: '', samples: 60, shape: [1, 8, 8], classes: [...'abcdefghij'], histogram: new Array<number>(10).fill(6), maximum: 16, trainSamples: 48, validationSamples: 12, givenSplit: false, skipped: [] };
const digits: DataRef = { kind: 'builtin', id: 'digits' };
const flowers: DataRef = { kind: 'pictures', path: '/flowers', side: 8, colour: 'grey' };

/** The project on disk; its data may be gone. */
const disk: { data: DataRef; lost: boolean } = { data: digits, lost: false };
/** Runs that were asked for and have no answer yet. */
const begun: (() => void)[] = [];
/** What an answer about data waits for. */
let late: Promise<void> | null = null;
const journals: { readonly data: DataRef }[] = [];
let mapsAsked = 0;
vi.mock('../bridge/connect.ts', () => ({
  connectBridge: () => ({
    request: async (method: string, params: { data: DataRef }) => {
      if (method === 'project.open') return { path: '/net', document: currentDocument(), training: defaultTrainingConfig(), data: structuredClone(disk.data), weightsLoaded: false, recovered: false };
      if (method === 'project.journal') journals.push(params);
      if (method === 'insight.maps') mapsAsked++;
      if (method === 'training.start') return new Promise((resolve) => { begun.push(() => resolve({ run: 'r' })); });
      if (method === 'training.stop') throw problem('training.none', { label: 'Training' }, {});
      if (method === 'project.save') return { path: '/net' };
      if (method === 'data.open') await late;
      if (method === 'data.open' && disk.lost) throw problem('data.no-classes', { label: 'Data' }, { got: 'no folder' });
      return Promise.resolve(method === 'data.open' ? info : {});
    },
    on: () => () => undefined,
    onConnection: () => () => undefined,
    shell: { kind: 'browser', dialogs: null, onMenu: () => () => undefined },
  }),
}));

const { currentDocument, hasUnsavedEdits } = await import('./document.ts');
const { openData, openProject, refreshMaps, saveProject, startSession, startTraining, stopTraining } = await import('./engine.ts');
const { useSession } = await import('./session.ts');
const { setUi } = await import('./ui.ts');

vi.useFakeTimers();
setUi({ connected: true });
startSession();

/** What the journal was given in the seconds after. */
async function journaled(): Promise<DataRef[]> {
  await vi.advanceTimersByTimeAsync(2000);
  return journals.splice(0).map((j) => j.data);
}

beforeEach(async () => {
  Object.assign(disk, { data: digits, lost: false });
  await openProject('/net');
  await journaled();
});

describe('a project that was saved', () => {
  it('is not edited by opening it, whatever data it has', async () => {
    disk.data = flowers;
    await openProject('/net');
    expect([useSession.getState().data, hasUnsavedEdits(), await journaled()]).toEqual([flowers, false, []]);
  });

  it('is not given data that was asked for before it and comes after', async () => {
    let answer = (): void => undefined;
    late = new Promise((resolve) => { answer = resolve; });
    const before = openData(flowers);
    late = null;
    await openProject('/net');
    answer();
    await before;
    expect([useSession.getState().data, hasUnsavedEdits(), await journaled()]).toEqual([digits, false, []]);
  });

  it('is edited by other data, which the journal keeps, until it is saved', async () => {
    await openData(flowers);
    expect([hasUnsavedEdits(), await journaled()]).toEqual([true, [flowers]]);
    await saveProject('/net');
    expect([hasUnsavedEdits(), await journaled()]).toEqual([false, []]);
    await openData({ ...flowers, side: 16 });
    expect([hasUnsavedEdits(), await journaled()]).toEqual([true, [{ ...flowers, side: 16 }]]);
  });

  it('is not edited by reading the same data again, nor by data that cannot be read', async () => {
    await openData({ ...digits });
    disk.lost = true;
    await expect(openData(flowers)).rejects.toThrow();
    expect([useSession.getState().data, hasUnsavedEdits(), await journaled()]).toEqual([digits, false, []]);
  });

  it('keeps its own data in mind where that is gone', async () => {
    Object.assign(disk, { data: flowers, lost: true });
    await expect(openProject('/net')).rejects.toThrow();
    expect([useSession.getState().data, hasUnsavedEdits()]).toEqual([flowers, false]);
  });
});

it('maps are asked for only once it is known whether the net takes the data', async () => {
  let answer = (): void => undefined;
  late = new Promise((resolve) => { answer = resolve; });
  const reading = openData(flowers);
  late = null;
  mapsAsked = 0;
  await refreshMaps();
  expect(mapsAsked).toBe(0);
  answer();
  await reading;
  expect(mapsAsked).toBe(1);
  await openData(digits);
  expect(mapsAsked).toBe(1);
});

describe('a run', () => {
  it('is begun once by two clicks, and again when the first was answered', async () => {
    const clicks = [startTraining('fresh'), startTraining('fresh')];
    expect(begun).toHaveLength(1);
    begun.shift()?.();
    await Promise.all(clicks);
    const again = startTraining('fresh');
    expect(begun).toHaveLength(1);
    begun.shift()?.();
    await again;
  });

  it('that ended by itself is stopped without a word', async () => {
    await expect(stopTraining()).resolves.toBeUndefined();
  });
});
