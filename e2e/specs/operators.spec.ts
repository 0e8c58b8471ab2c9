/** Imported operators on the canvas: told in the inspector, frozen by a key, and two and a half thousand of them in one net. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DrawnNode, Operand, OperatorNode, Wire } from '../../shared/graph/document.ts';
import { emptyDocument } from '../../shared/graph/document.ts';
import { defaultParams, type LayerType } from '../../shared/layers/table.ts';
import { float, int, ints, type Attribute } from '../../shared/onnx/ir.ts';
import { storeAttribute, storeConstant } from '../../shared/onnx/stored.ts';
import { expect, test } from '../app.ts';

const layer = (id: string, type: LayerType, x = 0, y = 0): DrawnNode => ({ kind: 'layer', id, name: id, layer: type, params: defaultParams(type), position: { x, y } });
const operator = (name: string, op: string, operands: readonly Operand[], attributes: Record<string, Attribute> = {}, x = 0, y = 0): OperatorNode =>
  ({ kind: 'operator', id: name, name, op, domain: '', opset: 18, attributes: Object.fromEntries(Object.entries(attributes).map(([k, a]) => [k, storeAttribute(a)])), operands, outputs: ['y'], position: { x, y } });
const wire = (from: string, fromPort: string, to: string, toPort: string): Wire => ({ id: `${from}>${to}.${toPort}`, from: { node: from, port: fromPort }, to: { node: to, port: toPort } });
const kernel: Operand = { weight: 'kernel', shape: [1, 1, 3, 3] };
const convolution = { pads: ints([1, 1, 1, 1]) };

async function project(folder: string, nodes: readonly DrawnNode[], wires: readonly Wire[]): Promise<string> {
  const place = join(folder, 'operators');
  await mkdir(place);
  await writeFile(join(place, 'network.json'), JSON.stringify({ ...emptyDocument('operators'), graph: { nodes, wires } }));
  return place;
}

test('an operator says what it takes and whether it learns, and freezes by a key; a net of them trains', async ({ app }) => {
  const { page, folder } = app;
  const halves: OperatorNode = { ...operator('Split 1', 'Split', [{ port: 'x' }, { constant: storeConstant({ element: 'int64', shape: [2], data: BigInt64Array.of(32n, 32n) }) }], { axis: int(1) }, 660), outputs: ['first', 'second'] };
  const nodes = [
    layer('input', 'input'), operator('Conv 1', 'Conv', [{ port: 'x' }, kernel], convolution, 220), operator('Flatten 1', 'Flatten', [{ port: 'x' }], { axis: int(1) }, 440), halves,
    operator('Add 1', 'Add', [{ port: 'a' }, { port: 'b' }], {}, 880), operator('Mod 1', 'Mod', [{ port: 'x' }, { constant: storeConstant({ element: 'float32', shape: [], data: Float32Array.of(1.5) }) }], { fmod: int(1) }, 1100),
    operator('Elu 1', 'Elu', [{ port: 'x' }], { alpha: float(0.7) }, 1320), layer('dense', 'dense', 1540), layer('output', 'output', 1760),
  ];
  const wires = [
    wire('input', 'out', 'Conv 1', 'x'), wire('Conv 1', 'y', 'Flatten 1', 'x'), wire('Flatten 1', 'y', 'Split 1', 'x'), wire('Split 1', 'first', 'Add 1', 'a'), wire('Split 1', 'second', 'Add 1', 'b'),
    wire('Add 1', 'y', 'Mod 1', 'x'), wire('Mod 1', 'y', 'Elu 1', 'x'), wire('Elu 1', 'y', 'dense', 'in'), wire('dense', 'out', 'output', 'in'),
  ];
  await app.open(await project(folder, nodes, wires));
  await expect(page.getByText('No problems', { exact: true })).toBeVisible();

  const go = async (name: string): Promise<void> => {
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('Find a command or a layer').fill(name);
    await page.keyboard.press('Enter');
    await expect(page.getByLabel('Name', { exact: true })).toHaveValue(name);
  };
  await go('Mod 1');
  await expect(page.getByTestId('operator-card')).toContainText('fmod');
  await expect(page.getByTestId('gradient')).toHaveText('Not known');
  await go('Split 1');
  await expect(page.getByTestId('gradient')).toHaveText('Known');
  await expect(page.getByTestId('operator-card')).toContainText('32, 32');
  await expect(app.node('Split 1').getByText('second', { exact: true })).toBeVisible();
  await go('Conv 1');
  await expect(page.getByTestId('parameters')).toHaveText('9');
  await page.keyboard.press('Escape');
  await app.node('Conv 1').click();
  await page.keyboard.press('l');
  await expect(app.node('Conv 1').getByLabel('Weights are frozen')).toBeVisible();

  await page.getByRole('button', { name: '▶ Train' }).click();
  await app.training(/Finished/);
});

test('two and a half thousand operators open, are painted from afar, and are made only where one looks', async ({ app }) => {
  const { page, folder } = app;
  const count = 2500;
  const nodes: DrawnNode[] = [layer('input', 'input', 0, -200)];
  const wires: Wire[] = [];
  for (let i = 0; i < count; i++) {
    const [x, y] = [(i % 50) * 210, Math.floor(i / 50) * 210];
    const op = (['Relu', 'Conv', 'Add', 'Sigmoid'] as const)[i % 4] ?? 'Relu';
    const before = (k: number): [string, string] => (i - k < 0 ? ['input', 'out'] : [`n${i - k}`, 'y']);
    const joins = op === 'Add';
    nodes.push({ ...operator(`n${i}`, op, joins ? [{ port: 'a' }, { port: 'b' }] : op === 'Conv' ? [{ port: 'a' }, kernel] : [{ port: 'a' }], op === 'Conv' ? convolution : {}, x, y), name: `${op} ${i}` });
    wires.push(wire(...before(1), `n${i}`, 'a'), ...(joins ? [wire(...before(2), `n${i}`, 'b')] : []));
  }
  nodes.push(layer('flat', 'flatten', 0, 10_700), layer('dense', 'dense', 220, 10_700), layer('output', 'output', 440, 10_700));
  wires.push(wire(`n${count - 1}`, 'y', 'flat', 'in'), wire('flat', 'out', 'dense', 'in'), wire('dense', 'out', 'output', 'in'));
  await app.open(await project(folder, nodes, wires));
  await expect(page.getByText('2,504 layers', { exact: true }).first()).toBeVisible();
  await expect(page.getByRole('img', { name: '2504 layers seen from afar; zoom in to work on them' })).toBeVisible();
  await expect(page.locator('.react-flow__node')).toHaveCount(0);

  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Find a command or a layer').fill('Conv 1225');
  await page.keyboard.press('Enter');
  await expect(app.node('Conv 1225')).toBeVisible();
  await expect(page.getByTestId('operator-card')).toContainText('kernel');
  // Panned: what leaves the screen is taken away, what enters is made.
  await page.mouse.move(700, 300);
  await page.mouse.down({ button: 'middle' });
  await page.mouse.move(200, 200, { steps: 12 });
  await page.mouse.up({ button: 'middle' });
  await expect.poll(() => page.locator('.react-flow__node').count()).toBeGreaterThan(3);
  expect(await page.locator('.react-flow__node').count()).toBeLessThan(80);
});
