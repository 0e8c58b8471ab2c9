/** The gallery: found by words, sized by the data, opened with its settings, and trained. */
import { expect, test } from '../app.ts';

test('a template is found, fitted to the loaded data, opened and trained', async ({ app }) => {
  const { page } = app;
  await app.menu('New project');
  const gallery = page.getByRole('dialog');
  const detail = gallery.getByRole('complementary');
  await gallery.getByLabel('Search templates').fill('resnet 18');
  await expect(gallery.getByRole('option').first()).toContainText('11.7 M parameters');
  await gallery.getByRole('option').first().click();
  // The digits are 8×8: the stem for small pictures, one channel, ten classes.
  await expect(detail.getByRole('button', { name: /Loaded data/ })).toHaveAttribute('aria-pressed', 'true');
  await expect(detail.getByText('11,172,810')).toBeVisible();
  await detail.getByRole('button', { name: /As published/ }).click();
  await expect(detail.getByText('11,689,512')).toBeVisible();
  await expect(detail.getByLabel('Height and width')).toHaveValue('224');

  await gallery.getByLabel('Search templates').fill('small resnet');
  await page.keyboard.press('ArrowDown');
  await expect(gallery.getByRole('option', { selected: true })).toContainText('Small ResNet');
  await expect(detail.getByText('Cosine')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(gallery).toBeHidden();
  await expect(page.getByText('No problems')).toBeVisible();
  await expect(page.locator('.react-flow__node')).toHaveCount(8);
  await page.getByRole('button', { name: 'Training settings' }).click();
  await expect(page.getByRole('textbox', { name: 'Learning rate' })).toHaveValue('0.1');
  await page.getByRole('textbox', { name: 'Epochs', exact: true }).fill('2');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: '▶ Train' }).click();
  await app.training(/Finished/);
});

test('a net too large for the data opens as published and says what does not fit', async ({ app }) => {
  const { page } = app;
  await app.menu('New project');
  const gallery = page.getByRole('dialog');
  await gallery.getByLabel('Search templates').fill('krizhevsky one column');
  await expect(gallery.getByText('The loaded pictures are 8×8; this net needs 15×15 or more.')).toBeVisible();
  await gallery.getByRole('button', { name: 'Open AlexNet, one column' }).click();
  await expect(page.getByText('61,100,840 parameters')).toBeVisible();
  await expect(page.getByRole('button', { name: '2 problems' })).toBeVisible();
});
