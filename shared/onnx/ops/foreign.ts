/** Signatures of operators that only nets of others bring: none of our layers is made of them. */
import { axisOf, elementwise, requireKind, showShape, type, type InferContext, type OpSignature } from './signature.ts';

const asBool = (since: number): OpSignature => ({ since, inputs: [1, 1], infer: (c) => [type('bool', requireKind(c, 0, 'float').shape)] });

const along = (since: number, kind: 'float' | 'number' = 'float'): OpSignature => ({
  since,
  inputs: [1, 1],
  infer: (c) => {
    const x = requireKind(c, 0, kind);
    axisOf(c, c.int('axis', -1), x.shape.length);
    return [x];
  },
});

const topK = (c: InferContext) => {
  const x = requireKind(c, 0, 'number');
  const axis = axisOf(c, c.int('axis', -1), x.shape.length);
  const [k, ...more] = c.constantNumbers(1);
  if (k === undefined || more.length > 0 || k < 0 || k > (x.shape[axis] ?? 0)) c.refuse(`one number of at most ${x.shape[axis] ?? 0} to take`, showShape(c.constantNumbers(1)));
  const shape = x.shape.with(axis, k);
  return [type(x.element, shape), type('int64', shape)];
};

/** The last axis of the indices names a place in as many axes of the data, behind `batch_dims` that both have. */
const gatherND = (c: InferContext) => {
  const [x, indices] = [c.input(0), requireKind(c, 1, 'index')];
  const shared = c.int('batch_dims', 0);
  const places = indices.shape.at(-1) ?? c.refuse('indices of at least one axis', 'a single number');
  if (shared < 0 || shared >= Math.min(x.shape.length, indices.shape.length) || places > x.shape.length - shared) c.refuse(`places of at most ${x.shape.length - shared} axes`, String(places));
  return [type(x.element, [...indices.shape.slice(0, -1), ...x.shape.slice(shared + places)])];
};

const quantize = (c: InferContext) => {
  const x = c.input(0);
  return [type(c.optional(2)?.element ?? 'uint8', x.shape)];
};
const dequantize = (c: InferContext) => [type(requireKind(c, 1, 'float').element, c.input(0).shape)];

/** X [steps, batch, features], W and R [directions, gates · hidden, …]; states are [directions, batch, hidden]. */
const recurrent = (gates: number, states: number): OpSignature => ({
  since: 14,
  inputs: [3, states === 2 ? 8 : 6],
  outputs: [1, 1 + states],
  infer: (c) => {
    const [x, w, r] = [requireKind(c, 0, 'float'), c.input(1), c.input(2)];
    for (const t of [x, w, r]) if (t.shape.length !== 3) c.refuse('inputs and weights of three axes', showShape(t.shape));
    if (c.int('layout', 0) !== 0) c.refuse('layout 0, steps first', String(c.int('layout', 0)), 'beyond');
    const [directions, rows] = w.shape as [number, number, number];
    const hidden = r.shape[2] as number;
    if (rows !== gates * hidden || r.shape[1] !== rows || r.shape[0] !== directions || w.shape[2] !== x.shape[2]) c.refuse(`weights of ${gates} gates over ${x.shape[2]} features`, `${showShape(w.shape)} and ${showShape(r.shape)}`);
    const [steps, batch] = x.shape as [number, number, number];
    const state = type(x.element, [directions, batch, hidden]);
    return [type(x.element, [steps, directions, batch, hidden]), state, state].slice(0, c.outputs);
  },
});

const globalPool: OpSignature = { since: 2, inputs: [1, 1], infer: (c) => [type(requireKind(c, 0, 'float').element, c.input(0).shape.map((d, i) => (i < 2 ? d : 1)))] };

export const foreignOps: Readonly<Record<string, OpSignature>> = {
  Asin: elementwise(7, 'float'), Acos: elementwise(7, 'float'), Atan: elementwise(7, 'float'), Sinh: elementwise(9, 'float'), Cosh: elementwise(9, 'float'), Asinh: elementwise(9, 'float'), Acosh: elementwise(9, 'float'), Atanh: elementwise(9, 'float'),
  Shrink: elementwise(9, 'number'), MeanVarianceNormalization: elementwise(13, 'float'), IsNaN: asBool(13), IsInf: asBool(10),
  Hardmax: along(13), LpNormalization: along(1), GlobalLpPool: globalPool,
  CastLike: { since: 15, inputs: [2, 2], infer: (c) => [type(c.input(1).element, c.input(0).shape)] },
  Size: { since: 13, inputs: [1, 1], infer: () => [type('int64', [])] },
  TopK: { since: 11, inputs: [2, 2], outputs: [2, 2], infer: topK },
  GatherND: { since: 13, inputs: [2, 2], infer: gatherND },
  ReverseSequence: elementwise(10, 'any', [2, 2]),
  QuantizeLinear: { since: 13, inputs: [2, 3], infer: quantize },
  DequantizeLinear: { since: 13, inputs: [2, 3], infer: dequantize },
  RNN: recurrent(1, 1), GRU: recurrent(3, 1), LSTM: recurrent(4, 2),
};

