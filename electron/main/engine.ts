/** The engine as a utility process; main hands the window a port to it and relays nothing. */
import { app, MessageChannelMain, utilityProcess, type BrowserWindow } from 'electron';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EngineHost, type EngineProcess } from '../server/engine-host.ts';

interface UtilityEngine extends EngineProcess {
  /** Gives the engine one end of a channel. */
  adopt(port: Electron.MessagePortMain): void;
}

function startUtility(): UtilityEngine {
  const resources = app.isPackaged ? join(process.resourcesPath, 'resources') : fileURLToPath(new URL('../../resources', import.meta.url));
  const child = utilityProcess.fork(fileURLToPath(new URL('../engine/index.mjs', import.meta.url)), [], {
    serviceName: 'Netloom engine', stdio: 'inherit', env: { ...process.env, NETLOOM_RESOURCES: resources, NETLOOM_HOME: process.env.NETLOOM_HOME ?? join(app.getPath('userData'), 'netloom') },
  });
  return {
    send: (m) => child.postMessage(m),
    adopt: (port) => child.postMessage(null, [port]),
    onMessage: (listener) => { child.on('message', listener); },
    onExit: (listener) => { child.on('exit', (code) => listener(`it ended with code ${code}`)); },
    kill: () => { child.kill(); },
  };
}

/** Keeps an engine running for the window; a page that loads anew, or an engine that began anew, gets a new channel. */
export function startEngine(window: () => BrowserWindow | null): EngineHost {
  const connect = () => {
    const contents = window()?.webContents;
    const engine = host.process as UtilityEngine | null;
    if (!contents || !engine) return;
    const { port1, port2 } = new MessageChannelMain();
    engine.adopt(port1);
    contents.postMessage('port', null, [port2]);
  };
  const host = new EngineHost(startUtility, {
    message: () => undefined,
    restarted: (reason) => {
      connect();
      window()?.webContents.send('engine-restarted', reason);
    },
  });
  window()?.webContents.on('did-finish-load', connect);
  app.on('before-quit', () => host.close());
  return host;
}
