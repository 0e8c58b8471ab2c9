/** A graph of opset 18 in the words of opset 17 (onnx/docs/Changelog.md: what version 18 changed or brought). */
import { problem } from '../../diagnostics/diagnostic.ts';
import { attribute, int, ints, type Attribute, type Graph, type Node, type Tensor } from '../ir.ts';

interface Context {
  /** Numbers of a constant input; null for one that is left out. Fails where it is computed. */
  numbers(i: number): readonly number[] | null;
  shape(i: number): readonly number[];
  /** A new int64 vector. */
  vector(values: readonly number[]): string;
  floats(values: readonly number[]): string;
  /** Name for a new value of the shape of input 0, or a given one. */
  value(hint: string, shape?: readonly number[]): string;
  fail(): never;
}
type Rewrite = (node: Node, c: Context) => readonly Node[];

const without = (node: Node, ...names: readonly string[]): Record<string, Attribute> => Object.fromEntries(Object.entries(node.attributes).filter(([k]) => !names.includes(k)));
const plain = (op: string, name: string, inputs: readonly string[], output: string, attributes: Record<string, Attribute> = {}): Node => ({ name, op, domain: '', inputs, outputs: [output], attributes });
const axisIn = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** Axes were an attribute. */
const reduce: Rewrite = (node, c) => {
  const axes = c.numbers(1);
  const [x, y] = [node.inputs[0] as string, node.outputs[0] as string];
  if ((axes === null || axes.length === 0) && attribute(node, 'noop_with_empty_axes', 'int', 0) === 1) return [plain('Identity', node.name, [x], y)];
  return [{ ...node, inputs: [x], attributes: { ...without(node, 'noop_with_empty_axes'), ...(axes && axes.length > 0 ? { axes: ints(axes) } : {}) } }];
};

/** Parts were equal, or listed. */
const split: Rewrite = (node, c) => {
  const count = attribute(node, 'num_outputs', 'int', 0);
  if (count === 0) return [node];
  const shape = c.shape(0);
  const size = shape[axisIn(attribute(node, 'axis', 'int', 0), shape.length)] ?? c.fail();
  const each = Math.ceil(size / count);
  const parts = Array.from({ length: count }, (_, i) => Math.min(each, size - i * each));
  return [{ ...node, inputs: [node.inputs[0] as string, ...(size % count === 0 ? [] : [c.vector(parts)])], attributes: without(node, 'num_outputs') }];
};

/** All axes had their padding. */
const pad: Rewrite = (node, c) => {
  const axes = c.numbers(3);
  if (axes === null) return [{ ...node, inputs: node.inputs.slice(0, 3) }];
  const rank = c.shape(0).length;
  const given = c.numbers(1) ?? c.fail();
  const pads = new Array<number>(2 * rank).fill(0);
  axes.forEach((axis, i) => {
    pads[axisIn(axis, rank)] = given[i] as number;
    pads[axisIn(axis, rank) + rank] = given[i + axes.length] as number;
  });
  return [{ ...node, inputs: [node.inputs[0] as string, c.vector(pads), ...(node.inputs[2] ? [node.inputs[2]] : [])] }];
};

/** All axes had their size; nothing was smoothed before. */
const resize: Rewrite = (node, c) => {
  if (attribute(node, 'antialias', 'int', 0) !== 0 || attribute(node, 'keep_aspect_ratio_policy', 'string', 'stretch') !== 'stretch') return c.fail();
  const attributes = without(node, 'antialias', 'keep_aspect_ratio_policy', 'axes');
  if (!('axes' in node.attributes)) return [{ ...node, attributes }];
  if (node.inputs[1]) return c.fail();
  const shape = c.shape(0);
  const axes = attribute(node, 'axes', 'ints', []).map((a) => axisIn(a, shape.length));
  const [scales, sizes] = [c.numbers(2), c.numbers(3)];
  const whole = (values: readonly number[], base: (i: number) => number) => shape.map((_, i) => (axes.includes(i) ? (values[axes.indexOf(i)] as number) : base(i)));
  // A size for every axis would hold the batch: factors hold nothing.
  const factors = scales && scales.length > 0 ? whole(scales, () => 1) : sizes ? whole(sizes.map((s, i) => s / (shape[axes[i] as number] as number)), () => 1) : c.fail();
  return [{ ...node, inputs: [node.inputs[0] as string, '', c.floats(factors)], attributes }];
};

const scatter: Rewrite = (node, c) => (['max', 'min'].includes(attribute(node, 'reduction', 'string', 'none')) ? c.fail() : [node]);

const lpPool: Rewrite = (node, c) => {
  const plainWindow = attribute(node, 'dilations', 'ints', []).every((d) => d === 1) && attribute(node, 'ceil_mode', 'int', 0) === 0;
  return plainWindow ? [{ ...node, attributes: without(node, 'dilations', 'ceil_mode') }] : c.fail();
};

/** x · tanh(ln(1 + eˣ)) */
const mish: Rewrite = (node, c) => {
  const x = node.inputs[0] as string;
  const [soft, bent] = [c.value('softplus'), c.value('tanh')];
  return [plain('Softplus', `${node.name}/softplus`, [x], soft), plain('Tanh', `${node.name}/tanh`, [soft], bent), plain('Mul', node.name, [x, bent], node.outputs[0] as string)];
};

/** A group's numbers in a row are one instance; in version 18 scale and bias are one for each group. */
const groupNormalization: Rewrite = (node, c) => {
  const shape = c.shape(0);
  const groups = attribute(node, 'num_groups', 'int', 1);
  const row = [shape[0] ?? 1, groups, shape.slice(1).reduce((a, d) => a * d, 1) / groups];
  const [apart, normal] = [c.value('groups', row), c.value('normal', row)];
  return [
    plain('Reshape', `${node.name}/groups`, [node.inputs[0] as string, c.vector([0, groups, -1])], apart),
    plain('InstanceNormalization', node.name, [apart, ...node.inputs.slice(1)], normal, without(node, 'num_groups', 'stash_type')),
    plain('Reshape', `${node.name}/together`, [normal, c.vector([0, ...shape.slice(1)])], node.outputs[0] as string, { allowzero: int(0) }),
  ];
};

const absent: Rewrite = (_node, c) => c.fail();

const rewrites: Readonly<Record<string, Rewrite>> = {
  ReduceL1: reduce, ReduceL2: reduce, ReduceLogSum: reduce, ReduceLogSumExp: reduce, ReduceMax: reduce, ReduceMean: reduce, ReduceMin: reduce, ReduceProd: reduce, ReduceSumSquare: reduce,
  Split: split, Pad: pad, Resize: resize, ScatterElements: scatter, ScatterND: scatter, LpPool: lpPool, Mish: mish, GroupNormalization: groupNormalization,
  BitwiseAnd: absent, BitwiseNot: absent, BitwiseOr: absent, BitwiseXor: absent, CenterCropPad: absent, Col2Im: absent, OptionalGetElement: absent, OptionalHasElement: absent,
};

/** The same graph for runtimes that know opset 17 only. Throws export.opset at an operator that it cannot say. */
export function toOpset17(graph: Graph): Graph {
  const initializers = new Map(graph.initializers);
  const types = new Map(graph.types);
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const rewrite = node.domain === '' && Object.hasOwn(rewrites, node.op) ? rewrites[node.op] : undefined;
    if (!rewrite) return [node];
    let count = 0;
    const fail = (): never => { throw problem('export.opset', { label: graph.name }, { opset: 17, op: node.op, node: node.name }); };
    const hold = (tensor: Tensor): string => {
      const name = `${node.name}/opset 17 ${count++}`;
      initializers.set(name, tensor);
      types.set(name, { element: tensor.element, shape: tensor.shape });
      return name;
    };
    return rewrite(node, {
      numbers: (i) => {
        const name = node.inputs[i] ?? '';
        const tensor = initializers.get(name);
        return name === '' ? null : tensor ? Array.from(tensor.data as ArrayLike<number | bigint>, Number) : fail();
      },
      shape: (i) => types.get(node.inputs[i] ?? '')?.shape ?? fail(),
      vector: (values) => hold({ element: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) }),
      floats: (values) => hold({ element: 'float32', shape: [values.length], data: Float32Array.from(values) }),
      value: (hint, shape) => {
        const name = `${node.name}/${hint}:y`;
        types.set(name, { element: 'float32', shape: shape ?? types.get(node.inputs[0] ?? '')?.shape ?? [] });
        return name;
      },
      fail,
    });
  });
  return { ...graph, nodes, initializers, types };
}
