/** A person draws a net, is told what is wrong, repairs it, trains it, and takes it away. */
import { expect, test } from '../app.ts';

test('opens with a small net drawn, the digits loaded and a Train button', async ({ app }) => {
  const { page } = app;
  await expect(app.node('conv 1')).toBeVisible();
  await expect(app.node('conv 1').getByTestId('shape')).toHaveText('8×8×16');
  await expect(page.getByRole('button', { name: /Train$/ }).first()).toBeEnabled();
  await app.place('Data');
  await expect(page.getByText('1,797 samples of 8×8×1')).toBeVisible();
});

test('one click trains: the loss falls, accuracy passes 90 %, maps appear, the result evaluates', async ({ app }) => {
  const { page } = app;
  await page.getByRole('button', { name: '▶ Train' }).click();
  await app.training(/Finished/);
  expect(parseFloat(await page.getByTestId('best-accuracy').innerText())).toBeGreaterThan(90);
  await expect(page.getByRole('figure', { name: 'Loss curve' }).locator('.recharts-line-curve').first()).toBeVisible();
  await expect(page.getByRole('img', { name: 'Maps of conv 1' })).toBeVisible();
  await expect(page.getByTestId('says')).toHaveText('9');
  await app.place('Evaluate');
  await expect(page.getByTestId('accuracy')).toBeVisible();
  expect(parseFloat(await page.getByTestId('accuracy').innerText())).toBeGreaterThan(90);
});

test('draws a net by mouse from nothing, provokes and repairs an error, trains it', async ({ app }) => {
  const { page } = app;
  await app.menu('New project');
  await page.getByRole('dialog').getByText('Blank', { exact: true }).click();
  await expect(page.locator('.react-flow__node')).toHaveCount(1);
  await page.mouse.move(700, 300);
  await app.drag('Conv2D', 360, 130);
  await app.drag('Dense', 560, 130);
  await app.drag('Output', 760, 130);
  await expect(page.locator('.react-flow__node')).toHaveCount(4);
  await page.keyboard.press('Shift+Digit1');
  await app.wire('input', 'conv 1');
  await expect(app.node('conv 1').getByTestId('shape')).toHaveText('6×6×16');

  // Maps into Dense cannot be: the wire is refused with the reason.
  const from = await page.getByLabel('conv 1 output').boundingBox();
  const to = await page.getByLabel('dense 1 input').boundingBox();
  if (!from || !to) throw new Error('no handles');
  await page.mouse.move(from.x + 12, from.y + 12);
  await page.mouse.down();
  await page.mouse.move(to.x + 12, to.y + 12, { steps: 12 });
  await expect(page.getByText(/expected a vector, got maps of 6×6×16/)).toBeVisible();
  await page.mouse.up();
  await expect(page.locator('.react-flow__edge')).toHaveCount(1);

  // An input that no wire reaches is a problem in words; a click selects the layer.
  await page.getByRole('tab', { name: /Problems/ }).click();
  const problem = page.getByRole('listitem').getByText(/^dense 1: expected a wire into input/);
  await problem.click();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('dense 1');
  await page.getByRole('textbox', { name: 'Units' }).fill('7');
  await page.getByRole('textbox', { name: 'Units' }).press('Enter');

  await app.drag('Flatten', 420, 470);
  await app.wire('conv 1', 'flatten 1');
  await app.wire('flatten 1', 'dense 1');
  await app.wire('dense 1', 'output 1');
  await expect(page.getByText(/expected 10 outputs, one for each class, got 7/).last()).toBeVisible();
  await page.getByRole('button', { name: 'Set dense 1 to 10 units' }).click();
  await expect(page.getByText('No problems').first()).toBeVisible();
  await expect(app.node('dense 1').getByTestId('shape')).toHaveText('10');

  await page.keyboard.press('Control+z');
  await expect(app.node('dense 1').getByTestId('shape')).toHaveText('7');
  await page.keyboard.press('Control+y');
  await expect(app.node('dense 1').getByTestId('shape')).toHaveText('10');
  await page.keyboard.press('Control+Shift+L');

  await page.getByRole('button', { name: '▶ Train' }).click();
  await app.training(/Finished/);
  expect(parseFloat(await page.getByTestId('best-accuracy').innerText())).toBeGreaterThan(85);
});

test('edits in the inspector show at once on the node and in the totals; delete and undo', async ({ app }) => {
  const { page } = app;
  await app.node('conv 1').click();
  await page.getByRole('textbox', { name: 'Filters' }).fill('2*4');
  await page.getByRole('textbox', { name: 'Filters' }).press('Enter');
  await expect(app.node('conv 1').getByTestId('shape')).toHaveText('8×8×8');
  await expect(page.getByTestId('parameters')).toHaveText('80');
  await page.getByRole('textbox', { name: 'Filters' }).fill('many');
  await page.getByRole('textbox', { name: 'Filters' }).press('Enter');
  await expect(page.getByText(/Expected a whole number from 1 to 65536, got many/)).toBeVisible();
  await page.getByRole('textbox', { name: 'Filters' }).press('Escape');
  await app.node('pool 1').click();
  await page.keyboard.press('Delete');
  await expect(app.node('pool 1')).toHaveCount(0);
  await expect(page.locator('.statusbar').getByText(/problem/)).toBeVisible();
  await page.keyboard.press('Control+z');
  await expect(app.node('pool 1')).toHaveCount(1);
  await expect(page.getByText('No problems').first()).toBeVisible();
});
