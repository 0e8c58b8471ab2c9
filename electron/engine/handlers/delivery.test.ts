/** Deliveries: everything with its proof, or nothing. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FilePieces } from '../onnx-io/export-pieces.ts';
import { CANCEL, DONE } from '../training/export-proof.ts';
import { cancelDelivery, deliver, type Delivery } from './delivery.ts';
import { Workspace } from './workspace.ts';

let home = '';
let w: Workspace;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'netloom-deliver-'));
  w = new Workspace({ resourcesDir: home, appDir: home, workerUrl: new URL('file:///nowhere') });
});
afterEach(() => rm(home, { recursive: true }));

const file = (name: string, text: string): FilePieces => {
  const bytes = new TextEncoder().encode(text);
  return { name, pieces: [bytes], size: bytes.length };
};
const proof = { data: 'Digits', samples: 3, absolute: 1e-7, relative: 2e-7, tolerance: 1e-4, runtime: 'some runtime', device: 'cpu' };
const delivery = (change: Partial<Delivery> = {}): Delivery => ({
  path: join(home, 'out', 'net.onnx'), name: 'n.onnx', total: 3,
  build: (name) => Promise.resolve([file(name, 'model'), file(`${name}.data`, 'weights')]),
  prove: () => Promise.resolve({ proof, record: { inputs: [1] } }),
  ...change,
});
const left = () => readdir(home, { recursive: true });

describe('a delivery', () => {
  it('proves the files where they are written, then puts them in place with the record', async () => {
    const stages: string[] = [];
    w.onEvent((event, data) => { if (event === 'export.progress') stages.push((data as { stage: string }).stage); });
    const answer = await deliver(w, delivery({
      prove: async (model, control) => {
        // What is read back is what was written, and nothing stands in the folder yet.
        expect([await readFile(model, 'utf8'), await readFile(`${model}.data`, 'utf8')]).toEqual(['model', 'weights']);
        expect((await readdir(join(home, 'out'))).filter((n) => !n.startsWith('.'))).toEqual([]);
        control[DONE] = 3;
        return { proof, record: { inputs: [1] } };
      },
    }));
    expect((await left()).sort()).toEqual(['out', 'out/net.onnx', 'out/net.onnx.data', 'out/net.verify.json']);
    expect(JSON.parse(await readFile(join(home, 'out', 'net.verify.json'), 'utf8'))).toMatchObject({ passed: true, ...proof, inputs: [1], files: [{ name: 'net.onnx', size: 5 }, { name: 'net.onnx.data', size: 7 }] });
    expect([answer?.size, answer?.files.map((f) => f.name), answer?.download, stages.slice(0, 3)]).toEqual([12, ['net.onnx', 'net.onnx.data', 'net.verify.json'], null, ['building', 'writing', 'proving']]);
  });

  it('comes as one archive without a path', async () => {
    const answer = await deliver(w, delivery({ path: null }));
    const text = new TextDecoder().decode(answer?.download?.bytes);
    expect([answer?.path, answer?.download?.name, ['n.onnx', 'n.onnx.data', 'n.verify.json', 'weights', '"passed": true'].every((t) => text.includes(t)), await left()]).toEqual([null, 'n.zip', true, []]);
  });

  it('leaves nothing when the proof fails', async () => {
    await expect(deliver(w, delivery({ prove: () => Promise.reject(new Error('differs')) }))).rejects.toThrow('differs');
    expect(await left()).toEqual([]);
    // And the next one may begin.
    expect(await deliver(w, delivery())).not.toBeNull();
  });

  it('leaves nothing when it is cancelled, whenever that is', async () => {
    const build = (name: string) => {
      cancelDelivery(w);
      return Promise.resolve([file(name, 'model')]);
    };
    expect([await deliver(w, delivery({ build, prove: () => Promise.reject(new Error('never asked')) })), await left()]).toEqual([null, []]);
    const prove = (_model: string, control: Int32Array) => {
      cancelDelivery(w);
      return Promise.resolve(control[CANCEL] === 1 ? null : { proof, record: {} });
    };
    expect([await deliver(w, delivery({ prove })), await left()]).toEqual([null, []]);
  });

  it('is one at a time', async () => {
    let second: Promise<unknown> = Promise.resolve();
    await deliver(w, delivery({ prove: () => { second = deliver(w, delivery()).catch((e: unknown) => e); return Promise.resolve(null); } }));
    expect(String(await second)).toMatch(/expected one export at a time/);
  });

  it('refuses a download that a page cannot hold', async () => {
    const huge: FilePieces = { name: 'n.onnx', pieces: [], size: 2 ** 31 };
    await expect(deliver(w, delivery({ path: null, build: () => Promise.resolve([huge]) }))).rejects.toThrow(/Export into a folder instead/);
  });
});
