/** A small problem for the loop's tests: three noisy classes of four features, and the network rows that fit toy-engine.ts. */
import type { Network, NetworkLayer } from '../../../shared/compile/network.ts';
import { TrainingConfigSchema, type TrainingConfig } from '../../../shared/training/config.ts';
import { createRandom } from '../../../shared/util/random.ts';
import type { Dataset, Split } from '../datasets/dataset.ts';
import { Control } from './control.ts';
import type { LoopOptions } from './run-options.ts';

const layer = (id: string, shape: number[], inputs: string[], weights: NetworkLayer['weights']): NetworkLayer => ({
  id, name: id, type: 'dense', params: {}, inputs, inputShapes: [], shape, types: [{ element: 'float32', shape, batched: true }], arithmetic: [], weights, parameters: 0, parameterArithmetic: '', macs: 0, receptiveField: null, frozen: false, bypassed: false,
});

export const toyNetwork: Network = {
  name: 'toy', parameters: 12, macs: 12,
  layers: [
    layer('input', [4, 1, 1], [], []),
    layer('dense', [3], ['input'], [{ name: 'kernel', fullName: 'dense.kernel', shape: [3, 4], initializer: { kind: 'constant', value: 0 }, role: 'trained', decays: true }]),
  ],
};

export function toyDataset(count = 100): Dataset {
  const random = createRandom(3);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
  const values = Float32Array.from({ length: count * 4 }, (_, i) => (i % 4 === (labels[Math.floor(i / 4)] as number) ? 1 : 0) + 0.4 * random.normal());
  return { name: 'toy', licence: '', shape: [4, 1, 1], classes: ['a', 'b', 'c'], values, labels, count, maximum: 1 };
}

export function toyOptions(change: Partial<TrainingConfig> = {}, more: Partial<LoopOptions> = {}): LoopOptions {
  const dataset = toyDataset();
  const indices = Int32Array.from({ length: dataset.count }, (_, i) => i);
  const split: Split = { train: indices.slice(0, 75), validation: indices.slice(75) };
  return {
    run: 'r1', network: toyNetwork, dataset, split, device: { id: 'cpu', reason: 'for a test' },
    config: TrainingConfigSchema.parse({ epochs: 3, batchSize: 10, learningRate: 0.5, ...change }),
    weights: new Map([['dense.kernel', { shape: [3, 4], data: new Float32Array(12) }]]),
    ...more,
  };
}

export const freshControl = (): Control => new Control();
