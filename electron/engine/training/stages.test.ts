/** Gradual unfreezing in the loop, on the real engine: who moves when, by how much, and exactly the same after a resume. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { cutsOf, fixedLayers, splitAt } from '../../../shared/compile/cuts.ts';
import { lowerForward } from '../../../shared/compile/lower.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import type { Document } from '../../../shared/graph/document.ts';
import { Sketch } from '../../../shared/templates/build.ts';
import { findTemplate } from '../../../shared/templates/templates.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { buildStepGraph } from '../autodiff/step-graph.ts';
import type { Dataset, Split } from '../datasets/dataset.ts';
import { Control } from './control.ts';
import type { Weights } from './engine.ts';
import { runTraining } from './loop.ts';
import { createOnnxEngine } from './onnx-engine.ts';
import { MemorySink } from './run-sink.ts';

const s = new Sketch();
s.chain(null, [['input', { kind: 'image', height: 4, width: 4, channels: 1 }], ['conv2d', { filters: 3, kernel: [3, 3], padding: 'same', bias: false }], ['tanh', {}], ['flatten', {}], ['dense', { units: 6, bias: true, activation: 'tanh' }], ['dropout', { rate: 0.2 }], ['dense', { units: 3 }], ['output', {}]]);
const drawn = s.document('net', 'test');
const frozen: Document = { ...drawn, graph: { ...drawn.graph, nodes: drawn.graph.nodes.map((n) => (n.id === 'dense-2' || n.id.startsWith('dropout') ? n : { ...n, frozen: true })) } };
const network = compile(frozen, { classes: 3, sampleShape: [1, 4, 4] }).network;
const [conv, hidden, last] = network.layers.filter((l) => l.parameters > 0).map((l) => l.id) as [string, string, string];

const random = createRandom(2);
const count = 40;
const dataset: Dataset = { name: 'noise', licence: '', shape: [1, 4, 4], classes: ['a', 'b', 'c'], count, maximum: 1, labels: Int32Array.from({ length: count }, (_, i) => i % 3), values: Float32Array.from({ length: count * 16 }, () => random.normal()) };
const split: Split = { train: Int32Array.from({ length: 32 }, (_, i) => i), validation: Int32Array.from({ length: 8 }, (_, i) => 32 + i) };
const weights = initialWeights(network, 1);

async function play(change: object, resume?: MemorySink['last']) {
  const sink = new MemorySink();
  const ends: Weights[] = [];
  const losses: number[] = [];
  const config = TrainingConfigSchema.parse({ batchSize: 8, learningRate: 0.01, keepBest: false, unfreezing: { every: 2, blocks: 2, rate: 0.5 }, ...change });
  const result = await runTraining({ engine: createOnnxEngine('cpu'), sink, onStep: (_, r) => losses.push(r.loss) }, { run: 'r', network, config, dataset, split, weights, device: { id: 'cpu', reason: '' }, ...(resume ? { resume } : {}) }, new Control(), (e) => { if (e.kind === 'weights') ends.push(e.weights); });
  expect(result.error).toBe(null);
  return { result, sink, ends, losses };
}
const moved = (a: Weights | undefined, b: Weights | undefined, layer: string): number => Math.max(...[...(a ?? [])].flatMap(([name, w]) => (name.startsWith(`${layer}.`) ? [...w.data].map((v, i) => Math.abs(v - (b?.get(name)?.data[i] ?? NaN))) : [])));

describe('gradual unfreezing', () => {
  it('trains the head first, then a block more every second epoch, and marks it on the curve', async () => {
    const { ends, sink } = await play({ epochs: 6 });
    const rows = ends.map((w, i) => [conv, hidden, last].map((layer) => moved(ends[i - 1] ?? weights, w, layer) > 0));
    expect(rows).toEqual([...Array.from({ length: 2 }, () => [false, false, true]), ...Array.from({ length: 2 }, () => [false, true, true]), ...Array.from({ length: 2 }, () => [true, true, true])]);
    expect(sink.points.filter((p) => p.thawed !== undefined)).toEqual([{ step: 8, epoch: 2, thawed: 1 }, { step: 16, epoch: 4, thawed: 2 }]);
  });

  it('a block’s first Adam step is as long as any first step: rate times its share', async () => {
    // One step an epoch: with its own count each number moves by η·g/(|g| + ε) at first; with the run's count it would be by three times that.
    const { ends } = await play({ epochs: 4, batchSize: 32, optimizer: { kind: 'adam', epsilon: 1e-12 }, unfreezing: { every: 3, blocks: 2, rate: 0.5 } });
    expect(moved(ends[2], ends[3], hidden)).toBeCloseTo(0.005, 5);
  });

  it.each([{ kind: 'adam' }, { kind: 'sgd', momentum: 0.9 }])('keeps the optimiser’s state of what goes on, and resumes exactly at a border: %j', async (optimizer) => {
    const whole = await play({ epochs: 5, optimizer, ema: { decay: 0.9 } });
    const first = await play({ epochs: 2, optimizer, ema: { decay: 0.9 } });
    const rest = await play({ epochs: 5, optimizer, ema: { decay: 0.9 } }, first.sink.last);
    expect([...first.losses, ...rest.losses]).toEqual(whole.losses);
    expect(rest.sink.points.filter((p) => p.thawed !== undefined).map((p) => p.thawed)).toEqual([1, 2]);
    // The head's own state went on over the border: without the first block's joining it would have moved the same in that step.
    const never = await play({ epochs: 5, optimizer, ema: { decay: 0.9 }, unfreezing: null });
    expect(whole.losses.slice(0, 9)).toEqual(never.losses.slice(0, 9));
    expect(whole.losses[11]).not.toBe(never.losses[11]);
  });
});

describe('what is frozen', () => {
  it('costs a step its forward pass and nothing else: no gradient nodes, no activations kept for them', () => {
    const resnet = (findTemplate('small-resnet') as { build(o: object): Document }).build({ size: 16, channels: 3, classes: 4 });
    const ids = compile(resnet).network.layers.filter((l) => l.parameters > 0).map((l) => l.id);
    const whole: Network = { ...compile(resnet).network, layers: compile(resnet).network.layers.map((l) => ({ ...l, frozen: l.id !== ids.at(-1) })) };
    const options = { loss: 'cross-entropy', device: 'cpu', input: { element: 'float32', offset: 0, scale: 1 }, optimizer: { kind: 'sgd', momentum: 0, nesterov: false }, weightDecay: 0 } as const;
    const fixed = fixedLayers(whole, {});
    const parts = splitAt(whole, cutsOf(whole).findLast((c) => fixed.has(c.id)) as Network['layers'][number]);
    const step = (n: Network, block: number | null = null) => buildStepGraph(lowerForward(n, { batch: 4, training: true }), { ...options, block }).graph;
    const forward = lowerForward(parts.trunk, { batch: 4, training: false }).graph.nodes.length;
    expect(step(whole).nodes.length).toBe(forward + step(parts.head).nodes.length);
    // Values of the frozen part are used by the frozen part alone, but for the one that crosses: nothing waits for a way back.
    const graph = step(whole);
    const own = new Set(graph.nodes.filter((n) => parts.trunk.layers.some((l) => n.name.startsWith(`${l.id}/`))).flatMap((n) => n.outputs));
    const crossing = new Set(graph.nodes.filter((n) => !parts.trunk.layers.some((l) => n.name.startsWith(`${l.id}/`))).flatMap((n) => n.inputs.filter((i) => own.has(i))));
    expect([own.size > 20, crossing.size]).toEqual([true, 1]);
  });
});

describe('kept statistics', () => {
  it('a norm that trains goes by them and leaves them; its scale still learns', async () => {
    const b = new Sketch();
    b.chain(null, [['input', { kind: 'image', height: 4, width: 4, channels: 1 }], ['conv2d', { filters: 2 }], ['batch-norm', {}], ['flatten', {}], ['dense', { units: 3 }], ['output', {}]]);
    const net = compile(b.document('net', 'test'), { classes: 3, sampleShape: [1, 4, 4] }).network;
    const start = initialWeights(net, 3);
    const step = async (keepStatistics: boolean) => {
      const session = await createOnnxEngine('cpu').open(net, TrainingConfigSchema.parse({ batchSize: 8, optimizer: { kind: 'sgd' }, keepStatistics }), start, { element: 'float32', offset: 0, scale: 1 });
      const { loss } = await session.step({ inputs: (dataset.values as Float32Array).slice(0, 128), targets: dataset.labels.slice(0, 8), size: 8 }, 0.1);
      const evaluated = await (await createOnnxEngine('cpu').open(net, TrainingConfigSchema.parse({ batchSize: 8 }), start, { element: 'float32', offset: 0, scale: 1 })).evaluate({ inputs: (dataset.values as Float32Array).slice(0, 128), targets: dataset.labels.slice(0, 8), size: 8 });
      const after = (await session.snapshot()).weights;
      const changed = [...start].filter(([name, w]) => w.data.some((v, i) => v !== after.get(name)?.data[i])).map(([name]) => name.split('.')[1]);
      return { loss, evaluated: evaluated.lossSum / 8, changed: new Set(changed) };
    };
    const [kept, gathered] = [await step(true), await step(false)];
    // In training and in use the same function: the loss of the step is that of an evaluation.
    expect(kept.loss).toBeCloseTo(kept.evaluated, 5);
    expect([kept.changed.has('scale'), kept.changed.has('mean'), kept.changed.has('variance')]).toEqual([true, false, false]);
    expect([gathered.changed.has('mean'), Math.abs(gathered.loss - gathered.evaluated) > 1e-4]).toEqual([true, true]);
  });
});
