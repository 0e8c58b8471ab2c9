/** Chooses the transport: Electron's message port where there is a desktop shell, else the WebSocket of the page's own server. */
import type { Bridge, Shell } from '../../shared/protocol/bridge.ts';
import { decodeFrame, encodeFrame } from '../../shared/protocol/frames.ts';
import { Client } from './client.ts';

interface DesktopApi extends Omit<Shell, 'kind'> {
  /** The engine died and was started again; a new port comes with it. */
  onRestart(listener: (reason: string) => void): void;
}

const RECONNECT_MS = 1000;

/** The address gives the token once; a reload of the tab keeps it, the address bar does not show it. */
function takeToken(): string {
  const given = new URLSearchParams(location.search).get('token');
  if (given !== null) {
    sessionStorage.setItem('netloom-token', given);
    history.replaceState(null, '', location.pathname);
  }
  return given ?? sessionStorage.getItem('netloom-token') ?? '';
}

function overWebSocket(): Bridge {
  const client = new Client({ kind: 'browser', dialogs: null, pathOf: () => null, onMenu: () => () => undefined });
  const token = takeToken();
  const connect = () => {
    const socket = new WebSocket(`ws://${location.host}/engine?token=${encodeURIComponent(token)}`);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => client.opened((m) => socket.send(encodeFrame(m) as Uint8Array<ArrayBuffer>));
    socket.onmessage = (e) => client.received(decodeFrame(new Uint8Array(e.data as ArrayBuffer)));
    socket.onclose = () => {
      client.abandoned(true);
      setTimeout(connect, RECONNECT_MS);
    };
  };
  connect();
  return client;
}

function overPort(api: DesktopApi): Bridge {
  const client = new Client({ kind: 'desktop', dialogs: api.dialogs, pathOf: api.pathOf, onMenu: api.onMenu });
  // The preload posts the port into the window: ports cannot cross the context bridge.
  window.addEventListener('message', (e) => {
    const [port] = e.ports;
    if (e.source !== window || e.data !== 'netloom-port' || !port) return;
    client.abandoned(true);
    port.onmessage = (m) => client.received(m.data);
    client.opened((m) => port.postMessage(m));
  });
  api.onRestart((reason) => client.received({ kind: 'event', event: 'engine.restarted', data: { reason, resumableRun: null } }));
  return client;
}

export function connectBridge(): Bridge {
  const api = (window as { netloom?: DesktopApi }).netloom;
  return api ? overPort(api) : overWebSocket();
}
