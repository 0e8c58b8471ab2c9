/** What the sandboxed interface gets of the desktop: dialogs, menu commands, and the engine's port. Nothing generic. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';

// A port cannot cross the context bridge: it is posted into the window, to this page only.
ipcRenderer.on('port', (event) => window.postMessage('netloom-port', window.location.origin, event.ports));

contextBridge.exposeInMainWorld('netloom', {
  dialogs: {
    openFolder: (): Promise<string | null> => ipcRenderer.invoke('dialog:open-folder'),
    openNet: (): Promise<string | null> => ipcRenderer.invoke('dialog:open-net'),
    saveFolder: (name: string): Promise<string | null> => ipcRenderer.invoke('dialog:save-folder', name),
    saveFile: (name: string): Promise<string | null> => ipcRenderer.invoke('dialog:save-file', name),
  },
  pathOf: (file: unknown): string | null => {
    try {
      return webUtils.getPathForFile(file as File) || null;
    } catch {
      return null;
    }
  },
  onMenu: (listener: (command: string) => void): (() => void) => {
    const forward = (_e: unknown, command: unknown) => { if (typeof command === 'string') listener(command); };
    ipcRenderer.on('menu', forward);
    return () => ipcRenderer.off('menu', forward);
  },
  onRestart: (listener: (reason: string) => void): void => {
    ipcRenderer.on('engine-restarted', (_e, reason: unknown) => { if (typeof reason === 'string') listener(reason); });
  },
});
