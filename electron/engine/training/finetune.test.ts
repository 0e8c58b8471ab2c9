/** What fine-tuning sets, tried on features as a trunk answers them: many, of unit size, and much alike. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { Sketch } from '../../../shared/templates/build.ts';
import { TrainingConfigSchema, type TrainingConfig } from '../../../shared/training/config.ts';
import { finetuned, finetuneRate } from '../../../shared/training/finetune.ts';
import { createRandom } from '../../../shared/util/random.ts';
import type { Dataset, Split } from '../datasets/dataset.ts';
import { Control } from './control.ts';
import { runTraining } from './loop.ts';
import { createOnnxEngine } from './onnx-engine.ts';
import { MemorySink } from './run-sink.ts';

const [SIDE, COUNT, CLASSES] = [32, 120, 10];
const random = createRandom(11);
const common = Float32Array.from({ length: SIDE * SIDE }, () => random.normal());
const dataset: Dataset = {
  name: 'features', licence: '', shape: [1, SIDE, SIDE], classes: Array.from({ length: CLASSES }, (_, i) => `${i}`), count: COUNT, maximum: 1, labels: Int32Array.from({ length: COUNT }, (_, i) => i % CLASSES),
  values: Float32Array.from({ length: COUNT * common.length }, (_, i) => (common[i % common.length] as number) + 0.5 * random.normal()),
};
const split: Split = { train: Int32Array.from({ length: 96 }, (_, i) => i), validation: Int32Array.from({ length: 24 }, (_, i) => 96 + i) };

const sketch = new Sketch();
sketch.add('output', { task: 'classification' }, [sketch.chain(null, [['input', { kind: 'image', height: SIDE, width: SIDE, channels: 1 }], ['flatten', {}], ['layer-norm', {}], ['dense', { units: CLASSES, activation: 'softmax' }]])]);
const { network } = compile(sketch.document('Head', 'test:head'), { classes: CLASSES, sampleShape: dataset.shape });

async function losses(config: TrainingConfig): Promise<number[]> {
  const seen: number[] = [];
  const options = { run: 'r', network, config, dataset, split, weights: initialWeights(network, 3), device: { id: 'cpu', reason: '' } };
  const { error } = await runTraining({ engine: createOnnxEngine('cpu'), sink: new MemorySink(), onStep: (_, r) => seen.push(r.loss) }, options, new Control(), () => undefined);
  expect(error).toBeNull();
  return seen;
}

describe('a head that begins alone', () => {
  const base = TrainingConfigSchema.parse({ epochs: 30, batchSize: 32, schedule: { kind: 'step' } });
  const settings = { learningRate: finetuneRate(true), headAlone: true, layerRates: {}, keepStatistics: true };

  it('learns without losing at first what it cannot know yet', async () => {
    const config = finetuned(base, { ...settings, unfreezing: null });
    const seen = await losses(config);
    // By chance a tenth is right: ln 10 is 2.3. With the whole rate at once the loss rises to several times that.
    expect(Math.max(...seen)).toBeLessThan(4);
    expect(seen.at(-1)).toBeLessThan(0.3);
    expect(Math.max(...await losses({ ...config, epochs: 3, schedule: { kind: 'constant' } }))).toBeGreaterThan(6);
  });

  it('has the rate still up where blocks join later, and a net that trains whole the one it was given', () => {
    const thaws = finetuned(base, { ...settings, unfreezing: { every: 3, rate: 0.4 } });
    expect(thaws).toMatchObject({ schedule: { kind: 'constant' }, warmup: { epochs: 1, from: 0 }, unfreezing: { every: 3 } });
    expect(finetuned(base, { ...settings, headAlone: false, unfreezing: null })).toMatchObject({ schedule: { kind: 'constant' }, warmup: { epochs: 0 } });
  });
});
