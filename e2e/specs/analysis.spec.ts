/** What a net costs, as a person reads it: the table, its copies, the colours on the canvas, measured times. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { group, Sketch } from '../../shared/templates/build.ts';
import { expect, test, type App } from '../app.ts';

/** LeNet-5 as courses count it: 61,706 parameters, 416,520 multiply-adds. */
function lenet() {
  const s = new Sketch();
  s.chain(null, [
    ['input', { kind: 'image', height: 28, width: 28, channels: 1 }], ['conv2d', { filters: 6, kernel: [5, 5], padding: 'explicit', edges: [2, 2, 2, 2], activation: 'relu' }, 'conv'], ['max-pool', {}, 'pool'],
    ['conv2d', { filters: 16, kernel: [5, 5], padding: 'valid', activation: 'relu' }, 'conv'], ['max-pool', {}, 'pool'], ['flatten', {}],
    ['dense', { units: 120, activation: 'relu' }], ['dense', { units: 84, activation: 'relu' }], ['dense', { units: 10, activation: 'softmax' }], ['output', {}],
  ]);
  return s.document('LeNet-5', 'test:lenet');
}

/** Three equal blocks of a convolution and a rectifier, drawn as one node. */
function grouped() {
  const s = new Sketch();
  const block = group('block', (inner, entry) => inner.chain(entry, [['conv2d', { filters: 4, kernel: [3, 3], padding: 'same', activation: 'none' }, 'conv'], ['relu', {}]]));
  const input = s.chain(null, [['input', { kind: 'image', height: 8, width: 8, channels: 4 }]]);
  s.chain(s.place({ ...block, repeat: 3 }, input, 'stage'), [['flatten', {}], ['dense', { units: 10, activation: 'softmax' }], ['output', {}]]);
  return s.document('Grouped', 'test:grouped');
}

async function open(app: App, document: { readonly name: string }): Promise<void> {
  const { page, folder } = app;
  const project = join(folder, document.name);
  await mkdir(project);
  await writeFile(join(project, 'network.json'), JSON.stringify(document));
  await expect(page.locator('.react-flow__node').first()).toBeVisible();
  await app.open(project);
  await expect(page.getByLabel('Project name')).toHaveValue(document.name);
  await page.getByRole('tab', { name: 'Analysis' }).click();
}

const cells = (app: App, name: string) => app.page.getByRole('row').filter({ has: app.page.getByRole('gridcell', { name, exact: true }) }).getByRole('gridcell').allInnerTexts();
const trimmed = (texts: readonly string[]) => texts.map((t) => t.trim());

test('LeNet-5 is counted as in every course; rows sort, select, and are copied', async ({ app, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { page } = app;
  await open(app, lenet());
  expect(trimmed(await cells(app, 'conv 2'))).toEqual([expect.stringContaining('conv 2'), '10×10×16', '2,416', '240 k', '200 kB', '14×14']);
  await expect(page.getByTestId('analysis-total-parameters')).toHaveText('61,706');
  await expect(page.getByTestId('analysis-total-macs')).toHaveText('417 k');
  // Weight, gradient and Adam's two: 4·61,706 numbers; 784 + 4,704 + 1,176 + 1,600 + 400 + 120 + 84 + 10 = 8,878 for each of 32 samples; 4 bytes each.
  await expect(page.getByTestId('memory-total')).toHaveText('2.0 MB');
  await page.getByLabel('Batch size of the analysis').fill('1');
  await expect(page.getByTestId('memory-total')).toHaveText('999 kB');
  await expect(page.getByTestId('memory-device')).toContainText(/of the .* of this computer|is not known/);

  await page.getByRole('columnheader', { name: 'Parameters' }).getByRole('button').click();
  await expect(page.getByRole('row').nth(1)).toContainText('dense 1');
  await page.getByRole('row').nth(1).click();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('dense 1');
  await expect(page.getByRole('row', { selected: true })).toContainText('48,120');

  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  await page.getByRole('menuitem', { name: 'As Markdown' }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain('| conv 2 | Conv2D | 10×10×16 | 2,416 | 240,000 | 6,400 | 14×14 |');
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  await page.getByRole('menuitem', { name: 'As CSV' }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain('Total,,,61706,416520,');
});

test('the canvas is coloured by cost with the number on every layer; times are measured by one click', async ({ app }) => {
  const { page } = app;
  await open(app, lenet());
  await expect(app.node('conv 1').getByTestId('heat')).toHaveCount(0);
  await page.keyboard.press('h');
  await expect(app.node('dense 1').getByTestId('heat')).toHaveText('48,120');
  await expect(page.getByTestId('heat-most')).toHaveText('48,120');
  const colour = (name: string) => app.node(name).locator('.node').evaluate((e) => getComputedStyle(e).backgroundColor);
  expect(await colour('dense 1')).not.toBe(await colour('pool 1'));

  await page.getByRole('region', { name: 'What the colours mean' }).getByRole('button', { name: 'Parameters' }).click();
  await page.getByRole('menuitem', { name: 'Measured time' }).click();
  await expect(page.getByText('Not measured yet')).toBeVisible();
  await page.getByRole('button', { name: 'Measure time' }).click();
  await expect(page.getByText('One step on the CPU')).toBeVisible();
  await expect(page.getByTestId('measured-memory')).toHaveText(/^[\d.]+ [kMG]B$/);
  await expect(app.node('conv 2').getByTestId('heat')).toHaveText(/^[\d.]+ ms$/);
  const [, , , , , , forward, backward] = trimmed(await cells(app, 'conv 2'));
  expect(Math.min(Number(forward), Number(backward))).toBeGreaterThan(0);

  // An edit makes the times those of another net.
  await app.node('dense 1').click();
  await page.getByRole('textbox', { name: 'Units' }).fill('60');
  await page.getByRole('textbox', { name: 'Units' }).press('Enter');
  await expect(page.getByText('The network has changed since it was measured.')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Colour by kind again' }).click();
  await expect(page.getByTestId('heat')).toHaveCount(0);
});

test('groups sum, open in the table, and are entered by a click on a layer inside', async ({ app }) => {
  const { page } = app;
  await open(app, grouped());
  const table = page.getByRole('treegrid');
  const stage = table.getByRole('row').filter({ hasText: '× 3' });
  // 3·3·4·4 + 4 = 148 in each of three copies.
  await expect(stage).toContainText('444');
  await page.keyboard.press('h');
  await expect(page.locator('.react-flow__node').filter({ hasText: 'stage' }).getByTestId('heat')).toHaveText('444');
  await page.getByRole('button', { name: 'Open all' }).click();
  await expect(table.getByRole('row').filter({ hasText: '148' })).toHaveCount(6);
  await page.getByLabel('Find a layer in the table').fill('conv');
  await expect(page.getByText('3 found')).toBeVisible();
  await table.getByRole('row').filter({ hasText: 'conv' }).first().click();
  await expect(page.getByRole('navigation', { name: 'Groups' })).toContainText('stage');
  await expect(page.locator('.react-flow__node').filter({ hasText: 'conv' }).getByTestId('heat')).toHaveText('444');
});
