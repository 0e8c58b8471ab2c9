/** Dense layers, however a file writes the product. */
import { attribute, type Node } from '../../../../shared/onnx/ir.ts';
import type { NamedWeight } from '../../../../shared/compile/weights.ts';
import { one, pattern, type Found, type Pattern } from './pattern.ts';
import { eitherWay, isPerChannel, type Scene, type Weight } from './scene.ts';

/** Squares that lie in the cache whole: a column of a large matrix touches a page for each number. */
const SQUARE = 32;

/** Rows and columns exchanged, each number times `factor`. */
function turned({ shape: [rows = 0, columns = 0], data }: Pick<Weight, 'shape' | 'data'>, factor: number): NamedWeight {
  const out = new Float32Array(data.length);
  for (let top = 0; top < rows; top += SQUARE) {
    for (let left = 0; left < columns; left += SQUARE) {
      const [bottom, right] = [Math.min(rows, top + SQUARE), Math.min(columns, left + SQUARE)];
      for (let j = left; j < right; j++) for (let i = top; i < bottom; i++) out[j * rows + i] = (data[i * columns + j] as number) * factor;
    }
  }
  return { shape: [columns, rows], data: out };
}

/** [in, out] of a matrix that the file holds either way round. */
export function kernelOf(w: Pick<Weight, 'shape' | 'data'>, transposed: boolean, factor = 1): NamedWeight {
  if (transposed) return turned(w, factor);
  return { shape: w.shape, data: factor === 1 ? w.data : w.data.map((v) => v * factor) };
}

/** One number for each unit of a bias that may be one for all. */
const spread = (b: Weight, units: number, factor: number): NamedWeight =>
  ({ shape: [units], data: b.data.length === units && factor === 1 ? b.data : Float32Array.from({ length: units }, (_, i) => (b.data[b.data.length === 1 ? 0 : i] as number) * factor) });

function gemm(node: Node, scene: Scene): Found | null {
  const [x = '', w, b] = node.inputs;
  const kernel = scene.weight(w);
  const bias = scene.weight(b);
  if (!kernel || kernel.shape.length !== 2 || (b && !bias) || scene.sample(x)?.length !== 1 || attribute(node, 'transA', 'int', 0) !== 0) return null;
  const weight = kernelOf(kernel, attribute(node, 'transB', 'int', 0) === 1, attribute(node, 'alpha', 'float', 1));
  const units = weight.shape[1] as number;
  if (bias && bias.data.length !== 1 && !isPerChannel(bias.shape, [units])) return null;
  return one('dense', x, [node], { units, bias: bias !== undefined }, { kernel: weight, ...(bias ? { bias: spread(bias, units, attribute(node, 'beta', 'float', 1)) } : {}) }, kernel.name);
}

function product(node: Node, scene: Scene, bias?: Weight, after?: Node): Found | null {
  const [x = '', w] = node.inputs;
  const kernel = scene.weight(w);
  if (kernel?.shape.length !== 2 || scene.sample(x)?.length !== 1) return null;
  const units = kernel.shape[1] as number;
  return one('dense', x, after ? [node, after] : [node], { units, bias: bias !== undefined }, { kernel, ...(bias ? { bias: spread(bias, units, 1) } : {}) }, kernel.name);
}

function biasedProduct(node: Node, scene: Scene): Found | null {
  for (const [value, constant] of eitherWay(node)) {
    const inner = scene.producer(value, 'MatMul');
    const bias = scene.weight(constant);
    const sample = scene.sample(value);
    if (inner && bias && sample?.length === 1 && (bias.data.length === 1 || isPerChannel(bias.shape, sample))) return product(inner, scene, bias, node);
  }
  return null;
}

export const densePatterns: readonly Pattern[] = [
  pattern('Gemm', gemm),
  pattern('Add', biasedProduct),
  pattern('MatMul', (node, scene) => product(node, scene)),
];
