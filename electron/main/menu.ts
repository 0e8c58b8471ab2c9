/** The native menu, from its table. */
import { Menu, type BrowserWindow, type MenuItemConstructorOptions } from 'electron';
import { menu, type MenuRow } from './decisions.ts';

export function setMenu(window: () => BrowserWindow | null): void {
  const item = (r: MenuRow): MenuItemConstructorOptions => {
    if (r.separator) return { type: 'separator' };
    if (r.role) return { label: r.label, role: r.role as NonNullable<MenuItemConstructorOptions['role']> };
    // The interface listens for the keys itself, so that a text field keeps its own undo.
    return { label: r.label, ...(r.keys ? { accelerator: r.keys, registerAccelerator: false } : {}), click: () => window()?.webContents.send('menu', r.command) };
  };
  const template: MenuItemConstructorOptions[] = menu.map((g) => ({ label: g.label, submenu: g.rows.map(item) }));
  Menu.setApplicationMenu(Menu.buildFromTemplate(process.platform === 'darwin' ? [{ role: 'appMenu' }, ...template] : template));
}
