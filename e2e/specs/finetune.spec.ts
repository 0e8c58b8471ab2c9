/** A net that has learned gets another head: by the dialog, on features that are computed once, and back by one undo. */
import { expect, test } from '../app.ts';

test('a new head learns on kept features, is undone in one step, and the features are found again', async ({ app }) => {
  const { page } = app;
  await app.epochs(3);
  await page.keyboard.press('Control+Enter');
  await app.training(/Finished/);

  await page.keyboard.press('Control+Shift+H');
  const dialog = page.getByRole('dialog', { name: 'Replace the head' });
  const cuts = dialog.getByRole('listbox', { name: 'Keep everything up to' });
  await expect(cuts.getByRole('option', { selected: true })).toContainText('proposed');
  const trainable = dialog.getByTestId('trainable');
  const proposed = await trainable.textContent();
  await cuts.getByRole('option', { name: /^pool 2/ }).click();
  await expect(trainable).not.toHaveText(proposed ?? '');
  await dialog.getByRole('combobox', { name: 'Freeze' }).click();
  await page.getByRole('option', { name: 'Nothing', exact: true }).click();
  await expect(dialog.getByText('(100.0 %)')).toBeVisible();
  await dialog.getByRole('combobox', { name: 'Freeze' }).click();
  await page.getByRole('option', { name: 'Everything that is kept' }).click();
  await cuts.getByRole('option', { name: /proposed/ }).click();
  await expect(trainable).toHaveText(proposed ?? '');
  await dialog.getByRole('button', { name: 'Replace and train' }).click();
  // First what the run before did not have: that one has finished, too.
  await expect(page.getByTestId('features')).toHaveText(/1,797 samples, .* hits 0 %/);
  await app.training(/Finished/);
  await expect(app.node('conv 1').getByRole('img', { name: 'Weights are frozen' })).toBeVisible();
  const best = Number((await page.getByTestId('best-accuracy').textContent())?.replace(' %', ''));
  expect(best).toBeGreaterThan(60);

  // Another run on the same trunk computes nothing.
  await page.keyboard.press('Control+Enter');
  await expect(page.getByTestId('features')).toHaveText(/hits 100 %/);
  await app.training(/Finished/);
  await page.getByRole('button', { name: 'Training settings' }).click();
  await page.getByRole('button', { name: 'Fine-tuning' }).click();
  await expect(page.getByTestId('features-kept')).toHaveText(/ of at most 4/);
  await page.getByRole('button', { name: 'Clear' }).click();
  await expect(page.getByTestId('features-kept')).toHaveText('nothing');
  await page.keyboard.press('Escape');
  await page.locator('.react-flow__pane').click({ position: { x: 300, y: 10 } });
  await page.keyboard.press('Control+z');
  await expect(app.node('conv 1').getByRole('img', { name: 'Weights are frozen' })).toHaveCount(0);
  await expect(page.locator('.react-flow__node[data-id^="head-"]')).toHaveCount(0);
});
