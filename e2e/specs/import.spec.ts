/** A net of another tool: dropped, asked about, taken in, proved, looked at again; and refused in words where it is none. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { tinyNet } from '../../electron/engine/importing/tiny-net.harness.ts';
import { expect, test } from '../app.ts';

/** Drags a file over the window as a file manager would; `drop` lets it go. */
async function drag(page: Page, name: string, content: Uint8Array, drop: boolean): Promise<void> {
  await page.evaluate(({ name, bytes, drop }) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([Uint8Array.from(bytes)], name));
    const target = document.querySelector('.canvas') ?? document.body;
    for (const type of drop ? ['dragover', 'drop'] : ['dragenter', 'dragover']) target.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
  }, { name, bytes: [...content], drop });
}

test('a dropped net is asked about, imported and proved; its preprocessing can be left out', async ({ app }) => {
  const { page } = app;
  await drag(page, 'tiny.onnx', tinyNet(), false);
  await expect(page.getByText('Drop an ONNX net to open it')).toBeVisible();
  await drag(page, 'tiny.onnx', tinyNet(), true);
  await expect(page.getByText('Drop an ONNX net to open it')).toBeHidden();

  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Size of height' }).fill('28');
  await dialog.getByRole('textbox', { name: 'Size of width' }).fill('many');
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(dialog.getByText('A whole number from 1 to 65,536')).toBeVisible();
  await dialog.getByRole('textbox', { name: 'Size of width' }).fill('28');
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();

  await expect(dialog.getByText('It answers as its file does.')).toBeVisible();
  await expect(dialog.getByText('Tried on 3 samples of noise and 2 photographs.')).toBeVisible();
  await expect(dialog.getByText('Cos', { exact: true })).toBeVisible();
  await expect(dialog.getByText('zero, one, two, three, four … (from the file)')).toBeVisible();
  await dialog.getByRole('textbox', { name: 'Mean' }).fill('0.5');
  await dialog.getByRole('button', { name: 'Open on the canvas' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByTestId('total-parameters')).toHaveText('170 parameters');
  await expect(app.node('preprocessing 1')).toContainText('− 0.5');
  await expect(page.getByRole('textbox', { name: 'Project name' })).toHaveValue('tiny');

  await app.menu('Import report');
  await expect(dialog.getByText('It answers as its file does.')).toBeVisible();
  await dialog.getByRole('radiogroup', { name: 'Preprocessing' }).getByText('None').click();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(app.node('preprocessing 1')).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(app.node('preprocessing 1')).toContainText('− 0.5');
});

test('edits are asked about before a net takes their place; a file that is none leaves all as it was', async ({ app }) => {
  const { page, folder } = app;
  await page.getByRole('textbox', { name: 'Project name' }).fill('my work');
  await drag(page, 'broken.onnx', tinyNet().subarray(0, 400), true);
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('broken.onnx was not imported')).toBeVisible();
  await expect(dialog.getByText('What was open is as it was.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close', exact: true }).click();
  await expect(dialog).toHaveCount(0);

  const path = join(folder, 'tiny.onnx');
  writeFileSync(path, tinyNet());
  await page.keyboard.press('Control+Alt+o');
  const file = dialog.getByRole('textbox', { name: 'File' });
  await expect(file).not.toHaveValue('');
  await file.fill(path);
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  const asked = page.getByRole('dialog', { name: 'Import tiny.onnx' });
  await expect(asked.getByText('The open network has edits that are not saved. The imported net takes its place.')).toBeVisible();
  await asked.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('textbox', { name: 'Project name' })).toHaveValue('my work');
  await expect(page.getByText('No problems')).toBeVisible();
});
