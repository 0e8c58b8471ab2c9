/** A device that does not train the net says so before Train is pressed: on the canvas, among the problems, beside Train. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installPure } from '../../electron/engine/tensorflow/installed.harness.ts';
import { emptyDocument, type DrawnNode, type Wire } from '../../shared/graph/document.ts';
import { defaultParams, type LayerType } from '../../shared/layers/table.ts';
import { expect, test } from '../app.ts';

const layer = (name: string, type: LayerType, x: number): DrawnNode => ({ kind: 'layer', id: name, name, layer: type, params: defaultParams(type), position: { x, y: 0 } });
const wire = (from: string, out: string, to: string, into: string): Wire => ({ id: `${from}>${to}`, from: { node: from, port: out }, to: { node: to, port: into } });

test('an imported operator and mixed precision are told when TensorFlow is chosen, and gone when they are mended', async ({ app }) => {
  const { page, folder } = app;
  await installPure(join(folder, 'home'));
  const bend: DrawnNode = { kind: 'operator', id: 'Bend', name: 'Bend', op: 'Sinh', domain: '', opset: 18, attributes: {}, operands: [{ port: 'x' }], outputs: ['y'], position: { x: 440, y: 0 } };
  const nodes = [layer('Input', 'input', 0), layer('Flatten', 'flatten', 220), bend, layer('Dense', 'dense', 660), layer('Output', 'output', 880)];
  const wires = [wire('Input', 'out', 'Flatten', 'in'), wire('Flatten', 'out', 'Bend', 'x'), wire('Bend', 'y', 'Dense', 'in'), wire('Dense', 'out', 'Output', 'in')];
  await mkdir(join(folder, 'bent'));
  await writeFile(join(folder, 'bent', 'network.json'), JSON.stringify({ ...emptyDocument('bent'), graph: { nodes, wires } }));
  await page.reload();
  const chip = page.getByRole('button', { name: 'Device' });
  await expect(chip).not.toContainText('Looking for devices');
  await app.open(join(folder, 'bent'));
  const none = page.getByRole('button', { name: 'No problems' });
  await expect(none).toBeVisible();
  const train = page.getByRole('button', { name: '▶ Train' });
  await expect(train).toBeEnabled();

  const sentence = 'Bend: expected a layer that TensorFlow trains, got the operator Sinh.';
  const choose = async () => {
    await chip.click();
    await page.getByRole('menuitem', { name: /^TensorFlow/ }).click();
  };
  await chip.click();
  await expect(page.getByRole('menuitem', { name: /^TensorFlow/ })).toContainText(sentence);
  await page.getByRole('menuitem', { name: /^TensorFlow/ }).click();
  await expect(train).toBeDisabled();
  await expect(train).toHaveAttribute('title', new RegExp(`^${sentence}`));
  await expect(app.node('Bend').getByRole('img', { name: sentence })).toBeVisible();
  await page.getByRole('button', { name: '1 problem' }).click();
  const row = page.getByRole('list', { name: 'Problems' }).getByRole('listitem');
  await expect(row).toContainText(sentence);

  await row.getByRole('button', { name: sentence }).click();
  await page.keyboard.press('m');
  await expect(none).toBeVisible();
  await expect(train).toBeEnabled();
  await page.keyboard.press('Control+z');
  await row.getByRole('button', { name: /^Use .* instead$/ }).click();
  await expect(chip).not.toHaveText('TensorFlow');
  await expect(none).toBeVisible();
  await expect(app.node('Bend').getByRole('img', { name: sentence })).toHaveCount(0);

  await app.node('Bend').click();
  await page.keyboard.press('m');
  await choose();
  await page.getByRole('button', { name: 'Training settings' }).click();
  const drawer = page.getByRole('dialog', { name: 'Training settings' });
  await drawer.getByRole('button', { name: /^Data and run/ }).click();
  await drawer.getByText('Mixed', { exact: true }).click();
  await expect(drawer.getByRole('status')).toContainText('Precision: expected TensorFlow to compute with 16-bit numbers');
  await drawer.getByRole('button', { name: 'Use 32-bit numbers instead' }).click();
  await expect(drawer.getByRole('status')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await train.click();
  await app.training(/step [1-9]|Finished/);
});
