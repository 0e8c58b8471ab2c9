/** Rows that work number by number, but for activations. */
import { attribute } from '../../../../shared/onnx/ir.ts';
import type { Tensor, Tf } from '../tf.ts';
import { expand, stopped } from './gradient.ts';
import { operand, refuse, type Call, type OperatorRow } from './operator.ts';

/** A row of one operand. */
export const unary = (f: (tf: Tf, x: Tensor, call: Call) => Tensor): OperatorRow => ({ layout: 'either', run: (call) => [f(call.tf, operand(call, 0), call)] });

const binary = (f: (tf: Tf, a: Tensor, b: Tensor) => Tensor): OperatorRow => ({ layout: 'either', run: (call) => [f(call.tf, operand(call, 0), operand(call, 1))] });

/** True or false, which no gradient goes through. */
const compared = (f: (tf: Tf, a: Tensor, b: Tensor) => Tensor): OperatorRow => binary((tf, a, b) => stopped(tf, () => f(tf, a, b)));

/** The operands in their common shape: some gradients of TensorFlow.js forget to sum over what was broadcast. */
function alike(tf: Tf, operands: readonly Tensor[]): Tensor[] {
  const shape = operands.map((x) => x.shape).reduce((a, b) => tf.backend_util.assertAndGetBroadcastShape(a, b));
  return operands.map((x) => expand(tf, x, shape));
}

/** One after another; of equal numbers the first has the gradient. */
const folded = (f: (tf: Tf, a: Tensor, b: Tensor) => Tensor): OperatorRow => ({
  layout: 'either',
  run: (call) => [alike(call.tf, call.inputs.map((_, i) => operand(call, i))).reduce((a, b) => f(call.tf, a, b))],
});

/** Element types of the specification that are held as they are; all others are whole numbers. */
const types: Readonly<Record<number, 'float32' | 'bool'>> = { 1: 'float32', 9: 'bool', 10: 'float32', 11: 'float32', 16: 'float32' };

export const elementwiseRows: Readonly<Record<string, OperatorRow>> = {
  Add: binary((tf, a, b) => tf.add(a, b)),
  Sub: binary((tf, a, b) => tf.sub(a, b)),
  Mul: binary((tf, a, b) => tf.mul(a, b)),
  Div: binary((tf, a, b) => tf.div(a, b)),
  Pow: binary((tf, a, b) => tf.pow(a, b)),
  Max: folded((tf, a, b) => tf.maximum(a, b)),
  Min: folded((tf, a, b) => tf.minimum(a, b)),
  Neg: unary((tf, x) => tf.neg(x)),
  // TensorFlow.js takes the slope at 0 for −1.
  Abs: unary((tf, x) => tf.mul(x, tf.sign(x))),
  Sign: unary((tf, x) => tf.sign(x)),
  Exp: unary((tf, x) => tf.exp(x)),
  Log: unary((tf, x) => tf.log(x)),
  Sqrt: unary((tf, x) => tf.sqrt(x)),
  Floor: unary((tf, x) => tf.floor(x)),
  Erf: unary((tf, x) => tf.erf(x)),
  Equal: compared((tf, a, b) => tf.equal(a, b)),
  Greater: compared((tf, a, b) => tf.greater(a, b)),
  GreaterOrEqual: compared((tf, a, b) => tf.greaterEqual(a, b)),
  Less: compared((tf, a, b) => tf.less(a, b)),
  LessOrEqual: compared((tf, a, b) => tf.lessEqual(a, b)),
  And: compared((tf, a, b) => tf.logicalAnd(a, b)),
  Or: compared((tf, a, b) => tf.logicalOr(a, b)),
  Not: unary((tf, x) => stopped(tf, () => tf.logicalNot(x))),
  Where: { layout: 'either', run: (call) => {
    const [which, a, b] = alike(call.tf, [operand(call, 0), operand(call, 1), operand(call, 2)]) as [Tensor, Tensor, Tensor];
    return [call.tf.where(which, a, b)];
  } },
  Cast: unary((tf, x, { node }) => {
    const to = attribute(node, 'to', 'int', 1);
    if (to === 8) refuse(node, 'to text');
    const type = types[to] ?? 'int32';
    return type === 'float32' ? tf.cast(x, type) : stopped(tf, () => tf.cast(x, type));
  }),
};
