/** Normalisations, in one operator or spelled out. */
import { attribute, type Node } from '../../../../shared/onnx/ir.ts';
import { elementCount } from '../../../../shared/shapes/shape.ts';
import { scalesInput } from './input-scaling.ts';
import { one, pattern, type Found, type Pattern } from './pattern.ts';
import { eitherWay, isPerChannel, tidy, type Scene, type Weight } from './scene.ts';

const epsilonOf = (node: Node): number => tidy(attribute(node, 'epsilon', 'float', 1e-5));
const flat = (w: Weight) => ({ shape: [w.data.length], data: w.data });
const zeros = (shape: readonly number[]) => ({ shape, data: new Float32Array(elementCount(shape)) });

function batchNorm(node: Node, scene: Scene): Found | null {
  const [x = '', ...names] = node.inputs;
  const [scale, bias, mean, variance] = names.map((n) => scene.weight(n));
  if (!scale || !bias || !mean || !variance || node.outputs.slice(1).some((o) => o !== '') || attribute(node, 'training_mode', 'int', 0) !== 0) return null;
  const momentum = Math.min(Math.max(tidy(attribute(node, 'momentum', 'float', 0.9)), 0), 0.9999);
  return one('batch-norm', x, [node], { epsilon: epsilonOf(node), momentum }, { scale: flat(scale), bias: flat(bias), mean: flat(mean), variance: flat(variance) }, scale.name);
}

/** A batch norm whose scale and shift stand behind it, as Caffe writes them: one norm says both. */
function scaledBatchNorm(node: Node, scene: Scene): Found | null {
  const sum = withWeight(node, scene);
  const mul = scene.producer(sum?.value, 'Mul');
  const product = withWeight(mul, scene);
  const norm = scene.producer(product?.value, 'BatchNormalization');
  const found = norm && batchNorm(norm, scene);
  const [piece] = found?.pieces ?? [];
  const [scale, bias] = [piece?.weights?.scale, piece?.weights?.bias];
  const sample = scene.sample(product?.value);
  if (!sum || !mul || !product || !found || !piece || !scale || !bias || !sample || !isPerChannel(sum.weight.shape, sample) || !isPerChannel(product.weight.shape, sample)) return null;
  const [by, plus] = [product.weight.data, sum.weight.data];
  const merged = { scale: { ...scale, data: scale.data.map((s, c) => s * (by[c] as number)) }, bias: { ...bias, data: bias.data.map((b, c) => b * (by[c] as number) + (plus[c] as number)) } };
  return one('batch-norm', piece.inputs[0] ?? '', [...found.nodes, mul, node], piece.params, { ...piece.weights, ...merged }, product.weight.name);
}

/** Over a whole sample, or between two Transposes over the channels of each place. */
function layerNorm(node: Node, scene: Scene): Found | null {
  const last = node.op === 'Transpose' ? node : undefined;
  const norm = last ? scene.producer(last.inputs[0], 'LayerNormalization') : node;
  const [x = '', s, b] = norm?.inputs ?? [];
  const [scale, bias] = [scene.weight(s), scene.weight(b)];
  const rank = scene.type(x)?.shape.length;
  if (!norm || !scale || (b && !bias) || rank === undefined || norm.outputs.slice(1).some((o) => o !== '')) return null;
  const given = attribute(norm, 'axis', 'int', -1);
  const axis = given < 0 ? given + rank : given;
  const epsilon = epsilonOf(norm);
  if (!last) {
    const sample = scene.sample(x);
    return sample && axis === 1 ? one('layer-norm', x, [norm], { over: 'all', epsilon }, { scale: { shape: sample, data: scale.data }, bias: bias ? { shape: sample, data: bias.data } : zeros(sample) }, scale.name) : null;
  }
  const first = scene.producer(x, 'Transpose');
  const order = attribute(last, 'perm', 'ints', []);
  const behind = [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];
  if (!first || axis !== rank - 1 || rank < 3 || !attribute(first, 'perm', 'ints', []).every((p, i) => p === behind[i]) || !order.every((p, i) => p === behind.indexOf(i))) return null;
  return one('layer-norm', first.inputs[0] ?? '', [first, norm, last], { over: 'channels', epsilon }, { scale: flat(scale), bias: bias ? flat(bias) : zeros([scale.data.length]) }, scale.name);
}

function instanceNorm(node: Node, scene: Scene): Found | null {
  const [x = '', s, b] = node.inputs;
  const [scale, bias] = [scene.weight(s), scene.weight(b)];
  return scale && bias ? one('instance-norm', x, [node], { epsilon: epsilonOf(node) }, { scale: flat(scale), bias: flat(bias) }, scale.name) : null;
}

/** A node of two operands of which one is a weight: the weight and the other. */
function withWeight(node: Node | undefined, scene: Scene): { readonly value: string; readonly weight: Weight } | null {
  for (const [value, constant] of node ? eitherWay(node) : []) {
    const weight = scene.weight(constant);
    if (weight) return { value, weight };
  }
  return null;
}

/** Each group as one map of an instance norm, folded back, times and plus one number a channel. */
function groupNorm(node: Node, scene: Scene): Found | null {
  const sum = withWeight(node, scene);
  const mul = scene.producer(sum?.value, 'Mul');
  const product = withWeight(mul, scene);
  const back = scene.producer(product?.value, 'Reshape');
  const norm = scene.producer(back?.inputs[0], 'InstanceNormalization');
  const fold = scene.producer(norm?.inputs[0], 'Reshape');
  const x = fold?.inputs[0] ?? '';
  const sample = scene.sample(x);
  const groups = scene.sample(fold?.outputs[0])?.[0];
  if (!sum || !mul || !product || !back || !norm || !fold || !sample || groups === undefined) return null;
  const plain = scene.weight(norm.inputs[1])?.data.every((v) => v === 1) && scene.weight(norm.inputs[2])?.data.every((v) => v === 0);
  const back1 = scene.sample(back.outputs[0]);
  if (!plain || !isPerChannel(product.weight.shape, sample) || !isPerChannel(sum.weight.shape, sample) || back1?.length !== sample.length || !back1.every((d, i) => d === sample[i])) return null;
  return one('group-norm', x, [fold, norm, back, mul, node], { groups, epsilon: epsilonOf(norm) }, { scale: flat(product.weight), bias: flat(sum.weight) }, product.weight.name);
}

function lrn(node: Node): Found {
  const number = (name: string, fallback: number) => tidy(attribute(node, name, 'float', fallback));
  return one('lrn', node.inputs[0] ?? '', [node], { size: attribute(node, 'size', 'int', 1), alpha: number('alpha', 0.0001), beta: number('beta', 0.75), bias: number('bias', 1) });
}

function dropout(node: Node, scene: Scene): Found | null {
  const [x = '', ratio, training] = node.inputs;
  const rate = ratio ? scene.scalar(ratio) : 0.5;
  const mode = training ? scene.constant(training)?.data[0] : 0;
  return rate === undefined || Number(mode ?? 1) !== 0 || node.outputs.slice(1).some((o) => o !== '' && (scene.users(o).length > 0 || scene.isOutput(o))) ? null : one('dropout', x, [node], { rate: tidy(rate) });
}

/** One factor a channel. */
function layerScale(node: Node, scene: Scene): Found | null {
  const found = withWeight(node, scene);
  const sample = scene.sample(found?.value);
  if (!found || !sample || found.weight.data.length < 2 || !scene.learned(found.weight.name) || scalesInput(node, scene) || !isPerChannel(found.weight.shape, sample)) return null;
  return one('layer-scale', found.value, [node], {}, { scale: flat(found.weight) }, found.weight.name);
}

export const normalisePatterns: readonly Pattern[] = [
  pattern('BatchNormalization', batchNorm), pattern(['LayerNormalization', 'Transpose'], layerNorm), pattern('InstanceNormalization', instanceNorm),
  pattern('Add', groupNorm), pattern('Add', scaledBatchNorm), pattern('LRN', lrn), pattern('Dropout', dropout), pattern('Mul', layerScale),
];
