/** Spellings of other exporters: what they are drawn as, and that ONNX Runtime answers as it does to the file. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../../../shared/compile/compile.ts';
import { parseDocument, serializeDocument } from '../../../../shared/graph/parse.ts';
import { GraphBuilder, type Value } from '../../../../shared/onnx/builder.ts';
import { float, int, ints, OPSET, string, type Graph } from '../../../../shared/onnx/ir.ts';
import { eliminateIdentity } from '../../../../shared/onnx/passes/eliminate-identity.ts';
import { createRandom } from '../../../../shared/util/random.ts';
import { encodeModel } from '../../onnx-io/model.ts';
import type { NormalModel } from '../normal.ts';
import { compareWithFile } from '../proof.ts';
import { recognise } from './recognise.ts';

type Build = (b: GraphBuilder, x: Value, w: (...shape: number[]) => Value) => Value;

/** The same net at a batch, its weights the same each time. */
function graphAt(batch: number, sample: readonly number[], build: Build): Graph {
  const b = new GraphBuilder();
  const random = createRandom(9);
  const weight = (...shape: number[]): Value => b.constant({ element: 'float32', shape, data: Float32Array.from({ length: shape.reduce((a, d) => a * d, 1) }, () => random.normal() / 3) }, 'weight');
  b.output('y', build(b, b.input('x', { element: 'float32', shape: [batch, ...sample] }), weight));
  return eliminateIdentity(b.build('net')).graph;
}

function normal(sample: readonly number[], build: Build): NormalModel {
  const [graph, two] = [graphAt(1, sample, build), graphAt(2, sample, build)];
  const batched = new Set([...graph.types].flatMap(([name, type]) => (!graph.initializers.has(name) && type.shape[0] === 1 && two.types.get(name)?.shape[0] === 2 ? [name] : [])));
  return { graph, opsets: { '': OPSET }, batched, constants: new Set(), varying: new Set(), widened: null, nodes: graph.nodes.length, folded: 0 };
}

/** What the net is drawn as, inputs and outputs left out, once it has proved to answer alike. */
async function drawn(sample: readonly number[], build: Build): Promise<string[]> {
  const model = normal(sample, build);
  const found = recognise(model, 'net');
  // What is drawn can be kept in a file.
  expect(parseDocument(JSON.parse(serializeDocument(found.document)))).toMatchObject({ ok: true });
  const { network, problems } = compile(found.document);
  expect(problems.filter((p) => p.diagnostic.code !== 'graph.unused')).toEqual([]);
  const { relative } = await compareWithFile(encodeModel(model.graph), { network, weights: found.weights, inputs: found.inputs, outputs: found.outputs });
  expect(relative).toBeLessThan(3e-6);
  return network.layers.filter((l) => l.type !== 'input' && l.type !== 'output').map((l) => (l.type === 'operator' ? `${String(l.params.op)}${l.weights.length > 0 ? ' of weights' : ''}` : `${l.type}${l.params.activation === undefined || l.params.activation === 'none' ? '' : ` ${String(l.params.activation)}`}`));
}

const maps = [4, 6, 6];
const b3 = (b: GraphBuilder, v: number): Value => b.scalar(v);
const channels = (b: GraphBuilder, x: Value): Value => b.reshape(x, x.type.shape.slice(0, 2));
const clip = (b: GraphBuilder, x: Value, low: number, high: number): Value => b.op('Clip', [x, b.scalar(low), b.scalar(high)]);

/** Mean, difference, square, mean, root, quotient, scale and shift along an axis. */
const spelled = (b: GraphBuilder, x: Value, axis: number, scale: Value, bias: Value): Value => {
  const d = b.sub(x, b.mean(x, [axis]));
  return b.add(b.mul(b.div(d, b.sqrt(b.add(b.mean(b.op('Pow', [d, b.scalar(2)]), [axis]), b.scalar(1e-6)))), scale), bias);
};

const cases: readonly (readonly [string, readonly number[], Build, readonly string[]])[] = [
  ['a bias that is an Add', maps, (b, x, w) => b.add(b.op('Conv', [x, w(8, 4, 3, 3)]), w(8, 1, 1)), ['conv2d']],
  ['zeros before a convolution', maps, (b, x, w) => b.op('Conv', [b.op('Pad', [x, b.int64([0, 0, 0, 1, 0, 0, 1, 2])]), w(8, 4, 3, 3), w(8)], { strides: ints([2, 2]) }), ['conv2d']],
  ['auto_pad', maps, (b, x, w) => b.op('Conv', [x, w(4, 1, 3, 3), w(4)], { strides: ints([2, 2]), auto_pad: string('SAME_LOWER'), group: int(4) }), ['depthwise-conv']],
  ['a convolution along a line', [4, 9], (b, x, w) => b.op('Conv', [x, w(5, 4, 3), w(5)], { pads: ints([1, 1]) }), ['conv1d']],
  ['a line with padding that the row does not have', [4, 9], (b, x, w) => b.op('Conv', [x, w(5, 4, 3), w(5)], { pads: ints([2, 0]) }), ['Conv of weights']],
  ['a volume', [2, 4, 4, 4], (b, x, w) => b.op('Conv', [x, w(3, 2, 3, 3, 3)], { pads: ints([1, 1, 1, 1, 1, 1]) }), ['conv3d']],
  ['a transposed convolution', maps, (b, x, w) => b.op('ConvTranspose', [x, w(4, 5, 3, 3), w(5)], { strides: ints([2, 2]), pads: ints([1, 1, 1, 1]), output_padding: ints([1, 1]) }), ['conv-transpose']],
  ['a transposed convolution by its size', maps, (b, x, w) => b.op('ConvTranspose', [x, w(4, 5, 3, 3)], { strides: ints([2, 2]), output_shape: ints([12, 12]), auto_pad: string('SAME_UPPER') }), ['conv-transpose']],
  ['MatMul and Add', [7], (b, x, w) => b.op('Relu', [b.add(w(1, 5), b.matmul(x, w(7, 5)))]), ['dense relu']],
  ['Gemm the other way round', [7], (b, x, w) => b.op('Gemm', [x, w(5, 7), w(5)], { transB: int(1), alpha: float(0.5), beta: float(2) }), ['dense']],
  ['ReLU6 by Clip', maps, (b, x) => clip(b, x, 0, 6), ['relu6']],
  ['another Clip', maps, (b, x) => clip(b, x, -1, 1), ['Clip']],
  ['x · sigmoid x', maps, (b, x) => b.mul(b.op('Sigmoid', [x]), x), ['silu']],
  ['hard swish: Add, Clip, Mul, Div', maps, (b, x) => b.div(b.mul(x, clip(b, b.add(x, b3(b, 3)), 0, 6)), b3(b, 6)), ['hard-swish']],
  ['hard swish: Add, Clip, Div, Mul', maps, (b, x) => b.mul(x, b.div(clip(b, b.add(x, b3(b, 3)), 0, 6), b3(b, 6))), ['hard-swish']],
  ['hard swish by HardSigmoid', maps, (b, x) => b.mul(x, b.op('HardSigmoid', [x], { alpha: float(1 / 6), beta: float(0.5) })), ['hard-swish']],
  ['another hard sigmoid', maps, (b, x) => b.op('HardSigmoid', [x]), ['HardSigmoid']],
  ['hard sigmoid by Clip', maps, (b, x) => b.div(clip(b, b.add(x, b3(b, 3)), 0, 6), b3(b, 6)), ['hard-sigmoid']],
  ['mish', maps, (b, x) => b.mul(x, b.op('Tanh', [b.op('Softplus', [x])])), ['mish']],
  ['GELU as PyTorch writes it', maps, (b, x) => b.mul(b.mul(x, b.add(b.op('Erf', [b.div(x, b3(b, Math.SQRT2))]), b3(b, 1))), b3(b, 0.5)), ['gelu']],
  ['GELU as TensorFlow writes it', maps, (b, x) => b.mul(x, b.mul(b.add(b3(b, 1), b.op('Erf', [b.mul(b3(b, Math.SQRT1_2), x)])), b3(b, 0.5))), ['gelu']],
  ['GELU by tanh', maps, (b, x) => b.mul(b.mul(b3(b, 0.5), x), b.add(b.op('Tanh', [b.mul(b.add(x, b.mul(b.op('Pow', [x, b3(b, 3)]), b3(b, 0.044715))), b3(b, Math.sqrt(2 / Math.PI)))]), b3(b, 1))), ['gelu']],
  ['a softmax over columns stays', maps, (b, x) => b.op('Softmax', [x], { axis: int(2) }), ['Softmax']],
  ['a pool that hangs over', [4, 7, 7], (b, x) => b.op('MaxPool', [x], { kernel_shape: ints([2, 2]), strides: ints([2, 2]), ceil_mode: int(1) }), ['max-pool']],
  ['zeros before a mean', maps, (b, x) => b.op('AveragePool', [b.op('Pad', [x, b.int64([0, 0, 1, 1, 0, 0, 1, 1])])], { kernel_shape: ints([3, 3]), strides: ints([2, 2]) }), ['average-pool']],
  ['a mean over places', maps, (b, x) => b.mean(x, [2, 3], false), ['global-average-pool']],
  ['a mean over places, squeezed', maps, (b, x) => b.op('Squeeze', [b.mean(x, [-1, -2]), b.int64([2, 3])]), ['global-average-pool']],
  ['a mean over rows stays', maps, (b, x) => b.mean(x, [3]), ['ReduceMean']],
  ['a mean of one place each ends as a vector', maps, (b, x) => b.op('Softmax', [b.op('GlobalAveragePool', [x])], { axis: int(1) }), ['global-average-pool', 'softmax']],
  ['squeeze-excite of convolutions', maps, (b, x, w) => channels(b, b.op('GlobalMaxPool', [b.mul(x, b.op('Sigmoid', [b.op('Conv', [b.op('Relu', [b.op('Conv', [b.op('GlobalAveragePool', [x]), w(2, 4, 1, 1), w(2)])]), w(4, 2, 1, 1), w(4)])]))])), ['global-average-pool', 'dense relu', 'dense sigmoid', 'multiply', 'global-max-pool']],
  ['norm, scale and shift', maps, (b, x, w) => b.add(b.mul(b.op('BatchNormalization', [x, w(4), w(4), w(4), b.constant({ element: 'float32', shape: [4], data: Float32Array.of(0.5, 1, 2, 3) })]), w(4, 1, 1)), w(4, 1, 1)), ['batch-norm']],
  ['a layer norm of channels between Transposes', maps, (b, x, w) => b.transpose(b.op('LayerNormalization', [b.transpose(x, [0, 2, 3, 1]), w(4), w(4)], { axis: int(-1) }), [0, 3, 1, 2]), ['layer-norm']],
  ['a layer norm of maps, spelled out', maps, (b, x, w) => spelled(b, x, 1, w(4, 1, 1), w(4, 1, 1)), ['layer-norm']],
  ['a layer norm of tokens, spelled out', [5, 8], (b, x, w) => spelled(b, x, 2, w(8), w(8)), ['LayerNormalization of weights']],
  ['depth to space as DCR stays', [8, 3, 3], (b, x) => b.op('DepthToSpace', [x], { blocksize: int(2) }), ['DepthToSpace']],
  ['pixel shuffle by Reshape and Transpose', [8, 3, 3], (b, x) => b.reshape(b.transpose(b.reshape(x, [x.type.shape[0] as number, 2, 2, 2, 3, 3]), [0, 1, 4, 2, 5, 3]), [x.type.shape[0] as number, 2, 6, 6]), ['pixel-shuffle']],
  ['channel shuffle', maps, (b, x) => b.reshape(b.transpose(b.reshape(x, [x.type.shape[0] as number, 2, 2, 6, 6]), [0, 2, 1, 3, 4]), x.type.shape), ['channel-shuffle']],
  ['a split', maps, (b, x) => { const [p, q] = b.ops('Split', [x], { outputs: 2, attributes: { axis: int(1), num_outputs: int(2) } }) as [Value, Value]; return b.add(p, q); }, ['channel-slice', 'channel-slice', 'add']],
  ['nearest by half pixels', maps, (b, x) => b.op('Resize', [x, null, b.constant({ element: 'float32', shape: [4], data: Float32Array.of(1, 1, 2, 3) })], { mode: string('nearest') }), ['upsample']],
  ['corners aligned stay', maps, (b, x) => b.op('Resize', [x, null, b.constant({ element: 'float32', shape: [4], data: Float32Array.of(1, 1, 2, 2) })], { mode: string('linear'), coordinate_transformation_mode: string('align_corners') }), ['Resize']],
  ['a value added to itself', maps, (b, x) => b.add(b.op('Relu', [x]), b.op('Relu', [x])), ['relu', 'relu', 'add']],
  ['one value twice', maps, (b, x) => { const y = b.op('Relu', [x]); return b.add(y, y); }, ['relu', 'Identity', 'add']],
  ['mean and deviation of pictures are no weights', [3, 4, 4], (b, x) => b.op('Relu', [b.div(b.sub(x, b.constant({ element: 'float32', shape: [1, 3, 1, 1], data: Float32Array.of(0.485, 0.456, 0.406) })), b.constant({ element: 'float32', shape: [3, 1, 1], data: Float32Array.of(0.229, 0.224, 0.225) }))]), ['rescale', 'relu']],
  ['a gate read elsewhere is no part of SiLU', maps, (b, x) => { const s = b.op('Sigmoid', [x]); return b.add(b.mul(x, s), s); }, ['sigmoid', 'multiply', 'add']],
];

describe('spellings', () => {
  it.each(cases)('%s', async (_name, sample, build, expected) => {
    expect(await drawn(sample, build)).toEqual(expected);
  });
});

const NHWC = [0, 2, 3, 1];
const NCHW = [0, 3, 1, 2];
/** A convolution as tf2onnx writes it: turned there and back. */
const between = (b: GraphBuilder, x: Value, body: (x: Value) => Value): Value => b.transpose(body(b.transpose(x, NCHW)), NHWC);
const last: readonly (readonly [string, readonly number[], Build, readonly string[]])[] = [
  ['a net of TensorFlow', [8, 8, 3], (b, x, w) => {
    const one = b.op('Relu', [b.add(between(b, x, (v) => b.op('Conv', [v, w(4, 3, 3, 3)], { auto_pad: string('SAME_UPPER') })), w(4))]);
    const two = b.add(one, between(b, one, (v) => b.op('Conv', [v, w(4, 4, 3, 3), w(4)], { pads: ints([1, 1, 1, 1]) })));
    const wide = b.op('Concat', [two, b.mul(two, w(1, 1, 1, 4))], { axis: int(3) });
    return b.op('Softmax', [b.matmul(b.mean(wide, [1, 2], false), w(8, 5))]);
  }, ['conv2d relu', 'conv2d', 'add', 'layer-scale', 'concat', 'global-average-pool', 'dense softmax']],
  ['a flattened picture keeps its order', [4, 4, 3], (b, x, w) => {
    const y = between(b, x, (v) => b.op('Conv', [v, w(4, 3, 3, 3), w(4)]));
    return b.matmul(b.reshape(b.op('Relu', [y]), [y.type.shape[0] as number, 16]), w(16, 3));
  }, ['conv2d relu', 'permute', 'flatten', 'dense']],
  ['ConvNeXt of PyTorch', [4, 6, 6], (b, x, w) => {
    const norm = b.op('LayerNormalization', [b.transpose(x, NHWC), w(4), w(4)], { axis: int(-1) });
    const narrow = b.add(b.matmul(b.op('Relu', [b.add(b.matmul(norm, w(4, 8)), w(8))]), w(8, 4)), w(4));
    return b.add(x, b.transpose(b.mul(narrow, w(4)), NCHW));
  }, ['layer-norm', 'conv2d relu', 'conv2d', 'layer-scale', 'add']],
  ['a picture out', [4, 4, 3], (b, x, w) => b.op('Tanh', [between(b, b.mul(x, b3(b, 2)), (v) => b.op('Conv', [v, w(2, 3, 1, 1)]))]), ['rescale', 'conv2d tanh']],
];
describe('channels last', () => {
  it.each(last)('%s', async (_name, sample, build, expected) => {
    expect(await drawn(sample, build)).toEqual(expected);
  });
});

describe('blocks of operators', () => {
  const block = (b: GraphBuilder, x: Value, w: (...shape: number[]) => Value): Value =>
    b.add(b.matmul(b.op('Relu', [b.add(b.matmul(b.op('LayerNormalization', [x, w(8), w(8)], { axis: int(-1) }), w(8, 16)), w(16))]), w(16, 8)), x);
  const build: Build = (b, x, w) => b.op('Abs', [block(b, block(b, x, w), w)]);

  it('fold as layers do, each copy with its own weights', async () => {
    const found = recognise(normal([5, 8], build), 'net');
    expect(found.groups).toEqual({ 'feed-forward': 2 });
    expect(found.document.graph.nodes.map((n) => (n.kind === 'group' ? `${n.name} ×${n.repeat}` : n.name))).toEqual(['input', 'feed-forward 1 ×2', 'Abs 1', 'output']);
    const copies = [1, 2].map((k) => [...found.weights].filter(([name]) => name.startsWith(`feed-forward-1#${k}/`)));
    expect(copies.map((c) => c.length)).toEqual([5, 5]);
    expect(copies[0]?.[0]?.[1].data).not.toEqual(copies[1]?.[0]?.[1].data);
    expect(await drawn([5, 8], build)).toHaveLength(13);
  });
});
