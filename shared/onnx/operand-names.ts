/** What the operands of operators are called in the ONNX specification, where a number alone would not tell what it is for. */

const data = (...rest: string[]): readonly string[] => ['data', ...rest];
const reduction = data('axes');

const names: Readonly<Record<string, readonly string[]>> = {
  Reshape: data('shape'), Slice: data('starts', 'ends', 'axes', 'steps'), Pad: data('pads', 'value', 'axes'), Clip: ['input', 'min', 'max'], Gather: data('indices'), GatherElements: data('indices'), GatherND: data('indices'),
  ScatterElements: data('indices', 'updates'), ScatterND: data('indices', 'updates'), Expand: ['input', 'shape'], Tile: ['input', 'repeats'], Squeeze: data('axes'), Unsqueeze: data('axes'), Split: ['input', 'split'],
  Resize: ['X', 'roi', 'scales', 'sizes'], TopK: ['X', 'K'], OneHot: ['indices', 'depth', 'values'], Where: ['condition', 'X', 'Y'], Range: ['start', 'limit', 'delta'], CumSum: ['x', 'axis'], Trilu: ['input', 'k'], Dropout: data('ratio', 'training'),
  Add: ['A', '+'], Sub: ['A', '−'], Mul: ['A', '×'], Div: ['A', '÷'], Pow: ['A', '^'], Mod: ['A', 'mod'],
  Conv: ['X', 'W', 'B'], ConvTranspose: ['X', 'W', 'B'], Gemm: ['A', 'B', 'C'], MatMul: ['A', 'B'], PRelu: ['X', 'slope'], BatchNormalization: ['X', 'scale', 'B', 'mean', 'variance'], LayerNormalization: ['X', 'scale', 'B'], InstanceNormalization: ['input', 'scale', 'B'], GroupNormalization: ['X', 'scale', 'B'],
  RNN: ['X', 'W', 'R', 'B', 'lengths', 'first h'], GRU: ['X', 'W', 'R', 'B', 'lengths', 'first h'], LSTM: ['X', 'W', 'R', 'B', 'lengths', 'first h', 'first c', 'P'],
  QuantizeLinear: ['x', 'scale', 'zero point'], DequantizeLinear: ['x', 'scale', 'zero point'], NonMaxSuppression: ['boxes', 'scores', 'most', 'IoU', 'score'], RoiAlign: ['X', 'rois', 'batch'], GridSample: ['X', 'grid'],
  ...Object.fromEntries(['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare', 'ReduceLogSum', 'ReduceLogSumExp'].map((op) => [op, reduction])),
};

/** The name of operand `i` of a standard operator; its place, counted from 1, where it is not told here. */
export const operandName = ({ op, domain }: { readonly op: string; readonly domain: string }, i: number): string => (domain === '' && Object.hasOwn(names, op) ? names[op]?.[i] : undefined) ?? String(i + 1);
