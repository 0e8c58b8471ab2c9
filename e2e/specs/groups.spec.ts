/** Groups by keyboard and mouse: made, named, entered, changed, repeated, opened again, taken back, kept as a block. */
import { expect, test } from '../app.ts';

test('a net is drawn into a group, and the group is kept', async ({ app }) => {
  const { page, node } = app;
  const parameters = page.getByTestId('parameters');
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  const all = page.locator('.react-flow__node[data-id]:not([data-id^="@"])');
  await expect(node('conv 1')).toBeVisible();
  const before = await all.count();

  await node('conv 2').click();
  await node('pool 2').click({ modifiers: ['Shift'] });
  await page.keyboard.press('Control+g');
  await expect(node('group 1')).toBeVisible();
  await expect(all).toHaveCount(before - 1);
  // 3·3·16·32 + 32.
  await expect(parameters).toHaveText('4,640');

  await inspector.getByLabel('Name', { exact: true }).fill('stage');
  await inspector.getByLabel('Name', { exact: true }).press('Enter');
  await expect(node('stage')).toBeVisible();

  // Enter, change, leave.
  await node('stage').click();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('navigation', { name: 'Groups' })).toContainText('stage');
  await expect(page.getByTitle('Comes into the group as Input')).toBeVisible();
  await node('pool 2').click();
  await page.keyboard.press('Control+Delete');
  await expect(node('pool 2')).toHaveCount(0);
  await node('conv 2').click();
  await inspector.getByLabel('Filters', { exact: true }).fill('16');
  await inspector.getByLabel('Filters', { exact: true }).press('Enter');

  // Promote, leave, set from outside, repeat.
  await inspector.getByLabel('Formula or variable for Filters').click();
  await page.getByRole('menuitem', { name: 'Make it a variable of stage' }).click();
  await expect(inspector.getByLabel('Filters, formula')).toHaveValue('filters');
  await inspector.getByLabel('Filters, formula').fill('filters * (k + 1)');
  await expect(page.getByTestId('computed Filters')).toHaveText('= 16');
  await page.locator('.react-flow__pane').click({ position: { x: 40, y: 300 } });
  await page.keyboard.press('Escape');
  await expect(page.getByRole('navigation', { name: 'Groups' })).toHaveCount(0);
  await inspector.getByLabel('Copies').fill('3');
  await expect(node('stage').getByTestId('repeat')).toHaveText('×3');
  // 9·(16·16 + 16·32 + 32·48) + 16 + 32 + 48.
  await expect(parameters).toHaveText('20,832');
  await inspector.getByLabel('Value of filters').fill('4');
  await inspector.getByLabel('Value of filters').press('Enter');
  // 9·(16·4 + 4·8 + 8·12) + 4 + 8 + 12.
  await expect(parameters).toHaveText('1,752');
  await expect(page.getByTestId('out-shape')).toHaveText('4×4×12');

  // Keep it; then open it into the chain of its copies.
  await inspector.getByRole('button', { name: 'Save to my blocks' }).click();
  await expect(page.getByRole('region', { name: 'My blocks' }).getByRole('button', { name: 'stage', exact: true })).toBeVisible();
  await node('stage').click();
  await page.keyboard.press('Control+Shift+g');
  await expect(node('stage')).toHaveCount(0);
  await expect(all).toHaveCount(before + 1);
  await expect(page.locator('.react-flow__node', { hasText: '12 filters' })).toBeVisible();

  // Undo all the way.
  await page.locator('.react-flow__pane').click({ position: { x: 40, y: 300 } });
  for (let i = 0; i < 12; i++) await page.keyboard.press('Control+z');
  await expect(all).toHaveCount(before);
  await expect(node('pool 2')).toBeVisible();
  await expect(node('conv 2')).toContainText('32 filters');

  // The block is there in the next window, and can be dragged in.
  await page.reload();
  const mine = page.getByRole('region', { name: 'My blocks' }).getByRole('button', { name: 'stage', exact: true });
  await mine.scrollIntoViewIfNeeded();
  await mine.dragTo(page.locator('.react-flow__pane'), { targetPosition: { x: 300, y: 420 } });
  await expect(node('stage 1')).toBeVisible();
  await expect(node('stage 1').getByTestId('repeat')).toHaveText('×3');

  // It is renamed and deleted where it stands.
  await mine.hover();
  await page.getByRole('button', { name: 'More on stage' }).click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await page.getByRole('textbox', { name: 'Name of stage' }).fill('my stage');
  await page.getByRole('textbox', { name: 'Name of stage' }).press('Enter');
  await expect(page.getByRole('button', { name: 'my stage', exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'my stage', exact: true }).hover();
  await page.getByRole('button', { name: 'More on my stage' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(page.getByRole('region', { name: 'My blocks' })).toHaveCount(0);
});

test('built-in blocks are dragged in; a problem inside leads there', async ({ app }) => {
  const { page, node } = app;
  await page.getByRole('region', { name: 'Blocks', exact: true }).getByRole('button', { name: 'Conv-BN-ReLU' }).scrollIntoViewIfNeeded();
  await app.drag('Conv-BN-ReLU', 300, 420);
  const block = node('conv-bn-relu 1');
  await expect(block).toBeVisible();
  await page.getByRole('tab', { name: /Problems/ }).click();
  await page.getByRole('list', { name: 'Problems' }).getByRole('button', { name: /a wire into/ }).first().click();
  await expect(page.getByRole('navigation', { name: 'Groups' })).toContainText('conv-bn-relu 1');
  await expect(page.getByRole('complementary', { name: 'Inspector' }).getByLabel('Name', { exact: true })).toHaveValue(/conv/);
});

test('inside a group wires begin and end at its ports', async ({ app }) => {
  const { page, node } = app;
  await node('conv 2').click();
  await node('pool 2').click({ modifiers: ['Shift'] });
  await page.keyboard.press('Control+g');
  await node('group 1').dblclick({ position: { x: 60, y: 12 } });
  await expect(page.getByTitle('Comes into the group as Input')).toBeVisible();
  const edges = page.locator('.react-flow__edge');
  await expect(edges).toHaveCount(3);

  // An inner output becomes a second output of the group, with its shape.
  await page.getByLabel('conv 2 output', { exact: true }).dragTo(page.getByLabel('New output, to outside'));
  await expect(page.getByTitle('Goes out of the group as Output 2')).toBeVisible();
  await expect(edges).toHaveCount(4);
  await expect(page.getByTestId('out-shape')).toHaveText(['2×2×32', '4×4×32']);

  // A wire from a port let go over nothing asks what shall follow.
  const stub = await page.getByLabel('Input, from outside', { exact: true }).boundingBox();
  if (!stub) throw new Error('no stub');
  await page.mouse.move(stub.x + 5, stub.y + 5);
  await page.mouse.down();
  await page.mouse.move(stub.x + 120, stub.y + 190, { steps: 8 });
  await page.mouse.up();
  await page.getByRole('combobox', { name: 'Find a layer to add' }).fill('batch');
  await page.keyboard.press('Enter');
  await expect(node('batch norm 1')).toContainText('4×4×16');
  await expect(edges).toHaveCount(5);

  // Outside, the new output can be used by its name.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(page.getByLabel('group 1 Output 2 output')).toBeVisible();
  for (let i = 0; i < 3; i++) await page.keyboard.press('Control+z');
  await expect(node('pool 2')).toBeVisible();
});
