/** Rewrites operators that a device lacks, or computes wrongly, into ones it has: before differentiation, so that gradients follow. */
import { GraphBuilder, type Value } from '../../../shared/onnx/builder.ts';
import { attribute, int, type Graph, type Node } from '../../../shared/onnx/ir.ts';
import { broken, lacking } from './capabilities.ts';
import { convByGroups, otherTransposed } from './convolutions.ts';
import type { DeviceKind } from './rule.ts';

interface Rewriting {
  readonly b: GraphBuilder;
  readonly node: Node;
  x(i: number): Value;
  /** Numbers of a constant input. */
  numbers(i: number): number[];
  /** The output's shape. */
  readonly y: readonly number[];
}
/** The same value in other operators. */
type Rewrite = (r: Rewriting) => Value;

const half = (b: GraphBuilder, x: Value, condition: 'Greater' | 'Less'): Value => b.cast(b.op(condition, [x, b.scalar(0)]), 'float32');
const positivePart = (b: GraphBuilder, x: Value): Value => b.op('Relu', [x]);
const negativePart = (b: GraphBuilder, x: Value): Value => b.op('Min', [x, b.scalar(0)]);
const product = (v: readonly number[]): number => v.reduce((a, d) => a * d, 1);

const logSoftmax: Rewrite = ({ b, node, x }) => {
  const axis = attribute(node, 'axis', 'int', -1);
  const shifted = b.sub(x(0), b.max(x(0), [axis]));
  return b.sub(shifted, b.log(b.sum(b.exp(shifted), [axis])));
};

/** α·(e^(min(x, 0)/β) − 1)·γ + γ·max(x, 0): ELU's relatives. */
const exponential = (alpha: number, beta: number, gamma: number): Rewrite => ({ b, x }) => {
  const below = b.sub(b.exp(b.mul(negativePart(b, x(0)), b.scalar(1 / beta))), b.scalar(1));
  const sum = b.add(positivePart(b, x(0)), b.mul(below, b.scalar(alpha)));
  return gamma === 1 ? sum : b.mul(sum, b.scalar(gamma));
};

/** Nearest whole number, halves to the even one. */
const round: Rewrite = ({ b, x }) => {
  const up = b.op('Floor', [b.add(x(0), b.scalar(0.5))]);
  const tie = b.cast(b.op('Equal', [b.sub(up, x(0)), b.scalar(0.5)]), 'float32');
  const halved = b.mul(up, b.scalar(0.5));
  const odd = b.mul(b.sub(halved, b.op('Floor', [halved])), b.scalar(2));
  return b.sub(up, b.mul(tie, odd));
};

const lrn: Rewrite = ({ b, node, x }) => {
  const shape = x(0).type.shape;
  const [n, channels] = shape as [number, number];
  const size = attribute(node, 'size', 'int', 1);
  const band = new Float32Array(channels * channels);
  for (let i = 0; i < channels; i++) for (let j = Math.max(0, i - Math.floor((size - 1) / 2)); j <= Math.min(channels - 1, i + Math.ceil((size - 1) / 2)); j++) band[i * channels + j] = 1;
  const flat = b.reshape(x(0), [n, channels, product(shape.slice(2))]);
  const sums = b.matmul(b.constant({ element: 'float32', shape: [channels, channels], data: band }, 'band'), b.mul(flat, flat));
  const s = b.add(b.mul(sums, b.scalar(attribute(node, 'alpha', 'float', 1e-4) / size)), b.scalar(attribute(node, 'bias', 'float', 1)));
  return b.reshape(b.mul(flat, b.op('Pow', [s, b.scalar(-attribute(node, 'beta', 'float', 0.75))])), shape);
};

/** (Σ|x|ᵖ)^(1/p): the average with its padding counted, times the window's size. */
const lpPool: Rewrite = ({ b, node, x }) => {
  const p = attribute(node, 'p', 'int', 2);
  const kernel = attribute(node, 'kernel_shape', 'ints', []);
  const { p: _p, ...window } = node.attributes;
  const power = (v: Value, e: number): Value => (e === 1 ? v : b.op('Pow', [v, b.scalar(e)]));
  const terms = p === 2 ? b.mul(x(0), x(0)) : power(b.op('Abs', [x(0)]), p);
  const sums = b.mul(b.op('AveragePool', [terms], { ...window, count_include_pad: int(1) }), b.scalar(product(kernel)));
  return p === 2 ? b.sqrt(sums) : power(sums, 1 / p);
};

const groupNormalization: Rewrite = ({ b, node, x }) => {
  const shape = x(0).type.shape;
  const [n, channels] = shape as [number, number];
  const groups = attribute(node, 'num_groups', 'int', 1);
  const perChannel = x(1).type.shape[0] === channels && channels !== groups;
  const grouped = b.reshape(x(0), [n, groups, channels / groups, product(shape.slice(2))]);
  const centred = b.sub(grouped, b.mean(grouped, [2, 3]));
  const variance = b.mean(b.mul(centred, centred), [2, 3]);
  const normal = b.div(centred, b.sqrt(b.add(variance, b.scalar(attribute(node, 'epsilon', 'float', 1e-5)))));
  const spread = (v: Value) => b.reshape(v, perChannel ? [1, groups, channels / groups, 1] : [1, groups, 1, 1]);
  return b.reshape(b.add(b.mul(normal, spread(x(1))), spread(x(2))), shape);
};

const spaceToDepth: Rewrite = ({ b, node, x }) => {
  const k = attribute(node, 'blocksize', 'int', 1);
  const [n, c, h, w] = x(0).type.shape as [number, number, number, number];
  return b.reshape(b.transpose(b.reshape(x(0), [n, c, h / k, k, w / k, k]), [0, 3, 5, 1, 2, 4]), [n, c * k * k, h / k, w / k]);
};

/** A slice that runs backwards takes its places forwards, then turns them round, from the last one on. */
const sliceBackwards: Rewrite = ({ b, node, x, numbers, y }) => {
  const { shape } = x(0).type;
  const [starts, ends] = [numbers(1), numbers(2)];
  const axes = node.inputs[3] ? numbers(3).map((a) => (a < 0 ? a + shape.length : a)) : starts.map((_, i) => i);
  const steps = node.inputs[4] ? numbers(4) : starts.map(() => 1);
  const back = axes.filter((_, i) => (steps[i] as number) < 0);
  const forward = axes.map((axis, i) => {
    const [size, count, step] = [shape[axis] as number, y[axis] as number, steps[i] as number];
    if (step > 0 || count === 0) return [starts[i] as number, step > 0 ? (ends[i] as number) : (starts[i] as number), Math.abs(step)];
    const start = starts[i] as number;
    const first = Math.min(start < 0 ? start + size : start, size - 1);
    return [first + (count - 1) * step, first + 1, -step];
  });
  const column = (k: number): Value => b.int64(forward.map((f) => f[k] as number));
  const places = b.op('Slice', [x(0), column(0), column(1), b.int64(axes), column(2)]);
  return b.op('Slice', [places, b.int64(back.map(() => -1)), b.int64(back.map((a) => -1 - (y[a] as number))), b.int64(back), b.int64(back.map(() => -1))]);
};

const rewrites: Readonly<Record<string, Rewrite>> = {
  LogSoftmax: logSoftmax,
  Sign: ({ b, x }) => b.sub(half(b, x(0), 'Greater'), half(b, x(0), 'Less')),
  Selu: (r) => exponential(attribute(r.node, 'alpha', 'float', 1.6732632423543772), 1, attribute(r.node, 'gamma', 'float', 1.0507009873554805))(r),
  Celu: (r) => exponential(attribute(r.node, 'alpha', 'float', 1), attribute(r.node, 'alpha', 'float', 1), 1)(r),
  Softsign: ({ b, x }) => b.div(x(0), b.add(b.op('Abs', [x(0)]), b.scalar(1))),
  Sum: ({ b, node, x }) => node.inputs.slice(1).reduce((sum, _, i) => b.add(sum, x(i + 1)), x(0)),
  Mean: ({ b, node, x }) => b.mul(node.inputs.slice(1).reduce((sum, _, i) => b.add(sum, x(i + 1)), x(0)), b.scalar(1 / node.inputs.length)),
  Round: round,
  LRN: lrn,
  LpPool: lpPool,
  GroupNormalization: groupNormalization,
  SpaceToDepth: spaceToDepth,
  Conv: ({ b, node, x }) => convByGroups(b, x(0), x(1), node.inputs[2] ? x(2) : null, node.attributes),
  ConvTranspose: ({ b, node, x }) => otherTransposed(b, x(0), x(1), node.inputs[2] ? x(2) : null, node.attributes),
  Slice: sliceBackwards,
};

/** Operators that `legalise` knows to write otherwise. */
export const rewritable: ReadonlySet<string> = new Set(Object.keys(rewrites));

/**
 * The same graph for a device: same inputs, outputs and values, no operator that the device lacks where another way is known. A node
 * without one stays, and the runtime runs it on the CPU.
 */
export function legalise(graph: Graph, device: DeviceKind): Graph {
  const numbersOf = (name: string): number[] | null => {
    const t = graph.initializers.get(name);
    return t ? Array.from(t.data as ArrayLike<number | bigint>, Number) : null;
  };
  const needs = (node: Node): boolean => node.domain === '' && node.outputs.length === 1 && node.op in rewrites
    && (lacking[device].has(node.op) || broken(device, node, (name) => graph.types.get(name)?.shape ?? [], numbersOf));
  if (!graph.nodes.some(needs)) return graph;
  const b = new GraphBuilder();
  for (const v of graph.inputs) b.input(v.name, v.type);
  for (const [name, tensor] of graph.initializers) b.adopt(name, tensor);
  for (const node of graph.nodes) {
    b.unique(node.name);
    for (const y of node.outputs) if (y !== '') b.unique(y);
  }
  for (const node of graph.nodes) {
    const types = node.outputs.map((y) => graph.types.get(y) ?? { element: 'float32' as const, shape: [] });
    const rewrite = needs(node) ? rewrites[node.op] : undefined;
    if (!rewrite) {
      b.append(node, types);
      continue;
    }
    const value = b.scope(node.name, () => rewrite({ b, node, x: (i) => b.value(node.inputs[i] as string), numbers: (i) => numbersOf(node.inputs[i] ?? '') ?? [], y: types[0]?.shape ?? [] }));
    // The old name goes on standing for the value.
    b.append({ name: b.unique(`${node.name}/same`), op: 'Identity', domain: '', inputs: [value.name], outputs: node.outputs, attributes: {} }, types);
  }
  const built = b.build(graph.name);
  return { ...built, outputs: graph.outputs };
}
