/** Rows that sum, average or compare along axes. */
import { attribute } from '../../../../shared/onnx/ir.ts';
import type { Tensor, Tf } from '../tf.ts';
import { extreme, mean, sum } from './gradient.ts';
import { axisAt, operand, type OperatorRow } from './operator.ts';

/** Opset 18: axes are an input; all of them where it is left out or empty. */
const along = (reduced: (tf: Tf, x: Tensor, axes: readonly number[], keep: boolean) => Tensor): OperatorRow => ({
  layout: 'own',
  run: (call) => {
    const { tf, node } = call;
    const { tensor, last } = operand(call, 0);
    const keep = attribute(node, 'keepdims', 'int', 1) === 1;
    const given = node.inputs[1] ? call.numbers(1) : [];
    if (given.length === 0 && attribute(node, 'noop_with_empty_axes', 'int', 0) === 1) return [{ tensor: tf.clone(tensor), last }];
    const all = tensor.shape.map((_, i) => i);
    const axes = (given.length === 0 ? all : given).map((a) => axisAt(a, tensor.rank, last));
    const y = reduced(tf, tensor, axes, keep);
    if (keep) return [{ tensor: y, last }];
    // Where the axes that are left stood otherwise in the graph, they go there.
    const left = all.map((a) => axisAt(a, tensor.rank, last)).filter((a) => !axes.includes(a));
    const order = left.map((a) => left.filter((b) => b < a).length);
    return [{ tensor: order.every((o, i) => o === i) ? y : tf.transpose(y, order), last: false }];
  },
});

export const reduceRows: Readonly<Record<string, OperatorRow>> = {
  ReduceSum: along(sum),
  ReduceMean: along(mean),
  ReduceMax: along((tf, ...rest) => extreme(tf, 'max', ...rest)),
  ReduceMin: along((tf, ...rest) => extreme(tf, 'min', ...rest)),
  ReduceSumSquare: along((tf, x, ...rest) => sum(tf, tf.square(x), ...rest)),
};
