/** Projects on disk: round trips, refusals, and a disk that fails. */
import { mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyDocument } from '../../../shared/graph/document.ts';
import { RunSummarySchema, type RunSummary } from '../../../shared/protocol/values.ts';
import { findTemplate } from '../../../shared/templates/templates.ts';
import { defaultTrainingConfig } from '../../../shared/training/config.ts';
import { fc } from '../../../shared/util/properties.harness.ts';
import { writeAtomically, type Disk } from './atomic.ts';
import { clearJournal, readJournal, writeJournal } from './journal.ts';
import { openProject, saveProject, type Project } from './project.ts';
import { appendMetrics, continueRun, createRun, deleteRun, listRuns, readCheckpoint, readCurve, runFolder, writeCheckpoint } from './runs.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';

let folder = '';
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'netloom-test-')); });
afterEach(() => rm(folder, { recursive: true, force: true }));

const project = (): Project => ({
  document: { ...(findTemplate('lenet-5-digits')?.build() ?? emptyDocument('')), weights: 'weights/model.safetensors' },
  training: { ...defaultTrainingConfig(), epochs: 3 },
  data: { kind: 'csv', path: '/data/mine.csv' },
  weights: new Map([['conv-1.kernel', { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-30, 6) }]]),
});

/** A disk on which writing fails with this code, after the file was opened. */
const failing = (code: string): Disk => ({
  rename,
  open: (async (...args: Parameters<typeof open>) => {
    const file = await open(...args);
    return Object.assign(Object.create(file) as typeof file, { writeFile: () => Promise.reject(Object.assign(new Error(code), { code })), sync: () => file.sync(), close: () => file.close() });
  }) as typeof open,
});

describe('atomic writes', () => {
  it.each([['ENOSPC', 'a full disk'], ['EACCES', 'no permission']])('%s leaves the old file and no litter', async (code, words) => {
    const path = join(folder, 'a.json');
    await writeAtomically(path, 'old');
    await expect(writeAtomically(path, 'new', failing(code))).rejects.toThrow(`a.json: expected to write the file, got ${words}. Free space or choose another folder; what was there before is untouched.`);
    expect([await readFile(path, 'utf8'), await readdir(folder)]).toEqual(['old', ['a.json']]);
  });
});

describe('a project', () => {
  it('comes back as it was saved', async () => {
    await saveProject(join(folder, 'p'), project());
    expect(await openProject(join(folder, 'p'))).toEqual(project());
  });

  it('on a full disk keeps what was there', async () => {
    await saveProject(folder, project());
    const changed = { ...project(), document: { ...project().document, name: 'changed' } };
    await expect(saveProject(folder, changed, failing('ENOSPC'))).rejects.toThrow(/a full disk/);
    expect(await openProject(folder)).toEqual(project());
  });

  it('is not written into a folder of other things', async () => {
    await writeFile(join(folder, 'letter.txt'), 'dear');
    await expect(saveProject(folder, project())).rejects.toThrow(/got a folder with letter\.txt/);
    expect(await readdir(folder)).toEqual(['letter.txt']);
  });

  it.each([['{', /network\.json: expected JSON/], ['{"version":1}', /network\.json, name/], ['[]', /expected a network of Netloom/]])('with network.json %s is refused with its place', async (text, sentence) => {
    await writeFile(join(folder, 'network.json'), text);
    await expect(openProject(folder)).rejects.toThrow(sentence);
  });

  it('that is none says so', async () => {
    await expect(openProject(join(folder, 'nothing'))).rejects.toThrow(/expected a folder with a network\.json of Netloom, got nothing at/);
  });

  it('reads no weights from outside its folder', async () => {
    await saveProject(join(folder, 'a'), project());
    const file = join(folder, 'a', 'network.json');
    await saveProject(join(folder, 'b'), project());
    await writeFile(file, (await readFile(file, 'utf8')).replace('weights/model.safetensors', '../b/weights/model.safetensors'));
    expect((await openProject(join(folder, 'a'))).weights).toBeNull();
  });

  it('keeps a journal beside it, and a damaged journal is no obstacle', async () => {
    const { document, training, data } = project();
    await writeJournal(folder, { document, training, data });
    expect(await readJournal(folder)).toEqual({ document, training, data });
    await writeFile(join(folder, '.netloom-journal.json'), '{"docu');
    expect(await readJournal(folder)).toBeNull();
    await clearJournal(folder);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('safetensors', () => {
  it('round trips any tensors', () => {
    const tensor = fc.float32Array({ maxLength: 20, noNaN: true }).map((data) => ({ shape: [data.length], data }));
    fc.assert(fc.property(fc.dictionary(fc.string({ minLength: 1 }).filter((s) => s !== '__metadata__' && s !== '__proto__'), tensor), (o) => {
      const tensors = new Map(Object.entries(o));
      expect(decodeSafetensors(encodeSafetensors(tensors, { k: 'v' })).tensors).toEqual(tensors);
    }));
  });

  it('follows the published layout', () => {
    const bytes = encodeSafetensors(new Map([['w', { shape: [1], data: Float32Array.of(1) }]]));
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect([JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))), [...bytes.subarray(8 + length)]]).toEqual([{ w: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }, [0, 0, 128, 63]]);
  });

  it('a cut-off file is refused, never read past its end', () => {
    const bytes = encodeSafetensors(new Map([['w', { shape: [4], data: new Float32Array(4) }]]));
    for (let n = 0; n < bytes.length; n++) expect(() => decodeSafetensors(bytes.subarray(0, n), 'w.safetensors')).toThrow(/^w\.safetensors: expected/);
  });
});

describe('runs', () => {
  const record = (id: string) => ({ id, name: 'LeNet', started: `2026-01-0${id.length}T00:00:00Z`, state: 'stopped' as const, epochs: 1, bestAccuracy: 0.5, finalLoss: 1, seconds: 2, parameters: 3, device: 'cpu', settings: {} });

  it('keep curve and checkpoint; a torn last line is left out', async () => {
    const run = await createRun(folder, record('a'));
    await appendMetrics(run, [{ step: 1, epoch: 0.1, loss: 2 }, { step: 2, epoch: 0.2, loss: 1 }]);
    await writeFile(join(run, 'metrics.jsonl'), '{"step":3,"epo', { flag: 'a' });
    expect(await readCurve(run)).toEqual([{ step: 1, epoch: 0.1, loss: 2 }, { step: 2, epoch: 0.2, loss: 1 }]);
    const tensors = new Map([['weight/w', { shape: [1], data: Float32Array.of(7) }]]);
    await writeCheckpoint(run, tensors, { step: 2 });
    expect(await readCheckpoint(run)).toEqual({ tensors, position: { step: 2 } });
  });

  it('lose no point behind a torn line when they go on', async () => {
    const run = await createRun(folder, record('a'));
    await appendMetrics(run, [{ step: 1, epoch: 0.1, loss: 2 }]);
    await writeFile(join(run, 'metrics.jsonl'), '{"step":2,"epo', { flag: 'a' });
    await continueRun(run, 'cpu', 1);
    await appendMetrics(run, [{ step: 2, epoch: 0.2, loss: 1 }]);
    expect(await readCurve(run)).toEqual([{ step: 1, epoch: 0.1, loss: 2 }, { step: 2, epoch: 0.2, loss: 1 }]);
  });

  it('remember each device that they went on with, and in which epoch', async () => {
    const run = await createRun(folder, record('a'));
    const known = async () => (({ device, devices }) => ({ device, devices }))((await listRuns(folder))[0] as RunSummary);
    await continueRun(run, 'cpu', 2);
    expect(await known()).toEqual({ device: 'cpu', devices: undefined });
    await continueRun(run, 'tensorflow', 3);
    await continueRun(run, 'tensorflow', 4);
    const both = [{ device: 'cpu', epoch: 1 }, { device: 'tensorflow', epoch: 3 }];
    expect(await known()).toEqual({ device: 'tensorflow', devices: both });
    await continueRun(run, 'cpu', 4);
    expect(RunSummarySchema.array().parse(await listRuns(folder))).toMatchObject([{ state: 'running', device: 'cpu', devices: [...both, { device: 'cpu', epoch: 4 }] }]);
  });

  it('are listed newest first, and deleted only by a plain name', async () => {
    await createRun(folder, record('a'));
    await createRun(folder, record('bb'));
    expect((await listRuns(folder)).map((r) => [r.id, r.resumable])).toEqual([['bb', false], ['a', false]]);
    expect(() => runFolder(folder, '../..')).toThrow(/expected the id of a run/);
    await deleteRun(folder, 'a');
    expect((await listRuns(folder)).map((r) => r.id)).toEqual(['bb']);
  });
});
