/** Weights beside the net: the same bytes as ONNX Runtime reads, and nothing from elsewhere. */
import { mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NetloomError } from '../../../shared/diagnostics/diagnostic.ts';
import { ModelMessage } from './messages.ts';
import { readModel, readOutline } from './read.ts';
import { encodeMessage, type Decoded } from './wire.ts';

let root = '';
let folder = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'netloom-external-'));
  folder = join(root, 'net');
  await mkdir(join(folder, 'parts'), { recursive: true });
  await writeFile(join(folder, 'w.bin'), new Uint8Array(Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7).buffer));
  await writeFile(join(folder, 'parts', 'v.bin'), new Uint8Array(BigInt64Array.of(-5n, 2n ** 62n).buffer));
  await writeFile(join(root, 'secret.bin'), new Uint8Array(64));
  await symlink(join(root, 'secret.bin'), join(folder, 'link.bin'));
  await symlink(join(folder, 'w.bin'), join(folder, 'inner.bin'));
  await symlink(root, join(folder, 'up'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const beside = (name: string, fields: Readonly<Record<string, string>>, rest: Decoded = {}): Decoded => ({ name, dims: [2], dataType: 1, dataLocation: 1, externalData: Object.entries(fields).map(([key, value]) => ({ key, value })), ...rest });
async function write(initializer: readonly Decoded[], rest: Decoded = {}): Promise<string> {
  const path = join(folder, 'net.onnx');
  await writeFile(path, encodeMessage(ModelMessage, { irVersion: 8, opsetImport: [{ version: 17 }], graph: { name: 'g', initializer, ...rest } }));
  return path;
}

describe('weights beside the net', () => {
  it('are those that ONNX Runtime reads: offsets, several files, folders below, the rest of a file', async () => {
    const weights = [
      beside('a', { location: 'w.bin', offset: '8', length: '8', checksum: 'ignored' }), beside('b', { location: './parts/v.bin' }, { dataType: 7 }), beside('c', { location: 'w.bin' }, { dims: [8] }), beside('d', { location: 'inner.bin', offset: '4' }),
    ];
    const output = ([[1, 2], [7, 2], [1, 8], [1, 2]] as const).map(([elemType, dimValue], i) => ({ name: `y${i}`, type: { tensorType: { elemType, shape: { dim: [{ dimValue }] } } } }));
    const path = await write(weights, { node: weights.map((w, i) => ({ opType: 'Identity', input: [w.name], output: [`y${i}`] })), output });
    const { graph, size } = await readModel(path);
    const session = await ort.InferenceSession.create(path);
    const answer = await session.run({});
    await session.release();
    expect([...graph.initializers.values()].map((t) => t.data)).toEqual(Object.values(answer).map((t) => t.data));
    expect([graph.initializers.get('a')?.data, graph.initializers.get('b')?.data]).toEqual([Float32Array.of(2, 3), BigInt64Array.of(-5n, 2n ** 62n)]);
    // Both files beside, each once.
    expect(size - (await readModel(await write([]))).size).toBeGreaterThanOrEqual(32 + 16);
  });

  it('share their memory where two tensors are the same place', async () => {
    const { graph } = await readModel(await write([beside('a', { location: 'w.bin' }), beside('b', { location: './w.bin', offset: '0' })]));
    expect(graph.initializers.get('a')?.data.buffer).toBe(graph.initializers.get('b')?.data.buffer);
  });

  it('lie beyond two and four gigabytes, in a file with holes', async () => {
    const path = join(folder, 'large.bin');
    await writeFile(path, '');
    await truncate(path, 5e9);
    const { graph } = await readModel(await write([beside('a', { location: 'large.bin', offset: '4999999992' })]));
    await rm(path);
    expect(graph.initializers.get('a')?.data).toEqual(Float32Array.of(0, 0));
  });

  it('stay on disk where only the outline is asked for, as long ones inside the net do; short ones are read', async () => {
    const count = 2 ** 17;
    const ones = new Uint8Array(new Float32Array(count).fill(1).buffer);
    await writeFile(join(folder, 'long.bin'), ones);
    const path = await write([beside('a', { location: 'long.bin' }, { dims: [count] }), beside('b', { location: 'w.bin', offset: '4' }), { name: 'c', dims: [count], dataType: 1, rawData: ones }, { name: 'd', dims: [1], dataType: 1, floatData: [5] }]);
    const first = async (read: typeof readModel) => [...(await read(path)).graph.initializers.values()].map((t) => [t.data.length, t.data[0]]);
    expect(await first(readModel)).toEqual([[count, 1], [2, 1], [count, 1], [1, 5]]);
    expect(await first(readOutline)).toEqual([[count, 0], [2, 1], [count, 0], [1, 5]]);
    expect((await readOutline(path)).size).toBe((await readModel(path)).size);
  });

  const refused: readonly (readonly [what: string, fields: Readonly<Record<string, string>>, sentence: RegExp])[] = [
    ['an absolute path', { location: '/etc/passwd' }, /expected a file in the folder of the net \(weights w\), got the absolute path \/etc\/passwd/],
    ['another system’s absolute path', { location: 'C:\\w.bin' }, /got the absolute path C:\\w.bin/],
    ['a share', { location: '\\\\host\\w.bin' }, /got the absolute path/],
    ['a path upwards', { location: '../secret.bin' }, /got the path \.\.\/secret\.bin/],
    ['a path upwards and down', { location: 'parts/../../secret.bin' }, /got the path/],
    ['a path upwards by the other slash', { location: 'parts\\..\\..\\secret.bin' }, /got the path/],
    ['a link that leaves', { location: 'link.bin' }, /got the link link\.bin to elsewhere/],
    ['a folder that leaves', { location: 'up/secret.bin' }, /got the link up\/secret\.bin to elsewhere/],
    ['no name', {}, /got no name/],
    ['a name that ends early', { location: 'w.bin\0' }, /got no name/],
    ['a missing file', { location: 'none.bin' }, /expected the file none\.bin beside the net \(weights w\), got no such file/],
    ['a folder', { location: 'parts' }, /got something that is no file/],
    ['an offset beyond the end', { location: 'w.bin', offset: '28' }, /expected 8 bytes from 28 in w\.bin \(weights w\), got a file of 32/],
    ['an offset that is none', { location: 'w.bin', offset: '-8' }, /expected the offset of w as a number of bytes, got -8/],
    ['a length that does not fit the sizes', { location: 'w.bin', length: '4' }, /expected 8 bytes in w, got 4/],
  ];
  it.each(refused)('are refused: %s', async (_what, fields, sentence) => {
    const reading = readModel(await write([beside('w', fields)]));
    await expect(reading).rejects.toThrow(sentence);
    await expect(reading).rejects.toThrow(NetloomError);
  });

  it('are refused where tensors lie over one another many times', async () => {
    const many = Array.from({ length: 30 }, (_, i) => beside(`w${i}`, { location: 'w.bin', offset: String(i % 25) }));
    await expect(readModel(await write(many.map((t, i) => ({ ...t, dims: [i % 2 ? 1 : 2] }))))).rejects.toThrow(/tensors that lie over one another/);
  });

  it('are said to be missing where the net itself is', async () => {
    await expect(readModel(join(folder, 'absent.onnx'))).rejects.toThrow(/^absent\.onnx: expected a file that can be read, got no such file/);
    await expect(readModel(folder)).rejects.toThrow(/got a folder/);
  });

  it('are found where a net that is a link really lies, as download caches keep them', async () => {
    const store = join(root, 'store');
    await mkdir(store);
    await writeFile(join(store, 'w.blob'), new Uint8Array(Float32Array.of(8, 9).buffer));
    await write([beside('w', { location: 'kept.bin' })]);
    const cache = join(root, 'cache');
    await mkdir(cache);
    await writeFile(join(store, 'net.blob'), await readFile(join(folder, 'net.onnx')));
    await symlink(join(store, 'net.blob'), join(cache, 'net.onnx'));
    await symlink(join(store, 'w.blob'), join(cache, 'kept.bin'));
    expect((await readModel(join(cache, 'net.onnx'))).graph.initializers.get('w')?.data).toEqual(Float32Array.of(8, 9));
  });
});
