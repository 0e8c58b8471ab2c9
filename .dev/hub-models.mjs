/** node .dev/hub-models.mjs: trains the nets of the hub that come with Netloom, each from its seed, and measures them on the digits held out. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureReady, root } from './setup.mjs';
import { buildNode } from './build.mjs';

const EPOCHS = 40;
const SEED = 7;
const recipes = [
  { id: 'lenet-5-digits', template: 'lenet-5-digits', title: 'LeNet-5 for digits' },
  { id: 'mlp-digits', template: 'mlp', title: 'Perceptron for digits' },
  { id: 'tiny-cnn-digits', template: 'tiny-cnn?size=8&channels=1&classes=10', title: 'Tiny convolutional net for digits' },
];

await ensureReady();
await buildNode();
const home = mkdtempSync(join(tmpdir(), 'netloom-hub-models-'));
for (const { id, template, title } of recipes) {
  const out = join(home, id);
  const words = [join(root, 'out', 'cli', 'index.mjs'), 'train', `template:${template}`, '--epochs', String(EPOCHS), '--seed', String(SEED), '--device', 'cpu', '--out', out, '--json'];
  const { stdout, stderr, status } = spawnSync(process.execPath, words, { encoding: 'utf8', env: { ...process.env, NETLOOM_HOME: home } });
  if (status !== 0) throw new Error(stderr);
  const { bestAccuracy, bestEpoch } = JSON.parse(stdout);
  const folder = join(root, 'resources', 'models', id);
  rmSync(folder, { recursive: true, force: true });
  for (const file of ['network.json', 'training.json', 'weights']) cpSync(join(out, file), join(folder, file), { recursive: true });
  const card = {
    id, title, task: 'classification', data: 'Digits (UCI), 80 % of 1,797', classes: 10, top1: Number(bestAccuracy.toFixed(4)), top5: null, bytes: statSync(join(folder, 'weights', 'model.safetensors')).size, input: [8, 8, 1], preprocessing: null,
    licence: 'MIT; the digits CC BY 4.0, E. Alpaydin and C. Kaynak, UCI',
    source: `Trained with Netloom from template:${template}: seed ${SEED}, Adam at ${JSON.parse(readFileSync(join(folder, 'training.json'), 'utf8')).config.learningRate}, batches of 32, best of ${EPOCHS} epochs (${bestEpoch})`, year: null,
  };
  writeFileSync(join(folder, 'card.json'), `${JSON.stringify(card, null, 2)}\n`);
  console.log(`${title}: ${(bestAccuracy * 100).toFixed(1)} % of the digits held out, ${card.bytes.toLocaleString('en')} bytes`);
}
rmSync(home, { recursive: true, force: true });
