/** Every template takes a training step on the CPU and is exported to a file that ONNX Runtime runs, at its smallest size. */
import * as ort from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { elementCount } from '../../../shared/shapes/shape.ts';
import { templates } from '../../../shared/templates/templates.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { exportOnnx } from '../onnx-io/export.ts';
import { createOnnxEngine } from './onnx-engine.ts';

const BATCH = 2;
const CLASSES = 3;

/** One of each kind, quick to load; NETLOOM_TEMPLATES=all takes every one, which is minutes. Others are in stages.test.ts. */
const quick = ['lenet-5-digits', 'mlp', 'tiny-cnn', 'lenet-5', 'lenet-5-classic', 'small-resnet', 'resnet-20', 'nin', 'squeezenet-1.1', 'mobilenet-v1', 'shufflenet-v2', 'vit-tiny', 'u-net-small', 'encoder-decoder', 'autoencoder'];
const chosen = templates.filter((t) => t.id !== 'blank' && (process.env.NETLOOM_TEMPLATES === 'all' || quick.includes(t.id)));

it.each(chosen)('$id', async (template) => {
  const { network, problems } = compile(template.build({ size: template.smallest, classes: CLASSES }));
  expect(problems).toEqual([]);
  const weights = initialWeights(network, 1);
  const [shape, out] = [network.layers[0]?.shape ?? [], network.layers.at(-1)?.shape ?? []];
  const random = createRandom(5);
  const inputs = Float32Array.from({ length: BATCH * elementCount(shape) }, () => random.next());
  const classes = Int32Array.from({ length: BATCH * elementCount(out.slice(1)) }, (_, i) => i % CLASSES);

  // Its own settings, with the first step at the full rate; the autoencoder learns its input.
  const config = TrainingConfigSchema.parse({ ...template.training, batchSize: BATCH });
  const targets = template.withoutClasses === true ? inputs : classes;
  const session = await createOnnxEngine('cpu').open(network, config, weights, { element: 'float32', offset: 0, scale: 1 });
  const { loss, gradientNorm } = await session.step({ inputs, targets, size: BATCH }, config.learningRate);
  await session.dispose();
  expect([Number.isFinite(loss), loss > 0, Number.isFinite(gradientNorm ?? 1)]).toEqual([true, true, true]);

  const file = await ort.InferenceSession.create(exportOnnx(network, weights, { classes: ['a', 'b', 'c'], maximum: 1 }), { logSeverityLevel: 2 });
  const { output: both } = await file.run({ input: new ort.Tensor('float32', inputs, [BATCH, ...shape]) });
  const { output: second } = await file.run({ input: new ort.Tensor('float32', inputs.slice(elementCount(shape)), [1, ...shape]) });
  await file.release();
  expect([both?.dims, second?.dims]).toEqual([[BATCH, ...out], [1, ...out]]);
  const values = both?.data as Float32Array;
  expect(values.every((v) => v >= 0 && v <= 1)).toBe(true);
  (second?.data as Float32Array).forEach((v, i) => expect(values[elementCount(out) + i]).toBeCloseTo(v, 4));
});
