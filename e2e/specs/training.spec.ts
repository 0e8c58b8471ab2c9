/** The training settings by hand: what was chosen is what the run does, and what the file says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type App } from '../app.ts';

async function pick({ page }: App, label: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: label, exact: true }).or(page.getByRole('textbox', { name: label, exact: true })).first().click();
  await page.getByRole('option', { name: option, exact: true }).click();
}
const open = ({ page }: App, section: RegExp) => page.getByRole('button', { name: section }).click();

test('trains with AdamW, a cosine after a warm-up and smoothed labels', async ({ app }) => {
  const { page, folder } = app;
  await page.getByRole('button', { name: 'Training settings' }).click();
  await pick(app, 'Optimiser', 'AdamW');
  await page.getByRole('textbox', { name: 'Epochs' }).fill('4');
  await open(app, /^Schedule/);
  await pick(app, 'Schedule', 'Cosine');
  await page.getByLabel('Warm-up', { exact: true }).fill('1');
  await expect(page.getByRole('img', { name: /Learning rate over the run/ })).toHaveAttribute('aria-label', /from 0\.0002 to/);
  await open(app, /^Regularisation/);
  // AdamW brings its usual decay.
  await expect(page.getByLabel('Weight decay', { exact: true })).toHaveValue('0.01');
  await page.getByLabel('Label smoothing', { exact: true }).fill('0.1');
  await open(app, /^Rates by layer/);
  await page.getByLabel('conv 1', { exact: true }).fill('0.5');
  // Closes the drawer; what was typed last stays.
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: '▶ Train' }).click();
  await page.getByRole('radiogroup', { name: 'Shown beside the curves' }).getByText('Gradients').click();
  const norms = page.getByRole('table', { name: 'Gradient norm by layer' });
  await expect(norms.getByRole('row')).toHaveCount(5);
  await expect(norms).toContainText('dense 2');
  await app.training(/Finished/);

  await page.keyboard.press('Control+s');
  const path = join(folder, 'project');
  await page.getByLabel('Folder', { exact: true }).fill(path);
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved just now')).toBeVisible();
  const { config } = JSON.parse(readFileSync(join(path, 'training.json'), 'utf8')) as { config: unknown };
  expect(config).toMatchObject({
    epochs: 4, optimizer: { kind: 'adamw' }, weightDecay: 0.01, loss: { kind: 'cross-entropy', labelSmoothing: 0.1 }, schedule: { kind: 'cosine' }, warmup: { epochs: 1 }, layerRates: { 'conv-1': 0.5 },
  });
});

test('an evaluation that was opened in the midst of a run is at its end of the weights that are kept', async ({ app }) => {
  const { page } = app;
  const train = page.getByRole('button', { name: '▶ Train' });
  await train.click();
  await app.training(/Finished/);
  const best = await page.getByTestId('best-accuracy').innerText();
  // The same seed gives the same run.
  await train.click();
  await app.place('Evaluate');
  await expect(page.getByTestId('accuracy')).toBeVisible();
  await expect(train).toBeVisible({ timeout: 120_000 });
  await expect(page.getByTestId('accuracy')).toHaveText(best);
});
