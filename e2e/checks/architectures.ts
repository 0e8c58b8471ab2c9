/** npm run check:torch: templates beside the same nets written by hand in PyTorch from their papers, from the same weights. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOnnxEngine } from '../../electron/engine/training/onnx-engine.ts';
import { answerLayer } from '../../electron/engine/insight/predict.ts';
import { compile } from '../../shared/compile/compile.ts';
import { initialWeights } from '../../shared/compile/weights.ts';
import { elementCount } from '../../shared/shapes/shape.ts';
import { findTemplate } from '../../shared/templates/templates.ts';
import { TrainingConfigSchema } from '../../shared/training/config.ts';
import { createRandom } from '../../shared/util/random.ts';

const BATCH = 2;
/** Of a probability. */
const BOUND = 1e-5;
const nets = [
  'lenet-5-classic', 'alexnet', 'alexnet-groups', 'zfnet', 'vgg-11', 'nin', 'googlenet', 'googlenet-2014', 'squeezenet-1.0', 'squeezenet-1.1', 'resnet-18', 'resnet-50', 'resnext-50', 'resnet-20', 'resnet-20-projection',
  'wide-resnet-16-4', 'densenet-121', 'densenet-bc', 'u-net-small',
];
const only = process.argv.find((a) => a.startsWith('--nets='))?.slice('--nets='.length).split(',');

const python = process.env.NETLOOM_PYTHON ?? 'python3';
if (spawnSync(python, ['-c', 'import torch, numpy'], { stdio: 'ignore' }).status !== 0) {
  console.log('Architectures skipped: python3 (or NETLOOM_PYTHON) has no torch and numpy. Install both with pip, then run it again.');
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), 'netloom-architectures-'));
const chosen = nets.filter((n) => only?.includes(n) ?? true);
for (const id of chosen) {
  const template = findTemplate(id);
  if (!template) throw new Error(`No template ${id}`);
  const { network } = compile(template.build());
  const random = createRandom(9);
  const weights = initialWeights(network, 3);
  // Norms that are no identity: a statistic or a factor left out, or an epsilon, would show. Residual sums stay small.
  const factor = /^res/.test(id) ? 0.25 : 1;
  for (const layer of network.layers) {
    for (const { name, fullName } of layer.weights) {
      const data = weights.get(fullName)?.data;
      if (name === 'kernel' || !data) continue;
      for (const i of data.keys()) data[i] = name === 'variance' ? 0.5 + random.next() : name === 'scale' ? factor * (0.5 + random.next()) : 0.1 * random.normal();
    }
  }
  const shape = network.layers[0]?.shape ?? [];
  const inputs = Float32Array.from({ length: BATCH * elementCount(shape) }, () => random.next());
  const config = TrainingConfigSchema.parse({ batchSize: BATCH });
  const session = await createOnnxEngine('cpu').open(network, config, weights, { element: 'float32', offset: 0, scale: 1 });
  const output = network.layers.find((l) => l.id === answerLayer(network))?.shape ?? [];
  const { outputs } = await session.evaluate({ inputs, targets: new Int32Array(BATCH * elementCount(output.slice(1))), size: BATCH });
  await session.dispose();
  let offset = 0;
  const index = [...weights].map(([name, w]) => ({ name, shape: w.shape, offset: (offset += w.data.length) - w.data.length, count: w.data.length }));
  const all = new Float32Array(offset);
  for (const e of index) all.set(weights.get(e.name)?.data ?? [], e.offset);
  writeFileSync(join(folder, `${id}.json`), JSON.stringify({ index, input: [BATCH, ...shape], output: [BATCH, ...output] }));
  for (const [end, data] of [['weights', all], ['input', inputs], ['output', outputs]] as const) writeFileSync(join(folder, `${id}.${end}`), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}
const { status } = spawnSync(python, [join(process.cwd(), 'e2e', 'checks', 'architectures.py'), folder, String(BOUND), ...chosen], { stdio: 'inherit' });
rmSync(folder, { recursive: true });
process.exit(status ?? 1);
