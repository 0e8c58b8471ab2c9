/** Native dialogs for the interface; every argument is checked, every sender too. */
import { BrowserWindow, dialog, ipcMain, type IpcMainInvokeEvent } from 'electron';
import { z } from 'zod';
import { isOwnSender } from './decisions.ts';

const Name = z.string().max(200).regex(/^[^/\\]*$/);

function windowOf(event: IpcMainInvokeEvent): BrowserWindow {
  const window = BrowserWindow.fromWebContents(event.sender);
  if (!window || !isOwnSender(event.senderFrame?.url)) throw new Error('Not from the interface');
  return window;
}

export function registerDialogs(): void {
  ipcMain.handle('dialog:open-folder', async (event) => {
    const { filePaths } = await dialog.showOpenDialog(windowOf(event), { properties: ['openDirectory'], title: 'Open a project' });
    return filePaths[0] ?? null;
  });
  ipcMain.handle('dialog:open-net', async (event) => {
    const { filePaths } = await dialog.showOpenDialog(windowOf(event), { properties: ['openFile'], title: 'Import an ONNX net', filters: [{ name: 'ONNX', extensions: ['onnx'] }, { name: 'All files', extensions: ['*'] }] });
    return filePaths[0] ?? null;
  });
  ipcMain.handle('dialog:save-folder', async (event, name: unknown) => {
    const { filePath } = await dialog.showSaveDialog(windowOf(event), { title: 'Save the project', defaultPath: Name.parse(name), buttonLabel: 'Save' });
    return filePath || null;
  });
  ipcMain.handle('dialog:save-file', async (event, name: unknown) => {
    const { filePath } = await dialog.showSaveDialog(windowOf(event), { title: 'Export as ONNX', defaultPath: Name.parse(name), filters: [{ name: 'ONNX', extensions: ['onnx'] }] });
    return filePath || null;
  });
}
