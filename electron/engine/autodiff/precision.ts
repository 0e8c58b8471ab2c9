/** Mixed precision on a whole step graph: convolutions and products in float16, and what only moves their maps; all else in float32. */
import { GraphBuilder, type Value } from '../../../shared/onnx/builder.ts';
import { attribute, int, type Graph, type Node, type Tensor } from '../../../shared/onnx/ir.ts';
import { elementCodes } from '../../../shared/onnx/ops/elementwise.ts';
import { elementCount } from '../../../shared/shapes/shape.ts';
import { halfBits, halfValue } from '../../../shared/util/half.ts';

type Terms = (shape: (i: number) => readonly number[], node: Node) => number;
/** Where half precision pays, because its kernels take most of a step; each with the number of terms in one of its sums. */
const computing: Readonly<Record<string, Terms>> = {
  Conv: (shape) => elementCount(shape(1).slice(1)),
  ConvTranspose: (shape, node) => elementCount(shape(1)) / (shape(1)[1] as number) / attribute(node, 'group', 'int', 1),
  MatMul: (shape) => shape(0).at(-1) as number,
  Gemm: (shape, node) => shape(0)[attribute(node, 'transA', 'int', 0) === 1 ? 0 : 1] as number,
};
/** Exact, or as exact as their inputs: half where their maps are. */
const following: ReadonlySet<string> = new Set([
  'Add', 'Sub', 'Mul', 'Neg', 'Abs', 'Relu', 'LeakyRelu', 'Min', 'Max', 'Clip', 'Where', 'Equal', 'Greater', 'Less', 'MaxPool', 'AveragePool',
  'Identity', 'Transpose', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Concat', 'Slice', 'Split', 'Pad', 'Expand', 'Gather', 'DepthToSpace', 'SpaceToDepth', 'Tile',
]);
/** Terms of a sum that a kernel adds in half precision at most: ε·√n is then about 4 %. Weight gradients of large maps are longer. */
const LONGEST_SUM = 8192;
/** Maps have at least this rank; vectors are cheap in float32. */
const MAP_RANK = 3;

/** Whether every number of a constant is as good as itself in half precision: none overflows, none vanishes. */
const fitsHalf = (t: Tensor): boolean => Array.from(t.data as Float32Array).every((v) => {
  const h = halfValue(halfBits(v));
  return Number.isFinite(h) === Number.isFinite(v) && (h === 0) === (v === 0);
});

/** One for all samples and small beside the maps: a scale or a bias a channel. */
const isLight = (shape: readonly number[], out: readonly number[]): boolean => (shape.length < out.length || shape[0] === 1) && elementCount(shape) * 8 <= elementCount(out);

class Mixer {
  readonly #graph: Graph;
  readonly #single: ReadonlySet<string>;
  readonly #b = new GraphBuilder();
  readonly #outputs: ReadonlySet<string>;
  readonly #casts = new Map<string, Value>();

  constructor(graph: Graph, single: ReadonlySet<string>) {
    this.#graph = graph;
    this.#single = single;
    this.#outputs = new Set(graph.outputs.map((o) => o.name));
    for (const v of graph.inputs) this.#b.input(v.name, v.type);
    for (const [name, tensor] of graph.initializers) this.#b.adopt(name, tensor);
    for (const name of [...graph.types.keys(), ...graph.nodes.map((n) => n.name)]) this.#b.unique(name);
  }

  mixed(): Graph {
    for (const node of this.#graph.nodes) this.#append(node, this.#inHalf(node));
    return { ...this.#b.build(this.#graph.name), outputs: this.#graph.outputs };
  }

  #inHalf(node: Node): boolean {
    if (node.domain !== '' || this.#single.has(node.name) || node.outputs.some((y) => this.#outputs.has(y))) return false;
    const type = (name: string) => this.#graph.types.get(name) ?? { element: 'float32' as const, shape: [] };
    const out = type(node.outputs[0] as string).shape;
    const floats = node.inputs.filter((x) => x !== '' && type(x).element === 'float32');
    const constants = floats.flatMap((x) => this.#graph.initializers.get(x) ?? []);
    if (!constants.every(fitsHalf)) return false;
    const terms = Object.hasOwn(computing, node.op) ? computing[node.op] : undefined;
    if (terms) return terms((i) => type(node.inputs[i] as string).shape, node) <= LONGEST_SUM;
    if (out.length < MAP_RANK) return false;
    // Masks are 0 and 1 in either.
    if (node.op === 'Cast') return type(node.inputs[0] as string).element === 'bool' && type(node.outputs[0] as string).element === 'float32';
    if (!following.has(node.op)) return false;
    const maps = floats.filter((x) => !this.#graph.initializers.has(x) && !isLight(type(x).shape, out));
    return maps.length > 0 && maps.every((x) => this.#b.value(x).type.element === 'float16');
  }

  #append(node: Node, half: boolean): void {
    const inputs = node.inputs.map((x) => (x === '' ? '' : this.#as(x, half ? 'float16' : 'float32').name));
    const toHalf = half && node.op === 'Cast' ? { attributes: { ...node.attributes, to: int(elementCodes.float16) } } : {};
    const types = node.outputs.map((y) => {
      const type = this.#graph.types.get(y) ?? { element: 'float32' as const, shape: [] };
      return half && type.element === 'float32' ? { ...type, element: 'float16' as const } : type;
    });
    this.#b.append({ ...node, ...toHalf, inputs }, types);
  }

  /** The value in this precision, cast once; what is neither stays. */
  #as(name: string, element: 'float32' | 'float16'): Value {
    const value = this.#b.value(name);
    const { element: own } = value.type;
    if (own === element || (own !== 'float32' && own !== 'float16')) return value;
    const known = this.#casts.get(name);
    if (known) return known;
    const constant = this.#b.constantOf(value);
    const cast = constant
      ? this.#b.constant({ element: 'float16', shape: constant.shape, data: Uint16Array.from(constant.data as Float32Array, halfBits) }, `${name}:half`)
      : this.#b.cast(value, element);
    this.#casts.set(name, cast);
    return cast;
  }
}

/**
 * The same step with its heavy part in float16 (Micikevicius et al. 2018): inputs, outputs, weights, state, sums over samples and
 * the nodes named in `single` stay float32. Its gradients are right when the loss has been scaled (loss-scale.ts).
 */
export const mixPrecision = (graph: Graph, single: ReadonlySet<string>): Graph => new Mixer(graph, single).mixed();
