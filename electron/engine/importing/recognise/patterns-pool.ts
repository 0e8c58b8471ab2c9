/** Pools over windows and over whole maps. */
import { attribute, type Node } from '../../../../shared/onnx/ir.ts';
import { elementCount, type Shape } from '../../../../shared/shapes/shape.ts';
import type { LayerType } from '../../../../shared/layers/table.ts';
import { one, pattern, type Found, type Pattern, type Piece } from './pattern.ts';
import { eitherWay, near, type Scene } from './scene.ts';
import { scaled } from './patterns-activation.ts';
import { ceilPads, padBefore, paddingOf, sidesOf, sumPads, windowOf } from './windows.ts';
import { kernelOf } from './patterns-dense.ts';
import { activationPatterns } from './patterns-activation.ts';

const rows = { MaxPool: { 1: 'max-pool-1d', 2: 'max-pool' }, AveragePool: { 1: 'average-pool-1d', 2: 'average-pool' } } as const satisfies Record<string, Readonly<Record<1 | 2, LayerType>>>;

function pool(node: Node, scene: Scene): Found | null {
  const x = node.inputs[0] ?? '';
  const most = node.op === 'MaxPool';
  const counted = attribute(node, 'count_include_pad', 'int', 0) === 1;
  const before = padBefore(scene, x, (v) => (most ? v <= -3.4e38 : v === 0));
  const sizes = scene.sample(x)?.slice(1);
  const out = scene.sample(node.outputs[0])?.slice(1);
  const kernel = attribute(node, 'kernel_shape', 'ints', []);
  if (!sizes || !out || kernel.length !== sizes.length || (sizes.length !== 1 && sizes.length !== 2) || node.outputs.slice(1).some((o) => o !== '')) return null;
  const plain = windowOf(node, kernel, sizes);
  const ceil = attribute(node, 'ceil_mode', 'int', 0) === 1;
  const own = ceil ? { ...plain, pads: ceilPads(plain, sizes, out) } : plain;
  const hangs = ceil && own.pads.some((p, i) => p !== plain.pads[i]);
  if (own.dilations.some((d) => d !== 1) || (hangs && counted)) return null;
  // Zeros of a Pad count in a mean; padding of the pool itself must then count too, or be none.
  const border = before && (most || counted || own.pads.every((p) => p === 0)) ? before : null;
  const window = border ? { ...own, pads: sumPads(own.pads, border.pads) } : own;
  const counts = most || window.pads.every((p) => p === 0) ? {} : { countPadding: counted || border !== null };
  const input = border?.input ?? x;
  const nodes = [...(border ? [border.node] : []), node];
  if (sizes.length === 2) return one(rows[node.op as keyof typeof rows][2], input, nodes, { kernel, stride: window.strides, ...paddingOf(window, scene.sample(input)?.slice(1) ?? []), ...counts });
  const padding = sidesOf(window, scene.sample(input)?.slice(1) ?? []);
  return padding && !('countPadding' in counts && counts.countPadding) ? one(rows[node.op as keyof typeof rows][1], input, nodes, { kernel: kernel[0], stride: window.strides[0], padding }) : null;
}

/** The mean over a window, padding counted, times its area. */
function sumPool(node: Node, scene: Scene): Found | null {
  const part = scaled(node, scene);
  const mean = part && scene.producer(part.value, 'AveragePool');
  if (!mean || attribute(mean, 'count_include_pad', 'int', 0) !== 1) return null;
  const kernel = attribute(mean, 'kernel_shape', 'ints', []);
  const found = near(part.factor, elementCount(kernel)) ? pool(mean, scene) : null;
  const [piece] = found?.pieces ?? [];
  if (piece?.layer !== 'average-pool') return null;
  const { countPadding: _counted, ...params } = piece.params ?? {};
  return one('sum-pool', piece.inputs[0] ?? '', [...(found?.nodes ?? []), node], params);
}

const everything: Readonly<Record<string, LayerType>> = { GlobalAveragePool: 'global-average-pool', GlobalMaxPool: 'global-max-pool', ReduceMean: 'global-average-pool', ReduceMax: 'global-max-pool' };

/** A pool over all places of each map: what it reads, and whether a place is left. */
function overAll(node: Node | undefined, scene: Scene): { readonly layer: LayerType; readonly input: string; readonly keeps: boolean } | null {
  const layer = node && Object.hasOwn(everything, node.op) && node.domain === '' ? everything[node.op] : undefined;
  const input = node?.inputs[0] ?? '';
  const sample = scene.sample(input);
  if (!node || !layer || !sample || sample.length < 2) return null;
  if (node.op.startsWith('Global')) return { layer, input, keeps: true };
  const axes = scene.whole(node.inputs[1])?.map((a) => (a < 0 ? a + sample.length + 1 : a)).sort((a, b) => a - b);
  const all = axes?.length === sample.length - 1 && axes.every((a, i) => a === i + 2);
  return all ? { layer, input, keeps: attribute(node, 'keepdims', 'int', 1) === 1 } : null;
}

const onePlace = (s: Shape | undefined): boolean => s !== undefined && s.length > 1 && s.slice(1).every((d) => d === 1);
export interface Narrow { readonly pieces: readonly Piece[]; readonly nodes: readonly Node[] }

/**
 * How a value of one place a map came from a pool over all places: layers on vectors, by way of 1×1 convolutions (which are
 * dense there) and activations. Null where it did not.
 */
export function narrow(value: string, scene: Scene, depth = 8): Narrow | null {
  const node = scene.producer(value);
  if (!node || depth === 0 || !onePlace(scene.sample(value))) return null;
  const all = overAll(node, scene);
  if (all) return { pieces: [{ layer: all.layer, inputs: [all.input], output: value }], nodes: [node] };
  const steps = [() => pointwise(node, scene), () => pointwiseBias(node, scene), ...activationPatterns.filter((p) => p.root.includes(node.op)).map((p) => () => p.match(node, scene))];
  for (const step of steps) {
    const found = step();
    const [piece] = found?.pieces ?? [];
    const before = piece && narrow(piece.inputs[0] ?? '', scene, depth - 1);
    if (found && piece && before) return { pieces: [...before.pieces, { ...piece, output: value }], nodes: [...before.nodes, ...found.nodes] };
  }
  return null;
}

/** A 1×1 convolution of a map of one place, as the dense layer that it is. */
function pointwise(node: Node, scene: Scene, bias?: string, after?: Node): Found | null {
  const kernel = node.op === 'Conv' && node.domain === '' ? scene.weight(node.inputs[1]) : undefined;
  const given = bias ?? node.inputs[2];
  const added = scene.weight(given);
  if (!kernel || (given && !added) || (bias !== undefined && node.inputs[2]) || kernel.shape.slice(2).some((d) => d !== 1) || attribute(node, 'group', 'int', 1) !== 1 || attribute(node, 'pads', 'ints', []).some((p) => p !== 0)) return null;
  const units = kernel.shape[0] as number;
  if (added && added.data.length !== units) return null;
  const weights = { kernel: kernelOf({ shape: [units, kernel.shape[1] as number], data: kernel.data }, true), ...(added ? { bias: { shape: [units], data: added.data } } : {}) };
  return one('dense', node.inputs[0] ?? '', after ? [node, after] : [node], { units, bias: added !== undefined }, weights, kernel.name);
}

function pointwiseBias(node: Node, scene: Scene): Found | null {
  if (node.op !== 'Add') return null;
  for (const [value, constant] of eitherWay(node)) {
    const inner = scene.producer(value, 'Conv');
    const found = inner && scene.weight(constant) ? pointwise(inner, scene, constant, node) : null;
    if (found) return found;
  }
  return null;
}

/** A map of one place each written as a vector: the pool before it gives that at once. */
function flattened(node: Node, scene: Scene): Found | null {
  const before = scene.sample(node.outputs[0])?.length === 1 ? narrow(node.inputs[0] ?? '', scene) : null;
  const [last] = before?.pieces.slice(-1) ?? [];
  return before && last ? { pieces: [...before.pieces.slice(0, -1), { ...last, output: node.outputs[0] ?? '' }], nodes: [...before.nodes, node] } : null;
}

/** A pool over everything: a vector, or behind it a fold back to maps of one place. */
function globalPool(node: Node, scene: Scene): Found | null {
  const all = overAll(node, scene);
  const output = node.outputs[0] ?? '';
  const sample = scene.sample(output);
  if (!all || !sample) return null;
  if (!all.keeps) return one(all.layer, all.input, [node]);
  const vector = `${output}/vector`;
  const shape = { 2: { to: 'sequence', length: 1 }, 3: { to: 'image', height: 1, width: 1 }, 4: { to: 'volume', depth: 1, height: 1, width: 1 } }[sample.length];
  return shape ? { pieces: [{ layer: all.layer, inputs: [all.input], output: vector }, { layer: 'reshape', params: { ...shape, channels: sample[0] }, inputs: [vector], output }], nodes: [node] } : null;
}

/** Maps weighed by what a small net of their means says (Hu, Shen and Sun, 2018). */
function gated(node: Node, scene: Scene): Found | null {
  for (const [x, gate] of eitherWay(node)) {
    const sample = scene.sample(x);
    const factors = sample && sample.length > 1 && !onePlace(sample) ? narrow(gate, scene) : null;
    if (factors && factors.pieces.length > 1) return { pieces: [...factors.pieces, { layer: 'multiply', inputs: [x, gate], output: node.outputs[0] ?? '' }], nodes: [...factors.nodes, node] };
  }
  return null;
}

export const poolPatterns: readonly Pattern[] = [
  pattern(['Flatten', 'Reshape', 'Squeeze'], flattened),
  pattern('Mul', gated),
  pattern(['MaxPool', 'AveragePool'], pool),
  pattern(['Mul', 'Div'], sumPool),
  pattern(['GlobalAveragePool', 'GlobalMaxPool', 'ReduceMean', 'ReduceMax'], globalPool),
];
