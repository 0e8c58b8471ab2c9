/** Signatures of reductions along axes. */
import { axesOf, axisOf, type, requireKind, type OpSignature } from './signature.ts';

/** Axes are an input (opset 18, ReduceSum 13); none or an empty one means all, or none at all with noop_with_empty_axes. */
const reduce = (since: number): OpSignature => ({
  since,
  inputs: [1, 2],
  infer: (c) => {
    const x = requireKind(c, 0, 'number');
    const rank = x.shape.length;
    const given = c.optional(1) ? axesOf(c, c.constantNumbers(1), rank) : [];
    const none = given.length === 0 && c.int('noop_with_empty_axes', 0) === 1;
    const axes = given.length > 0 || none ? given : x.shape.map((_, i) => i);
    const keep = c.int('keepdims', 1) === 1;
    return [type(x.element, x.shape.flatMap((d, i) => (axes.includes(i) ? (keep ? [1] : []) : [d])))];
  },
});

const arg: OpSignature = {
  since: 13,
  inputs: [1, 1],
  infer: (c) => {
    const x = requireKind(c, 0, 'number');
    const axis = axisOf(c, c.int('axis', 0), x.shape.length);
    const keep = c.int('keepdims', 1) === 1;
    return [type('int64', x.shape.flatMap((d, i) => (i === axis ? (keep ? [1] : []) : [d])))];
  },
};

export const reduceOps: Readonly<Record<string, OpSignature>> = {
  ReduceSum: reduce(13),
  ReduceMean: reduce(18), ReduceMax: reduce(18), ReduceMin: reduce(18), ReduceProd: reduce(18), ReduceL1: reduce(18), ReduceL2: reduce(18),
  ReduceSumSquare: reduce(18), ReduceLogSumExp: reduce(18), ReduceLogSum: reduce(18),
  ArgMax: arg, ArgMin: arg,
};
