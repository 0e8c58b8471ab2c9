/** A run stopped anywhere goes on as if it had not: the loss sequence to the bit, over every optimiser and all that has a memory. */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { Sketch } from '../../../shared/templates/build.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import type { Dataset, Split } from '../datasets/dataset.ts';
import { openDataset, stratifiedSplit } from '../datasets/open.ts';
import { Control, STOP } from './control.ts';
import { checkpointOf } from './file-sink.ts';
import { runTraining } from './loop.ts';
import type { LoopOptions } from './run-options.ts';
import { createOnnxEngine } from './onnx-engine.ts';
import { MemorySink, type Checkpoint } from './run-sink.ts';

let dataset: Dataset;
let split: Split;
let network: Network;
beforeAll(async () => {
  dataset = await openDataset({ kind: 'builtin', id: 'digits' }, fileURLToPath(new URL('../../../resources', import.meta.url)));
  const whole = stratifiedSplit(dataset.labels, 0.2, 7);
  split = { train: whole.train.slice(0, 7 * 16), validation: whole.validation.slice(0, 32) };
  const s = new Sketch();
  const x = s.chain(null, [['input', { kind: 'image', height: 8, width: 8, channels: 1 }], ['conv2d', { filters: 4, kernel: [3, 3], padding: 'same' }], ['batch-norm', {}], ['relu', {}], ['dropout', { rate: 0.3 }]]);
  s.chain(x, [['flatten', {}], ['dense', { units: 10 }], ['output', {}]]);
  network = compile(s.document('small', 'test'), { classes: 10, sampleShape: [1, 8, 8] }).network;
});

function optionsFor(change: object): LoopOptions {
  const config = TrainingConfigSchema.parse({ epochs: 3, batchSize: 16, learningRate: 0.01, ...change });
  return { run: 'r', network, config, dataset, split, weights: initialWeights(network, config.seed), device: { id: 'cpu', reason: 'test' } };
}

async function train(options: LoopOptions, stopAfter = Infinity) {
  const control = new Control();
  const sink = new MemorySink();
  const losses: number[] = [];
  const onStep = (step: number, r: { loss: number }) => {
    losses.push(r.loss);
    if (step === stopAfter) control.command = STOP;
  };
  const result = await runTraining({ engine: createOnnxEngine('cpu'), sink, onStep }, options, control, () => undefined);
  expect(result.error).toBeNull();
  return { result, losses, sink };
}

/** A checkpoint as it comes back from disk: its position has been JSON. */
function reread({ snapshot, position }: Checkpoint): Checkpoint {
  const named = (prefix: string, tensors: Checkpoint['snapshot']['weights']) => [...tensors].map(([n, t]) => [prefix + n, structuredClone(t)] as const);
  return checkpointOf(new Map([...named('weight/', snapshot.weights), ...named('state/', snapshot.state)]), JSON.parse(JSON.stringify({ ...position, optimiserStep: snapshot.step })));
}

const everything = {
  loss: { kind: 'cross-entropy', labelSmoothing: 0.1, classWeights: 'balanced' }, weightDecay: 0.01, accumulation: 3, ema: { decay: 0.9 },
  clip: { kind: 'norm', limit: 0.5 }, warmup: { epochs: 0.5 }, layerRates: { 'conv-1': 0.5 },
};
const cases: readonly (readonly [string, object])[] = [
  ['SGD', { optimizer: { kind: 'sgd' } }],
  ['momentum, cosine', { optimizer: { kind: 'sgd', momentum: 0.9 }, schedule: { kind: 'cosine' } }],
  ['Nesterov, clipping by value', { optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true }, clip: { kind: 'value' } }],
  ['RMSProp, centred, with momentum', { optimizer: { kind: 'rmsprop', momentum: 0.5, centered: true } }],
  ['Adagrad', { optimizer: { kind: 'adagrad' } }],
  ['Adam, plateau', { optimizer: { kind: 'adam' }, schedule: { kind: 'plateau', patience: 0, threshold: 0.9, factor: 0.5 } }],
  ['AdamW, mean weights', { optimizer: { kind: 'adamw' }, weightDecay: 0.01, ema: { decay: 0.9 } }],
  ['Lion, early stopping', { optimizer: { kind: 'lion' }, learningRate: 0.001, earlyStopping: { patience: 1, minDelta: 10 } }],
  ['AdamW with everything', { ...everything, optimizer: { kind: 'adamw' }, schedule: { kind: 'one-cycle' } }],
  ['SGD with everything, plateau', { ...everything, optimizer: { kind: 'sgd', momentum: 0.9 }, schedule: { kind: 'plateau', patience: 0, threshold: 0.9, factor: 0.5 } }],
];

describe('a stopped run', () => {
  // Early, inside and at the end of an accumulation window, at an epoch's end, in the last epoch.
  it.each(cases)('goes on to the bit: %s', async (_, change) => {
    const options = optionsFor(change);
    const whole = await train(options);
    for (const stopAfter of [1, 6, 7, 11].filter((n) => n < whole.losses.length)) {
      const first = await train(options, stopAfter);
      expect(first.result.state).toBe('stopped');
      const second = await train({ ...options, resume: reread(first.sink.last as Checkpoint), ...(first.result.best ? { best: first.result.best } : {}) });
      expect([...first.losses, ...second.losses]).toEqual(whole.losses);
      expect([...first.sink.points, ...second.sink.points]).toEqual(whole.sink.points);
      expect(second.result.last).toEqual(whole.result.last);
      expect(second.result.kept).toEqual(whole.result.kept);
    }
  });

  it('refuses a checkpoint whose optimiser was another', async () => {
    const first = await train(optionsFor({ optimizer: { kind: 'sgd', momentum: 0.9 } }), 2);
    const options = { ...optionsFor({ optimizer: { kind: 'adam' } }), resume: first.sink.last as Checkpoint };
    const { error } = await runTraining({ engine: createOnnxEngine('cpu'), sink: new MemorySink() }, options, new Control(), () => undefined);
    expect(error?.code).toBe('training.checkpoint-mismatch');
  });
});
