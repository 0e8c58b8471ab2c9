/** A net of five hundred layers on one canvas: painted from afar, drawn from near, arranged beside the interface's thread. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NODE } from '../../shared/graph/layout.ts';
import { findTemplate } from '../../shared/templates/templates.ts';
import { expanded } from '../bench/canvas.ts';
import { expect, test } from '../app.ts';

test('ResNet-152 with every layer drawn: arranged, seen whole, worked on from near', async ({ app }) => {
  const { page, folder } = app;
  const template = findTemplate('resnet-152');
  if (!template) throw new Error('no template');
  const arranged = expanded(template.build());
  // As a file of another program would have it: one long line.
  const heap = { ...arranged, graph: { ...arranged.graph, nodes: arranged.graph.nodes.map((n, i) => ({ ...n, position: { x: i * 40, y: 0 } })) } };
  const project = join(folder, 'large');
  await mkdir(project);
  await writeFile(join(project, 'network.json'), JSON.stringify(heap));

  await app.open(project);
  await expect(page.getByText('516 layers', { exact: true })).toBeVisible();
  await expect(page.getByTestId('total-parameters')).toHaveText('60,192,808 parameters');

  await page.keyboard.press('Control+Shift+l');
  await expect(page.getByText('edited', { exact: true })).toBeVisible();
  const painted = page.getByRole('img', { name: '516 layers seen from afar; zoom in to work on them' });
  await expect(painted).toBeVisible();
  await expect(page.locator('.react-flow__node')).toHaveCount(0);

  // The command palette finds a layer and goes there; only what is on screen is made.
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Find a command or a layer').fill('global average');
  await page.keyboard.press('Enter');
  await expect(app.node('global average 1')).toBeVisible();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('global average 1');
  expect(await page.locator('.react-flow__node').count()).toBeLessThan(60);

  // While the palette is there, keys are its own.
  await expect(page.getByPlaceholder('Find a command or a layer')).toHaveCount(0);
  // From afar a double click leads to the layer under the pointer.
  await page.keyboard.press('Shift+Digit1');
  await expect(painted).toBeVisible();
  const box = await painted.boundingBox();
  if (!box) throw new Error('nothing painted');
  const view = await page.locator('.react-flow__viewport').evaluate((e) => { const m = new DOMMatrix(e.style.transform); return { x: m.e, y: m.f, zoom: m.a }; });
  const wanted = arranged.graph.nodes.find((n) => n.name === 'dense 1')?.position ?? { x: 0, y: 0 };
  await page.mouse.dblclick(box.x + view.x + (wanted.x + NODE.width / 2) * view.zoom, box.y + view.y + (wanted.y + 41) * view.zoom);
  await expect(app.node('dense 1')).toBeVisible();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('dense 1');
});
