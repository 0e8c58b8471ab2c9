/** Starts the real server with a home of its own, and speaks of the interface in a person's words. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test as base, type Locator, type Page } from '@playwright/test';

/** How long anything may take that a machine computes: a guard against hanging, not a demand on speed. */
export const PATIENCE_MS = 600_000;

const script = fileURLToPath(new URL('../out/server/index.mjs', import.meta.url));

export interface App {
  readonly page: Page;
  /** An empty folder of this test. */
  readonly folder: string;
  /** Sends the engine's process a signal: one that is stopped answers nobody until it goes on (SIGSTOP, SIGCONT). */
  engine(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
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

/** Each process's number and its parent's. A bare Linux has no ps. */
function processes(): (readonly [number, number])[] {
  if (process.platform !== 'linux') return execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n').map((line) => [Number(line.trim().split(/\s+/)[0]), Number(line.trim().split(/\s+/)[1])]);
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      // number (name, in which anything may stand) state parent …
      return [[Number(name), Number(readFileSync(`/proc/${name}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')[1])] as const];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

export const test = base.extend<{ app: App }>({
  app: async ({ page }, provide) => {
    const folder = mkdtempSync(join(tmpdir(), 'netloom-e2e-'));
    const server = spawn(process.execPath, [script], { env: { ...process.env, NETLOOM_HOME: join(folder, 'home') }, stdio: ['ignore', 'pipe', 'inherit'] });
    const address = await new Promise<string>((resolve, reject) => {
      let said = '';
      server.stdout.on('data', (d: Buffer) => { said += String(d); const found = /http:\S+(?=\n)/.exec(said); if (found) resolve(found[0]); });
      server.on('exit', (code) => reject(new Error(`The server ended with code ${code}`)));
    });
    const ended = new Promise((resolve) => { server.on('exit', resolve); });
    let held = false;
    const engine: App['engine'] = (signal) => {
      held = signal === 'SIGSTOP';
      for (const [id, parent] of processes()) if (parent === server.pid) process.kill(id, signal);
    };
    const errors: string[] = [];
    page.on('pageerror', (e) => errors.push(e.message));
    page.on('console', (m) => { if (m.type() === 'error') errors.push(m.text()); });
    await page.goto(address);
    const node = (name: string) => page.locator('.react-flow__node').filter({ has: page.locator('.head .name', { hasText: new RegExp(`^${name}$`) }) });
    const handle = (name: string, side: 'input' | 'output') => page.getByLabel(`${name} ${side}`, { exact: true });
    const app: App = {
      page, folder, engine, node,
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
      training: async (state) => expect(page.getByTestId('train-state')).toHaveText(state, { timeout: PATIENCE_MS }),
    };
    await provide(app);
    if (held) engine('SIGCONT');
    server.kill();
    await ended;
    // The engine may be writing its last lines.
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    // A message that the engine went away is what some tests provoke; anything else is a fault of the interface.
    expect(errors.filter((e) => !/WebSocket/.test(e))).toEqual([]);
  },
});

export { expect };
