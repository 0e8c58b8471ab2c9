/** npm start: the desktop app, or the same interface in the browser where there can be no window. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureReady, root } from './setup.mjs';

/** Path of Electron's own program, or null. It is no part of its npm package: it is fetched at first use. */
function electronProgram() {
  const folder = join(root, 'node_modules', 'electron');
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const pathFile = join(folder, 'path.txt');
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : process.platform === 'win32' ? 'electron.exe' : process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron';
  const program = join(override ?? join(folder, 'dist'), name);
  return existsSync(program) ? program : null;
}

function whyNoWindow() {
  if (process.env.NETLOOM_BROWSER) return 'NETLOOM_BROWSER is set';
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return 'there is no display here';
  if (electronProgram()) return null;
  const installer = join(root, 'node_modules', 'electron', 'install.js');
  spawnSync(process.execPath, [installer, '--no'], { cwd: root, stdio: 'ignore', timeout: 300_000 });
  return electronProgram() ? null : "Electron's own program could not be downloaded";
}

await ensureReady();
const reason = whyNoWindow();
const args = process.argv.slice(2);
let child;
if (reason === null) {
  child = spawn(electronProgram(), [root, ...args], { stdio: 'inherit' });
} else {
  console.log(`No desktop window: ${reason}. The same interface is served to your browser instead:`);
  child = spawn(process.execPath, [join(root, 'out', 'server', 'index.mjs'), ...args], { stdio: 'inherit' });
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
