/** Finds a Chromium for the end-to-end tests: one that is installed, else Playwright's own, else installs one if it may. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const installed = [
  process.env.NETLOOM_CHROMIUM,
  '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable', '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe', 'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
];

async function playwrightsOwn() {
  const { chromium } = await import('playwright');
  const path = chromium.executablePath();
  return path && existsSync(path) ? path : null;
}

const run = (command, args) => spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], timeout: 600_000 }).status === 0;

const known = () => installed.find((path) => path && existsSync(path)) ?? null;

/** Path of a Chromium or Chrome that is there; null where there is none. */
export const installedChromium = async () => known() ?? (await playwrightsOwn());

/** Path of a Chromium or Chrome. Ends with a sentence when there is none and none can be installed. */
export async function findChromium() {
  let path = await installedChromium();
  if (path) return path;
  process.stderr.write('No Chromium or Chrome was found: installing one for the end-to-end tests …\n');
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    if (run('apt-get', ['update', '-qq']) && run('apt-get', ['install', '-y', '-qq', 'chromium'])) path = known();
  }
  if (!path) {
    run(process.execPath, ['node_modules/playwright/cli.js', 'install', 'chromium']);
    path = await playwrightsOwn();
  }
  if (path) return path;
  process.stderr.write('End-to-end tests: expected a Chromium or Chrome, got none. Install one (Debian: apt-get install chromium), or set NETLOOM_CHROMIUM to its path.\n');
  process.exit(1);
}
