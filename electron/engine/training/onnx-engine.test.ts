import { fileURLToPath } from 'node:url';
import { describe, it, expect, beforeAll } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { emptyDocument, type Document } from '../../../shared/graph/document.ts';
import { Sketch } from '../../../shared/templates/build.ts';
import { findTemplate } from '../../../shared/templates/templates.ts';
import { TrainingConfigSchema, type TrainingConfig } from '../../../shared/training/config.ts';
import type { Dataset, Split } from '../datasets/dataset.ts';
import { openDataset, stratifiedSplit } from '../datasets/open.ts';
import { batchOf, encodingOf } from './batches.ts';
import { live } from '../runtime/session.ts';
import { Control, STOP } from './control.ts';
import { runTraining } from './loop.ts';
import type { LoopOptions } from './run-options.ts';
import { createOnnxEngine } from './onnx-engine.ts';
import { MemorySink } from './run-sink.ts';

let dataset: Dataset;
let split: Split;
beforeAll(async () => {
  dataset = await openDataset({ kind: 'builtin', id: 'digits' }, fileURLToPath(new URL('../../../resources', import.meta.url)));
  split = stratifiedSplit(dataset.labels, 0.2, 7);
});

const networkOf = (document: Document): Network => compile(document, { classes: 10, sampleShape: [1, 8, 8] }).network;
const lenet = (): Network => networkOf(findTemplate('lenet-5-digits')?.build() ?? emptyDocument('none'));

/** Batch norm, dropout and a merge: everything with state or chance. */
function eventful(): Network {
  const s = new Sketch();
  const x = s.chain(null, [['input', { kind: 'image', height: 8, width: 8, channels: 1 }], ['conv2d', { filters: 4, kernel: [3, 3], padding: 'same', bias: false }], ['batch-norm', {}], ['relu', {}]]);
  const y = s.chain(x, [['conv2d', { filters: 4, kernel: [3, 3], padding: 'same' }], ['dropout', { rate: 0.3 }]]);
  s.chain(s.add('add', {}, [x, y]), [['flatten', {}], ['dense', { units: 10 }], ['output', {}]]);
  return networkOf(s.document('eventful', 'test'));
}

function optionsFor(network: Network, change: Partial<TrainingConfig> = {}, more: Partial<LoopOptions> = {}): LoopOptions {
  const config = TrainingConfigSchema.parse({ ...change });
  return { run: 'r', network, config, dataset, split, weights: initialWeights(network, config.seed), device: { id: 'cpu', reason: 'test' }, ...more };
}

async function train(options: LoopOptions, stopAfter = Infinity, sink = new MemorySink()) {
  const control = new Control();
  const losses: number[] = [];
  const onStep = (step: number, r: { loss: number }) => {
    losses.push(r.loss);
    if (step === stopAfter) control.command = STOP;
  };
  const result = await runTraining({ engine: createOnnxEngine('cpu'), sink, onStep }, options, control, () => undefined);
  return { result, losses, sink };
}

describe('ONNX engine on the CPU', () => {
  it('reads digits at 97 % on a held-out fifth, three runs alike to the bit', async () => {
    const runs = [];
    for (let i = 0; i < 3; i++) runs.push(await train(optionsFor(lenet())));
    expect(runs[0]?.result.error).toBeNull();
    expect(runs[0]?.result.progress.bestAccuracy).toBeGreaterThanOrEqual(0.97);
    expect(split.validation.length).toBeGreaterThanOrEqual(Math.floor(dataset.count / 5) - 10);
    for (const other of runs.slice(1)) {
      expect(other.losses).toEqual(runs[0]?.losses);
      expect(other.result.last).toEqual(runs[0]?.result.last);
    }
  });

  it('leaves no session open after twenty runs, each with maps and an evaluation', async () => {
    const before = { ...live };
    const network = eventful();
    for (let run = 0; run < 20; run++) {
      const session = await createOnnxEngine('cpu').open(network, TrainingConfigSchema.parse({ batchSize: 16, accumulation: 2 }), initialWeights(network, run), encodingOf(dataset));
      const batch = batchOf(dataset, split.train.subarray(0, 16));
      for (let i = 0; i < 3; i++) await session.step(batch, 0.01);
      await session.evaluate(batch);
      // More looks than sessions are kept for them.
      for (const size of [1, 2, 3]) await session.forward(batchOf(dataset, split.train.subarray(0, size)), [network.layers[1]?.id ?? '']);
      await session.dispose();
    }
    expect(live).toEqual(before);
  });

  it('resumes to the bit, batch norm, dropout and Adam included', async () => {
    const options = optionsFor(eventful(), { epochs: 2, batchSize: 128 });
    const whole = await train(options);
    expect(whole.result).toMatchObject({ error: null, state: 'finished' });
    const first = await train(options, 13);
    const resume = structuredClone(first.sink.last);
    const second = await train({ ...options, ...(resume ? { resume } : {}) });
    expect([...first.losses, ...second.losses]).toEqual(whole.losses);
    expect(second.result.last).toEqual(whole.result.last);
  });

  it('evaluates a short batch exactly, sample by sample', async () => {
    const network = eventful();
    const weights = initialWeights(network, 1);
    const config = TrainingConfigSchema.parse({ batchSize: 16 });
    const session = await createOnnxEngine('cpu').open(network, config, weights, encodingOf(dataset));
    const indices = [5, 100, 900, 1000, 1001];
    const { lossSum, correct, outputs } = await session.evaluate(batchOf(dataset, indices));
    expect(outputs.length).toBe(50);
    let loss = 0;
    let hits = 0;
    for (const [k, i] of indices.entries()) {
      const tap = await session.forward(batchOf(dataset, [i]), ['output-1']);
      const z = Array.from(tap.get('output-1')?.data ?? []);
      z.forEach((v, c) => expect(outputs[k * 10 + c]).toBeCloseTo(v, 4));
      const label = dataset.labels[i] as number;
      loss += Math.log(z.reduce((a, v) => a + Math.exp(v), 0)) - (z[label] as number);
      if (z.indexOf(Math.max(...z)) === label) hits++;
    }
    expect(lossSum).toBeCloseTo(loss, 4);
    expect(correct).toBe(hits);
    await session.dispose();
  });

  it('names a layer when the learning rate is absurd, and keeps the weights of before', async () => {
    const options = optionsFor(lenet(), { learningRate: 1e-3, epochs: 2 });
    const control = new Control();
    const onStep = (step: number) => void (step === 50 && control.setLearningRate(1e30));
    const sink = new MemorySink();
    const { state, error, last } = await runTraining({ engine: createOnnxEngine('cpu'), sink, onStep }, options, control, () => undefined);
    expect(state).toBe('failed');
    expect(error?.code).toBe('training.not-finite');
    expect(options.network.layers.map((l) => l.id)).toContain(error?.place.node);
    expect(last).toEqual(sink.last?.snapshot.weights);
    expect(sink.last?.position.step).toBe(Math.floor(split.train.length / options.config.batchSize));
  });

  it('names the layer that overflowed when the layers before it are sound', async () => {
    const network = lenet();
    const weights = initialWeights(network, 7);
    const victim = network.layers.filter((l) => l.weights.length > 0)[2];
    const kernel = victim?.weights[0];
    if (!victim || !kernel) throw new Error('no third layer with weights');
    weights.set(kernel.fullName, { shape: kernel.shape, data: new Float32Array(kernel.shape.reduce((a, d) => a * d, 1)).fill(3e38) });
    const { result } = await train(optionsFor(network, {}, { weights }));
    expect(result.error).toMatchObject({ code: 'training.not-finite', place: { node: victim.id }, args: { what: 'outputs', step: 1 } });
  });

  it('refuses a checkpoint of another net by name', async () => {
    const network = lenet();
    const session = await createOnnxEngine('cpu').open(network, TrainingConfigSchema.parse({}), initialWeights(network, 1), encodingOf(dataset));
    await expect(session.restore({ weights: initialWeights(eventful(), 1), state: new Map(), step: 0 })).rejects.toThrow(/checkpoint of this network/);
    await session.dispose();
  });
});
