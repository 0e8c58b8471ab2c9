/** Downloads from servers that are slow, cut the connection, lie about length, serve wrong bytes, or lead in circles. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CatalogueEntry, DownloadState } from '../../../shared/protocol/hub-requests.ts';
import { partialPath, storedPath } from './download.ts';
import { Hub } from './hub.ts';

const content = Buffer.from(Uint8Array.from({ length: 50_000 }, (_, i) => (i * 7919) >> 3));
const sha256 = createHash('sha256').update(content).digest('hex');

type Answer = (request: IncomingMessage, response: ServerResponse, nth: number) => void;
let server: Server;
let folder: string;
let requests: string[];
let hub: Hub;
let told: DownloadState[];

/** The rest of the file from where it is asked for, as an honest server sends it. */
function honest(request: IncomingMessage, response: ServerResponse): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': content.length - from, ...(from > 0 ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}) });
  response.end(content.subarray(from));
}

/** Sends the part [from, to) and breaks the connection. */
function breaking(response: ServerResponse, from: number, to: number, head: Record<string, string | number> = {}): void {
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': content.length - from, ...(from > 0 ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}), ...head });
  response.write(content.subarray(from, to), () => setTimeout(() => response.destroy(), 20));
}
const rangeOf = (request: IncomingMessage): number => Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);

/** `patience`: milliseconds of silence after which a server is given up; where it is not the matter, more than any machine needs. */
async function serve(answer: Answer, change: Partial<CatalogueEntry> = {}, patience = 60_000): Promise<void> {
  let nth = 0;
  server = createServer((request, response) => {
    requests.push(request.headers.range ?? 'all');
    answer(request, response, nth++);
  });
  await new Promise<void>((listening) => { server.listen(0, '127.0.0.1', listening); });
  const entry: CatalogueEntry = {
    id: 'net', title: 'Net', task: 'classification', data: 'nothing', classes: 2, top1: null, top5: null, bytes: content.length, input: [8, 8, 1], preprocessing: null, licence: 'none', source: '', year: null,
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/net.onnx`, sha256, ...change,
  };
  hub = new Hub({ folder, catalogue: () => Promise.resolve([entry]), emit: (s) => told.push(s), patience, backoff: 1 });
}

async function fetched(): Promise<DownloadState> {
  await hub.download('net');
  await hub.settled('net');
  return (await hub.list())[0]?.download as DownloadState;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netloom-hub-'));
  requests = [];
  told = [];
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});
const stored = (): Buffer => readFileSync(storedPath(folder, sha256));

describe('a download', () => {
  it('comes whole, once, and is told as it comes', async () => {
    await serve(honest);
    expect(await fetched()).toMatchObject({ state: 'stored', received: content.length, error: null });
    expect(stored().equals(content)).toBe(true);
    expect(await fetched()).toMatchObject({ state: 'stored' });
    expect(requests).toEqual(['all']);
    expect(told.map((s) => s.state)).toEqual(expect.arrayContaining(['checking', 'stored']) as unknown);
    expect((await hub.fileOf('net')).path).toBe(storedPath(folder, sha256));
  });

  it('asked for twice is fetched once', async () => {
    await serve((q, r) => setTimeout(() => honest(q, r), 30));
    await Promise.all([hub.download('net'), hub.download('net')]);
    await hub.settled('net');
    expect(requests).toEqual(['all']);
  });

  it('goes on where the connection was cut', async () => {
    await serve((q, r) => breaking(r, rangeOf(q), Math.min(content.length, rangeOf(q) + 17_000)));
    expect(await fetched()).toMatchObject({ state: 'stored' });
    expect(stored().equals(content)).toBe(true);
    expect(requests.length).toBeGreaterThan(1);
    expect(requests.slice(1).every((q) => q.startsWith('bytes='))).toBe(true);
  });

  it('goes on after a restart with what is there', async () => {
    await serve(honest);
    writeFileSync(partialPath(folder, sha256), content.subarray(0, 30_000));
    expect((await hub.list())[0]?.download).toMatchObject({ state: 'partial', received: 30_000 });
    expect(await fetched()).toMatchObject({ state: 'stored' });
    expect([requests, stored().equals(content)]).toEqual([['bytes=30000-'], true]);
  });

  it('that began with another file comes whole from the start', async () => {
    await serve(honest);
    writeFileSync(partialPath(folder, sha256), Buffer.alloc(30_000, 1));
    expect(await fetched()).toMatchObject({ state: 'stored' });
    expect([requests, stored().equals(content)]).toEqual([['bytes=30000-', 'all'], true]);
  });

  it('begins anew where the server knows no ranges, or has another file', async () => {
    for (const answer of [(_q, r) => r.end(content), (q, r) => (rangeOf(q) > 0 ? r.writeHead(416).end() : r.end(content)), (q, r) => (rangeOf(q) > 0 ? r.writeHead(206, { 'content-range': 'bytes 0-9/10' }).end('0123456789') : r.end(content))] as Answer[]) {
      await serve(answer);
      writeFileSync(partialPath(folder, sha256), content.subarray(0, 30_000));
      expect(await fetched()).toMatchObject({ state: 'stored' });
      expect(stored().equals(content)).toBe(true);
      await hub.remove('net');
      server.close();
    }
  });

  it('is not taken for the net when its bytes are others, and leaves nothing', async () => {
    await serve((_q, r) => r.end(Buffer.from(content).fill(1, 40_000, 40_001)));
    expect(await fetched()).toMatchObject({ state: 'absent', error: { code: 'hub.hash' } });
    await expect(hub.fileOf('net')).rejects.toMatchObject({ diagnostic: { code: 'hub.absent' } });
  });

  it('does not swallow more than it should, whatever the server says of its length', async () => {
    await serve((_q, r) => { r.writeHead(200); r.write(content); r.end(Buffer.alloc(10)); });
    expect(await fetched()).toMatchObject({ state: 'absent', error: { code: 'hub.size' } });
  });

  it('ends after attempts that bring nothing, and keeps what has come', async () => {
    await serve((_q, r, nth) => (nth === 0 ? breaking(r, 0, 20_000) : r.destroy()));
    expect(await fetched()).toMatchObject({ state: 'partial', error: { code: expect.stringMatching(/^hub\.(offline|cut)$/) as unknown } });
    expect(requests.length).toBeLessThan(10);
  });

  it('gives a silent server up, and comes from the next answer', async () => {
    await serve((q, r, nth) => { if (nth > 0) honest(q, r); else { r.writeHead(200, { 'content-length': content.length }); r.write(content.subarray(0, 25_000)); } }, {}, 300);
    expect(await fetched()).toMatchObject({ state: 'stored' });
    expect([requests.length > 1, stored().equals(content)]).toEqual([true, true]);
  });

  it('is slow, held, and goes on', async () => {
    await serve((q, r, nth) => {
      if (nth > 0) return honest(q, r);
      // So slow that it never comes to its end.
      r.writeHead(200);
      let at = 0;
      const timer = setInterval(() => { r.write(content.subarray(at, Math.min(at + 5000, 40_000))); at = Math.min(at + 5000, 40_000); }, 15);
      r.on('close', () => { clearInterval(timer); });
    });
    await hub.download('net');
    while (!existsSync(partialPath(folder, sha256)) || readFileSync(partialPath(folder, sha256)).length === 0) await new Promise((wait) => { setTimeout(wait, 5); });
    const held = await hub.cancel('net');
    expect(held).toMatchObject({ state: 'partial', error: null });
    expect(await fetched()).toMatchObject({ state: 'stored' });
    expect(requests[1]).toBe(`bytes=${held.received}-`);
  });

  it.each([[404, 1], [403, 1], [500, 4], [429, 4]])('says what a server answers with %d, after %d requests', async (status, count) => {
    await serve((_q, r) => r.writeHead(status).end());
    expect(await fetched()).toMatchObject({ state: 'absent', error: { code: 'hub.server', args: { status } } });
    expect(requests).toHaveLength(count);
  });

  it('is not led in circles, nor to a place that anybody could read', async () => {
    await serve((_q, r) => r.writeHead(302, { location: '/net.onnx' }).end());
    expect((await fetched()).error).toMatchObject({ code: 'hub.redirects' });
    server.close();
    await serve((_q, r) => r.writeHead(302, { location: 'http://example.org/net.onnx' }).end());
    expect((await fetched()).error).toMatchObject({ code: 'hub.address' });
    server.close();
    await serve(honest, { address: 'ftp://127.0.0.1/net.onnx' });
    expect((await fetched()).error).toMatchObject({ code: 'hub.address' });
  });

  it('follows where a file has moved', async () => {
    await serve((q, r) => (q.url === '/net.onnx' ? r.writeHead(307, { location: '/elsewhere' }).end() : honest(q, r)));
    expect(await fetched()).toMatchObject({ state: 'stored' });
  });

  it('is not begun where the disk has no room', async () => {
    await serve(honest, { bytes: 2 ** 53 - 1 });
    expect((await fetched()).error).toMatchObject({ code: 'hub.space' });
    expect(requests).toEqual([]);
  });

  it('that changed on the disk is not used', async () => {
    await serve(honest);
    await fetched();
    writeFileSync(storedPath(folder, sha256), Buffer.from(content).fill(9, 0, 1));
    await expect(hub.fileOf('net')).rejects.toMatchObject({ diagnostic: { code: 'hub.hash' } });
    expect((await hub.list())[0]?.download.state).toBe('absent');
  });

  it('of a net that nobody knows is refused', async () => {
    await serve(honest);
    await expect(hub.download('other')).rejects.toMatchObject({ diagnostic: { code: 'hub.unknown' } });
  });
});
