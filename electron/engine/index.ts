/** The engine process: Electron's utility process, or a child of the server; the same messages on both. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEngine } from './handlers/engine.ts';
import { defaultAppDir } from './handlers/workspace.ts';

/** What Electron's MessagePortMain and process.parentPort have in common; typed here because the engine never imports electron. */
interface Port {
  on(event: 'message', listener: (e: { data: unknown; ports?: Port[] }) => void): void;
  on(event: 'close', listener: () => void): void;
  postMessage(message: unknown): void;
  start?(): void;
}

const here = fileURLToPath(new URL('.', import.meta.url));
const engine = createEngine({
  resourcesDir: process.env.NETLOOM_RESOURCES ?? join(here, '..', '..', 'resources'),
  appDir: defaultAppDir(),
  workerUrl: new URL('./worker.mjs', import.meta.url),
});

const parentPort = (process as unknown as { parentPort?: Port }).parentPort;
if (parentPort) {
  // Electron: main hands over the interface's port and then is out of the way.
  parentPort.on('message', ({ ports }) => {
    const port = ports?.[0];
    if (!port) return;
    const off = engine.onEvent((m) => port.postMessage(m));
    port.on('message', ({ data }) => void engine.handle(data).then((answer) => port.postMessage(answer)));
    port.on('close', off);
    port.start?.();
  });
} else {
  // A child of the server: each message carries the page it came from. Ends with its host.
  process.on('message', (m: { client: number; message: unknown }) => {
    void engine.handle(m.message).then((answer) => process.send?.({ client: m.client, message: answer }));
  });
  engine.onEvent((message) => process.send?.({ client: null, message }));
  process.on('disconnect', () => process.exit());
  process.send?.({ client: null, message: { kind: 'ready' } });
}
