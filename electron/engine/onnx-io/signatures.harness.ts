/** Cases for the table of operator signatures: each names the operator first, then what is special. Not part of the product. */
import type { GraphBuilder, Value } from '../../../shared/onnx/builder.ts';
import { float, floats, int, ints, MICROSOFT_DOMAIN, string, type Attribute, type ElementType, type TensorType } from '../../../shared/onnx/ir.ts';

export interface SignatureCase {
  readonly name: string;
  readonly inputs: readonly TensorType[];
  readonly build: (b: GraphBuilder, x: readonly Value[]) => Value | readonly Value[];
}

type Shape = readonly number[];
type Attributes = Readonly<Record<string, Attribute>>;

const typed = (element: ElementType) => (shape: Shape): TensorType => ({ element, shape });
const f32 = typed('float32');
const i64 = typed('int64');
const bool = typed('bool');

/** One output of float inputs in these shapes; numbers after them are constant inputs, null leaves one out. */
const of = (name: string, shapes: readonly Shape[], attributes: Attributes = {}, constants: readonly (Shape | null)[] = []): SignatureCase => ({
  name,
  inputs: shapes.map(f32),
  build: (b, x) => b.op(name.split(/[ ,]/, 1)[0] as string, [...x, ...constants.map((c) => c && b.int64(c))], attributes),
});
/** The same with several outputs. */
const many = (count: number, test: SignatureCase, attributes: Attributes = {}, constants: readonly Shape[] = []): SignatureCase => ({
  ...test,
  build: (b, x) => b.ops(test.name.split(/[ ,]/, 1)[0] as string, [...x, ...constants.map((c) => b.int64(c))], { attributes, outputs: count }),
});
const numbers = (b: GraphBuilder, values: readonly number[]): Value => b.constant({ element: 'float32', shape: [values.length], data: Float32Array.from(values) });
const single = (b: GraphBuilder, value: number): Value => b.constant({ element: 'int64', shape: [], data: BigInt64Array.of(BigInt(value)) });

const map = [2, 3, 5, 6];
const kernel = (k: Shape, s: Shape, p: Shape, more: Attributes = {}): Attributes => ({ kernel_shape: ints(k), strides: ints(s), pads: ints(p), ...more });
const auto = (mode: string, k: Shape, s: Shape): Attributes => ({ kernel_shape: ints(k), strides: ints(s), auto_pad: string(mode) });
const autos = ['SAME_UPPER', 'SAME_LOWER', 'VALID'];

const unary = ['Identity', 'Neg', 'Abs', 'Sign', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Floor', 'Ceil', 'Round', 'Erf', 'Sin', 'Cos', 'Tan', 'Tanh', 'Sigmoid', 'Softplus', 'Softsign', 'Relu', 'LeakyRelu', 'Elu',
  'Selu', 'Celu', 'HardSigmoid', 'HardSwish', 'Mish', 'ThresholdedRelu', 'Clip', 'Softmax', 'LogSoftmax'];

const elementwise: readonly SignatureCase[] = [
  ...unary.map((name) => of(name, [[2, 3, 4]])),
  ...['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Min', 'Max', 'Sum', 'Mean', 'Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'].map((name) => of(name, [[2, 1, 4], [3, 1]])),
  of('Max of three', [[3], [2, 3], [1]]),
  { name: 'Mod', inputs: [i64([2, 3])], build: (b, [x]) => b.op('Mod', [x as Value, b.int64([2])]) },
  { name: 'Not', inputs: [bool([2])], build: (b, x) => b.op('Not', x) },
  ...['And', 'Or', 'Xor'].map((name): SignatureCase => ({ name, inputs: [bool([2, 1]), bool([3])], build: (b, x) => b.op(name, x) })),
  { name: 'Where', inputs: [bool([2, 1]), f32([3]), f32([4, 1, 1])], build: (b, x) => b.op('Where', x) },
  of('Cast', [[2, 3]], { to: int(7) }),
  of('PRelu', [[2, 3, 4], [3, 1]]),
  { name: 'Gelu', inputs: [f32([2, 3])], build: (b, x) => b.op('Gelu', x, {}, { domain: MICROSOFT_DOMAIN }) },
  { name: 'CumSum', inputs: [f32([2, 3])], build: (b, [x]) => b.op('CumSum', [x as Value, single(b, 1)]) },
  of('Trilu', [[2, 3, 4]], { upper: int(0) }),
  many(2, of('Dropout', [[2, 3]])),
];

const reductions: readonly SignatureCase[] = [
  ...['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare', 'ReduceLogSumExp', 'ReduceLogSum'].flatMap((name) => [
    of(name, [[2, 3, 4]], { keepdims: int(0) }, [[-1, 0]]), of(`${name} of all`, [[2, 3, 4]]), of(`${name} of none`, [[2, 3]], { noop_with_empty_axes: int(1) }, [[]]),
  ]),
  ...['ArgMax', 'ArgMin'].flatMap((name) => [of(name, [[2, 3, 4]], { axis: int(-2) }), of(`${name} dropped`, [[2, 3, 4]], { axis: int(1), keepdims: int(0) })]),
];

const products: readonly SignatureCase[] = [
  of('MatMul', [[2, 1, 3, 4], [5, 4, 2]]), of('MatMul of a row', [[4], [2, 4, 3]]), of('MatMul by a column', [[2, 3, 4], [4]]), of('MatMul of vectors', [[4], [4]]),
  { name: 'FusedMatMul', inputs: [f32([2, 4, 3]), f32([2, 5, 4])], build: (b, x) => b.op('FusedMatMul', x, { transA: int(1), transB: int(1) }, { domain: MICROSOFT_DOMAIN }) },
  of('Gemm', [[4, 3], [2, 4], [3, 1]], { transA: int(1), transB: int(1) }), of('Gemm of two', [[3, 4], [4, 2]]),
  of('Einsum', [[2, 3, 4], [2, 4, 5]], { equation: string('bij,bjk->bik') }), of('Einsum, implicit', [[2, 3], [3, 4]], { equation: string('zi,ia') }),
];

const normalisations: readonly SignatureCase[] = [
  of('BatchNormalization', [map, [3], [3], [3], [3]]), of('InstanceNormalization', [map, [3], [3]]), of('GroupNormalization', [[2, 4, 3], [2], [2]], { num_groups: int(2) }),
  many(3, of('LayerNormalization', [[2, 3, 4], [3, 4], [3, 4]]), { axis: int(1) }), of('LRN', [map], { size: int(3) }),
];

const windows: readonly SignatureCase[] = [
  of('Conv', [map, [4, 3, 3, 2], [4]], { strides: ints([2, 1]), pads: ints([1, 0, 0, 2]) }), of('Conv of groups, dilated', [[1, 4, 9], [6, 2, 3]], { group: int(2), dilations: ints([3]) }),
  of('Conv of volumes', [[1, 2, 4, 5, 6], [3, 2, 2, 2, 3]], { strides: ints([1, 2, 3]) }), ...autos.map((m) => of(`Conv ${m}`, [map, [4, 3, 2, 3]], auto(m, [2, 3], [2, 2]))),
  of('ConvTranspose', [[1, 4, 3, 4], [4, 2, 3, 3], [4]], { group: int(2), strides: ints([2, 3]), pads: ints([1, 0, 1, 2]), output_padding: ints([1, 2]), dilations: ints([1, 2]) }),
  of('ConvTranspose to a shape', [[1, 2, 3, 3], [2, 1, 3, 3]], { strides: ints([2, 2]), output_shape: ints([6, 5]) }), ...autos.map((m) => of(`ConvTranspose ${m}`, [[1, 2, 3, 4], [2, 1, 3, 3]], auto(m, [3, 3], [2, 2]))),
  of('ConvTranspose of a line', [[1, 2, 5], [2, 3, 4]], { strides: ints([3]) }), of('ConvTranspose of volumes', [[1, 2, 2, 3, 2], [2, 1, 2, 2, 2]], { strides: ints([1, 2, 1]) }),
  ...['MaxPool', 'AveragePool', 'LpPool'].flatMap((name) => [
    of(name, [map], kernel([3, 2], [2, 1], [1, 0, 1, 1])), of(`${name} of a line`, [[2, 3, 9]], kernel([4], [3], [0, 2])), of(`${name} of volumes`, [[1, 2, 4, 5, 6]], kernel([2, 2, 3], [2, 1, 2], [0, 0, 0, 0, 0, 0])),
    of(`${name} rounded up`, [[1, 1, 6, 7]], kernel([2, 3], [3, 2], [0, 1, 0, 1], { ceil_mode: int(1) })), of(`${name} rounded up into the padding`, [[1, 1, 4, 5]], kernel([2, 2], [3, 3], [1, 1, 1, 1], { ceil_mode: int(1) })),
    ...autos.map((m) => of(`${name} ${m}`, [map], auto(m, [3, 2], [2, 2]))),
  ]),
  of('MaxPool dilated', [map], kernel([2, 2], [1, 1], [0, 0, 0, 0], { dilations: ints([2, 3]) })), many(2, of('MaxPool with places', [map]), kernel([2, 2], [2, 2], [0, 0, 0, 0])),
  of('GlobalAveragePool', [map]), of('GlobalMaxPool', [[2, 3, 4]]), of('GridSample', [map, [2, 3, 4, 2]]),
];

const moves: readonly SignatureCase[] = [
  of('Reshape', [[2, 3, 4]], {}, [[0, -1, 2]]), of('Flatten', [[2, 3, 4]], { axis: int(-1) }), of('Flatten at the start', [[2, 3]], { axis: int(0) }), of('Concat', [[2, 3], [2, 1]], { axis: int(-1) }),
  of('Slice', [[5, 6, 7]], {}, [[1, -4, 100], [4, 100, -100], [0, 1, -1], [2, 1, -3]]), of('Slice of nothing', [[5]], {}, [[3], [2]]),
  many(3, of('Split', [[2, 7]]), { axis: int(1), num_outputs: int(3) }), many(2, of('Split by sizes', [[5, 2]]), {}, [[1, 4]]),
  of('Pad', [[2, 3]], {}, [[1, 0, -1, 2]]), of('Pad of one axis', [[2, 3]], {}, [[1, 2], null, [-1]]), ...['reflect', 'edge', 'wrap'].map((m) => of(`Pad ${m}`, [[3, 4]], { mode: string(m) }, [[1, 2, 2, 0]])),
  of('Squeeze', [[1, 2, 1]], {}, [[-1]]), of('Squeeze of all', [[1, 2, 1]]), of('Unsqueeze', [[2, 3]], {}, [[-1, 0]]), of('Transpose', [[2, 3, 4]], { perm: ints([2, 0, 1]) }), of('Transpose turned round', [[2, 3, 4]]),
  of('Expand', [[3, 1]], {}, [[2, 1, 4]]), of('Tile', [[2, 3]], {}, [[2, 3]]),
  { name: 'Gather', inputs: [f32([2, 5, 3])], build: (b, [x]) => b.op('Gather', [x as Value, b.reshape(b.int64([0, 3, 1, -1]), [2, 2])], { axis: int(-2) }) },
  { name: 'Gather of one', inputs: [f32([2, 5, 3])], build: (b, [x]) => b.op('Gather', [x as Value, single(b, 1)], { axis: int(1) }) },
  { name: 'GatherElements', inputs: [f32([4, 3]), i64([2, 3])], build: (b, x) => b.op('GatherElements', x) },
  { name: 'ScatterElements', inputs: [f32([4, 3]), i64([2, 3]), f32([2, 3])], build: (b, x) => b.op('ScatterElements', x, { reduction: string('add') }) },
  { name: 'ScatterND', inputs: [f32([4, 3]), i64([2, 1]), f32([2, 3])], build: (b, x) => b.op('ScatterND', x, { reduction: string('add') }) },
  of('DepthToSpace', [[1, 8, 2, 3]], { blocksize: int(2), mode: string('CRD') }), of('SpaceToDepth', [[1, 2, 4, 6]], { blocksize: int(2) }),
  of('Resize', [[1, 2, 3, 4]], { mode: string('linear') }, [null, null, [1, 2, 5, 7]]),
  { name: 'Resize by scales', inputs: [f32([1, 2, 5, 5])], build: (b, [x]) => b.op('Resize', [x as Value, null, numbers(b, [1, 1, 1.7, 0.6])]) },
  { name: 'Resize of two axes', inputs: [f32([1, 2, 3, 4])], build: (b, [x]) => b.op('Resize', [x as Value, null, numbers(b, [2, 3])], { axes: ints([-2, -1]) }) },
];

const made: readonly SignatureCase[] = [
  { name: 'Constant', inputs: [], build: (b) => b.op('Constant', [], { value_floats: floats([1, 2]) }) },
  { name: 'Constant of one', inputs: [], build: (b) => b.op('Constant', [], { value_float: float(1) }) },
  { name: 'ConstantOfShape', inputs: [], build: (b) => b.op('ConstantOfShape', [b.int64([2, 3])]) },
  { name: 'Range', inputs: [], build: (b) => b.op('Range', [single(b, 9), single(b, 0), single(b, -2)]) },
  of('Shape', [[2, 3, 4]], { start: int(1), end: int(-1) }), of('Shape of all', [[2, 3, 4]]),
  { name: 'OneHot', inputs: [i64([2, 3])], build: (b, [x]) => b.op('OneHot', [x as Value, single(b, 5), numbers(b, [0, 1])], { axis: int(1) }) },
];

const foreign: readonly SignatureCase[] = [
  ...['Asin', 'Acos', 'Atan', 'Sinh', 'Cosh', 'Asinh', 'Acosh', 'Atanh', 'Shrink', 'IsNaN', 'IsInf', 'Hardmax', 'LpNormalization', 'Size'].map((name) => of(name, [[2, 3]])),
  of('MeanVarianceNormalization', [map]), of('GlobalLpPool', [map]), { name: 'CastLike', inputs: [f32([2]), i64([1])], build: (b, x) => b.op('CastLike', x) },
  many(2, of('TopK', [[2, 5, 3]], {}, [[2]]), { axis: int(1) }, [[2]]), { name: 'GatherND', inputs: [f32([2, 3, 4]), i64([2, 5, 1])], build: (b, x) => b.op('GatherND', x, { batch_dims: int(1) }) }, { name: 'GatherND of all', inputs: [f32([2, 3, 4]), i64([6, 2])], build: (b, x) => b.op('GatherND', x) },
  { name: 'ReverseSequence', inputs: [f32([3, 2])], build: (b, [x]) => b.op('ReverseSequence', [x as Value, b.int64([1, 3])]) },
  { name: 'QuantizeLinear', inputs: [f32([2, 3])], build: (b, [x]) => b.op('QuantizeLinear', [x as Value, numbers(b, [0.5])]) }, { name: 'DequantizeLinear', inputs: [f32([2, 3])], build: (b, [x]) => b.op('DequantizeLinear', [b.cast(x as Value, 'int32'), numbers(b, [0.5])]) },
  ...([['RNN', 1], ['GRU', 3], ['LSTM', 4]] as const).flatMap(([name, gates]) => [of(name, [[5, 2, 3], [1, gates * 4, 3], [1, gates * 4, 4]], { hidden_size: int(4) }),
    many(2, of(`${name} both ways`, [[5, 2, 3], [2, gates * 4, 3], [2, gates * 4, 4]]), { hidden_size: int(4), direction: string('bidirectional') })]),
];

export const signatureCases: readonly SignatureCase[] = [...foreign, ...elementwise, ...reductions, ...products, ...normalisations, ...windows, ...moves, ...made];
