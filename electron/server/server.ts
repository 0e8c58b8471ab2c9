/** The interface and the engine behind HTTP and WebSocket on 127.0.0.1, for a browser on this machine. */
import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';
import { decodeFrame, encodeFrame } from '../../shared/protocol/frames.ts';
import { EngineHost, type EngineProcess } from './engine-host.ts';
import { contentSecurityPolicy, isOwnHost, isOwnOrigin, isToken } from './security.ts';

export interface ServerOptions {
  readonly port?: number;
  /** The built interface. */
  readonly rendererDir: string;
  /** The built engine, out/engine/index.mjs. */
  readonly engineScript: string;
}

export interface RunningServer {
  readonly address: string;
  readonly port: number;
  readonly token: string;
  /** Process id of the engine, for tests that end it. */
  enginePid(): number | undefined;
  close(): Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.png': 'image/png',
  '.woff2': 'font/woff2', '.woff': 'font/woff', '.json': 'application/json', '.ico': 'image/x-icon', '.map': 'application/json',
};

function forkEngine(script: string, onPid: (child: ChildProcess) => void): EngineProcess {
  const child = fork(script, [], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  onPid(child);
  return {
    // A message to a dead engine is answered by the restart event.
    send: (m) => { if (child.connected) child.send(m as object, () => undefined); },
    onMessage: (listener) => { child.on('message', listener); },
    onExit: (listener) => { child.on('exit', (code, signal) => listener(signal ? `it was ended by ${signal}` : `it ended with code ${code}`)); },
    kill: () => { child.kill(); },
  };
}

/** Path of a file inside the folder, or null when the address leads elsewhere. */
export function fileFor(rendererDir: string, url: string): string | null {
  let path: string;
  try {
    path = decodeURIComponent(new URL(url, 'http://x').pathname);
  } catch {
    return null;
  }
  const file = normalize(join(rendererDir, path === '/' ? 'index.html' : path));
  return file.startsWith(rendererDir + sep) && !path.includes('\0') ? file : null;
}

export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const token = randomBytes(24).toString('base64url');
  let port = options.port ?? 0;
  let child: ChildProcess | null = null;

  const http: Server = createServer((request, response) => {
    const end = (status: number, text: string) => response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
    if (!isOwnHost(request.headers.host, port)) return void end(403, 'Netloom answers on 127.0.0.1 only.\n');
    if (request.method !== 'GET' && request.method !== 'HEAD') return void end(405, 'Only GET.\n');
    const file = fileFor(options.rendererDir, request.url ?? '/');
    if (file === null) return void end(404, 'No such file.\n');
    readFile(file).then(
      (content) => response.writeHead(200, {
        'content-type': types[extname(file)] ?? 'application/octet-stream', 'content-security-policy': contentSecurityPolicy(port),
        'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cross-origin-opener-policy': 'same-origin', 'cache-control': 'no-cache',
      }).end(content),
      () => end(404, 'No such file.\n'),
    );
  });

  const clients = new Map<number, WebSocket>();
  let nextClient = 1;
  const everybody = (message: unknown) => {
    const frame = encodeFrame(message);
    for (const socket of clients.values()) socket.send(frame);
  };
  let runInProgress: string | null = null;
  const host = new EngineHost(() => forkEngine(options.engineScript, (c) => { child = c; }), {
    message: (m) => {
      const { client, message } = m as { client: number | null; message: { kind: string; event?: string; data?: { run?: string; state?: string } } };
      if (client !== null) clients.get(client)?.send(encodeFrame(message));
      else if (message.kind === 'event') {
        if (message.event === 'training.progress') runInProgress = ['running', 'paused', 'preparing', 'stopping'].includes(message.data?.state ?? '') ? (message.data?.run ?? null) : null;
        everybody(message);
      }
    },
    restarted: (reason) => {
      everybody({ kind: 'event', event: 'engine.restarted', data: { reason, resumableRun: runInProgress } });
      runInProgress = null;
    },
  });

  const sockets = new WebSocketServer({ noServer: true, maxPayload: 256 * 1024 * 1024 });
  http.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '/', 'http://x');
    const allowed = url.pathname === '/engine' && isOwnHost(request.headers.host, port) && isOwnOrigin(request.headers.origin, port) && isToken(url.searchParams.get('token'), token);
    if (!allowed) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => {
      const id = nextClient++;
      clients.set(id, ws);
      ws.binaryType = 'nodebuffer';
      ws.on('message', (data: Buffer) => {
        try {
          host.send({ client: id, message: decodeFrame(data) });
        } catch {
          ws.close(1003, 'not a frame of the protocol');
        }
      });
      ws.on('close', () => clients.delete(id));
      ws.on('error', () => clients.delete(id));
    });
  });

  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, '127.0.0.1', resolve);
  });
  port = (http.address() as AddressInfo).port;
  return {
    port, token,
    address: `http://127.0.0.1:${port}/?token=${token}`,
    enginePid: () => child?.pid,
    close: async () => {
      host.close();
      for (const socket of clients.values()) socket.terminate();
      sockets.close();
      const ended = new Promise((resolve) => http.close(resolve));
      // Browsers open connections ahead of what they will ask; such a one would be waited for.
      http.closeAllConnections();
      await ended;
    },
  };
}
