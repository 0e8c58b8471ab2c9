/** Every operator row against ONNX Runtime: what it computes must have the type the row foretold. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder, type Value } from '../../../shared/onnx/builder.ts';
import { float, floats, int, ints, MICROSOFT_DOMAIN, OPSET, string, type Attribute, type ElementType, type Tensor } from '../../../shared/onnx/ir.ts';
import { operators, signatureOf } from '../../../shared/onnx/ops/table.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { RuntimeSession, type Feeds } from './session.ts';
import { fromRuntime, toRuntime } from './tensors.ts';

/** An input of the case: fed (`f`, `i`, `b`), constant (`c`, `cf`), or left out (null). */
type Arg = { readonly tensor: Tensor; readonly fed: boolean } | null;
const count = (s: readonly number[]) => s.reduce((a, d) => a * d, 1);
const f = (...shape: number[]): Arg => {
  const random = createRandom(shape.length + 3);
  return { fed: true, tensor: { element: 'float32', shape, data: Float32Array.from({ length: count(shape) }, () => 0.1 + 0.8 * random.next()) } };
};
/** int64 zeros: an index that fits everywhere. */
const i = (...shape: number[]): Arg => ({ fed: true, tensor: { element: 'int64', shape, data: new BigInt64Array(count(shape)) } });
const b = (...shape: number[]): Arg => ({ fed: true, tensor: { element: 'bool', shape, data: Uint8Array.from({ length: count(shape) }, (_, k) => k % 2) } });
const c = (...values: number[]): Arg => ({ fed: false, tensor: { element: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) } });
const c0 = (value: number): Arg => ({ fed: false, tensor: { element: 'int64', shape: [], data: BigInt64Array.of(BigInt(value)) } });
const cf = (...values: number[]): Arg => ({ fed: false, tensor: { element: 'float32', shape: [values.length], data: Float32Array.from(values) } });
const cf0 = (value: number): Arg => ({ fed: false, tensor: { element: 'float32', shape: [], data: Float32Array.of(value) } });

interface Extra { readonly outputs?: number; readonly domain?: string; readonly opset?: number }
type Case = readonly [op: string, args: readonly Arg[], attributes?: Readonly<Record<string, Attribute>>, extra?: Extra];

const plainUnary = ['Identity', 'Neg', 'Abs', 'Sign', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Floor', 'Ceil', 'Round', 'Erf', 'Sin', 'Cos', 'Tan', 'Tanh', 'Sigmoid', 'Softplus', 'Softsign',
  'Relu', 'LeakyRelu', 'Elu', 'Selu', 'Celu', 'HardSigmoid', 'HardSwish', 'Mish', 'ThresholdedRelu', 'Softmax', 'LogSoftmax'];
const reductions = ['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare', 'ReduceLogSumExp', 'ReduceLogSum'];

const cases: readonly Case[] = [
  ...plainUnary.map((op): Case => [op, [f(2, 3, 4)]]),
  ['Relu', [f()]],
  ['Softmax', [f(2, 3, 4)], { axis: int(1) }],
  ['Gelu', [f(2, 3)], {}, { domain: MICROSOFT_DOMAIN }],
  ['Gelu', [f(2, 3)], {}, { opset: 20 }],
  ['Not', [b(2, 3)]],
  ['Cast', [f(2, 3)], { to: int(7) }], ['Cast', [i(4)], { to: int(1) }], ['Cast', [f(2)], { to: int(9) }], ['Cast', [f(3)], { to: int(10) }], ['Cast', [f(3)], { to: int(2) }],
  ...['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Min', 'Max', 'Sum', 'Mean'].map((op): Case => [op, [f(2, 1, 4), f(3, 1)]]),
  ['Add', [i(3), i(2, 3)]], ['Add', [f(0, 3), f(1, 3)]], ['Add', [f(), f(2)]],
  ['Pow', [f(2, 3), i(3)]],
  ['Mod', [f(2, 3), f(3)], { fmod: int(1) }], ['Mod', [i(4), c(3)]],
  ['Min', [f(2, 3)]], ['Max', [f(2, 1), f(3), f(1, 1)]],
  ...['And', 'Or'].map((op): Case => [op, [b(2, 3), b(3)]]),
  ...['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'].map((op): Case => [op, [f(2, 1), f(3)]]),
  ['Where', [b(2, 1), f(3), f(1, 1)]],
  ['PRelu', [f(2, 3, 4), f(3, 1)]],
  ['Clip', [f(2, 3)]], ['Clip', [f(2, 3), null, cf0(0.5)]], ['Clip', [f(2, 3), cf0(0.2), cf0(0.5)]],
  ['CumSum', [f(2, 3), c0(1)]], ['Trilu', [f(3, 4)]], ['Trilu', [f(3, 4), c0(1)], { upper: int(0) }],
  ['Dropout', [f(2, 3)]], ['Dropout', [f(2, 3), cf0(0.5)], {}, { outputs: 2 }],

  ['MatMul', [f(3, 4), f(4, 5)]], ['MatMul', [f(4), f(4, 5)]], ['MatMul', [f(3, 4), f(4)]], ['MatMul', [f(4), f(4)]], ['MatMul', [f(2, 1, 3, 4), f(5, 4, 6)]],
  ['FusedMatMul', [f(2, 4, 3), f(2, 5, 4)], { transA: int(1), transB: int(1), alpha: float(0.5) }, { domain: MICROSOFT_DOMAIN }],
  ['Gemm', [f(3, 4), f(4, 5)]], ['Gemm', [f(4, 3), f(5, 4), f(5)], { transA: int(1), transB: int(1), alpha: float(2) }], ['Gemm', [f(3, 4), f(4, 5), f(3, 1)]],
  ['Einsum', [f(2, 3, 4), f(2, 4, 5)], { equation: string('bij, bjk -> bik') }], ['Einsum', [f(3, 3)], { equation: string('ii->i') }], ['Einsum', [f(2, 3), f(3, 4)], { equation: string('ij,jk') }], ['Einsum', [f(2, 3)], { equation: string('ij->') }],

  ['Conv', [f(2, 3, 9), f(4, 3, 3)], { strides: ints([2]), pads: ints([1, 0]) }],
  ['Conv', [f(2, 3, 8, 9), f(4, 3, 3, 2), f(4)], { strides: ints([2, 3]), pads: ints([1, 0, 2, 1]), dilations: ints([2, 1]) }],
  ['Conv', [f(1, 4, 5, 5), f(6, 2, 3, 3)], { group: int(2), kernel_shape: ints([3, 3]) }],
  ['Conv', [f(1, 1, 4, 5, 6), f(2, 1, 2, 2, 3)]],
  ...['SAME_UPPER', 'SAME_LOWER', 'VALID'].map((auto): Case => ['Conv', [f(1, 2, 7, 10), f(3, 2, 4, 3)], { auto_pad: string(auto), strides: ints([2, 3]) }]),
  ['Conv', [f(1, 1, 6, 6), f(1, 1, 1, 1)], { auto_pad: string('SAME_UPPER'), strides: ints([4, 5]) }],
  ['ConvTranspose', [f(2, 3, 4, 5), f(3, 4, 3, 3)]],
  ['ConvTranspose', [f(2, 4, 4, 5), f(4, 3, 3, 2), f(6)], { group: int(2), strides: ints([2, 3]), pads: ints([1, 0, 1, 1]), output_padding: ints([1, 2]), dilations: ints([1, 2]) }],
  ['ConvTranspose', [f(1, 1, 4, 4), f(1, 2, 3, 3)], { strides: ints([2, 2]), output_shape: ints([9, 10]) }],
  ['ConvTranspose', [f(1, 1, 4), f(1, 2, 3)], { strides: ints([2]) }],
  ...['SAME_UPPER', 'SAME_LOWER', 'VALID'].map((auto): Case => ['ConvTranspose', [f(1, 1, 4, 5), f(1, 2, 3, 4)], { auto_pad: string(auto), strides: ints([2, 3]) }]),
  ...['MaxPool', 'AveragePool', 'LpPool'].flatMap((op): Case[] => [
    [op, [f(2, 3, 7, 8)], { kernel_shape: ints([2, 3]), strides: ints([2, 2]) }],
    [op, [f(1, 1, 6, 7)], { kernel_shape: ints([3, 2]), strides: ints([2, 3]), pads: ints([1, 1, 1, 0]) }],
    [op, [f(1, 1, 7, 8)], { kernel_shape: ints([3, 3]), strides: ints([3, 2]), auto_pad: string('SAME_UPPER') }],
    [op, [f(1, 1, 9)], { kernel_shape: ints([2]) }],
    [op, [f(1, 1, 5, 5, 5)], { kernel_shape: ints([2, 2, 2]), strides: ints([2, 2, 2]) }],
  ]),
  ...['MaxPool', 'AveragePool'].flatMap((op): Case[] => [
    [op, [f(1, 1, 7, 8)], { kernel_shape: ints([2, 3]), strides: ints([2, 2]), ceil_mode: int(1) }],
    // The last window would begin in the padding.
    [op, [f(1, 1, 4, 4)], { kernel_shape: ints([2, 2]), strides: ints([3, 3]), pads: ints([1, 1, 1, 1]), ceil_mode: int(1) }],
  ]),
  ['MaxPool', [f(1, 1, 9, 9)], { kernel_shape: ints([3, 3]), dilations: ints([2, 3]) }],
  ['MaxPool', [f(1, 2, 6, 6)], { kernel_shape: ints([2, 2]), strides: ints([2, 2]) }, { outputs: 2 }],
  ['AveragePool', [f(1, 1, 9, 9)], { kernel_shape: ints([3, 3]), dilations: ints([2, 3]) }, { opset: 19 }],
  ['GlobalAveragePool', [f(2, 3, 4, 5)]], ['GlobalMaxPool', [f(2, 3, 4)]],

  ['BatchNormalization', [f(2, 3, 4, 5), f(3), f(3), f(3), f(3)]], ['BatchNormalization', [f(2, 3), f(3), f(3), f(3), f(3)]],
  ['InstanceNormalization', [f(2, 3, 4, 5), f(3), f(3)]],
  ['GroupNormalization', [f(2, 4, 3), f(2), f(2)], { num_groups: int(2) }],
  ['LayerNormalization', [f(2, 3, 4), f(4)]], ['LayerNormalization', [f(2, 3, 4), f(3, 4), f(3, 4)], { axis: int(1) }, { outputs: 3 }],
  ['LRN', [f(1, 4, 3, 3)], { size: int(3) }],

  ['Concat', [f(2, 3), f(2, 1), f(2, 4)], { axis: int(-1) }], ['Concat', [f(0, 3), f(2, 3)], { axis: int(0) }],
  ['Split', [f(2, 7)], { axis: int(1), num_outputs: int(3) }, { outputs: 3 }], ['Split', [f(6), c(1, 5)], {}, { outputs: 2 }],
  ['Slice', [f(10, 8), c(1, -3), c(9, 9007199254740991), c(0, 1), c(3, 1)]], ['Slice', [f(10, 8), c(-1), c(-11), c(0), c(-2)]], ['Slice', [f(10, 8), c(2, 3), c(4, 3)]], ['Slice', [f(5), c(20), c(-20), c(0), c(-3)]], ['Slice', [f(6), c(-1), c(-99), c(0), c(-1)]],
  ['Pad', [f(2, 3, 4), c(0, 1, 2, 0, 0, 3)]], ['Pad', [f(3, 4), c(1, 1, 1, 1), cf0(7)]], ['Pad', [f(3, 4), c(1, 2), null, c(-1)], { mode: string('reflect') }], ['Pad', [f(3, 4), c(1, 2, 0, 1)], { mode: string('edge') }], ['Pad', [f(3, 4), c(-1, 0, 0, -2)]],
  ['Reshape', [f(2, 3, 4), c(0, -1)]], ['Reshape', [f(2, 3, 4), c(4, -1, 2)]], ['Reshape', [f(6), c(2, 3)]], ['Reshape', [f(1), c()]], ['Reshape', [f(0, 3), c(3, 0)], { allowzero: int(1) }],
  ['Flatten', [f(2, 3, 4)]], ['Flatten', [f(2, 3, 4)], { axis: int(0) }], ['Flatten', [f(2, 3, 4)], { axis: int(-1) }], ['Flatten', [f(2, 3)], { axis: int(2) }],
  ['Squeeze', [f(1, 3, 1)]], ['Squeeze', [f(1, 3, 1), c(-1)]],
  ['Unsqueeze', [f(2, 3), c(0, -1)]], ['Unsqueeze', [f(), c(0)]],
  ['Transpose', [f(2, 3, 4)]], ['Transpose', [f(2, 3, 4)], { perm: ints([1, 2, 0]) }],
  ['Expand', [f(3, 1), c(2, 1, 4)]], ['Expand', [f(3, 4), c(1)]],
  ['Tile', [f(2, 3), c(2, 1)]],
  ['Gather', [f(3, 4, 5), i(2, 2)], { axis: int(1) }], ['Gather', [f(3, 4), i()]],
  ['GatherElements', [f(3, 4), i(2, 4)]],
  ['ScatterElements', [f(3, 4), i(1, 2), f(1, 2)], { axis: int(1), reduction: string('add') }],
  ['ScatterND', [f(4, 3), i(1, 1), f(1, 3)]],
  ['DepthToSpace', [f(1, 8, 2, 3)], { blocksize: int(2) }], ['SpaceToDepth', [f(1, 2, 4, 6)], { blocksize: int(2) }],
  ['Resize', [f(1, 1, 4, 5), null, cf(1, 1, 2, 1.5)]], ['Resize', [f(1, 1, 4, 5), null, null, c(1, 1, 7, 3)], { mode: string('linear') }],
  ['Resize', [f(1, 1, 4, 5), null, cf(0.6, 2)], { axes: ints([2, 3]) }],

  ...reductions.flatMap((op): Case[] => [[op, [f(2, 3, 4)], { keepdims: int(0) }], [op, [f(2, 3, 4), c(1, -1)]]]),
  ['ReduceSum', [f(2, 3), c(0)], { keepdims: int(0) }], ['ReduceSum', [f(2, 3), c()], { noop_with_empty_axes: int(1) }], ['ReduceSum', [f(2, 3), c()]], ['ReduceMax', [i(2, 3)]],
  ...['ArgMax', 'ArgMin'].flatMap((op): Case[] => [[op, [f(2, 3, 4)], { axis: int(-2) }], [op, [f(2, 3)], { axis: int(1), keepdims: int(0) }]]),

  ['Constant', [], { value: { kind: 'tensor', value: { element: 'int32', shape: [2, 1], data: Int32Array.of(1, -2) } } }],
  ['Constant', [], { value_float: float(2) }], ['Constant', [], { value_ints: ints([1, -2, 3]) }], ['Constant', [], { value_int: int(4) }], ['Constant', [], { value_floats: floats([1, 2]) }],
  ['ConstantOfShape', [c(2, 3)]], ['ConstantOfShape', [c(4)], { value: { kind: 'tensor', value: { element: 'int64', shape: [1], data: BigInt64Array.of(5n) } } }],
  ['Range', [c0(1), c0(8), c0(3)]], ['Range', [cf0(5), cf0(0), cf0(-1.5)]], ['Range', [c0(3), c0(1), c0(1)]],
  ['Shape', [f(2, 3, 4)]], ['Shape', [f(2, 3, 4)], { start: int(1), end: int(-1) }],
  ['OneHot', [i(2, 3), c0(5), cf(0, 1)]], ['OneHot', [i(2, 3), c0(5), cf(0, 1)], { axis: int(0) }],
];

const show = (a: Arg): string => (a === null ? '–' : a.fed ? `${a.tensor.element}[${a.tensor.shape.join()}]` : `(${Array.from(a.tensor.data as ArrayLike<number | bigint>, String).join()})`);
const title = ([op, args, attributes, extra]: Case): string =>
  `${op} ${args.map(show).join(' ')} ${Object.entries(attributes ?? {}).map(([k, a]) => `${k}=${a.kind === 'tensor' ? a.value.element : String(a.value)}`).join(' ')}${extra?.opset ? ` opset ${extra.opset}` : ''}`.trim();

async function foretoldAndFound([op, args, attributes = {}, extra = {}]: Case, opset: number): Promise<{ foretold: object[]; found: object[] }> {
  const g = new GraphBuilder();
  const feeds: Feeds = {};
  const inputs = args.map((a, k): Value | null => {
    if (a === null) return null;
    if (!a.fed) return g.constant(a.tensor, `c${k}`);
    feeds[`x${k}`] = toRuntime(a.tensor);
    return g.input(`x${k}`, { element: a.tensor.element, shape: a.tensor.shape });
  });
  const values = g.ops(op, inputs, { attributes, ...(extra.domain !== undefined ? { domain: extra.domain } : {}), ...(extra.outputs ? { outputs: extra.outputs } : {}) });
  values.forEach((v) => g.output(v.name, v));
  const session = await RuntimeSession.open(encodeModel(g.build('case'), { opsets: { '': opset, [MICROSOFT_DOMAIN]: 1 } }), { device: 'cpu' });
  const outputs = await session.run(feeds);
  const found = values.map(({ name }) => {
    const t = fromRuntime(outputs[name] as never);
    return { element: t.element satisfies ElementType, shape: [...t.shape] };
  });
  await session.dispose();
  return { foretold: values.map(({ type }) => ({ element: type.element, shape: [...type.shape] })), found };
}

describe('operator rows foretell what ONNX Runtime computes', () => {
  it.each(cases.map((test) => [title(test), test] as const))('%s', async (_title, test) => {
    const { foretold, found } = await foretoldAndFound(test, test[3]?.opset ?? OPSET);
    expect(foretold).toEqual(found);
  });

  it('has a case for every row', () => {
    const tested = new Set(cases.map(([op]) => op));
    expect(Object.keys(operators).filter((op) => !tested.has(op))).toEqual([]);
  });

  /** ONNX Runtime knows opsets from 7 on. */
  const oldest = (op: string, domain: string) => (domain === '' ? Math.max(7, signatureOf({ op, domain })?.since ?? 0) : OPSET);
  it.each(cases.filter(([op, , , extra]) => !extra?.opset && oldest(op, extra?.domain ?? '') < OPSET).map((test) => [title(test), test] as const))('in the form of the row\'s own opset: %s', async (_title, test) => {
    const [op, , attributes, extra] = test;
    const opset = oldest(op, extra?.domain ?? '');
    // Attributes that newer opsets added to a form that is otherwise the same.
    if (attributes?.num_outputs) return;
    const { foretold, found } = await foretoldAndFound(test, opset);
    expect(foretold).toEqual(found);
  });
});

describe('operator rows refuse with a sentence', () => {
  const refused: readonly (readonly [op: string, args: readonly Arg[], attributes: Readonly<Record<string, Attribute>>, message: RegExp])[] = [
    ['Frobnicate', [f(1)], {}, /^Frobnicate .*expected an operator of the table, got one that nobody has written a signature for/],
    ['toString', [f(1)], {}, /expected an operator of the table/],
    ['FusedMatMul', [f(1, 1), f(1, 1)], {}, /expected an operator of the table/],
    ['Relu', [f(1), f(1)], {}, /^Relu .*expected 1 inputs, got 2/],
    ['Add', [f(2, 3), f(4)], {}, /^Add .*expected shapes that broadcast, got \[2, 3\] and \[4\]/],
    ['Add', [f(2), i(2)], {}, /expected input 1 of type float32, got int64/],
    ['Sqrt', [i(2)], {}, /expected input 0 of type float32, .*, got int64/],
    ['MatMul', [f(2, 3), f(4, 5)], {}, /expected 3 rows in the second factor, got 4/],
    ['Conv', [f(1, 3, 5, 5), f(4, 2, 3, 3)], {}, /expected 2 input channels, got 3/],
    ['Conv', [f(1, 3, 5, 5), f(4, 3, 7, 3)], {}, /expected a window of at most 5, got 7/],
    ['Conv', [f(1, 3, 5, 5), f(4, 3, 3, 3), f(3)], {}, /expected a bias of \[4\], got \[3\]/],
    ['Reshape', [f(2, 3), c(4, -1)], {}, /expected 6 elements, got \[4, -1\]/],
    ['Reshape', [f(2, 3), i(2)], {}, /expected input 1 to be a constant, got a computed value/],
    ['Concat', [f(2, 3), f(3, 3)], { axis: int(1) }, /expected a shape like \[2, 3\] but for axis 1, got \[3, 3\]/],
    ['Transpose', [f(2, 3)], { perm: ints([0, 0]) }, /expected an order of 2 axes, got \[0, 0\]/],
    ['Squeeze', [f(2, 3), c(0)], {}, /expected size 1 on axis 0, got 2/],
    ['Softmax', [f(2, 3)], { axis: int(2) }, /expected an axis between -2 and 1, got 2/],
    ['Split', [f(6), c(1, 4)], {}, /expected 1 sizes, one for each output, got 2/],
    ['DepthToSpace', [f(1, 6, 2, 2)], { blocksize: int(2) }, /expected whole sizes, got \[1, 1.5, 4, 4\]/],
    ['BatchNormalization', [f(2, 3, 4), f(4), f(3), f(3), f(3)], {}, /expected \[3\] in input 1, one number a channel, got \[4\]/],
    ['Gemm', [f(2, 3), f(3, 4), f(2, 3)], {}, /expected shapes that broadcast, got \[2, 4\] and \[2, 3\]/],
  ];
  it.each(refused)('%s', (op, args, attributes, message) => {
    const g = new GraphBuilder();
    const inputs = args.map((a, k): Value | null => (a === null ? null : a.fed ? g.input(`x${k}`, { element: a.tensor.element, shape: a.tensor.shape }) : g.constant(a.tensor)));
    expect(() => g.op(op, inputs, attributes)).toThrow(message);
  });
});
