/** Starts the real server with a home of its own, and speaks of the interface in a person's words. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test as base, type Locator, type Page } from '@playwright/test';

const script = fileURLToPath(new URL('../out/server/index.mjs', import.meta.url));

export interface App {
  readonly page: Page;
  /** An empty folder of this test. */
  readonly folder: string;
  readonly server: ChildProcess;
  node(name: string): Locator;
  /** Drags a layer from the palette to a point of the canvas. */
  drag(layer: string, x: number, y: number): Promise<void>;
  /** Draws a wire by mouse, handle to handle. */
  wire(from: string, to: string): Promise<void>;
  place(name: string): Promise<void>;
  menu(item: string): Promise<void>;
  /** Opens a project folder. */
  open(project: string): Promise<void>;
  /** What a run is set to: one that must not end by itself while a test looks at it gets thousands. */
  epochs(count: number): Promise<void>;
  /** Waits until the state of the training reads so. */
  training(state: RegExp): Promise<void>;
}

export const test = base.extend<{ app: App }>({
  app: async ({ page }, provide) => {
    const folder = mkdtempSync(join(tmpdir(), 'netloom-e2e-'));
    const server = spawn(process.execPath, [script], { env: { ...process.env, NETLOOM_HOME: join(folder, 'home') }, stdio: ['ignore', 'pipe', 'inherit'] });
    const address = await new Promise<string>((resolve, reject) => {
      server.stdout?.on('data', (d: Buffer) => { const found = /http:\S+/.exec(String(d)); if (found) resolve(found[0]); });
      server.on('exit', (code) => reject(new Error(`The server ended with code ${code}`)));
    });
    const errors: string[] = [];
    page.on('pageerror', (e) => errors.push(e.message));
    page.on('console', (m) => { if (m.type() === 'error') errors.push(m.text()); });
    await page.goto(address);
    const node = (name: string) => page.locator('.react-flow__node').filter({ has: page.locator('.head .name', { hasText: new RegExp(`^${name}$`) }) });
    const handle = (name: string, side: 'input' | 'output') => page.getByLabel(`${name} ${side}`, { exact: true });
    const app: App = {
      page, folder, server, node,
      drag: async (layer, x, y) => page.getByRole('navigation', { name: 'Layers' }).getByRole('button', { name: layer, exact: true }).dragTo(page.locator('.react-flow__pane'), { targetPosition: { x, y } }),
      wire: async (from, to) => handle(from, 'output').dragTo(handle(to, 'input')),
      place: async (name) => page.getByRole('radiogroup', { name: 'Place' }).getByText(name, { exact: true }).click(),
      menu: async (item) => {
        await page.getByRole('button', { name: 'Menu' }).click();
        await page.getByRole('menuitem', { name: item }).click();
      },
      open: async (project) => {
        await page.keyboard.press('Control+o');
        const dialog = page.getByRole('dialog');
        const folderField = dialog.getByRole('textbox', { name: 'Folder' });
        // The dialog writes the home folder first.
        await expect(folderField).not.toHaveValue('');
        await folderField.fill(project);
        await dialog.getByRole('button', { name: 'Open', exact: true }).click();
        await expect(dialog).toHaveCount(0);
      },
      epochs: async (count) => {
        await page.getByRole('button', { name: 'Training settings' }).click();
        await page.getByRole('textbox', { name: 'Epochs' }).fill(String(count));
        await page.keyboard.press('Escape');
      },
      training: async (state) => expect(page.getByTestId('train-state')).toHaveText(state, { timeout: 120_000 }),
    };
    await provide(app);
    server.kill();
    // The engine may be writing its last lines.
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    // A message that the engine went away is what some tests provoke; anything else is a fault of the interface.
    expect(errors.filter((e) => !/WebSocket/.test(e))).toEqual([]);
  },
});

export { expect };
