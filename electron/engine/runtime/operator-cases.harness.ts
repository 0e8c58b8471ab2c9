/** Test harness: a case of every operator row, as the runtime takes it. */
import { float, floats, int, ints, MICROSOFT_DOMAIN, string, type Attribute, type Tensor } from '../../../shared/onnx/ir.ts';
import { createRandom } from '../../../shared/util/random.ts';

/** An input of the case: fed (`f`, `i`, `b`), constant (`c`, `cf`), or left out (null). */
export type Arg = { readonly tensor: Tensor; readonly fed: boolean } | null;
const count = (s: readonly number[]) => s.reduce((a, d) => a * d, 1);
export const f = (...shape: number[]): Arg => {
  const random = createRandom(shape.length + 3);
  return { fed: true, tensor: { element: 'float32', shape, data: Float32Array.from({ length: count(shape) }, () => 0.1 + 0.8 * random.next()) } };
};
/** int64 zeros: an index that fits everywhere. */
export const i = (...shape: number[]): Arg => ({ fed: true, tensor: { element: 'int64', shape, data: new BigInt64Array(count(shape)) } });
const b = (...shape: number[]): Arg => ({ fed: true, tensor: { element: 'bool', shape, data: Uint8Array.from({ length: count(shape) }, (_, k) => k % 2) } });
export const c = (...values: number[]): Arg => ({ fed: false, tensor: { element: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) } });
const c0 = (value: number): Arg => ({ fed: false, tensor: { element: 'int64', shape: [], data: BigInt64Array.of(BigInt(value)) } });
const cf = (...values: number[]): Arg => ({ fed: false, tensor: { element: 'float32', shape: [values.length], data: Float32Array.from(values) } });
const cf0 = (value: number): Arg => ({ fed: false, tensor: { element: 'float32', shape: [], data: Float32Array.of(value) } });

const i8: NonNullable<Arg> = { fed: false, tensor: { element: 'int8', shape: [], data: Int8Array.of(3) } };

export interface Extra { readonly outputs?: number; readonly domain?: string; readonly opset?: number }
export type Case = readonly [op: string, args: readonly Arg[], attributes?: Readonly<Record<string, Attribute>>, extra?: Extra];

const plainUnary = ['Identity', 'Neg', 'Abs', 'Sign', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Floor', 'Ceil', 'Round', 'Erf', 'Sin', 'Cos', 'Tan', 'Tanh', 'Sigmoid', 'Softplus', 'Softsign',
  'Relu', 'LeakyRelu', 'Elu', 'Selu', 'Celu', 'HardSigmoid', 'HardSwish', 'Mish', 'ThresholdedRelu', 'Softmax', 'LogSoftmax'];
const reductions = ['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare', 'ReduceLogSumExp', 'ReduceLogSum'];

export const operatorCases: readonly Case[] = [
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
  ...['And', 'Or', 'Xor'].map((op): Case => [op, [b(2, 3), b(3)]]),
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
  ['GridSample', [f(2, 3, 4, 5), f(2, 6, 7, 2)]], ['GridSample', [f(1, 2, 3, 4), f(1, 1, 5, 2)], { mode: string('nearest'), padding_mode: string('border'), align_corners: int(1) }],

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

  ...['Asin', 'Acos', 'Atan', 'Sinh', 'Cosh', 'Asinh', 'Acosh', 'Atanh', 'Shrink', 'IsNaN', 'IsInf', 'Hardmax', 'LpNormalization', 'Size'].map((op): Case => [op, [f(2, 3)]]),
  ['MeanVarianceNormalization', [f(2, 3, 4, 5)]], ['GlobalLpPool', [f(2, 3, 4, 5)]], ['CastLike', [f(2), i(1)]],
  ['TopK', [f(2, 5), c(2)], {}, { outputs: 2 }], ['TopK', [f(4, 2), c(3)], { axis: int(0), largest: int(0) }, { outputs: 2 }], ['GatherND', [f(2, 3, 4), i(5, 2)]], ['GatherND', [f(2, 3, 4), i(2, 1)], { batch_dims: int(1) }],
  ['ReverseSequence', [f(3, 2), c(1, 3)]], ['QuantizeLinear', [f(2, 3), cf0(0.5)]], ['QuantizeLinear', [f(2, 3), cf0(0.5), i8]], ['DequantizeLinear', [{ ...i8, fed: true }, cf0(0.5)]],
  ...([['RNN', 1], ['GRU', 3], ['LSTM', 4]] as const).map(([op, gates]): Case => [op, [f(5, 2, 3), f(1, gates * 4, 3), f(1, gates * 4, 4), f(1, gates * 8)], { hidden_size: int(4) }, { outputs: op === 'LSTM' ? 3 : 2 }]),
];
