/** The desktop app: a window opens, has no Node inside, and trains. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, expect, test } from '@playwright/test';

test('opens, is sandboxed, trains', async () => {
  const home = mkdtempSync(join(tmpdir(), 'netloom-electron-'));
  const app = await _electron.launch({ executablePath: process.env.NETLOOM_ELECTRON ?? '', args: ['.', `--user-data-dir=${home}`, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])], env: { ...(process.env as Record<string, string>), NETLOOM_HOME: home } });
  const page = await app.firstWindow();
  await expect(page).toHaveTitle('Netloom');
  expect(await page.evaluate(() => [typeof (globalThis as { require?: unknown }).require, typeof (globalThis as { process?: unknown }).process])).toEqual(['undefined', 'undefined']);
  await page.getByRole('button', { name: '▶ Train' }).click();
  await expect(page.getByTestId('train-state')).toHaveText(/Finished/, { timeout: 600_000 });
  await app.close();
});
