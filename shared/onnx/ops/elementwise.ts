/** Signatures of operators that work number by number. */
import type { ElementType } from '../ir.ts';
import { broadcastShapes, elementwise, type, type InferContext, type OpSignature } from './signature.ts';

const broadcast = (max = 2): OpSignature => ({
  inputs: [max > 2 ? 1 : 2, max],
  infer: (c) => {
    const all = Array.from({ length: c.count }, (_, i) => c.input(i));
    const odd = all.find((t) => t.element !== c.input(0).element);
    if (odd) c.refuse(`all inputs of type ${c.input(0).element}`, odd.element);
    return [type(c.input(0).element, broadcastShapes(c, all.map((t) => t.shape)))];
  },
});

const compare: OpSignature = { inputs: [2, 2], infer: (c) => [type('bool', broadcastShapes(c, [c.input(0).shape, c.input(1).shape]))] };

/** TensorProto.DataType numbers (onnx.proto3). */
export const elementCodes: Readonly<Record<ElementType, number>> = {
  float32: 1, uint8: 2, int8: 3, uint16: 4, int16: 5, int32: 6, int64: 7, string: 8, bool: 9, float16: 10, float64: 11, uint32: 12, uint64: 13, bfloat16: 16,
};

export function elementOfCode(code: number): ElementType | undefined {
  return (Object.keys(elementCodes) as ElementType[]).find((e) => elementCodes[e] === code);
}

const cast = (c: InferContext) => {
  const to = c.int('to', 0);
  return [type(elementOfCode(to) ?? c.refuse('a known element type', String(to)), c.input(0).shape)];
};

const unary = [
  'Identity', 'Neg', 'Abs', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Floor', 'Ceil', 'Round', 'Sign', 'Erf', 'Sin', 'Cos', 'Tan', 'Tanh', 'Sigmoid',
  'Softplus', 'Softsign', 'Relu', 'LeakyRelu', 'Elu', 'Selu', 'Celu', 'Gelu', 'HardSigmoid', 'HardSwish', 'Mish', 'ThresholdedRelu', 'Not', 'Softmax', 'LogSoftmax', 'CumSum', 'LRN',
] as const;

export const elementwiseOps: Readonly<Record<string, OpSignature>> = {
  ...Object.fromEntries(unary.map((op) => [op, elementwise(op === 'CumSum' ? [2, 2] : [1, 1])])),
  Clip: elementwise([1, 3]),
  PRelu: elementwise([2, 2]),
  Add: broadcast(), Sub: broadcast(), Mul: broadcast(), Div: broadcast(), Mod: broadcast(), And: broadcast(), Or: broadcast(),
  Pow: { inputs: [2, 2], infer: (c) => [type(c.input(0).element, broadcastShapes(c, [c.input(0).shape, c.input(1).shape]))] },
  Min: broadcast(64), Max: broadcast(64), Sum: broadcast(64), Mean: broadcast(64),
  Equal: compare, Greater: compare, GreaterOrEqual: compare, Less: compare, LessOrEqual: compare,
  Where: { inputs: [3, 3], infer: (c) => [type(c.input(1).element, broadcastShapes(c, [0, 1, 2].map((i) => c.input(i).shape)))] },
  Cast: { inputs: [1, 1], infer: cast },
  Dropout: { inputs: [1, 3], infer: (c) => [c.input(0), type('bool', c.input(0).shape)].slice(0, c.outputs) },
};
