/** How many inputs and outputs the operators of opset 18 (of the opset that brought them, where that is newer) take: onnx.defs. */
import type { Node } from '../../../../shared/onnx/ir.ts';

/** [least, most, outputs]: inputs and the most outputs; an input below the least may not be left out. The runtime does not check all of it before it reads them. */
const groups: readonly (readonly [least: number, most: number, outputs: number, ops: string])[] = [
  [0, 0, 1, 'Constant RandomNormal RandomUniform SequenceEmpty'],
  [0, 1, 1, 'Optional OptionalHasElement'],
  [1, 1, 1, 'Abs Acos Acosh ArgMax ArgMin Asin Asinh Atan Atanh AveragePool Bernoulli BitCast BitwiseNot BlackmanWindow Cast Ceil Celu ConcatFromSequence ConstantOfShape Cos Cosh DepthToSpace Det Elu Erf Exp EyeLike Flatten Floor Gelu GlobalAveragePool GlobalLpPool GlobalMaxPool HammingWindow HannWindow HardSigmoid HardSwish Hardmax Identity ImageDecoder IsInf IsNaN LRN LeakyRelu Log LogSoftmax LpNormalization LpPool MeanVarianceNormalization Mish Multinomial Neg NonZero Not OptionalGetElement RandomNormalLike RandomUniformLike Reciprocal RegexFullMatch Relu Round Selu SequenceLength Shape Shrink Sigmoid Sign Sin Sinh Size Softmax Softplus Softsign SpaceToDepth Sqrt StringNormalizer Swish Tan Tanh TfIdfVectorizer ThresholdedRelu Transpose'],
  [1, 1, 2, 'MaxPool StringSplit'],
  [1, 1, 3, 'DynamicQuantizeLinear'],
  [1, 1, 4, 'Unique'],
  [1, 1, 4096, 'If'],
  [1, 2, 1, 'DFT ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare SequenceErase SplitToSequence Squeeze Trilu'],
  [1, 2, 4096, 'Split'],
  [1, 3, 1, 'Clip'],
  [1, 3, 2, 'Dropout'],
  [1, 4, 1, 'Resize'],
  [1, 4096, 1, 'Concat Einsum Max Mean Min SequenceConstruct Sum'],
  [1, 4096, 4096, 'Scan SequenceMap'],
  [2, 2, 1, 'Add AffineGrid And BitShift BitwiseAnd BitwiseOr BitwiseXor CastLike CenterCropPad Compress CumProd CumSum Div Equal Expand Gather GatherElements GatherND Greater GreaterOrEqual GridSample Less LessOrEqual MatMul MaxRoiPool Mod Mul Or PRelu Pow RMSNormalization Reshape ReverseSequence SequenceAt StringConcat Sub SwiGLU Tile Unsqueeze Upsample Xor'],
  [2, 2, 2, 'TopK'],
  [2, 3, 1, 'Conv ConvTranspose DequantizeLinear Gemm MaxUnpool NegativeLogLikelihoodLoss QuantizeLinear SequenceInsert TensorScatter'],
  [2, 3, 2, 'SoftmaxCrossEntropyLoss'],
  [2, 3, 3, 'LayerNormalization'],
  [2, 4, 1, 'ConvInteger MatMulInteger Pad STFT'],
  [2, 4, 2, 'CausalConvWithState'],
  [2, 5, 1, 'NonMaxSuppression'],
  [2, 4096, 4096, 'Loop'],
  [3, 3, 1, 'Col2Im GroupNormalization InstanceNormalization OneHot Range RoiAlign Scatter ScatterElements ScatterND Where'],
  [3, 4, 1, 'RotaryEmbedding'],
  [3, 5, 1, 'DeformConv Slice'],
  [3, 6, 2, 'GRU LinearAttention RNN'],
  [3, 6, 4, 'Attention'],
  [3, 8, 3, 'LSTM'],
  [5, 5, 1, 'MelWeightMatrix'],
  [5, 5, 3, 'BatchNormalization'],
  [8, 8, 1, 'QLinearMatMul'],
  [8, 9, 1, 'QLinearConv'],
];

const arities = new Map(groups.flatMap(([least, most, outputs, ops]) => ops.split(' ').map((op) => [op, { least, most, outputs }] as const)));

/** What is wrong with a node's inputs and outputs; null where nothing is, or where the operator is not of the standard. */
export function arityFault(op: string, inputs: readonly string[], outputs: number): { readonly expected: string; readonly got: string } | null {
  const row = arities.get(op);
  if (!row) return null;
  if (inputs.length > row.most || inputs.length < row.least) return { expected: row.least === row.most ? `${row.least} inputs` : `${row.least} to ${row.most} inputs`, got: String(inputs.length) };
  const missing = inputs.slice(0, row.least).indexOf('');
  if (missing >= 0) return { expected: `input ${missing}`, got: 'none' };
  return outputs > row.outputs || outputs === 0 ? { expected: `1 to ${row.outputs} outputs`, got: String(outputs) } : null;
}

/** Attributes that may be as large as they like: data, and "to the end". */
const unbounded = new Set(['Constant', 'Shape']);
const BOUND = 2 ** 31;

/** Sizes and axes beyond 32 bits, which runtimes cut off and then trip over. */
export function attributeFault(node: Pick<Node, 'op' | 'attributes'>): { readonly expected: string; readonly got: string } | null {
  if (unbounded.has(node.op)) return null;
  for (const [name, a] of Object.entries(node.attributes)) {
    const values = a.kind === 'int' ? [a.value] : a.kind === 'ints' ? a.value : [];
    const far = values.find((v) => !(Math.abs(v) < BOUND));
    if (far !== undefined) return { expected: `32 bits in ${name}`, got: String(far) };
  }
  return null;
}
