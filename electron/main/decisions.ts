/** What the desktop shell decides, as plain functions without Electron. */
import { normalize, join, sep } from 'node:path';

export const APP_SCHEME = 'netloom';
export const APP_URL = `${APP_SCHEME}://app/`;

/** The window shows the interface and nothing else. */
export function isAllowedNavigation(url: string): boolean {
  try {
    const u = new URL(url);
    return u.protocol === `${APP_SCHEME}:` && u.host === 'app';
  } catch {
    return false;
  }
}

const PAPER_HOSTS: ReadonlySet<string> = new Set(['arxiv.org', 'doi.org', 'papers.nips.cc', 'github.com']);
/** A paper of a template, which the person's own browser may be asked to show. */
export function isPaperLink(url: string): boolean {
  try {
    const u = new URL(url);
    return u.protocol === 'https:' && u.port === '' && u.username === '' && PAPER_HOSTS.has(u.hostname);
  } catch {
    return false;
  }
}

/** Only a page of ours may call main. */
export const isOwnSender = (url: string | undefined): boolean => url !== undefined && isAllowedNavigation(url);

export const contentSecurityPolicy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The file of the built interface that an address means; null when it leads elsewhere. */
export function fileFor(rendererDir: string, url: string): string | null {
  if (!isAllowedNavigation(url)) return null;
  let path: string;
  try {
    path = decodeURIComponent(new URL(url).pathname);
  } catch {
    return null;
  }
  const file = normalize(join(rendererDir, path === '/' || path === '' ? 'index.html' : path));
  return file.startsWith(rendererDir + sep) && !path.includes('\0') ? file : null;
}

export interface Bounds { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
export const MINIMUM = { width: 960, height: 640 } as const;

/** The remembered bounds where they are sound and still on a screen, else a middle-sized window. */
export function windowBounds(stored: unknown, screens: readonly Bounds[]): Partial<Bounds> & { width: number; height: number } {
  const b = stored as Partial<Record<keyof Bounds, unknown>> | null;
  const number = (v: unknown): v is number => typeof v === 'number' && Number.isFinite(v);
  if (!b || !number(b.x) || !number(b.y) || !number(b.width) || !number(b.height)) return { width: 1440, height: 900 };
  const { x, y, width, height } = b as Bounds;
  const seen = screens.some((s) => x < s.x + s.width - 80 && x + width > s.x + 80 && y >= s.y - 10 && y < s.y + s.height - 80);
  const size = { width: Math.max(width, MINIMUM.width), height: Math.max(height, MINIMUM.height) };
  return seen ? { x, y, ...size } : size;
}

export interface MenuRow { readonly label: string; readonly command?: string; readonly keys?: string; readonly role?: string; readonly separator?: boolean }
export interface MenuGroup { readonly label: string; readonly rows: readonly MenuRow[] }

const row = (command: string, label: string, keys?: string): MenuRow => ({ command, label, ...(keys ? { keys } : {}) });
const line: MenuRow = { label: '', separator: true };

/** The native menu: ids of the interface's own commands; keys are shown, the interface handles them. */
export const menu: readonly MenuGroup[] = [
  { label: 'File', rows: [row('new', 'New project', 'CmdOrCtrl+Alt+N'), row('open', 'Open project …', 'CmdOrCtrl+O'), row('import', 'Import ONNX …', 'CmdOrCtrl+Alt+O'), line, row('save', 'Save', 'CmdOrCtrl+S'), row('save-as', 'Save as …', 'CmdOrCtrl+Shift+S'), row('export', 'Export as ONNX …', 'CmdOrCtrl+E'), line, { label: 'Quit', role: 'quit' }] },
  { label: 'Edit', rows: [row('undo', 'Undo', 'CmdOrCtrl+Z'), row('redo', 'Redo', 'CmdOrCtrl+Shift+Z'), line, { label: 'Cut', role: 'cut' }, { label: 'Copy', role: 'copy' }, { label: 'Paste', role: 'paste' }, row('select-all', 'Select all', 'CmdOrCtrl+A'), line, row('group', 'Group', 'CmdOrCtrl+G'), row('ungroup', 'Ungroup', 'CmdOrCtrl+Shift+G'), row('enter', 'Open the group')] },
  { label: 'View', rows: [row('design', 'Design'), row('data', 'Data'), row('insight', 'Insight'), row('evaluate', 'Evaluate'), row('runs', 'Runs'), line, row('arrange', 'Arrange', 'CmdOrCtrl+Shift+L'), row('fit', 'Fit everything', 'Shift+1'), { label: 'Full screen', role: 'togglefullscreen' }, { label: 'Developer tools', role: 'toggleDevTools' }] },
  { label: 'Train', rows: [row('train', 'Train', 'CmdOrCtrl+Enter'), row('pause', 'Pause or resume', 'CmdOrCtrl+.'), row('stop', 'Stop', 'CmdOrCtrl+Shift+.'), row('replace-head', 'Replace the head …', 'CmdOrCtrl+Shift+H')] },
  { label: 'Help', rows: [row('shortcuts', 'Keyboard shortcuts'), row('settings', 'Settings', 'CmdOrCtrl+,')] },
];
