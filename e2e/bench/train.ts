/** npm run bench -- --train: nets trained for real on Fashion-MNIST, with the accuracy on its test pictures and the time it took. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../shared/compile/compile.ts';
import { initialWeights } from '../../shared/compile/weights.ts';
import { findTemplate } from '../../shared/templates/templates.ts';
import { TrainingConfigSchema } from '../../shared/training/config.ts';
import { required } from '../../shared/util/assert.ts';
import { openIdx } from '../../electron/engine/datasets/idx.ts';
import { Control } from '../../electron/engine/training/control.ts';
import { runTraining } from '../../electron/engine/training/loop.ts';
import { engineOf } from '../../electron/engine/training/engines.ts';
import { MemorySink } from '../../electron/engine/training/run-sink.ts';
import type { TrainingDevice } from '../../electron/engine/training/engine.ts';

const FOLDER = process.env.NETLOOM_FASHION_MNIST ?? join(process.cwd(), '..', 'shared', 'data', 'fashion-mnist');
/** Each net's own settings, with as many epochs as a coffee takes. */
const nets: Readonly<Record<string, object>> = {
  'lenet-5': { epochs: 10 },
  'vgg-small': { epochs: 4 },
  'resnet-20': { epochs: 10, batchSize: 64 },
  nin: { epochs: 4 },
  'densenet-bc': { epochs: 2 },
};

/** Prints one line a net: the last epoch's and the best accuracy on the held-out pictures, and minutes. Skips, and says so, where the data is not at hand. */
export async function trainForReal(ids: readonly string[], device: TrainingDevice, epochs: number | null): Promise<void> {
  if (!existsSync(FOLDER)) {
    console.log(`bench --train skipped: no Fashion-MNIST at ${FOLDER}. Put its IDX files there, or set NETLOOM_FASHION_MNIST to their folder.`);
    return;
  }
  const dataset = await openIdx(FOLDER);
  const split = required(dataset.split, 'a test part');
  console.log(`Fashion-MNIST, ${split.train.length.toLocaleString('en-US')} pictures to train on and ${split.validation.length.toLocaleString('en-US')} held out; ${device}, seed 7.\n\n| net | parameters | epochs | batch | accuracy at the end | best | minutes |\n|---|--:|--:|--:|--:|--:|--:|`);
  for (const id of ids.length > 0 ? ids : Object.keys(nets)) {
    const template = required(findTemplate(id), id);
    const { network } = compile(template.build({ size: 28, channels: 1, classes: dataset.classes.length }));
    const config = TrainingConfigSchema.parse({ ...template.training, ...nets[id], ...(epochs ? { epochs } : {}), device });
    const sink = new MemorySink();
    const began = performance.now();
    const engine = engineOf(device);
    const result = await runTraining({ engine, sink }, { run: id, network, config, dataset, split, weights: initialWeights(network, config.seed), device: { id: device, reason: 'asked for' } }, new Control(), (event) => {
      const at = event.kind === 'points' ? event.points.findLast((p) => p.validationAccuracy !== undefined) : undefined;
      if (at && process.argv.includes('--verbose')) console.log(`  ${id} epoch ${at.epoch}: ${(100 * (at.validationAccuracy ?? 0)).toFixed(2)} % after ${((performance.now() - began) / 60000).toFixed(1)} min`);
    });
    if (result.error) throw new Error(`${id}: ${result.error.code}`);
    const accuracies = sink.points.flatMap((p) => (p.validationAccuracy === undefined ? [] : [p.validationAccuracy]));
    const percent = (v: number | undefined) => `${(100 * (v ?? 0)).toFixed(2)} %`;
    console.log(`| ${id} | ${network.parameters.toLocaleString('en-US')} | ${config.epochs} | ${config.batchSize} | ${percent(accuracies.at(-1))} | ${percent(Math.max(...accuracies))} | ${((performance.now() - began) / 60000).toFixed(1)} |`);
  }
}
