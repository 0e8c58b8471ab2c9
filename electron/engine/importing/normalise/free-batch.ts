/** Which operators take each sample for itself, and how a node that holds the size of the batch is written to take any. */
import { attribute, ints, type Node } from '../../../../shared/onnx/ir.ts';
import { BatchHeld, batchRole, constantOf, isSettled, laneOf, typeOf, type Known } from './state.ts';

interface Batch {
  readonly node: Node;
  readonly inputs: readonly (Known | null)[];
  /** Of input i. */
  batched(i: number): boolean;
  rank(i: number): number;
  axis(name: string, fallback: number, rank: number): number;
}
type Rule = (b: Batch) => boolean;

const always: Rule = () => true;
/** The samples come in by the first input alone. */
const first: Rule = (b) => b.inputs.every((_, i) => i === 0 || !b.batched(i));
/** Along another axis than that of the batch. */
const along = (fallback: number, name = 'axis'): Rule => (b) => b.axis(name, fallback, b.rank(0)) !== 0;
const both = (...rules: readonly Rule[]): Rule => (b) => rules.every((r) => r(b));
const steps: Rule = (b) => {
  const [axes, by] = [3, 4].map((i) => (b.inputs[i] ? constantOf(b.inputs[i]) : null));
  return !by || Array.from(by.data as ArrayLike<bigint>, Number).every((s, i) => s > 0 || (axes ? Number(axes.data[i]) : i) !== 0);
};
const gather: Rule = (b) => (b.batched(0) ? !b.batched(1) && b.axis('axis', 0, b.rank(0)) !== 0 : b.axis('axis', 0, b.rank(0)) === 0);
const cumulative: Rule = (b) => {
  const axis = b.inputs[1] ? constantOf(b.inputs[1]) : null;
  return axis !== null && Number(axis.data[0]) % b.rank(0) !== 0;
};

const rows = (rule: Rule, ...ops: readonly string[]): Readonly<Record<string, Rule>> => Object.fromEntries(ops.map((op) => [op, rule]));

/** Operators under which a sample's answer is its own. One without a row is taken to mix them. */
const independent: Readonly<Record<string, Rule>> = {
  ...rows(always, 'Identity', 'Cast', 'CastLike', 'Neg', 'Abs', 'Sign', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Floor', 'Ceil', 'Round', 'Erf', 'Sin', 'Cos', 'Tan', 'Asin', 'Acos', 'Atan', 'Sinh', 'Cosh', 'Asinh', 'Acosh',
    'Atanh', 'Tanh', 'Sigmoid', 'Softplus', 'Softsign', 'Relu', 'LeakyRelu', 'Elu', 'Selu', 'Celu', 'HardSigmoid', 'HardSwish', 'Mish', 'ThresholdedRelu', 'Shrink', 'Not', 'IsNaN', 'IsInf', 'Gelu', 'FastGelu', 'QuickGelu',
    'Clip', 'Add', 'Sub', 'Mul', 'Div', 'Mod', 'Pow', 'And', 'Or', 'Xor', 'Min', 'Max', 'Sum', 'Mean', 'Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'Where', 'Dropout', 'BitShift', 'BitwiseAnd', 'BitwiseOr',
    'BitwiseXor', 'BitwiseNot', 'GridSample', 'MatMul', 'FusedMatMul', 'Einsum', 'Squeeze', 'Unsqueeze', 'Flatten', 'Reshape', 'Transpose', 'Expand', 'Tile', 'ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1',
    'ReduceL2', 'ReduceSumSquare', 'ReduceLogSumExp', 'ReduceLogSum', 'AffineGrid'),
  ...rows(first, 'PRelu', 'Conv', 'ConvTranspose', 'MaxPool', 'AveragePool', 'LpPool', 'GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool', 'InstanceNormalization', 'GroupNormalization', 'LRN', 'Pad', 'Resize', 'DepthToSpace',
    'SpaceToDepth', 'QuantizeLinear', 'DequantizeLinear', 'ConvInteger', 'QLinearConv', 'MatMulInteger', 'QLinearMatMul', 'BiasGelu', 'SkipLayerNormalization', 'EmbedLayerNormalization'),
  Gemm: (b) => attribute(b.node, 'transA', 'int', 0) === 0 && !b.batched(1),
  BatchNormalization: (b) => attribute(b.node, 'training_mode', 'int', 0) === 0 && first(b),
  ...rows(along(-1), 'Softmax', 'LogSoftmax', 'Hardmax', 'TopK', 'LayerNormalization', 'LpNormalization', 'OneHot'),
  ...rows(along(0), 'ArgMax', 'ArgMin', 'Concat', 'Split', 'GatherElements', 'ScatterElements'),
  Slice: both(first, steps), Gather: gather, CumSum: cumulative,
  Trilu: (b) => b.rank(0) > 2,
  MeanVarianceNormalization: (b) => !attribute(b.node, 'axes', 'ints', [0, 2, 3]).includes(0),
};

/** Inputs that are sizes or places: these may hold the batch, and are computed at run time then. */
const sizeInputs: Readonly<Record<string, readonly number[]>> = { Reshape: [1], Expand: [1], ConstantOfShape: [0], Slice: [1, 2], Resize: [2, 3], Range: [0, 1, 2] };

/** Sizes that a node reads; the one at `open` is the batch at run time. */
export interface Sizes { readonly values: readonly number[]; readonly open: number | null }

export interface Freed {
  readonly node: Node;
  /** Sizes that the node reads now, by input. */
  readonly sizes: ReadonlyMap<number, Sizes>;
}

/** Places at which a constant differs between the lanes. */
function differing(known: Known): readonly number[] {
  const [a, b] = [laneOf(known, 0).constant, laneOf(known, 1).constant];
  if (!a || !b || a.data.length !== b.data.length) throw new BatchHeld(`${known.name} has the batch for a size`);
  return [...a.data.keys()].filter((i) => a.data[i] !== b.data[i]);
}

const numbers = (known: Known): number[] => Array.from((laneOf(known, 0).constant as { data: ArrayLike<number | bigint> }).data, Number);

const held = (input: number, values: readonly number[]): ReadonlyMap<number, Sizes> => new Map([[input, { values, open: null }]]);

/** A list of sizes of which one is the batch itself; null where it is another number that goes with it. */
function oneOpen(known: Known): Sizes | null {
  const [place, ...others] = differing(known);
  const [one, two] = [0, 1].map((lane) => Number(laneOf(known, lane).constant?.data[place ?? 0]));
  return place !== undefined && others.length === 0 && typeOf(known).shape.length === 1 && one === 1 && two === 2 ? { values: numbers(known), open: place } : null;
}

/** How a size that is the batch is left open, where the operator can say so. */
const openings: Readonly<Record<string, (b: Batch, outputs: readonly Known[]) => Freed | null>> = {
  // One size may be whatever is left.
  Reshape: (b, [y]) => {
    const [one, two] = y ? [laneOf(y, 0).type.shape, laneOf(y, 1).type.shape] : [[], []];
    const moved = one.flatMap((d, i) => (d === two[i] ? [] : [i]));
    return moved.length === 1 && one.length === two.length ? { node: b.node, sizes: held(1, one.map((d, i) => (i === moved[0] ? -1 : d))) } : null;
  },
  // A 1 leaves the input's own size.
  Expand: (b) => {
    const target = b.inputs[1] as Known;
    const places = differing(target);
    const values = numbers(target);
    return b.batched(0) && values.length === b.rank(0) && places.every((i) => i === 0) ? { node: b.node, sizes: held(1, values.with(0, 1)) } : null;
  },
  // To the end, wherever that is.
  Slice: (b) => {
    const [ends, axes] = [b.inputs[2] as Known, b.inputs[3]];
    const along = axes ? constantOf(axes) : null;
    const whole = !isSettled(ends) && isSettled(b.inputs[1] as Known) && differing(ends).every((i) => (along ? Number(along.data[i]) : i) === 0 && numbers(ends)[i] === 1);
    return whole ? { node: b.node, sizes: held(2, numbers(ends).map((v, i) => (differing(ends).includes(i) ? 2 ** 63 : v))) } : null;
  },
  // The first axis is left as it is.
  Resize: (b) => {
    const sizes = b.inputs[3];
    if (!sizes || b.node.attributes.axes !== undefined || differing(sizes).some((i) => i !== 0)) return null;
    const axes = Array.from({ length: b.rank(0) - 1 }, (_, i) => i + 1);
    return { node: { ...b.node, attributes: { ...b.node.attributes, axes: ints(axes) } }, sizes: held(3, numbers(sizes).slice(1)) };
  },
};

/** The target of a Reshape that holds a batch of one before the sizes of a sample, with the batch left open; null for another. */
export function openTarget(node: Node, inputs: readonly (Known | null)[]): readonly number[] | null {
  const [x, target] = inputs;
  const fixed = node.op === 'Reshape' && node.domain === '' && x && target && batchRole(x) === 'batched' ? constantOf(target) : null;
  if (!fixed || !x) return null;
  const values = Array.from(fixed.data as ArrayLike<bigint>, Number);
  if (values.length < 2 || values[0] !== 1) return null;
  const sample = typeOf(x).shape.reduce((a, b) => a * b, 1);
  const sizes = values.map((d, i) => (d === 0 ? (typeOf(x).shape[i] ?? 0) : d));
  const known = sizes.filter((d) => d !== -1).reduce((a, b) => a * b, 1);
  return known === 0 || sample % known !== 0 ? null : sizes.map((d, i) => (i === 0 ? -1 : d === -1 ? sample / known : d));
}

/**
 * The node as it takes any batch. Throws BatchHeld where the net mixes samples, or a value goes with the batch in another
 * way than by its first axis.
 */
export function freeNode(node: Node, inputs: readonly (Known | null)[], outputs: readonly Known[]): Freed {
  const kept: Freed = { node, sizes: new Map() };
  const roles = inputs.map((x) => (x ? batchRole(x) : 'free'));
  const open = inputs.flatMap((x, i) => (x && roles[i] === 'free' && !isSettled(x) ? [i] : []));
  if (!roles.includes('batched') && open.length === 0 && !roles.includes('astray')) return kept;
  // The chain that a file has for its sizes may be long; of the input's own shape it is short.
  const short = (): Freed => ({ node, sizes: new Map(open.filter((i) => (sizeInputs[node.op] ?? []).includes(i)).flatMap((i) => { const sizes = oneOpen(inputs[i] as Known); return sizes ? [[i, sizes] as const] : []; })) });
  // Numbers that are known at every batch: sizes, or a constant repeated for each sample.
  if (outputs.every((y) => y.lanes.every((l) => l.constant !== null))) return outputs.every((y) => typeOf(y).element === 'float32') ? short() : kept;
  const b: Batch = {
    node, inputs,
    batched: (i) => roles[i] === 'batched',
    rank: (i) => (inputs[i] ? typeOf(inputs[i]).shape.length : 0),
    axis: (name, fallback, rank) => {
      const a = attribute(node, name, 'int', fallback);
      return a < 0 ? a + rank : a;
    },
  };
  if (open.some((i) => !(sizeInputs[node.op] ?? []).includes(i))) throw new BatchHeld(`${node.name} computes with the size of the batch`);
  if (roles.includes('astray') || outputs.some((y) => batchRole(y) === 'astray')) throw new BatchHeld(`${node.name} has the batch at another axis`);
  if (roles.includes('batched') && (!(independent[node.op] ?? (() => false))(b) || outputs.some((y) => batchRole(y) === 'free'))) throw new BatchHeld(`${node.name} takes samples together`);
  const freed = open.length > 0 ? (openings[node.op]?.(b, outputs) ?? null) : null;
  if (node.op === 'Reshape' && !freed && open.length > 0) throw new BatchHeld(`${node.name} holds the batch`);
  return freed ?? short();
}
