/** Nets with operators train as the same nets drawn with layers do; where no rule is known, what lies before stands still. */
import { expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { lowerForward } from '../../../shared/compile/lower.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { requireTrainable } from '../../../shared/compile/trainable.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { emptyDocument, type DrawnNode, type Operand, type OperatorNode, type Wire } from '../../../shared/graph/document.ts';
import { defaultParams, type LayerType } from '../../../shared/layers/table.ts';
import { int, ints, type Attribute } from '../../../shared/onnx/ir.ts';
import { storeAttribute, storeConstant } from '../../../shared/onnx/stored.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { legalise } from '../autodiff/legalise.ts';
import { probeFrame } from '../insight/maps.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { Weights } from './engine.ts';
import { createOnnxEngine } from './onnx-engine.ts';
import { timeLayers } from './time-layers.ts';

const position = { x: 0, y: 0 };
const layer = (id: string, type: LayerType, params: Record<string, unknown> = {}): DrawnNode => ({ kind: 'layer', id, name: id, layer: type, params: { ...defaultParams(type), ...params }, position });
const operator = (id: string, op: string, rest: readonly Operand[] = [], attributes: Record<string, Attribute> = {}): OperatorNode =>
  ({ kind: 'operator', id, name: id, op, domain: '', opset: 18, attributes: Object.fromEntries(Object.entries(attributes).map(([k, a]) => [k, storeAttribute(a)])), operands: [{ port: 'in' }, ...rest], outputs: ['out'], position });

/** One after another. */
function chain(nodes: readonly DrawnNode[]): Network {
  const wires = nodes.slice(1).map((n, i): Wire => ({ id: `w${i}`, from: { node: (nodes[i] as DrawnNode).id, port: 'out' }, to: { node: n.id, port: 'in' } }));
  const { network, problems } = compile({ ...emptyDocument('probe'), graph: { nodes, wires } });
  expect(problems).toEqual([]);
  return network;
}
const border = [layer('input', 'input', { kind: 'image', height: 8, width: 8, channels: 3 }), layer('output', 'output')] as const;
const drawn = (): Network => chain([
  border[0], layer('conv', 'conv2d', { filters: 16, kernel: [3, 3], padding: 'same' }), layer('relu', 'relu'), layer('pool', 'max-pool'), layer('flat', 'flatten'), layer('dense', 'dense', { units: 4 }), border[1],
]);
const written = (middle: readonly DrawnNode[] = []): Network => chain([
  border[0], operator('conv', 'Conv', [{ weight: 'kernel', shape: [16, 3, 3, 3] }, { weight: 'bias', shape: [16] }], { pads: ints([1, 1, 1, 1]) }), operator('relu', 'Relu'),
  operator('pool', 'MaxPool', [], { kernel_shape: ints([2, 2]), strides: ints([2, 2]) }), operator('flat', 'Flatten', [], { axis: int(1) }), ...middle, operator('dense', 'Gemm', [{ weight: 'kernel', shape: [256, 4] }, { weight: 'bias', shape: [4] }]), border[1],
]);

const SAMPLES = 6;
const random = createRandom(3);
const values = Float32Array.from({ length: SAMPLES * 192 }, () => random.next());
const dataset: Dataset = { name: 'noise', licence: '', shape: [3, 8, 8], classes: ['a', 'b', 'c', 'd'], values, labels: Int32Array.of(0, 1, 2, 3, 0, 1), count: SAMPLES, maximum: 1 };
const batch = { inputs: values, targets: dataset.labels, size: SAMPLES };

async function train(network: Network, weights: Weights, steps = 5) {
  const session = await createOnnxEngine('cpu').open(network, TrainingConfigSchema.parse({ batchSize: SAMPLES }), weights, { element: 'float32', offset: 0, scale: 1 });
  try {
    const losses: number[] = [];
    for (let i = 0; i < steps; i++) losses.push((await session.step(batch, 0.01)).loss);
    const maps = await probeFrame(session, { network, dataset, sample: 0, step: 0 });
    return { losses, maps: maps.layers.map((l) => l.layer), missing: ((await session.missing?.()) ?? []).map((d) => d.place.label), weights: (await session.snapshot()).weights };
  } finally {
    await session.dispose();
  }
}

it('five steps of a convolutional net: the same losses and weights, to the bit', async () => {
  const weights = initialWeights(drawn(), 5);
  const [layers, operators] = [await train(drawn(), weights), await train(written(), weights)];
  expect(operators.losses).toEqual(layers.losses);
  expect(operators.losses.at(-1)).toBeLessThan(operators.losses[0] as number);
  expect(operators.missing).toEqual([]);
  for (const [name, w] of layers.weights) expect(operators.weights.get(name)?.data, name).toEqual(w.data);
});

it('behind an operator without a rule the rest trains, and what stands still is said', async () => {
  const weights = initialWeights(drawn(), 5);
  const net = written([operator('odd', 'Mod', [{ constant: storeConstant({ element: 'float32', shape: [], data: Float32Array.of(1.5) }) }], { fmod: int(1) })]);
  const after = await train(net, weights);
  expect(after.missing).toEqual(['odd/Mod']);
  expect(after.weights.get('conv.kernel')?.data).toEqual(weights.get('conv.kernel')?.data);
  expect(after.weights.get('dense.kernel')?.data).not.toEqual(weights.get('dense.kernel')?.data);
});

it('values that are no float32 of samples have no maps, and stop nothing', async () => {
  const net = written([operator('whole', 'Cast', [], { to: int(7) }), operator('back', 'Cast', [], { to: int(1) })]);
  const { maps, losses } = await train(net, initialWeights(net, 5));
  expect(maps).toEqual(['input', 'conv', 'relu', 'pool', 'flat', 'back', 'dense', 'output']);
  expect(losses.every(Number.isFinite)).toBe(true);
});

it('a recurrent operator, with the batch second and an output left out, stands still before a head that trains', async () => {
  const sequence = layer('input', 'input', { kind: 'sequence', channels: 3, length: 64 });
  const rnn: OperatorNode = {
    ...operator('rnn', 'RNN', [{ weight: 'w', shape: [1, 5, 3] }, { weight: 'r', shape: [1, 5, 5] }], { hidden_size: int(5) }), outputs: ['', 'out'],
    types: [{ element: 'float32', shape: [64, 1, -1, 5] }, { element: 'float32', shape: [1, -1, 5] }],
  };
  const net = chain([sequence, operator('turn', 'Transpose', [], { perm: ints([2, 0, 1]) }), rnn, operator('last', 'Squeeze', [{ constant: storeConstant({ element: 'int64', shape: [1], data: BigInt64Array.of(0n) }) }]), layer('dense', 'dense', { units: 4 }), border[1]]);
  const weights = initialWeights(net, 5);
  const after = await train(net, weights);
  expect(after.losses.at(-1)).toBeLessThan(after.losses[0] as number);
  expect([after.missing, after.maps]).toEqual([['rnn/RNN'], ['input', 'last', 'dense', 'output']]);
  expect(after.weights.get('rnn.w')?.data).toEqual(weights.get('rnn.w')?.data);
  // The passes of a GPU read every node of it.
  const { graph } = lowerForward(net, { batch: 2, training: true });
  expect(legalise(graph, 'webgpu').outputs).toEqual(graph.outputs);
});

it('a net that answers with what is no number still fills a frame', async () => {
  const net = chain([border[0], operator('log', 'Log'), layer('flat', 'flatten'), layer('dense', 'dense', { units: 4 }), border[1]]);
  // Samples from −2 to −1 have no logarithm.
  const session = await createOnnxEngine('cpu').open(net, TrainingConfigSchema.parse({}), initialWeights(net, 5), { element: 'float32', offset: 2, scale: 1 });
  expect((await probeFrame(session, { network: net, dataset, sample: 0, step: 0 })).prediction).toEqual([0, 0, 0, 0]);
  await session.dispose();
});

it('the time of each operator is told', async () => {
  const { layers } = await timeLayers(written(), TrainingConfigSchema.parse({ batchSize: 2 }));
  expect(layers.filter((l) => l.forward > 0).map((l) => l.layer)).toEqual(expect.arrayContaining(['conv', 'dense']));
});

it('no data set feeds a net of two inputs, or of whole numbers', () => {
  const two = compile({ ...emptyDocument('two'), graph: {
    nodes: [layer('a', 'tensor-input', { shape: [-1, 3] }), layer('b', 'tensor-input', { shape: [-1, 3] }), layer('add', 'add'), layer('out', 'tensor-output')],
    wires: [['a', 'add'], ['b', 'add'], ['add', 'out']].map(([from, to], i) => ({ id: `w${i}`, from: { node: from as string, port: 'out' }, to: { node: to as string, port: 'in' } })),
  } });
  expect([two.ready, two.problems.map((p) => p.diagnostic.code)]).toEqual([true, ['graph.tensors']]);
  expect(() => requireTrainable(two.network)).toThrow('2 inputs');
  expect(() => requireTrainable(chain([layer('a', 'tensor-input', { shape: [-1, 3] }), layer('out', 'tensor-output')]))).not.toThrow();
  const whole = compile({ ...emptyDocument('whole'), graph: { nodes: [layer('a', 'tensor-input', { element: 'int64', shape: [-1, 3] }), layer('out', 'tensor-output')], wires: [{ id: 'w', from: { node: 'a', port: 'out' }, to: { node: 'out', port: 'in' } }] } });
  expect(() => requireTrainable(whole.network)).toThrow('int64 [N, 3]');
});
