/** Pause, save, reopen, export; and an engine that dies. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../app.ts';

test('pauses, resumes and stops', async ({ app }) => {
  const { page } = app;
  await app.epochs(3000);
  await page.getByRole('button', { name: '▶ Train' }).click();
  await app.training(/Training/);
  await page.getByRole('button', { name: 'Pause' }).click();
  await app.training(/Paused/);
  // The step that was under way may still end; after it nothing moves.
  const still = async (): Promise<string> => {
    let state = '';
    await expect(async () => {
      state = await page.getByTestId('train-state').innerText();
      await page.waitForTimeout(400);
      expect(await page.getByTestId('train-state').innerText()).toBe(state);
    }).toPass();
    return state;
  };
  // One batch more, and no other.
  const stepOf = (text: string): number => Number(/step (\d+)/.exec(text)?.[1]);
  const next = stepOf(await still()) % 44 + 1;
  await page.getByRole('button', { name: '1 batch' }).click();
  await app.training(new RegExp(`Paused .* step ${next} `));
  expect(stepOf(await still())).toBe(next);
  await page.getByRole('button', { name: 'Resume' }).click();
  await app.training(/Training/);
  await page.getByRole('button', { name: 'Stop' }).click();
  await app.training(/Stopped/);
});

test('settings and data that were changed since the last save are told, and come back', async ({ app }) => {
  const { page, folder } = app;
  const path = join(folder, 'settings');
  const open = async (): Promise<void> => {
    await app.menu('Open project');
    await page.getByLabel('Folder', { exact: true }).fill(path);
    await page.getByRole('dialog').getByRole('button', { name: 'Open' }).click();
  };
  await app.menu('Save as');
  await page.getByLabel('Folder', { exact: true }).fill(path);
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved just now')).toBeVisible();
  await open();
  await expect(page.getByText('Saved just now')).toBeVisible();
  await app.epochs(77);
  await expect(page.getByText('Edited, kept in the journal')).toBeVisible();
  await expect(() => expect(existsSync(join(path, '.netloom-journal.json'))).toBe(true)).toPass();
  await page.reload();
  await open();
  await page.getByRole('button', { name: 'Training settings' }).click();
  await expect(page.getByRole('textbox', { name: 'Epochs' })).toHaveValue('77');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('textbox', { name: 'Epochs' })).toBeHidden();

  await page.keyboard.press('Control+s');
  await expect(page.getByText('Saved just now')).toBeVisible();
  writeFileSync(join(folder, 'bars.csv'), [0, 1].map((c) => `${[...new Array<number>(64).fill(c * 16), c].join()}\n`).join('').repeat(10));
  await app.place('Data');
  await page.getByLabel('Data set', { exact: true }).first().click();
  await page.getByRole('option', { name: /Files or a folder/ }).click();
  await page.getByLabel('File or folder', { exact: true }).fill(join(folder, 'bars.csv'));
  await page.getByRole('dialog').getByRole('button', { name: 'Open' }).click();
  await expect(page.getByText('Edited, kept in the journal')).toBeVisible();
  await expect(() => expect(existsSync(join(path, '.netloom-journal.json'))).toBe(true)).toPass();
  await page.reload();
  await open();
  await app.place('Data');
  await expect(page.getByRole('heading', { name: 'bars' })).toBeVisible();
});

test('saves, reopens with its weights, and exports what any ONNX runtime loads', async ({ app }) => {
  const { page, folder } = app;
  await app.epochs(5);
  await page.getByRole('button', { name: '▶ Train' }).click();
  await app.training(/Finished/);
  await app.place('Evaluate');
  const accuracy = await page.getByTestId('accuracy').innerText();
  const path = join(folder, 'my net');
  await page.keyboard.press('Control+s');
  await page.getByLabel('Folder', { exact: true }).fill(path);
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved just now')).toBeVisible();
  expect(existsSync(join(path, 'weights', 'model.safetensors'))).toBe(true);

  await app.menu('New project');
  await page.getByRole('dialog').getByText('Blank', { exact: true }).click();
  await page.reload();
  await app.menu('Open project');
  await page.getByLabel('Folder', { exact: true }).fill(path);
  await page.getByRole('dialog').getByRole('button', { name: 'Open' }).click();
  await app.place('Evaluate');
  await expect(page.getByTestId('accuracy')).toHaveText(accuracy);
  await app.place('Runs');
  await expect(page.getByRole('cell', { name: 'finished' })).toBeVisible();

  await page.keyboard.press('Control+e');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Fixed', { exact: true }).click();
  await expect(dialog.getByText('float32 [1, 1, 8, 8]')).toBeVisible();
  const download = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Download' }).click();
  const archive = readFileSync(await (await download).path());
  await expect(dialog.getByText(/the largest difference is/)).toBeVisible();
  expect([archive.length > 40_000, archive.includes('LeNet-5-for-digits.onnx'), archive.includes('"passed": true')]).toEqual([true, true, true]);

  // The training step, into a folder that is not there yet.
  await dialog.getByRole('button', { name: 'Export another way' }).click();
  await dialog.getByText('Training step', { exact: true }).click();
  await dialog.getByText('To a folder', { exact: true }).click();
  await dialog.getByLabel('Path', { exact: true }).fill(join(folder, 'out', 'step.onnx'));
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  await expect(dialog.getByText(/its losses on .* the largest difference is/)).toBeVisible();
  expect(readdirSync(join(folder, 'out')).sort()).toEqual(['step.onnx', 'step.safetensors', 'step.verify.json']);

  await dialog.getByRole('button', { name: 'Export another way' }).click();
  await dialog.getByText('My models', { exact: true }).click();
  await dialog.getByLabel('Name').fill('Digits for reuse');
  await dialog.getByRole('button', { name: 'Keep in My models' }).click();
  await expect(page.getByText(/Digits for reuse can be opened/)).toBeVisible();

  // In another project it is opened with the same weights.
  await app.menu('New project');
  await page.getByRole('dialog').getByText('Blank', { exact: true }).click();
  await expect(dialog).toBeHidden();
  await page.keyboard.press('Control+e');
  await dialog.getByText('My models', { exact: true }).click();
  await dialog.getByRole('button', { name: 'Open', exact: true }).click();
  await expect(dialog).toBeHidden();
  await app.place('Evaluate');
  await expect(page.getByTestId('accuracy')).toHaveText(accuracy);
});

test('an engine that is killed comes back, the interface says so, the run can be resumed', async ({ app }) => {
  const { page } = app;
  await app.epochs(2000);
  await page.getByRole('button', { name: '▶ Train' }).click();
  await app.training(/epoch (1\d|[2-9]\d|\d{3,})/);
  app.engine('SIGKILL');
  await expect(page.getByText('The engine was started again')).toBeVisible();
  await app.place('Runs');
  await page.getByRole('button', { name: 'Resume' }).click();
  await app.training(/Training/);
  await page.getByRole('button', { name: 'Stop' }).click();
  await app.training(/Stopped/);
});

test('what was typed into a dialog stays when the folders come late', async ({ app }) => {
  const { page, folder } = app;
  await expect(page.getByText('No problems').first()).toBeVisible();
  app.engine('SIGSTOP');
  await page.keyboard.press('Control+o');
  await page.getByLabel('Folder', { exact: true }).fill(folder);
  app.engine('SIGCONT');
  await expect(page.getByRole('list', { name: 'Folders' }).getByRole('button', { name: '↑ Up' })).toBeVisible();
  await expect(page.getByLabel('Folder', { exact: true })).toHaveValue(folder);
});

test('says what is wrong with a folder that is no project, and a CSV with letters', async ({ app }) => {
  const { page, folder } = app;
  await page.keyboard.press('Control+o');
  await page.getByLabel('Folder', { exact: true }).fill(folder);
  await page.getByRole('dialog').getByRole('button', { name: 'Open' }).click();
  await expect(page.getByText(/expected a folder with a network.json of Netloom/)).toBeVisible();
  await page.getByRole('button', { name: 'Cancel' }).click();

  writeFileSync(join(folder, 'bad.csv'), '1,2,3,0\n4,five,6,1\n');
  await app.place('Data');
  await page.getByLabel('Data set', { exact: true }).first().click();
  await page.getByRole('option', { name: /Files or a folder/ }).click();
  await page.getByLabel('File or folder', { exact: true }).fill(join(folder, 'bad.csv'));
  await page.getByRole('dialog').getByRole('button', { name: 'Open' }).click();
  await expect(page.getByText('bad.csv, line 2: expected a number in column 2, got "five". Mend or remove this row.')).toBeVisible();
});
