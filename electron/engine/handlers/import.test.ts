/** A foreign file comes into the engine as the interface asks for it: handed over, looked at, taken over, proved; and nothing of it where it fails. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { NetloomError } from '../../../shared/diagnostics/diagnostic.ts';
import { required } from '../../../shared/util/assert.ts';
import { tinyNames, tinyNet } from '../importing/tiny-net.harness.ts';
import type { Engine } from './engine.ts';
import { startEngine, type TriedEngine } from './engine.harness.ts';
import { takeOver } from './import.ts';

let tried: TriedEngine;
let engine: Engine;
let home: string;
let ask: TriedEngine['ask'];
beforeAll(async () => {
  tried = await startEngine();
  ({ engine, home, ask } = tried);
});
afterAll(() => tried.end());

it('a net handed over in pieces is looked at, taken over and proved', async () => {
  const bytes = tinyNet();
  const { id, folder } = await ask('import.upload', { files: [{ name: 'tiny.onnx', size: bytes.length }] });
  for (let offset = 0; offset < bytes.length; offset += 500) await ask('import.piece', { id, name: 'tiny.onnx', offset, bytes: bytes.subarray(offset, offset + 500) });
  const path = join(folder, 'tiny.onnx');

  const summary = await ask('import.inspect', { path });
  expect([summary.nodes, summary.opset, summary.openSizes.map((s) => [s.key, s.axis])]).toEqual([8, 13, [['height', 2], ['width', 3]]]);

  const opened = required(await ask('import.open', { path, sizes: { height: 28, width: 20 } }), 'answer');
  const { network, problems } = compile(opened.document);
  expect([problems, network.parameters, opened.document.labels, opened.document.origin]).toEqual([[], 170, tinyNames, 'tiny.onnx']);
  const { report } = opened;
  expect([report.parameters, report.weightBytes, report.inputs[0]?.shape, report.operators.map((o) => o.op), report.labels?.count]).toEqual([170, 680, [-1, 1, 28, 20], ['Cos'], 10]);
  // The engine's weights are the file's own.
  expect([...(engine.workspace.weights ?? [])].reduce((n, [, w]) => n + w.data.length, 0)).toBe(170);

  const proof = required(await ask('import.prove', {}), 'proof');
  expect([proof.passed, proof.random, proof.real, proof.error]).toEqual([true, 3, 2, null]);
});

it('where weights were moved, the proof says so', async () => {
  const path = join(home, 'moved.onnx');
  writeFileSync(path, tinyNet());
  await ask('import.open', { path, sizes: { height: 8, width: 8 } });
  const bytes = tinyNet();
  // A bit of the last weight's exponent: the file is another now than the net that was drawn of it.
  const at = Buffer.from(bytes).lastIndexOf(Buffer.from('fc.bias'));
  const raw = Buffer.from(bytes).indexOf(Buffer.from([0x4a, 40]), at);
  for (let i = 0; i < 40; i += 4) bytes[raw + 2 + i + 3] = (bytes[raw + 2 + i + 3] as number) ^ 0x01;
  writeFileSync(path, bytes);
  const proof = required(await ask('import.prove', {}), 'proof');
  expect([proof.passed, (proof.relative ?? 0) > 1e-4]).toEqual([false, true]);
  rmSync(path);
  const gone = required(await ask('import.prove', {}), 'proof');
  expect([gone.passed, gone.error?.length ?? 0]).toEqual([false, expect.any(Number)]);
  expect(gone.error).not.toBeNull();
});

it('what cannot be read leaves everything as it was', async () => {
  const good = join(home, 'good.onnx');
  writeFileSync(good, tinyNet());
  await ask('import.open', { path: good, sizes: { height: 8, width: 8 } });
  const before = engine.workspace.weights;
  const bad = join(home, 'bad.onnx');
  writeFileSync(bad, tinyNet().subarray(0, 300));
  await expect(ask('import.inspect', { path: bad })).rejects.toThrow(NetloomError);
  await expect(ask('import.open', { path: bad, sizes: {} })).rejects.toThrow(NetloomError);
  await expect(ask('import.open', { path: join(home, 'none.onnx'), sizes: {} })).rejects.toThrow(NetloomError);
  expect(engine.workspace.weights).toBe(before);
});

it('an engine that begins anew gets the weights of the net again, once, and of no other net', async () => {
  const before = required(engine.workspace.weights, 'weights');
  engine.workspace.weights = null;
  expect([await ask('import.restore', { origin: 'other.onnx' }), engine.workspace.weights]).toEqual([{ restored: false }, null]);
  expect(await ask('import.restore', { origin: 'good.onnx' })).toEqual({ restored: true });
  expect(engine.workspace.weights).toEqual(before);
  const now = engine.workspace.weights;
  await ask('import.restore', { origin: 'good.onnx' });
  expect(engine.workspace.weights).toBe(now);
});

it('a net that lies under another name, as the hub keeps it, is found again by its own', async () => {
  const path = join(home, 'good.onnx');
  await takeOver(engine.workspace, path, { sizes: { height: 8, width: 8 }, origin: 'from-the-hub.onnx' });
  const before = required(engine.workspace.weights, 'weights');
  engine.workspace.weights = null;
  expect([await ask('import.restore', { origin: 'good.onnx' }), await ask('import.restore', { origin: 'from-the-hub.onnx' })]).toEqual([{ restored: false }, { restored: true }]);
  expect(engine.workspace.weights).toEqual(before);
});

it('a net of the hub or of one’s own gets its weights again, too', async () => {
  const { builtIn } = await ask('hub.list', {});
  const opened = await ask('hub.open', { id: required(builtIn[0], 'net').id });
  const { document } = opened;
  const [training, data] = [required(opened.training, 'settings'), required(opened.data, 'data')];
  await ask('models.save', { document, data, training, name: 'Mine', licence: '', description: '' });
  const kept = required((await ask('models.list', {}))[0], 'model');
  for (const open of [() => ask('hub.open', { id: required(builtIn[0], 'net').id }), () => ask('models.open', { id: kept.id })]) {
    const { origin } = (await open()).document;
    const before = required(engine.workspace.weights, 'weights');
    engine.workspace.weights = null;
    expect(await ask('import.restore', { origin: required(origin, 'origin') })).toEqual({ restored: true });
    expect(engine.workspace.weights).toEqual(before);
  }
  engine.workspace.weights = null;
  for (const origin of ['hub:none', 'hub:../models', 'template:lenet-5', 'toString:x']) expect(await ask('import.restore', { origin })).toEqual({ restored: false });
});

it('a cancelled import is not taken', async () => {
  const path = join(home, 'good.onnx');
  const before = engine.workspace.weights;
  const asked = ask('import.open', { path, sizes: { height: 16, width: 16 } });
  await ask('import.cancel', {});
  expect(await asked).toBeNull();
  // The thread answers later; that changes nothing.
  await ask('import.prove', {});
  expect(engine.workspace.weights).toBe(before);
});
