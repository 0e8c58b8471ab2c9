/** What a run leaves behind, how often it turns values round, and what it does not know. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { WHOLE } from '../../../shared/compile/lower.ts';
import { GraphBuilder, type Value } from '../../../shared/onnx/builder.ts';
import { int, ints, string } from '../../../shared/onnx/ir.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { releaseConstants } from './constants.ts';
import { channelsFirst, laidLast, type Laid } from './laid.ts';
import { runGraph } from './run-graph.ts';
import type { Tensor } from './tf.ts';

const random = createRandom(11);
const noise = (...shape: number[]): Tensor => tf.tensor(Float32Array.from({ length: shape.reduce((a, d) => a * d, 1) }, () => random.normal()), shape);
const first = (tensor: Tensor): Laid => ({ tensor, last: false });
const plain = { layers: new Map(), taped: false } as const;
const image = { element: 'float32', shape: [2, 4, 6, 6] } as const;

/** A block of a residual net: convolutions, norms, rectifiers, a sum, channels joined, pools, padding, upsampling, a gate. */
function block(): GraphBuilder {
  const b = new GraphBuilder();
  const weight = (name: string, ...shape: number[]): Value => b.input(name, { element: 'float32', shape });
  const conv = (x: Value, name: string): Value => b.op('Conv', [x, weight(name, 4, 4, 3, 3)], { pads: ints([1, 1, 1, 1]) });
  const norm = (x: Value, name: string): Value => b.ops('BatchNormalization', [x, ...['scale', 'bias', 'mean', 'variance'].map((w) => weight(`${name}.${w}`, 4))], { attributes: { training_mode: int(1) }, outputs: 3 })[0] as Value;
  const x = b.input('x', image);
  const sum = b.op('Relu', [b.add(norm(conv(x, 'conv1'), 'norm1'), norm(conv(b.op('LeakyRelu', [x]), 'conv2'), 'norm2'))]);
  const pooled = b.op('MaxPool', [sum], { kernel_shape: ints([3, 3]), strides: ints([2, 2]), pads: ints([1, 1, 0, 0]) });
  const grown = b.op('Resize', [b.op('AveragePool', [pooled], { kernel_shape: ints([3, 3]), pads: ints([1, 1, 1, 1]) }), null, null, b.int64([2, 4, 6, 6])], { mode: string('linear') });
  const gate = b.op('Sigmoid', [b.op('GlobalAveragePool', [grown])]);
  const shifted = b.add(b.mul(b.op('Concat', [grown, sum, gate.type.shape[2] === 1 ? b.mul(sum, gate) : sum], { axis: int(1) }), b.reshape(weight('factor', 12), [12, 1, 1])), b.scalar(1));
  const framed = b.op('Pad', [b.op('Slice', [b.op('Clip', [shifted, b.scalar(0), b.scalar(6)]), b.int64([0]), b.int64([8]), b.int64([1])]), b.int64([0, 0, 1, 1, 0, 0, 1, 1])]);
  b.output('y', b.op('Flatten', [b.op('GlobalMaxPool', [framed])]));
  return b;
}

const fed = (b: GraphBuilder): Map<string, Laid> => new Map(b.build('block').inputs.map(({ name, type }) => [name, first(name.endsWith('variance') ? tf.ones([...type.shape]) : noise(...type.shape))]));

describe('running a graph', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('leaves its answers and its constants, and no constants once they are released', () => {
    const b = block();
    const graph = b.build('block');
    const feeds = fed(b);
    const before = tf.memory().numTensors;
    const run = () => [...runGraph(tf, graph, feeds, plain).values()].forEach(({ tensor }) => tensor.dispose());
    run();
    const constants = tf.memory().numTensors - before;
    run();
    expect(tf.memory().numTensors - before).toBe(constants);
    releaseConstants(graph);
    expect(tf.memory().numTensors).toBe(before);
    expect([...feeds.values()].some(({ tensor }) => tensor.isDisposed)).toBe(false);
  });

  it('leaves nothing of a gradient but the gradient', () => {
    const b = block();
    const graph = b.build('block');
    const feeds = fed(b);
    const variable = tf.variable(feeds.get('conv1')?.tensor as Tensor);
    const before = tf.memory().numTensors;
    const { value, grads } = tf.variableGrads(() => tf.sum((runGraph(tf, graph, new Map([...feeds, ['conv1', first(variable)]]), { ...plain, taped: true }).get('y') as Laid).tensor), [variable]);
    tf.dispose([value, grads]);
    releaseConstants(graph);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('turns a picture once and each kernel once, whatever lies between', async () => {
    const b = block();
    const graph = b.build('block');
    const { kernels } = await tf.profile(() => (runGraph(tf, graph, fed(b), plain).get('y') as Laid).tensor);
    const turned = kernels.filter((k) => k.name === 'Transpose').map((k) => (k.inputShapes[0] ?? []).join(' × '));
    expect(turned.sort()).toEqual(['2 × 4 × 6 × 6', '4 × 4 × 3 × 3', '4 × 4 × 3 × 3']);
  });

  it('answers the same in either order', () => {
    const graph = block().build('block');
    const feeds = fed(block());
    const x = feeds.get('x')?.tensor as Tensor;
    const answer = (laid: Laid): Float32Array => (runGraph(tf, graph, new Map([...feeds, ['x', laid]]), plain).get('y') as Laid).tensor.dataSync() as Float32Array;
    expect(Array.from(answer(laidLast(tf.transpose(x, [0, 2, 3, 1]))))).toEqual(Array.from(answer(first(x))));
  });

  it('is a norm across channels without turning anything, when the drawing turns it itself', async () => {
    const b = new GraphBuilder();
    const x = b.input('x', image);
    const y = b.op('LayerNormalization', [b.transpose(x, [0, 2, 3, 1]), b.constant({ element: 'float32', shape: [4], data: Float32Array.of(1, 2, 3, 4) })], { axis: int(-1) });
    b.output('y', b.transpose(y, [0, 3, 1, 2]));
    const graph = b.build('norm');
    const run = (laid: Laid): Laid => runGraph(tf, graph, new Map([['x', laid]]), plain).get('y') as Laid;
    const data = noise(2, 4, 6, 6);
    const other = laidLast(tf.transpose(data, [0, 2, 3, 1]));
    const { kernels } = await tf.profile(() => run(other).tensor);
    expect(kernels.map((k) => k.name)).not.toContain('Transpose');
    expect(Array.from(channelsFirst(tf, run(other)).dataSync())).toEqual(Array.from(channelsFirst(tf, run(first(data))).dataSync()));
  });

  it('hands whole layers their operands with channels last', () => {
    const b = new GraphBuilder();
    const x = b.input('x', image);
    b.append({ name: 'whole', op: WHOLE.op, domain: WHOLE.domain, inputs: [x.name], outputs: ['made'], attributes: { layer: string('one') } }, [image]);
    b.output('y', b.add(b.value('made'), x));
    const data = noise(2, 4, 6, 6);
    const { tensor, last } = runGraph(tf, b.build('whole'), new Map([['x', first(data)]]), { taped: false, layers: new Map([['one', ([v]) => tf.mul(v as Tensor, tf.tensor1d([1, 2, 3, 4]))]]) }).get('y') as Laid;
    const factor = tf.tensor([2, 3, 4, 5], [1, 4, 1, 1]);
    expect(Array.from(channelsFirst(tf, { tensor, last }).dataSync())).toEqual(Array.from(tf.mul(data, factor).dataSync()));
  });

  it('keeps what it was fed when it is the answer', () => {
    const b = new GraphBuilder();
    b.output('x', b.input('x', image));
    const data = noise(2, 4, 6, 6);
    (runGraph(tf, b.build('same'), new Map([['x', first(data)]]), plain).get('x') as Laid).tensor.dispose();
    expect(data.isDisposed).toBe(false);
  });

  it('says which operator has no row', () => {
    const b = new GraphBuilder();
    b.output('y', b.op('Trilu', [b.input('x', { element: 'float32', shape: [3, 3] })]));
    expect(() => runGraph(tf, b.build('unknown'), new Map([['x', first(noise(3, 3))]]), plain)).toThrow('the operator Trilu, which only ONNX Runtime computes');
  });
});
