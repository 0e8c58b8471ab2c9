/** Files handed over piece by piece arrive whole, and nowhere else. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { NetloomError } from '../../../shared/diagnostics/diagnostic.ts';
import { LARGEST_PIECE, Uploads } from './uploads.ts';

const home = mkdtempSync(join(tmpdir(), 'netloom-uploads-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const bytes = (n: number, seed: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => (i * 31 + seed) % 256);
const refused = (p: Promise<unknown>) => expect(p).rejects.toThrow(NetloomError);

describe('Uploads', () => {
  it('puts pieces in any order where they belong, in files beside one another', async () => {
    const uploads = new Uploads(home);
    const [net, data] = [bytes(1000, 1), bytes(2500, 7)];
    const { id, folder } = await uploads.begin([{ name: 'net.onnx', size: 1000 }, { name: 'net.onnx.data', size: 2500 }, { name: 'empty', size: 0 }]);
    await uploads.piece(id, 'net.onnx.data', 1500, data.subarray(1500));
    await uploads.piece(id, 'net.onnx', 0, net);
    await uploads.piece(id, 'net.onnx.data', 0, data.subarray(0, 1500));
    expect([readFileSync(join(folder, 'net.onnx')), readFileSync(join(folder, 'net.onnx.data')), readFileSync(join(folder, 'empty')).length]).toEqual([Buffer.from(net), Buffer.from(data), 0]);
  });

  it('forgets the one before', async () => {
    const uploads = new Uploads(home);
    const first = await uploads.begin([{ name: 'a', size: 4 }]);
    const second = await uploads.begin([{ name: 'a', size: 4 }]);
    expect([existsSync(first.folder), readdirSync(join(home, 'uploads'))]).toEqual([false, [second.id]]);
    await refused(uploads.piece(first.id, 'a', 0, bytes(4, 0)));
  });

  it.each(['../net.onnx', '..', '/etc/passwd', 'a\\b', 'C:x', 'a\u0000b', '.'])('refuses the name %j', async (name) => {
    await refused(new Uploads(home).begin([{ name, size: 1 }]));
  });

  it('refuses what belongs to no file, or lies outside it', async () => {
    const uploads = new Uploads(home);
    const { id } = await uploads.begin([{ name: 'net.onnx', size: 10 }]);
    await refused(uploads.piece(id, 'other', 0, bytes(1, 0)));
    await refused(uploads.piece(id, 'net.onnx', 8, bytes(3, 0)));
    await refused(uploads.piece(id, 'net.onnx', 0.5, bytes(1, 0)));
    await refused(uploads.piece(id, 'net.onnx', 0, new Uint8Array(LARGEST_PIECE + 1)));
  });
});
