/** Which device is fastest for the net that is drawn, asked from the device menu. */
import { join } from 'node:path';
import { installPure } from '../../electron/engine/tensorflow/installed.harness.ts';
import { expect, PATIENCE_MS, test } from '../app.ts';

test('the devices are timed from the menu, the processor among them, and one is put to use', async ({ app }) => {
  const { page } = app;
  await expect(page.getByRole('button', { name: 'Device' })).not.toContainText('Looking for devices');
  await page.getByRole('button', { name: 'Device' }).click();
  await page.getByRole('menuitem', { name: /Which is fastest here/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Which is fastest here?' });
  await expect(dialog).toContainText('batches of 32');
  await expect(dialog.getByRole('button', { name: 'Measure again' })).toBeVisible({ timeout: PATIENCE_MS });

  const processor = dialog.getByRole('listitem').filter({ has: page.getByTestId('race-cpu') });
  await expect(page.getByTestId('race-cpu')).toHaveText(/^[\d,.]+ samples\/s$/);
  await expect(processor).toContainText(/[\d.,]+ ms a step of 32 samples, (one step|the median of [\d,]+) · an epoch in \S/);
  await expect(dialog.getByRole('status')).toContainText(/fastest|equally fast|only device|Only/);
  await processor.getByRole('button', { name: /^Use / }).click();
  await expect(processor).toContainText('In use');
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Device' })).toContainText('CPU');
  await page.getByRole('button', { name: 'Device' }).click();
  await expect(page.getByRole('menuitem').filter({ hasText: '✓' })).not.toContainText('Automatic');
});

test('a race is cancelled within a step, from the keyboard too, and training is as before', async ({ app }) => {
  const { page } = app;
  await expect(page.getByRole('button', { name: 'Device' })).not.toContainText('Looking for devices');
  const race = async () => {
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('Find a command or a layer').fill('fastest');
    await page.keyboard.press('Enter');
  };
  const dialog = page.getByRole('dialog', { name: 'Which is fastest here?' });
  // Held, it cannot have timed everything before the cancel comes.
  app.engine('SIGSTOP');
  await race();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  app.engine('SIGCONT');
  await expect(dialog).toContainText('Cancelled before a device was timed.');
  await expect(dialog.getByRole('button', { name: 'Measure again' })).toBeEnabled();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  app.engine('SIGSTOP');
  await race();
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  app.engine('SIGCONT');

  await app.epochs(3000);
  await page.getByRole('button', { name: 'Train', exact: true }).first().click();
  await expect(page.getByRole('button', { name: /Stop/ })).toBeVisible();
  await page.getByRole('button', { name: 'Device' }).click();
  await expect(page.getByRole('menuitem', { name: /Which is fastest here/ })).toBeDisabled();
  await expect(page.getByRole('menuitem', { name: /Which is fastest here/ })).toContainText('A run trains now; stop it first.');
});

test('a device that takes the engine down is told so; TensorFlow, which a person has installed, is timed next, and the net trains on it', async ({ app }) => {
  const { page } = app;
  await installPure(join(app.folder, 'home'));
  await page.reload();
  await expect(page.getByRole('button', { name: 'Device' })).not.toContainText('Looking for devices');
  await page.getByRole('button', { name: 'Device' }).click();
  app.engine('SIGSTOP');
  await page.getByRole('menuitem', { name: /Which is fastest here/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Which is fastest here?' });
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeVisible();
  // The first device's turn, however long two seconds are here.
  app.engine('SIGKILL');
  await expect(dialog.getByRole('button', { name: 'Measure again' })).toBeVisible({ timeout: PATIENCE_MS });
  await expect(dialog.getByRole('listitem').filter({ hasText: 'its process went away' })).toHaveCount(1);
  await expect(page.getByTestId('race-tensorflow')).toHaveText(/^[\d,.]+ samples\/s$/);
  await dialog.getByRole('button', { name: 'Use TensorFlow' }).click();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Device' })).toContainText('TensorFlow');

  await app.epochs(3000);
  await page.getByRole('button', { name: 'Train', exact: true }).first().click();
  await app.training(/step [1-9]/);
  await page.getByRole('button', { name: /Stop/ }).click();
  await app.training(/Stopped/);
  await app.place('Runs');
  await expect(page.getByRole('row').filter({ hasText: 'LeNet-5' })).toContainText('TensorFlow');
});
