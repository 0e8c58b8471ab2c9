/** Layers of several inputs: sums, products, joined channels, and what attention multiplies. */
import { attribute, type Node } from '../../../../shared/onnx/ir.ts';
import { elementCount, sameShape } from '../../../../shared/shapes/shape.ts';
import type { LayerType } from '../../../../shared/layers/table.ts';
import { one, pattern, type Found, type Pattern, type Piece } from './pattern.ts';
import { eitherWay, near, type Scene } from './scene.ts';
import { scaled } from './patterns-activation.ts';

const merged = (layer: LayerType, inputs: readonly string[], nodes: readonly Node[], params: Piece['params'] = {}): Found =>
  ({ pieces: [{ layer, params, inputs, output: nodes.at(-1)?.outputs[0] ?? '' }], nodes });

/** Any number of samples of one shape; a single one is handed on. */
const alike = (layer: LayerType) => (node: Node, scene: Scene): Found | null => {
  const [first = ''] = node.inputs;
  const sample = scene.sample(first);
  if (!sample || node.inputs.some((x) => { const s = scene.sample(x); return !s || !sameShape(s, sample); })) return null;
  return node.inputs.length === 1 ? { pieces: [], nodes: [node], same: [[node.outputs[0] ?? '', first]] } : merged(layer, node.inputs, [node]);
};

function concat(node: Node, scene: Scene): Found | null {
  const sample = scene.sample(node.inputs[0]);
  const axis = attribute(node, 'axis', 'int', 0);
  if (!sample || (axis !== 1 && axis !== -sample.length)) return null;
  return node.inputs.length === 1 ? { pieces: [], nodes: [node], same: [[node.outputs[0] ?? '', node.inputs[0] ?? '']] } : merged('concat', node.inputs, [node]);
}

/** A vector written as maps of one place, for a product with maps. */
function unfolded(value: string, scene: Scene): { readonly value: string; readonly nodes: readonly Node[] } {
  const fold = scene.producer(value, 'Reshape', 'Unsqueeze');
  const [from, to] = [scene.sample(fold?.inputs[0]), scene.sample(value)];
  const vector = fold && to && from?.length === 1 && to[0] === from[0] && to.slice(1).every((d) => d === 1);
  return vector ? { value: fold.inputs[0] ?? '', nodes: [fold] } : { value, nodes: [] };
}

function multiply(node: Node, scene: Scene): Found | null {
  const parts = node.inputs.map((x) => unfolded(x, scene));
  const samples = parts.map((p) => scene.sample(p.value));
  if (parts.length !== 2 || samples.some((s) => !s) || parts.every((p) => p.nodes.length > 0)) return multiplied(node, scene);
  return merged('multiply', parts.map((p) => p.value), [...parts.flatMap((p) => p.nodes), node]);
}

function multiplied(node: Node, scene: Scene): Found | null {
  return node.inputs.length === 2 && node.inputs.every((x) => scene.sample(x)) ? merged('multiply', node.inputs, [node]) : null;
}

/** A sum of n values over n. */
function average(node: Node, scene: Scene): Found | null {
  const part = scaled(node, scene);
  const count = part ? Math.round(1 / part.factor) : 0;
  if (!part || count < 2 || count > 64 || !near(part.factor, 1 / count)) return null;
  const nodes: Node[] = [node];
  const inputs: string[] = [];
  let value = part.value;
  while (inputs.length < count - 1) {
    const add = scene.producer(value, 'Add');
    if (!add) return null;
    nodes.unshift(add);
    inputs.unshift(add.inputs[1] ?? '');
    value = add.inputs[0] ?? '';
  }
  return inputs.every((x) => scene.sample(x)) ? merged('average', [value, ...inputs], nodes) : null;
}

/** A sample plus a constant of its own shape: one number for each place. */
function position(node: Node, scene: Scene): Found | null {
  for (const [value, constant] of eitherWay(node)) {
    const sample = scene.sample(value);
    const weight = scene.learned(constant);
    if (!sample || sample.length < 2 || weight?.data.length !== elementCount(sample)) continue;
    const own = weight.shape.length === sample.length + 1 ? weight.shape.slice(1) : weight.shape;
    if (sameShape(own, sample)) return one('position-embedding', value, [node], {}, { position: { shape: sample, data: weight.data } }, weight.name);
  }
  return null;
}

/** What computes a size out of the shapes of values: whole numbers only. */
function sizing(value: string, scene: Scene): readonly Node[] {
  const node = scene.producer(value);
  if (!node || scene.type(value)?.element !== 'int64') return [];
  return [...(node.op === 'Shape' ? [] : node.inputs.flatMap((x) => sizing(x, scene))), node];
}

/** One learned token, spread over the batch, before the others. */
function classToken(node: Node, scene: Scene): Found | null {
  const [token = '', x = ''] = node.inputs;
  const spread = scene.producer(token, 'Expand');
  const weight = scene.learned(spread?.inputs[0]);
  const sample = scene.sample(x);
  const axis = attribute(node, 'axis', 'int', 0);
  if (!spread || !weight || sample?.length !== 2 || node.inputs.length !== 2 || (axis !== 2 && axis !== -1) || weight.data.length !== sample[0] || scene.sample(token)?.[1] !== 1) return null;
  return one('class-token', x, [...new Set([...sizing(spread.inputs[1] ?? '', scene), spread, node])], {}, { token: { shape: [weight.data.length], data: weight.data } }, weight.name);
}

interface Turned { readonly value: string; readonly turn: boolean; readonly nodes: readonly Node[] }
/** A value, or the one whose last two axes were exchanged to make it. */
function unturned(value: string, scene: Scene): Turned {
  const node = scene.producer(value, 'Transpose');
  const perm = node ? attribute(node, 'perm', 'ints', []) : [];
  const last = perm.length - 1;
  const swaps = last >= 2 && perm.every((p, i) => p === (i === last ? last - 1 : i === last - 1 ? last : i));
  return node && swaps && scene.sample(node.inputs[0]) ? { value: node.inputs[0] ?? '', turn: true, nodes: [node] } : { value, turn: false, nodes: [] };
}

/** A product of two samples' last axes; `after` divides by the root of how many terms each sum has. */
function matmul(node: Node, scene: Scene): Found | null {
  const after = scaled(node, scene);
  const product = after ? scene.producer(after.value, 'MatMul') : node.op === 'MatMul' ? node : undefined;
  const [a = '', b = ''] = product?.inputs ?? [];
  const inner = scene.sample(a)?.at(-1);
  if (!product || inner === undefined || !scene.sample(b)) return null;
  const root = (factor: number) => near(factor, 1 / Math.sqrt(inner));
  if (after && !root(after.factor)) return null;
  const [first, second] = [unturned(a, scene), unturned(b, scene)];
  const before = after ? null : scaled(scene.producer(first.value), scene);
  const scale = after !== null || (before !== null && root(before.factor) && scene.sample(before.value) !== undefined);
  const start = before && scale ? { value: before.value, nodes: [scene.producer(first.value) as Node] } : { value: first.value, nodes: [] };
  return merged('matmul', [start.value, second.value], [...start.nodes, ...first.nodes, ...second.nodes, product, ...(after ? [node] : [])], { transposeFirst: first.turn, transposeSecond: second.turn, scale: scale ? 'root' : 'none' });
}

export const mergePatterns: readonly Pattern[] = [
  pattern(['MatMul', 'Mul', 'Div'], matmul), pattern('Mul', average),
  pattern(['Add', 'Sum'], alike('add')), pattern('Add', position), pattern('Max', alike('maximum')), pattern('Mean', alike('average')),
  pattern('Concat', classToken), pattern('Concat', concat), pattern('Mul', multiply), pattern('Mul', multiplied),
];
