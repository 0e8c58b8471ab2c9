/** The one window, where it was last time. */
import { app, BrowserWindow, screen } from 'electron';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { APP_URL, MINIMUM, windowBounds } from './decisions.ts';

const file = (): string => join(app.getPath('userData'), 'window.json');

function stored(): unknown {
  try {
    return JSON.parse(readFileSync(file(), 'utf8'));
  } catch {
    return null;
  }
}

export function openWindow(): BrowserWindow {
  const window = new BrowserWindow({
    ...windowBounds(stored(), screen.getAllDisplays().map((d) => d.workArea)),
    minWidth: MINIMUM.width, minHeight: MINIMUM.height, show: false, title: 'Netloom', backgroundColor: '#15181e',
    webPreferences: { preload: fileURLToPath(new URL('../preload/index.cjs', import.meta.url)), contextIsolation: true, sandbox: true, nodeIntegration: false, webviewTag: false },
  });
  window.once('ready-to-show', () => window.show());
  window.on('close', () => {
    const temporary = `${file()}.tmp`;
    writeFileSync(temporary, JSON.stringify(window.getNormalBounds()));
    renameSync(temporary, file());
  });
  void window.loadURL(APP_URL);
  return window;
}
