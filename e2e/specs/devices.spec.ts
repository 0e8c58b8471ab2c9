/** TensorFlow in the device menu: why it is not there, what would bring it, and what happens when it then does not load. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '../app.ts';

/** A package that looks whole from outside, and whose library then does not load. */
function install(home: string): void {
  const folder = join(home, 'tensorflow', 'node_modules', '@tensorflow', 'tfjs-node');
  const builds = [3, 4, 5, 6, 7, 8].flatMap((n) => ['tfjs_binding.node', 'tensorflow.dll'].map((f) => `lib/napi-v${n}/${f}`));
  const files: Record<string, string> = {
    'package.json': JSON.stringify({ name: '@tensorflow/tfjs-node', version: '4.22.0', main: 'index.js' }),
    'index.js': "throw new Error('libtensorflow.so.2: cannot open shared object file: No such file or directory')",
    ...Object.fromEntries([...builds, 'deps/lib/libtensorflow.so.2', 'deps/lib/libtensorflow.2.dylib'].map((f) => [f, ''])),
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

test('TensorFlow says why it is not there, shows the commands, is found once it is, and says what does not load', async ({ app }) => {
  const { page } = app;
  const chip = page.getByRole('button', { name: 'Device' });
  await expect(chip).not.toContainText('Looking for devices');
  await chip.click();
  const item = page.getByRole('menuitem', { name: /^TensorFlow/ });
  await expect(item).toBeVisible();
  test.skip(await item.isEnabled(), 'TensorFlow is installed here');
  await expect(item).toContainText(/not available.*(is not installed|its native binding is not)/);

  await page.getByRole('menuitem', { name: 'Set up TensorFlow' }).click();
  const dialog = page.getByRole('dialog', { name: 'Set up TensorFlow' });
  await expect(dialog.locator('code').last()).toContainText(/^npm run install --prefix ".*tfjs-node(-gpu)?"$/);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const command = await dialog.locator('code').first().textContent();
  await dialog.getByRole('button', { name: /^Copy/ }).first().click();
  await expect(dialog.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(command);

  await dialog.getByRole('button', { name: 'Look again' }).click();
  await expect(dialog).toContainText('Nothing has changed yet.');
  install(join(app.folder, 'home'));
  await dialog.getByRole('button', { name: 'Look again' }).click();
  await expect(dialog.getByRole('status')).toContainText(/TensorFlow.* on the processor, through TensorFlow\.js 4\.22\.0/);
  await expect(dialog.getByRole('button', { name: 'Look again' })).toBeFocused();
  await dialog.getByRole('button', { name: 'Train on TensorFlow' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(chip).toBeFocused();
  await expect(chip).toHaveText('TensorFlow');
  const journal = join(app.folder, 'home', 'session', '.netloom-journal.json');
  await expect.poll(() => (existsSync(journal) ? readFileSync(journal, 'utf8') : '')).toContain('"device":"tensorflow"');
  await page.reload();
  await expect(chip).toHaveText('TensorFlow');
  await expect(page.getByText('not saved when the last window closed')).toHaveCount(0);

  await page.getByRole('button', { name: 'Train', exact: true }).first().click();
  await app.training(/^Failed/);
  await expect(page.getByText(/TensorFlow: expected libtensorflow\.so\.2, got a library that is not there\. Run npm run install --prefix .* again/)).toBeVisible();

  await page.getByRole('button', { name: /^Use .* instead$/ }).click();
  await expect(chip).not.toHaveText('TensorFlow');
  await app.epochs(3000);
  await page.getByRole('button', { name: 'Train', exact: true }).first().click();
  await app.training(/^Training/);
});
