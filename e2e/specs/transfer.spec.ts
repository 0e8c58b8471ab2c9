/** From a foreign file to a net of one's own: five flowers become ten signs of a hand, as a person would do it. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, PATIENCE_MS, test } from '../app.ts';

const data = process.env.NETLOOM_TEST_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
const file = `${data}/onnx/stm32/mobilenet_v2_0.35_128_tfs_channel_first.onnx`;
const pictures = `${data}/sign-language-digits`;

test('a net for flowers learns the signs of a hand', async ({ app }) => {
  test.skip(!existsSync(file), 'there is no ../shared/data beside the project');
  const { page } = app;
  const began = Date.now();

  await app.menu('Import ONNX');
  await page.getByRole('dialog').getByRole('textbox').first().fill(file);
  await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click();
  const report = page.getByRole('dialog', { name: /^Imported mobilenet_v2/ });
  await expect(report.getByText('It answers as its file does.')).toBeVisible({ timeout: PATIENCE_MS });
  await expect(report).toContainText('inverted residual');
  await report.getByRole('button', { name: 'Open on the canvas' }).click();
  await expect(app.node('preprocessing 1')).toBeVisible();

  await app.place('Data');
  await page.getByPlaceholder('Choose data').click();
  await page.getByRole('option', { name: /Files/ }).click();
  await page.getByRole('dialog').getByRole('textbox').first().fill(pictures);
  await page.getByRole('dialog').getByRole('button', { name: 'Open', exact: true }).click();
  // The pictures come in the size that the net knows.
  await expect(page.getByText(/500 samples of 128×128×3, 10 classes/)).toBeVisible({ timeout: PATIENCE_MS });

  await app.place('Design');
  await page.keyboard.press('Control+Shift+H');
  const head = page.getByRole('dialog', { name: 'Replace the head' });
  await expect(head.getByText('sign-language-digits')).toBeVisible();
  await head.getByRole('button', { name: 'Replace and train' }).click();
  await app.training(/Finished/);
  const seconds = (Date.now() - began) / 1000;

  const { accuracy, frozen } = await page.evaluate(() => ({
    accuracy: Number(/best\s*([\d.]+)\s*%/.exec(document.body.innerText)?.[1] ?? NaN) / 100,
    frozen: document.querySelectorAll('.react-flow__node [data-frozen=true]').length,
  }));
  console.log(`Transfer: validation accuracy ${(accuracy * 100).toFixed(0)} % of ten signs, ${seconds.toFixed(0)} s from the file to the trained head`);
  // Ten classes: a tenth by chance; a dense layer on these features alone, in PyTorch, comes to a fifth, behind a layer norm to two fifths.
  expect(accuracy).toBeGreaterThan(0.3);
  expect(frozen).toBeGreaterThan(10);
});
