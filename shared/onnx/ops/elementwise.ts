/** Signatures of operators that work number by number. */
import { MICROSOFT_DOMAIN, type ElementType } from '../ir.ts';
import { axisOf, broadcastShapes, elementwise, requireKind, requireSameElement, showShape, type, type InferContext, type Kind, type OpSignature } from './signature.ts';

const shapesOf = (c: InferContext): (readonly number[])[] => Array.from({ length: c.count }, (_, i) => c.input(i).shape);

const broadcast = (since: number, kind: Kind, inputs: readonly [number, number] = [2, 2]): OpSignature => ({
  since,
  inputs,
  infer: (c) => {
    requireSameElement(c);
    return [type(requireKind(c, 0, kind).element, broadcastShapes(c, shapesOf(c)))];
  },
});

const compare = (since: number, kind: Kind): OpSignature => ({
  since,
  inputs: [2, 2],
  infer: (c) => {
    requireKind(c, 0, kind);
    requireSameElement(c);
    return [type('bool', broadcastShapes(c, shapesOf(c)))];
  },
});

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

const where = (c: InferContext) => {
  requireKind(c, 0, 'bool');
  requireSameElement(c, 1);
  return [type(c.input(1).element, broadcastShapes(c, shapesOf(c)))];
};

/** The slope broadcasts to the input, not the other way round. */
const prelu = (c: InferContext) => {
  const x = requireKind(c, 0, 'number');
  requireSameElement(c);
  const shape = broadcastShapes(c, shapesOf(c));
  if (shape.length !== x.shape.length || shape.some((d, i) => d !== x.shape[i])) c.refuse(`a slope that broadcasts to ${showShape(x.shape)}`, showShape(c.input(1).shape));
  return [x];
};

const alongAxis = (c: InferContext) => {
  const x = requireKind(c, 0, 'float');
  axisOf(c, c.int('axis', -1), x.shape.length);
  return [x];
};

export const elementwiseOps: Readonly<Record<string, OpSignature>> = {
  Identity: elementwise(16, 'any'),
  Cast: { since: 13, inputs: [1, 1], infer: cast },
  Neg: elementwise(13, 'signed'), Abs: elementwise(13, 'number'), Sign: elementwise(13, 'number'),
  Exp: elementwise(13, 'float'), Log: elementwise(13, 'float'), Sqrt: elementwise(13, 'float'), Reciprocal: elementwise(13, 'float'),
  Floor: elementwise(13, 'float'), Ceil: elementwise(13, 'float'), Round: elementwise(11, 'float'), Erf: elementwise(13, 'number'),
  Sin: elementwise(7, 'float'), Cos: elementwise(7, 'float'), Tan: elementwise(7, 'float'), Tanh: elementwise(13, 'float'), Sigmoid: elementwise(13, 'float'),
  Softplus: elementwise(1, 'float'), Softsign: elementwise(1, 'float'), Relu: elementwise(14, 'signed'), LeakyRelu: elementwise(16, 'float'), Elu: elementwise(6, 'float'),
  Selu: elementwise(6, 'float'), Celu: elementwise(12, 'float'), HardSigmoid: elementwise(6, 'float'), HardSwish: elementwise(14, 'float'), Mish: elementwise(18, 'float'),
  ThresholdedRelu: elementwise(10, 'float'), Not: elementwise(1, 'bool'),
  /** Standard from opset 20; before that ONNX Runtime's own. */
  Gelu: { ...elementwise(20, 'float'), domains: ['', MICROSOFT_DOMAIN] },
  Clip: { since: 13, inputs: [1, 3], infer: (c) => { requireSameElement(c); return [requireKind(c, 0, 'number')]; } },
  PRelu: { since: 16, inputs: [2, 2], infer: prelu },
  Add: broadcast(14, 'number'), Sub: broadcast(14, 'number'), Mul: broadcast(14, 'number'), Div: broadcast(14, 'number'), Mod: broadcast(13, 'number'),
  And: broadcast(7, 'bool'), Or: broadcast(7, 'bool'), Xor: broadcast(7, 'bool'),
  /** The exponent may have another type; the result has the base's. */
  Pow: { since: 15, inputs: [2, 2], infer: (c) => [type(requireKind(c, 0, 'number').element, broadcastShapes(c, shapesOf(c)))] },
  Min: broadcast(13, 'number', [1, 4096]), Max: broadcast(13, 'number', [1, 4096]), Sum: broadcast(13, 'float', [1, 4096]), Mean: broadcast(13, 'float', [1, 4096]),
  Equal: compare(13, 'any'), Greater: compare(13, 'number'), GreaterOrEqual: compare(16, 'number'), Less: compare(13, 'number'), LessOrEqual: compare(16, 'number'),
  Where: { since: 16, inputs: [3, 3], infer: where },
  Softmax: { since: 13, inputs: [1, 1], infer: alongAxis }, LogSoftmax: { since: 13, inputs: [1, 1], infer: alongAxis },
  CumSum: elementwise(14, 'number', [2, 2]),
  Trilu: elementwise(14, 'any', [1, 2]),
  Dropout: { since: 13, inputs: [1, 3], outputs: [1, 2], infer: (c) => [requireKind(c, 0, 'float'), type('bool', c.input(0).shape)].slice(0, c.outputs) },
};
