/** Batch normalisation becomes part of the convolution or product before it. */
import { attribute, type Node, type Tensor } from '../ir.ts';
import type { Pass } from './pass.ts';

/** The output channel of each number of a kernel, by operator; null where the form is none that scales channel by channel. */
type ChannelOf = (node: Node, kernel: Tensor) => ((i: number) => number) | null;

const rest = (shape: readonly number[], from: number): number => shape.slice(from).reduce((a, d) => a * d, 1);

const channels: Readonly<Record<string, ChannelOf>> = {
  /** [M, C/groups, …] */
  Conv: (_node, { shape }) => (i) => Math.floor(i / rest(shape, 1)),
  /** [C, M/groups, …]: the group of an input channel says which outputs it makes. */
  ConvTranspose: (node, { shape }) => {
    const [inputs, each] = shape as [number, number];
    const inGroup = inputs / attribute(node, 'group', 'int', 1);
    return (i) => Math.floor(Math.floor(i / rest(shape, 1)) / inGroup) * each + (Math.floor(i / rest(shape, 2)) % each);
  },
  /** [K, M], or [M, K] transposed. */
  Gemm: (node, { shape }) => {
    if (attribute(node, 'beta', 'float', 1) !== 1) return null;
    const columns = shape[1] as number;
    return attribute(node, 'transB', 'int', 0) === 1 ? (i) => Math.floor(i / columns) : (i) => i % columns;
  },
};

const isFloats = (t: Tensor | undefined): t is Tensor & { readonly data: Float32Array } => t?.data instanceof Float32Array;

/**
 * γ·(W·x + b − μ)/√(σ² + ε) + β = (W·s)·x + (b − μ)·s + β with s = γ/√(σ² + ε), channel by channel. Folds where only the
 * normalisation reads the layer and all weights are initializers; sums are taken in double precision. Same inputs and outputs.
 */
export const foldBatchNorm: Pass = (graph) => {
  const readers = new Map<string, number>();
  for (const name of [...graph.nodes.flatMap((n) => n.inputs), ...graph.outputs.map((v) => v.name)]) readers.set(name, (readers.get(name) ?? 0) + 1);
  const initializers = new Map(graph.initializers);
  const types = new Map(graph.types);
  const nodes: Node[] = [];
  const madeAt = new Map<string, number>();
  let changed = false;
  const keep = (node: Node): void => {
    for (const y of node.outputs) madeAt.set(y, nodes.length);
    nodes.push(node);
  };
  const hold = (name: string, shape: readonly number[], data: Float32Array): string => {
    initializers.set(name, { element: 'float32', shape, data });
    types.set(name, { element: 'float32', shape });
    return name;
  };
  for (const node of graph.nodes) {
    const [x, ...names] = node.inputs;
    const at = node.op === 'BatchNormalization' && node.domain === '' && attribute(node, 'training_mode', 'int', 0) === 0 ? madeAt.get(x ?? '') : undefined;
    const linear = at === undefined ? undefined : (nodes[at] as Node);
    const channelsOf = linear?.domain === '' && Object.hasOwn(channels, linear.op) ? channels[linear.op] : undefined;
    const statistics = names.map((n) => initializers.get(n));
    const kernel = initializers.get(linear?.inputs[1] ?? '');
    const given = linear?.inputs[2] ? initializers.get(linear.inputs[2]) : null;
    if (!linear || !channelsOf || readers.get(x as string) !== 1 || !statistics.every(isFloats) || !isFloats(kernel) || (given !== null && !isFloats(given))) {
      keep(node);
      continue;
    }
    const [gamma, beta, mean, variance] = statistics.map((t) => t.data) as [Float32Array, Float32Array, Float32Array, Float32Array];
    const of = channelsOf(linear, kernel);
    const fits = given === null || given.data.length === 1 || given.data.length === gamma.length;
    if (!of || !fits) {
      keep(node);
      continue;
    }
    const epsilon = attribute(node, 'epsilon', 'float', 1e-5);
    const scale = Float64Array.from(gamma, (g, c) => g / Math.sqrt((variance[c] as number) + epsilon));
    const biasOf = (c: number): number => (given === null ? 0 : (given.data[given.data.length === 1 ? 0 : c] as number));
    const folded = hold(`${linear.name}/folded kernel`, kernel.shape, kernel.data.map((w, i) => w * (scale[of(i)] as number)));
    const bias = hold(`${linear.name}/folded bias`, [gamma.length], Float32Array.from(gamma, (_, c) => (biasOf(c) - (mean[c] as number)) * (scale[c] as number) + (beta[c] as number)));
    nodes[at as number] = { ...linear, inputs: [linear.inputs[0] as string, folded, bias], outputs: [node.outputs[0] as string] };
    madeAt.set(node.outputs[0] as string, at as number);
    types.delete(x as string);
    changed = true;
  }
  return changed ? { graph: { ...graph, nodes, initializers, types }, changed } : { graph, changed };
};
