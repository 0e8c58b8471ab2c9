/** Who may talk to the server, what it serves, and an engine that dies. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { EngineHost, type EngineProcess } from './engine-host.ts';
import { isOwnHost, isOwnOrigin, isToken } from './security.ts';
import { fileFor, startServer } from './server.ts';

describe('security', () => {
  it('takes its own host, origin and token only', () => {
    expect([isOwnHost('127.0.0.1:80', 80), isOwnHost('evil.example:80', 80), isOwnHost(undefined, 80), isOwnHost('127.0.0.1:81', 80)]).toEqual([true, false, false, false]);
    expect([isOwnOrigin(undefined, 80), isOwnOrigin('http://127.0.0.1:80', 80), isOwnOrigin('http://evil.example', 80), isOwnOrigin('null', 80)]).toEqual([true, true, false, false]);
    expect([isToken('abc', 'abc'), isToken('abd', 'abc'), isToken('', 'abc'), isToken(null, 'abc')]).toEqual([true, false, false, false]);
  });

  it('serves its folder only', () => {
    expect(['/', '/a.js?x', '/../etc/passwd', '/..%2f..%2fetc/passwd', '/%00', '/%ff'].map((u) => fileFor('/r', u))).toEqual(['/r/index.html', '/r/a.js', '/r/etc/passwd', null, null, null]);
  });
});

describe('engine host', () => {
  function setUp() {
    const exits: ((reason: string) => void)[] = [];
    const sent: unknown[] = [];
    const restarted = vi.fn();
    const spawn = (): EngineProcess => ({ send: (m) => sent.push(m), onMessage: () => undefined, onExit: (l) => exits.push(l), kill: () => exits.at(-1)?.('it was ended') });
    return { host: new EngineHost(spawn, { message: () => undefined, restarted }), exits, sent, restarted };
  }

  it('starts a dead engine again, waiting after a quick death, and says so', () => {
    vi.useFakeTimers();
    const { host, exits, sent, restarted } = setUp();
    vi.setSystemTime(Date.now() + 10_000);
    exits[0]?.('it was ended by SIGKILL');
    expect([exits.length, restarted.mock.calls]).toEqual([2, [['it was ended by SIGKILL']]]);
    exits[1]?.('again');
    host.send('lost');
    expect([exits.length, sent]).toEqual([2, []]);
    vi.advanceTimersByTime(1000);
    host.send('kept');
    expect([exits.length, sent]).toEqual([3, ['kept']]);
    vi.useRealTimers();
  });

  it('lets it rest when closed', () => {
    const { host, exits, restarted } = setUp();
    host.close();
    expect([exits.length, restarted.mock.calls.length]).toEqual([1, 0]);
  });
});

describe('a running server', () => {
  // Node itself waits for a connection without a request for half a minute and more.
  it('closes with a connection that has asked for nothing yet', { timeout: 20_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'netloom-server-'));
    const engineScript = join(folder, 'engine.mjs');
    writeFileSync(engineScript, 'process.on("disconnect", () => process.exit(0));');
    const server = await startServer({ rendererDir: folder, engineScript });
    const socket = connect(server.port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    // Refused, so that the server is known to have taken the connection before this one.
    expect((await fetch(`http://127.0.0.1:${server.port}/`, { method: 'POST' })).status).toBe(405);
    await server.close();
    await closed;
    rmSync(folder, { recursive: true });
  });
});
