/** npm run e2e:electron: the desktop suite, where Electron's own program and a display exist. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureReady } from '../../.dev/setup.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
await ensureReady();
const folder = join(root, 'node_modules', 'electron');
const name = existsSync(join(folder, 'path.txt')) ? readFileSync(join(folder, 'path.txt'), 'utf8').trim() : 'electron';
const program = join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'), name);
if (!existsSync(program)) {
  console.log("Skipped: Electron's own program is not installed (npx install-electron fetches it).");
  process.exit(0);
}
if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
  console.log('Skipped: there is no display here.');
  process.exit(0);
}
const result = spawnSync(process.execPath, [join(root, 'node_modules', '@playwright', 'test', 'cli.js'), 'test', '--config', 'e2e/electron/playwright.config.ts'], { cwd: root, stdio: 'inherit', env: { ...process.env, NETLOOM_ELECTRON: program } });
process.exit(result.status ?? 1);
