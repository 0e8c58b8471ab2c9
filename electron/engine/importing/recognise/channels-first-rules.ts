/** What each operator does where its input has channels first in place of last: the same, with its axes counted anew. */
import { attribute, int, ints, type Node, type Tensor } from '../../../../shared/onnx/ir.ts';
import { toFirst, toLast, turned } from './axes.ts';
import type { Turning } from './turning.ts';

/** True where the node is dealt with; otherwise its inputs are turned back. */
type Rule = (node: Node, t: Turning) => boolean;

const numbers = (t: Tensor | undefined): number[] | undefined => (t ? Array.from(t.data as ArrayLike<number | bigint>, Number) : undefined);
const int64 = (values: readonly number[]): Tensor => ({ element: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) });
/** Where an axis of the file lies with channels first. */
const axisOf = (axis: number, rank: number): number => toFirst(rank).indexOf(axis < 0 ? axis + rank : axis);

/** The node on its first input turned, other inputs as they are, its outputs turned too. */
const along = (node: Node, t: Turning, change: Partial<Node> = {}): true => {
  const inputs = change.inputs ?? [t.first.get(node.inputs[0] ?? '') ?? '', ...node.inputs.slice(1).map((v) => (v === '' ? v : t.plain(v)))];
  t.emit({ ...node, ...change, inputs, outputs: node.outputs.map((o) => (o === '' ? o : t.made(o))) });
  return true;
};

const unary: Rule = (node, t) => t.first.has(node.inputs[0] ?? '') && along(node, t);

/** Number by number: each operand turned, or a constant that broadcasts. */
const elementwise: Rule = (node, t) => {
  const rank = t.rankOf(node.outputs[0] ?? '');
  const fits = node.inputs.every((v) => (t.first.has(v) ? t.rankOf(v) === rank : t.initializers.has(v) && t.rankOf(v) <= rank));
  return fits && along(node, t, { inputs: node.inputs.map((v) => t.first.get(v) ?? t.constant(v, rank)) });
};

/** An attribute that names an axis; the operator's default where it is left out. */
const byAxis = (fallback: number): Rule => (node, t) => {
  const rank = t.rankOf(node.inputs[0] ?? '');
  const given = node.inputs.filter((v) => !t.initializers.has(v));
  if (!given.every((v) => t.first.has(v)) || t.initializers.has(node.inputs[0] ?? '')) return false;
  const axis = axisOf(attribute(node, 'axis', 'int', fallback), rank);
  return along(node, t, { inputs: node.inputs.map((v) => t.first.get(v) ?? v), attributes: { ...node.attributes, axis: int(axis) } });
};
const concat: Rule = (node, t) => node.inputs.every((v) => t.first.has(v)) && byAxis(0)(node, t);

/** Over axes that an input names; a vector of channels may be what is left. */
const reduce: Rule = (node, t) => {
  const [x = '', given = ''] = node.inputs;
  const axes = numbers(t.initializers.get(given));
  const rank = t.rankOf(x);
  const first = t.first.get(x);
  if (!axes || first === undefined) return false;
  const turnedAxes = axes.map((a) => axisOf(a, rank)).sort((a, b) => a - b);
  const inputs = [first, t.hold(`${node.name}/axes`, int64(turnedAxes))];
  if (attribute(node, 'keepdims', 'int', 1) === 1) return along(node, t, { inputs });
  if (turnedAxes.includes(1) || turnedAxes.length !== rank - 2) return false;
  t.emit({ ...node, inputs });
  return true;
};

/** Numbers for each axis, in the order of the axes. */
const perAxis = (place: number, groups: number): Rule => (node, t) => {
  const rank = t.rankOf(node.inputs[0] ?? '');
  const name = node.inputs[place] ?? '';
  const tensor = t.initializers.get(name);
  const first = t.first.get(node.inputs[0] ?? '');
  if (!tensor || first === undefined || tensor.data.length !== groups * rank) return false;
  const data = tensor.data.slice();
  for (let g = 0; g < groups; g++) toFirst(rank).forEach((p, i) => { data[g * rank + i] = tensor.data[g * rank + p] as never; });
  return along(node, t, { inputs: node.inputs.map((v, i) => (i === 0 ? first : i === place ? t.hold(`${node.name}/by axis`, { ...tensor, data }) : v)) });
};
const pad: Rule = (node, t) => !node.inputs[3] && perAxis(1, 2)(node, t);
const resize: Rule = (node, t) => {
  const scales = node.inputs[2] ? t.initializers.get(node.inputs[2]) : undefined;
  return node.attributes.axes === undefined && !node.inputs[1] && perAxis(scales && scales.data.length > 0 ? 2 : 3, 1)(node, t);
};

const slice: Rule = (node, t) => {
  const rank = t.rankOf(node.inputs[0] ?? '');
  const starts = numbers(t.initializers.get(node.inputs[1] ?? ''));
  const axes = node.inputs[3] ? numbers(t.initializers.get(node.inputs[3])) : starts?.map((_, i) => i);
  const first = t.first.get(node.inputs[0] ?? '');
  if (!axes || first === undefined) return false;
  const named = t.hold(`${node.name}/axes`, int64(axes.map((a) => axisOf(a, rank))));
  return along(node, t, { inputs: [first, node.inputs[1] ?? '', node.inputs[2] ?? '', named, ...(node.inputs[4] ? [node.inputs[4]] : [])] });
};

/** One place a map, or one map: the numbers lie in the same order either way. */
const refold: Rule = (node, t) => {
  const [x = ''] = node.inputs;
  const first = t.first.get(x);
  const shape = t.types.get(first ?? '')?.shape ?? [];
  if (first === undefined || !(shape[1] === 1 || shape.slice(2).every((d) => d === 1))) return false;
  const output = node.outputs[0] ?? '';
  const to = t.types.get(output)?.shape ?? [];
  if (to.length !== 2 || !t.batched.has(output)) return false;
  t.emit({ ...node, op: 'Flatten', inputs: [first], attributes: { axis: int(1) } });
  return true;
};

/** A norm of the last axis: turned there and back, which is one layer here. */
const layerNorm: Rule = (node, t) => {
  const [x = ''] = node.inputs;
  const first = t.first.get(x);
  const rank = t.rankOf(x);
  const output = node.outputs[0] ?? '';
  const axis = attribute(node, 'axis', 'int', -1);
  if (first === undefined || (axis !== -1 && axis !== rank - 1) || node.outputs.slice(1).some((o) => o !== '')) return false;
  const last = `${node.name}/channels last`;
  t.lastOf(first, last);
  t.emit({ name: `${node.name}/turned`, op: 'Transpose', domain: '', inputs: [first], outputs: [last], attributes: { perm: ints(toLast(rank)) } });
  t.emit({ ...node, inputs: [last, ...node.inputs.slice(1)] });
  t.emit({ name: `${node.name}/turned back`, op: 'Transpose', domain: '', inputs: [output], outputs: [t.made(output)], attributes: { perm: ints(toFirst(rank)) } });
  return true;
};

/** A product of each place's channels with a matrix: a convolution of one place. */
const product: Rule = (node, t) => {
  const [x = '', w = ''] = node.inputs;
  const first = t.first.get(x);
  const kernel = t.initializers.get(w);
  if (first === undefined || kernel?.shape.length !== 2 || !(kernel.data instanceof Float32Array)) return false;
  const { shape, data } = turned(kernel, [1, 0]);
  const places = Array.from({ length: t.rankOf(x) - 2 }, () => 1);
  return along(node, t, { op: 'Conv', inputs: [first, t.hold(`${w}/by place`, { element: 'float32', shape: [...shape, ...places], data })], attributes: {} });
};

const all = (rule: Rule, ...ops: string[]): Record<string, Rule> => Object.fromEntries(ops.map((op) => [op, rule]));

export const axisRules: Readonly<Record<string, Rule>> = {
  ...all(unary, 'Relu', 'LeakyRelu', 'Elu', 'Selu', 'Celu', 'Sigmoid', 'HardSigmoid', 'HardSwish', 'Mish', 'Gelu', 'Softplus', 'Softsign', 'Tanh', 'Erf', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Neg', 'Abs', 'Clip', 'Identity', 'Dropout', 'Cast', 'ThresholdedRelu'),
  ...all(elementwise, 'Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min', 'Sum', 'Mean', 'PRelu'),
  ...all(reduce, 'ReduceMean', 'ReduceMax', 'ReduceSum', 'ReduceMin'),
  ...all(byAxis(-1), 'Softmax', 'LogSoftmax'),
  ...all(refold, 'Reshape', 'Squeeze', 'Flatten'),
  Concat: concat, Split: byAxis(0), Pad: pad, Resize: resize, Slice: slice, LayerNormalization: layerNorm, MatMul: product,
};
