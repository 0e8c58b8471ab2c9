/** npm run bench -- --canvas: how fast the interface opens nets of many hundred layers, and pans over them. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { flatten } from '../../shared/compile/flatten.ts';
import type { Document, DrawnNode, Wire } from '../../shared/graph/document.ts';
import { arrange } from '../../shared/graph/layout.ts';
import { findTemplate } from '../../shared/templates/templates.ts';

/** All groups opened: every layer on one canvas, arranged. */
export function expanded(document: Document): Document {
  const flat = flatten(document.graph);
  const id = (path: string): string => path.replaceAll('/', '.').replaceAll('#', '-');
  const nodes = flat.nodes.map((n): DrawnNode => ({ ...n.node, id: id(n.id), name: n.name, position: { x: 0, y: 0 } }));
  const wires = flat.wires.map((w, i): Wire => ({ id: `w${i}`, from: { node: id(w.from.node), port: w.from.port }, to: { node: id(w.to.node), port: w.to.port } }));
  const places = arrange({ nodes, wires });
  return { ...document, graph: { nodes: nodes.map((n) => ({ ...n, position: places[n.id] ?? n.position })), wires } };
}

interface Frames { readonly median: number; readonly p95: number; readonly worst: number; readonly late: number; readonly count: number }

/** A frame later than this was missed at 60 a second. */
const LATE_MS = 25;

/** Starts to take down when frames come; the answer ends it. */
async function frames(page: Page, during: () => Promise<void>): Promise<Frames> {
  await page.evaluate(() => {
    const times: number[] = [];
    let on = true;
    const tick = (t: number) => { times.push(t); if (on) requestAnimationFrame(tick); };
    requestAnimationFrame(tick);
    (window as unknown as { ended: () => number[] }).ended = () => { on = false; return times; };
  });
  await during();
  const times = await page.evaluate(() => (window as unknown as { ended: () => number[] }).ended());
  const gaps = times.slice(1).map((t, i) => t - (times[i] as number)).sort((a, b) => a - b);
  const at = (q: number) => gaps[Math.min(gaps.length - 1, Math.floor(q * gaps.length))] ?? 0;
  return { median: at(0.5), p95: at(0.95), worst: at(1), late: gaps.filter((g) => g > LATE_MS).length, count: gaps.length };
}

/** Drags the canvas to and fro with the middle button. */
async function pan(page: Page): Promise<void> {
  const box = await page.locator('.react-flow__pane').boundingBox();
  if (!box) throw new Error('No canvas');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down({ button: 'middle' });
  const turns = 240;
  for (let i = 1; i <= turns; i++) await page.mouse.move(x + Math.sin((i / turns) * 4 * Math.PI) * box.width * 0.45, y + Math.sin((i / turns) * 6 * Math.PI) * box.height * 0.4);
  await page.mouse.up({ button: 'middle' });
}

/** Milliseconds from the click on "Open" until the net is drawn and a frame has been shown. */
async function open(page: Page, folder: string, name: string): Promise<number> {
  await page.keyboard.press('Control+o');
  const dialog = page.getByRole('dialog');
  const field = dialog.getByLabel('Folder', { exact: true });
  // The dialog writes the home folder first.
  while ((await field.inputValue()) === '') await page.waitForTimeout(50);
  await field.fill(folder);
  await page.evaluate((wanted) => {
    (window as unknown as { opened: Promise<number> }).opened = new Promise((resolve) => {
      document.querySelector('[role=dialog] form')?.addEventListener('submit', () => {
        const began = performance.now();
        const view = () => document.querySelector<HTMLElement>('.react-flow__viewport')?.style.transform;
        const before = view();
        const look = () => {
          // Fitted into the window, and painted.
          const shown = document.querySelector<HTMLInputElement>('[aria-label="Project name"]')?.value === wanted && view() !== before && document.querySelector('.overview, .react-flow__node');
          if (shown) requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began), 0));
          else requestAnimationFrame(look);
        };
        look();
      }, { once: true });
    });
  }, name);
  await dialog.getByRole('button', { name: 'Open', exact: true }).click();
  return page.evaluate(() => (window as unknown as { opened: Promise<number> }).opened);
}

/** Prints a row for each net. `root`: the folder with the built app. */
export async function canvasBench(root: string, ids: readonly string[]): Promise<void> {
  if (!existsSync(join(root, 'out', 'server', 'index.mjs'))) throw new Error('Build the app first: node .dev/build.mjs');
  // By a name the bundler does not follow: the package is found when it runs.
  const browsers: string = 'playwright';
  const { chromium } = (await import(browsers)) as typeof import('playwright');
  const home = await mkdtemp(join(tmpdir(), 'netloom-canvas-'));
  const server = spawn(process.execPath, [join(root, 'out', 'server', 'index.mjs')], { env: { ...process.env, NETLOOM_HOME: join(home, 'home') }, stdio: ['ignore', 'pipe', 'inherit'] });
  const path = process.env.NETLOOM_CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((p) => existsSync(p));
  const browser = await chromium.launch({ ...(path ? { executablePath: path } : {}), args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
  try {
    const address = await new Promise<string>((resolve) => server.stdout.on('data', (d: Buffer) => { const found = /http:\S+/.exec(String(d)); if (found) resolve(found[0]); }));
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(address);
    await page.locator('.react-flow__node').first().waitFor();
    console.log('Large nets in the interface, every layer on one canvas, 1440×900; milliseconds.\n');
    console.log('| net | layers | open | pan, whole net: median | 95 % | late frames | pan, 100 %: median | 95 % | late frames |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|');
    for (const id of ids) {
      const template = findTemplate(id);
      if (!template) throw new Error(`No template ${id}`);
      const document = expanded(template.build());
      const folder = join(home, id);
      await mkdir(folder);
      await writeFile(join(folder, 'network.json'), JSON.stringify(document));
      const opened = await open(page, folder, document.name);
      // Data, maps and notices come after.
      await page.waitForTimeout(4000);
      const far = await frames(page, () => pan(page));
      await page.keyboard.press('Control+0');
      await page.waitForTimeout(1500);
      const near = await frames(page, () => pan(page));
      const row = [far, near].flatMap((f) => [f.median.toFixed(1), f.p95.toFixed(1), `${f.late} of ${f.count}`]);
      console.log(`| ${document.name} | ${document.graph.nodes.length} | ${Math.round(opened)} | ${row.join(' | ')} |`);
    }
  } finally {
    await browser.close();
    server.kill();
    await rm(home, { recursive: true, force: true });
  }
}
