/** Layer norm as exporters before opset 17 write it: mean, difference, square, mean, root, quotient, scale, shift. */
import { attribute, float, int, type Node } from '../../../../shared/onnx/ir.ts';
import type { NormalModel } from '../normal.ts';
import { one, pattern, type Pattern } from './pattern.ts';
import { eitherWay, isPerChannel, Scene, tidy, type Weight } from './scene.ts';

interface Spelled { readonly x: string; readonly axis: number; readonly scale: Weight; readonly bias: Weight; readonly epsilon: number; readonly nodes: readonly Node[] }

/** A mean over one axis that keeps it: which. */
function meanAxis(node: Node | undefined, scene: Scene): number | null {
  const axes = node ? scene.whole(node.inputs[1]) : undefined;
  const rank = scene.type(node?.inputs[0] ?? '')?.shape.length ?? 0;
  if (!node || axes?.length !== 1 || attribute(node, 'keepdims', 'int', 1) !== 1) return null;
  const [axis = 0] = axes;
  return axis < 0 ? axis + rank : axis;
}

/** The weight among two operands, and the node that makes the other. */
function weighted(node: Node | undefined, scene: Scene, ...ops: string[]): { readonly weight: Weight; readonly inner: Node } | null {
  for (const [value, constant] of node ? eitherWay(node) : []) {
    const [weight, inner] = [scene.weight(constant), scene.producer(value, ...ops)];
    if (weight && inner) return { weight, inner };
  }
  return null;
}

function isSquare(node: Node | undefined, of: string, scene: Scene): boolean {
  if (!node) return false;
  return node.op === 'Pow' ? node.inputs[0] === of && scene.scalar(node.inputs[1]) === 2 : node.inputs.every((v) => v === of);
}

/** The norm that ends in this Add; null where it is none. */
function spelled(node: Node, scene: Scene): Spelled | null {
  const shift = weighted(node, scene, 'Mul');
  const stretch = weighted(shift?.inner, scene, 'Div');
  const quotient = stretch?.inner;
  const [d = '', root] = quotient?.inputs ?? [];
  const difference = scene.producer(d, 'Sub');
  const [x = '', m] = difference?.inputs ?? [];
  const mean = scene.producer(m, 'ReduceMean');
  const sqrt = scene.producer(root, 'Sqrt');
  const sum = scene.producer(sqrt?.inputs[0], 'Add');
  const [[v, e] = ['', '']] = sum ? eitherWay(sum).filter(([, c]) => scene.scalar(c) !== undefined) : [];
  const variance = scene.producer(v, 'ReduceMean');
  const square = scene.producer(variance?.inputs[0], 'Pow', 'Mul');
  const [axis, again, epsilon] = [meanAxis(mean, scene), meanAxis(variance, scene), scene.scalar(e)];
  if (!shift || !stretch || !quotient || !difference || !mean || !sqrt || !sum || !variance || !square || epsilon === undefined) return null;
  if (mean.inputs[0] !== x || axis === null || axis !== again || !isSquare(square, d, scene)) return null;
  return { x, axis, scale: stretch.weight, bias: shift.weight, epsilon: tidy(epsilon), nodes: [mean, difference, square, variance, sum, sqrt, quotient, shift.inner, node] };
}

/** Over the channels of maps, or of a vector. */
export const spelledNorm: Pattern = pattern('Add', (node, scene) => {
  const found = spelled(node, scene);
  const sample = scene.sample(found?.x);
  if (found?.axis !== 1 || !sample || !isPerChannel(found.scale.shape, sample) || !isPerChannel(found.bias.shape, sample)) return null;
  const flat = (w: Weight) => ({ shape: [w.data.length], data: w.data });
  return one('layer-norm', found.x, found.nodes, { over: 'channels', epsilon: found.epsilon }, { scale: flat(found.scale), bias: flat(found.bias) }, found.scale.name);
});

/** Those of the last axis, of tokens and of channels that lie last, become the one operator that says so. */
export function withNorms(model: NormalModel): NormalModel {
  const scene = new Scene(model);
  const made = new Map<Node, Node>();
  const gone = new Set<Node>();
  for (const node of model.graph.nodes) {
    const found = node.op === 'Add' && node.domain === '' ? spelled(node, scene) : null;
    const shape = scene.type(found?.x ?? '')?.shape ?? [];
    if (found?.axis !== shape.length - 1 || shape.length < 3 || [found.scale, found.bias].some((w) => w.shape.length !== 1 || w.data.length !== shape.at(-1))) continue;
    const own = new Set(found.nodes);
    const inside = found.nodes.every((n) => n === node || n.outputs.every((o) => !scene.isOutput(o) && scene.users(o).every((u) => own.has(u))));
    if (!inside) continue;
    for (const n of found.nodes) gone.add(n);
    made.set(node, { name: node.name, op: 'LayerNormalization', domain: '', inputs: [found.x, found.scale.name, found.bias.name], outputs: node.outputs, attributes: { axis: int(-1), epsilon: float(found.epsilon) } });
  }
  if (made.size === 0) return model;
  return { ...model, graph: { ...model.graph, nodes: model.graph.nodes.flatMap((n) => made.get(n) ?? (gone.has(n) ? [] : [n])) } };
}
