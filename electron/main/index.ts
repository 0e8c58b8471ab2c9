/** The desktop app: a list of modules, one concern each. */
import { app, BrowserWindow } from 'electron';
import { fileURLToPath } from 'node:url';
import { registerDialogs } from './dialogs.ts';
import { startEngine } from './engine.ts';
import { setMenu } from './menu.ts';
import { registerScheme, secure } from './security.ts';
import { openWindow } from './window.ts';

let window: BrowserWindow | null = null;
const current = (): BrowserWindow | null => (window?.isDestroyed() === false ? window : null);

// A second start brings the first one's window to the front.
if (!app.requestSingleInstanceLock()) app.quit();
else {
  app.on('second-instance', () => {
    current()?.restore();
    current()?.focus();
  });
  registerScheme();
  app.on('window-all-closed', () => app.quit());
  void app.whenReady().then(() => {
    secure(fileURLToPath(new URL('../renderer', import.meta.url)));
    registerDialogs();
    setMenu(current);
    window = openWindow();
    startEngine(current);
  });
}
