/** The model hub: a net that comes along is opened; another is fetched over a bad line, checked, and opened as an import. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelBytes } from '../../electron/engine/importing/proof.ts';
import { compile } from '../../shared/compile/compile.ts';
import { initialWeights } from '../../shared/compile/weights.ts';
import { findTemplate } from '../../shared/templates/templates.ts';
import { required } from '../../shared/util/assert.ts';
import { expect, test } from '../app.ts';

const { network } = compile(required(findTemplate('mnist-cnn'), 'mnist_cnn').build({}));
const net = Buffer.from(modelBytes(network, initialWeights(network, 5), 1).bytes);
const sha256 = createHash('sha256').update(net).digest('hex');
let server: Server;
let folder: string;

test.beforeAll(async () => {
  let cut = false;
  server = createServer((request, response) => {
    if (request.url === '/wrong.onnx') return response.end(Buffer.from(net).fill(0, 0, 9));
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': net.length - from, ...(from > 0 ? { 'content-range': `bytes ${from}-${net.length - 1}/${net.length}` } : {}) });
    if (cut) return response.end(net.subarray(from));
    cut = true;
    response.write(net.subarray(0, net.length >> 1), () => setTimeout(() => response.destroy(), 50));
  });
  await new Promise<void>((listening) => { server.listen(0, '127.0.0.1', listening); });
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const card = (id: string, title: string, address: string) => ({ id, title, task: 'classification', data: 'nothing', classes: 10, top1: null, top5: null, bytes: net.length, input: [28, 28, 1], preprocessing: null, licence: 'MIT', source: 'Made for this test', year: 2026, address, sha256 });
  folder = mkdtempSync(join(tmpdir(), 'netloom-hub-e2e-'));
  const file = join(folder, 'catalogue.json');
  writeFileSync(file, JSON.stringify({ note: 'For a test', models: [card('cut', 'Net over a bad line', `${at}/net.onnx`), card('wrong', 'Net of somebody else', `${at}/wrong.onnx`)] }));
  // Read by the engine, which starts with the page.
  process.env.NETLOOM_HUB = file;
});
test.afterAll(() => {
  delete process.env.NETLOOM_HUB;
  server.close();
  rmSync(folder, { recursive: true });
});

test('nets that come along open with their weights; fetched ones are checked and proved', async ({ app }) => {
  const { page } = app;
  await app.menu('Pretrained nets');
  const hub = page.getByRole('dialog', { name: 'Pretrained nets' });
  await hub.getByRole('option', { name: /LeNet-5 for digits/ }).click();
  await expect(hub.getByRole('complementary')).toContainText('99.2 %');
  await hub.getByRole('button', { name: 'Open', exact: true }).click();
  await expect(hub).toHaveCount(0);
  // It answers at once, without training.
  await app.place('Evaluate');
  await expect(page.getByTestId('accuracy')).toHaveText('99.2 %');

  await app.menu('Pretrained nets');
  await hub.getByRole('textbox', { name: 'Search nets' }).fill('somebody');
  await hub.getByRole('option', { name: /somebody else/ }).click();
  await hub.getByRole('button', { name: /^Download/ }).click();
  await expect(hub.getByRole('alert')).toContainText('SHA-256');
  await hub.getByRole('textbox', { name: 'Search nets' }).fill('bad line');
  await hub.getByRole('option', { name: /bad line/ }).click();
  await hub.getByRole('button', { name: /^Download/ }).click();
  await expect(hub.getByRole('button', { name: 'Open', exact: true })).toBeVisible();
  await hub.getByRole('button', { name: 'Open', exact: true }).click();
  await expect(page.getByText('It answers as its file does.')).toBeVisible();
});
