/** Operators in a document: compiled, lowered and run, held to onnxruntime on the same graph built by hand. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { lowerForward } from '../../../shared/compile/lower.ts';
import type { DrawnNode, Operand, OperatorNode, Wire } from '../../../shared/graph/document.ts';
import { emptyDocument } from '../../../shared/graph/document.ts';
import { parseDocument, serializeDocument } from '../../../shared/graph/parse.ts';
import { formatValue } from '../../../shared/layers/value-type.ts';
import { defaultParams, type LayerType } from '../../../shared/layers/table.ts';
import { GraphBuilder, type Value } from '../../../shared/onnx/builder.ts';
import { float, int, ints, type Attribute, type Graph, type Tensor } from '../../../shared/onnx/ir.ts';
import { storeAttribute, storeConstant } from '../../../shared/onnx/stored.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { encodeModel } from './model.ts';

const at = { x: 0, y: 0 };
const layer = (id: string, type: LayerType, params: Record<string, unknown> = {}): DrawnNode => ({ kind: 'layer', id, name: id, layer: type, params: { ...defaultParams(type), ...params }, position: at });
const operator = (id: string, op: string, operands: readonly Operand[], attributes: Record<string, Attribute> = {}, extra: Partial<OperatorNode> = {}): OperatorNode =>
  ({ kind: 'operator', id, name: id, op, domain: '', opset: 18, attributes: Object.fromEntries(Object.entries(attributes).map(([k, a]) => [k, storeAttribute(a)])), operands, outputs: ['y'], position: at, ...extra });
const port = (id: string): Operand => ({ port: id });
const int64 = (...values: number[]): Tensor => ({ element: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) });
const held = (t: Tensor): Operand => ({ constant: storeConstant(t) });
const wire = (from: string, to: string): Wire => {
  const [[a, p = 'out'], [b, q = 'in']] = [from.split('.') as [string, string?], to.split('.') as [string, string?]];
  return { id: `${from}>${to}`, from: { node: a, port: p }, to: { node: b, port: q } };
};
/** Read back from its own text, as a project file is. */
function draw(nodes: readonly DrawnNode[], wires: readonly [string, string][]) {
  const document = { ...emptyDocument('probe'), graph: { nodes, wires: wires.map(([a, b]) => wire(a, b)) } };
  const parsed = parseDocument(JSON.parse(serializeDocument(document)));
  return parsed.ok ? parsed.value : expect.fail(JSON.stringify(parsed.error));
}
const noise = (count: number, seed: number): Float32Array => {
  const random = createRandom(seed);
  return Float32Array.from({ length: count }, () => random.normal());
};
async function run(graph: Graph, feeds: Record<string, ort.Tensor>, opsets: Readonly<Record<string, number>> = {}): Promise<Record<string, ort.Tensor>> {
  const session = await ort.InferenceSession.create(encodeModel(graph, { opsets }), { logSeverityLevel: 3 });
  return (await session.run(feeds)) as Record<string, ort.Tensor>;
}
const tensor = (data: Float32Array, shape: readonly number[]) => new ort.Tensor('float32', data, [...shape]);

describe('an operator', () => {
  it('with weights, constants and attributes answers as the same node built by hand, for any batch', async () => {
    const document = draw([
      layer('input', 'input', { kind: 'image', channels: 3, height: 6, width: 5 }),
      operator('conv', 'Conv', [port('x'), { weight: 'kernel', shape: [4, 3, 3, 3] }, { weight: 'bias', shape: [4] }], { pads: ints([1, 1, 1, 1]), strides: ints([2, 1]) }),
      operator('clip', 'Clip', [port('x'), null, held({ element: 'float32', shape: [], data: Float32Array.of(0.5) })]),
      operator('flat', 'Reshape', [port('x'), held(int64(-1, 60))]),
      operator('hot', 'LeakyRelu', [port('x')], { alpha: float(0.3) }),
      layer('output', 'output', { task: 'regression' }),
    ], [['input', 'conv.x'], ['conv.y', 'clip.x'], ['clip.y', 'flat.x'], ['flat.y', 'hot.x'], ['hot.y', 'output']]);
    const { network, problems } = compile(document);
    expect(problems.map((p) => p.diagnostic)).toEqual([]);
    expect(network.layers.map((l) => l.types.map(formatValue).join())).toEqual(['6×5×3', '3×5×4', '3×5×4', '60', '60', '60']);
    expect([network.parameters, network.macs]).toEqual([4 * 27 + 4, 3 * 5 * 4 * 27]);
    const weights = { 'conv.kernel': tensor(noise(108, 1), [4, 3, 3, 3]), 'conv.bias': tensor(noise(4, 2), [4]) };
    for (const batch of [1, 3]) {
      const x = tensor(noise(batch * 90, 3), [batch, 3, 6, 5]);
      const got = await run(lowerForward(network, { batch, training: false }).graph, { input: x, ...weights });
      const b = new GraphBuilder();
      const [vx, vk, vb] = [b.input('x', { element: 'float32', shape: [batch, 3, 6, 5] }), b.input('k', { element: 'float32', shape: [4, 3, 3, 3] }), b.input('b', { element: 'float32', shape: [4] })];
      const conv = b.op('Conv', [vx, vk, vb], { pads: ints([1, 1, 1, 1]), strides: ints([2, 1]) });
      b.output('y', b.op('LeakyRelu', [b.reshape(b.op('Clip', [conv, null, b.scalar(0.5)]), [-1, 60])], { alpha: float(0.3) }));
      const want = await run(b.build('hand'), { x, k: weights['conv.kernel'], b: weights['conv.bias'] });
      expect(got.output?.data).toEqual(want.y?.data);
      expect(got.output?.dims).toEqual([batch, 60]);
    }
  });

  it('with several outputs feeds each port from its own', async () => {
    const document = draw([
      layer('input', 'input', { kind: 'vector', channels: 7 }),
      operator('top', 'TopK', [port('x'), held(int64(3))], { axis: int(-1) }, { outputs: ['values', 'indices'], types: [{ element: 'float32', shape: [-1, 3] }, { element: 'int64', shape: [-1, 3] }] }),
      operator('which', 'Cast', [port('x')], { to: int(1) }),
      operator('both', 'Add', [port('a'), port('b')]),
      layer('output', 'output', { task: 'regression' }), layer('index', 'tensor-output'),
    ], [['input', 'top.x'], ['top.values', 'both.a'], ['top.indices', 'which.x'], ['which.y', 'both.b'], ['both.y', 'output'], ['top.indices', 'index']]);
    const { network, problems } = compile(document);
    expect(problems.map((p) => p.diagnostic.code)).toEqual(['graph.tensors']);
    const forward = lowerForward(network, { batch: 2, training: false });
    expect([forward.outputs, [...forward.borders]]).toEqual([['output', 'output_2'], [['input', 'input'], ['output', 'output'], ['output_2', 'index']]]);
    const x = noise(14, 9);
    const got = await run(forward.graph, { input: tensor(x, [2, 7]) });
    const rows = [0, 1].map((r) => [...x.subarray(r * 7, r * 7 + 7)].map((v, i) => [v, i] as const).sort((p, q) => q[0] - p[0]).slice(0, 3));
    (got.output?.data as Float32Array).forEach((v, i) => expect(v).toBeCloseTo((rows.flat()[i]?.[0] ?? 0) + (rows.flat()[i]?.[1] ?? 0), 5));
    expect(Array.from(got.output_2?.data as BigInt64Array, Number)).toEqual(rows.flat().map(([, i]) => i));
  });

  it('whose first output is left out answers the second', async () => {
    const document = draw([
      layer('input', 'tensor-input', { shape: [3, 1, 1] }),
      operator('rnn', 'RNN', [port('x'), { weight: 'w', shape: [1, 1, 1] }, { weight: 'r', shape: [1, 1, 1] }], { hidden_size: int(1) }, { outputs: ['', 'last'], types: [{ element: 'float32', shape: [3, 1, 1, 1] }, { element: 'float32', shape: [1, 1, 1] }] }),
      layer('out', 'tensor-output'),
    ], [['input', 'rnn.x'], ['rnn.last', 'out']]);
    const forward = lowerForward(compile(document).network, { batch: 1, training: false });
    const x = noise(3, 5);
    const got = await run(forward.graph, { input: tensor(x, [3, 1, 1]), 'rnn.w': tensor(Float32Array.of(0.5), [1, 1, 1]), 'rnn.r': tensor(Float32Array.of(-1.5), [1, 1, 1]) });
    expect((got.output?.data as Float32Array)[0]).toBeCloseTo(x.reduce((h, v) => Math.tanh(0.5 * v - 1.5 * h), 0), 5);
  });

  it('of a newer opset or a foreign domain says so to the file, which then loads', async () => {
    const document = draw([
      layer('input', 'input', { kind: 'vector', channels: 5 }),
      operator('swish', 'Swish', [port('x')], {}, { opset: 24, types: [{ element: 'float32', shape: [-1, 5] }] }),
      operator('quick', 'QuickGelu', [port('x')], { alpha: float(1) }, { domain: 'com.microsoft', opset: 1, types: [{ element: 'float32', shape: [-1, 5] }] }),
      layer('output', 'output', { task: 'regression' }),
    ], [['input', 'swish.x'], ['swish.y', 'quick.x'], ['quick.y', 'output']]);
    const forward = lowerForward(compile(document).network, { batch: 2, training: false });
    expect(forward.opsets).toEqual({ '': 24, 'com.microsoft': 1 });
    const x = noise(10, 4);
    const silu = (v: number): number => v / (1 + Math.exp(-v));
    const got = await run(forward.graph, { input: tensor(x, [2, 5]) }, forward.opsets);
    (got.output?.data as Float32Array).forEach((v, i) => expect(v).toBeCloseTo(silu(silu(x[i] as number)), 5));
  });
});

describe('where the batch is', () => {
  const typesOf = (op: OperatorNode, input: DrawnNode = layer('input', 'input', { kind: 'sequence', channels: 4, length: 6 })) => {
    const { network, problems } = compile(draw([input, op, layer('out', 'tensor-output')], [['input', `${op.id}.x`], [`${op.id}.y`, 'out']]));
    return network.layers.find((l) => l.id === op.id)?.types.map(formatValue).join() ?? problems.map((p) => p.diagnostic.code).join();
  };
  it.each<[string, OperatorNode, string]>([
    ['first, as samples have it', operator('a', 'Transpose', [port('x')], { perm: ints([0, 2, 1]) }), '4×6'],
    ['second, after a transpose', operator('a', 'Transpose', [port('x')], { perm: ints([1, 0, 2]) }), 'float32 [4, N, 6]'],
    ['joined with another axis', operator('a', 'Reshape', [port('x'), held(int64(-1, 6))]), 'float32 [4·N, 6]'],
    ['nowhere, once it is summed over', operator('a', 'ReduceSum', [port('x'), held(int64(0))], { keepdims: int(0) }), 'float32 [4, 6]'],
    ['of whole numbers', operator('a', 'ArgMax', [port('x')], { axis: int(1), keepdims: int(0) }), 'int64 [N, 6]'],
    ['nowhere in a shape', operator('a', 'Shape', [port('x')]), 'int64 [3]'],
    ['refused where nothing fits it', operator('a', 'Reshape', [port('x'), held(int64(5, -1))]), 'shape.operator'],
  ])('%s', (_name, op, said) => expect(typesOf(op)).toBe(said));

  it('held by the net itself', () => {
    expect(typesOf(operator('a', 'Relu', [port('x')]), layer('input', 'tensor-input', { shape: [2, 3] }))).toBe('float32 [2, 3]');
    expect(typesOf(operator('a', 'Relu', [port('x')]), layer('input', 'tensor-input', { shape: [] }))).toBe('float32 scalar');
    expect(typesOf(operator('a', 'Neg', [port('x')]), layer('input', 'tensor-input', { element: 'int64', shape: [-1, 3] }))).toBe('int64 [N, 3]');
  });

  it('a layer of ours refuses what is no sample of float32', () => {
    const { problems } = compile(draw([layer('input', 'tensor-input', { element: 'int64', shape: [-1, 3] }), layer('relu', 'relu'), layer('out', 'tensor-output')], [['input', 'relu'], ['relu', 'out']]));
    expect(problems.map((p) => p.diagnostic.code)).toContain('shape.needs-samples');
  });
});

it('random chains of operators answer as onnxruntime does on the chain built directly', async () => {
  const links: readonly { op: string; attributes?: Record<string, Attribute>; extra?: (b: GraphBuilder) => Value[]; operands?: Operand[] }[] = [
    { op: 'Relu' }, { op: 'Sigmoid' }, { op: 'Neg' }, { op: 'Tanh' }, { op: 'Abs' }, { op: 'Softmax', attributes: { axis: int(-1) } }, { op: 'Elu', attributes: { alpha: float(0.7) } },
    { op: 'Transpose', attributes: { perm: ints([0, 2, 1]) } },
    { op: 'Mul', operands: [held({ element: 'float32', shape: [1], data: Float32Array.of(1.5) })], extra: (b) => [b.constant({ element: 'float32', shape: [1], data: Float32Array.of(1.5) })] },
    { op: 'Unsqueeze', operands: [held(int64(1))], extra: (b) => [b.int64([1])] }, { op: 'ReduceMax', operands: [held(int64(1))], extra: (b) => [b.int64([1])], attributes: { keepdims: int(1) } },
  ];
  for (let seed = 1; seed <= 12; seed++) {
    const random = createRandom(seed);
    const chain = Array.from({ length: 6 }, () => links[random.below(links.length)] as (typeof links)[number]).filter((l, i) => l.op !== 'Transpose' || i === 0);
    const nodes = chain.map((l, i) => operator(`n${i}`, l.op, [port('x'), ...(l.operands ?? [])], l.attributes ?? {}));
    const ids = ['input', ...nodes.map((n) => `${n.id}.y`)];
    const document = draw([layer('input', 'input', { kind: 'sequence', channels: 3, length: 4 }), ...nodes, layer('out', 'tensor-output')], [...nodes.map((n, i): [string, string] => [ids[i] as string, `${n.id}.x`]), [ids.at(-1) as string, 'out']]);
    const { network } = compile(document);
    const b = new GraphBuilder();
    const shape = [2, 3, 4];
    b.output('output', chain.reduce<Value>((x, l) => b.op(l.op, [x, ...(l.extra?.(b) ?? [])], l.attributes ?? {}), b.input('input', { element: 'float32', shape })));
    const x = tensor(noise(24, seed), shape);
    const [got, want] = [await run(lowerForward(network, { batch: 2, training: false }).graph, { input: x }), await run(b.build('direct'), { input: x })];
    expect([got.output?.dims, got.output?.data]).toEqual([want.output?.dims, want.output?.data]);
  }
});
