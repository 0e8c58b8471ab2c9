/** Files that appear together, and the archive of a download. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame } from '../../../shared/protocol/frames.ts';
import { stage, writePieces } from './staged.ts';
import { zip } from './zip.ts';

let home = '';
beforeEach(async () => { home = await mkdtemp(join(tmpdir(), 'netloom-staged-')); });
afterEach(() => rm(home, { recursive: true, force: true }));

const text = (words: string): Uint8Array => new TextEncoder().encode(words);
/** Every file below, with what is in it. */
const found = async (): Promise<string[]> => Promise.all((await readdir(home, { recursive: true, withFileTypes: true })).filter((e) => e.isFile()).map(async (e) => `${e.name}: ${await readFile(join(e.parentPath, e.name), 'utf8')}`).sort());

describe('files that belong together', () => {
  const write = (folder: string, names: readonly string[]) => stage(folder, async (aside) => {
    for (const name of names) await writePieces(join(aside, name), [text('new '), text(name)]);
    return { names };
  });

  it('take the place of older ones', async () => {
    await writeFile(join(home, 'a'), 'old');
    await write(home, ['a', 'b']);
    expect([await found(), await readdir(home)]).toEqual([['a: new a', 'b: new b'], ['a', 'b']]);
  });

  it('leave the older ones where one cannot be moved', async () => {
    await writeFile(join(home, 'a'), 'old');
    await expect(stage(home, async (aside) => {
      await writePieces(join(aside, 'a'), [text('new')]);
      return { names: ['a', 'never written'] };
    })).rejects.toThrow(/expected to write the file/);
    expect([await found(), await readdir(home)]).toEqual([['a: old'], ['a']]);
  });

  it.each<[string, () => Promise<null>]>([['nothing comes of it', () => Promise.resolve(null)], ['it fails', () => Promise.reject(new Error('no'))]])('leave no trace when %s', async (_name, body) => {
    await mkdir(join(home, 'there'));
    await stage(join(home, 'there', 'x', 'y'), body).catch(() => null);
    expect(await readdir(home, { recursive: true })).toEqual(['there']);
  });

  it('say where they cannot be written', async () => {
    await writeFile(join(home, 'file'), '');
    await expect(write(join(home, 'file', 'x'), ['a'])).rejects.toThrow(/a file where a folder should be/);
    if (process.platform === 'linux') await expect(write('/proc/nobody/here', ['a'])).rejects.toThrow(/no such folder/);
  });
});

it('an archive opens elsewhere', async () => {
  const path = join(home, 'x.zip');
  const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 7) % 256);
  expect(decodeFrame(encodeFrame(zip([]))), 'as it reaches the page').toEqual(zip([]));
  await writeFile(path, zip([{ name: 'net.onnx', bytes }, { name: 'größe.json', bytes: text('{}') }, { name: 'empty', bytes: new Uint8Array() }]));
  const script = 'import sys,zipfile,hashlib\nz=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None\nprint([(i.filename,i.file_size,hashlib.sha256(z.read(i)).hexdigest()[:8]) for i in z.infolist()])';
  const python = ['python3', 'python'].find((p) => { try { execFileSync(p, ['-c', '']); return true; } catch { return false; } });
  const { createHash } = await import('node:crypto');
  const hash = (b: Uint8Array) => createHash('sha256').update(b).digest('hex').slice(0, 8);
  // Without a reader of archives at hand its records are read by their offsets.
  const entries = python === undefined ? readArchive(await readFile(path), hash) : execFileSync(python, ['-c', script, path], { encoding: 'utf8' }).trim();
  expect(entries).toBe(`[('net.onnx', 70000, '${hash(bytes)}'), ('größe.json', 2, '${hash(text('{}'))}'), ('empty', 0, '${hash(new Uint8Array())}')]`);
});

function readArchive(bytes: Buffer, hash: (b: Uint8Array) => string): string {
  const end = bytes.length - 22;
  let at = bytes.readUInt32LE(end + 16);
  const lines = Array.from({ length: bytes.readUInt16LE(end + 10) }, () => {
    const [size, length, start] = [bytes.readUInt32LE(at + 24), bytes.readUInt16LE(at + 28), bytes.readUInt32LE(at + 42)];
    const name = bytes.toString('utf8', at + 46, at + 46 + length);
    const from = start + 30 + bytes.readUInt16LE(start + 26);
    at += 46 + length;
    return `('${name}', ${size}, '${hash(bytes.subarray(from, from + size))}')`;
  });
  return `[${lines.join(', ')}]`;
}
