/** Layers that only fold, turn, cut or enlarge: nothing learned, nothing computed. */
import { attribute, type Node } from '../../../../shared/onnx/ir.ts';
import { elementCount, sameShape, type Shape } from '../../../../shared/shapes/shape.ts';
import { one, pattern, type Found, type Pattern } from './pattern.ts';
import type { Scene } from './scene.ts';
import { padBefore } from './windows.ts';

/** What a Reshape row writes for a shape; null where a sample has more axes than it knows. */
function target(shape: Shape): Readonly<Record<string, unknown>> | null {
  const [channels, ...p] = shape;
  switch (shape.length) {
    case 1: return { to: 'vector', channels };
    case 2: return { to: 'sequence', channels, length: p[0] };
    case 3: return { to: 'image', channels, height: p[0], width: p[1] };
    case 4: return { to: 'volume', channels, depth: p[0], height: p[1], width: p[2] };
    default: return null;
  }
}

/** Heads are split where products of two inputs follow. */
const meets = (value: string, scene: Scene): boolean => scene.users(value).some((n) => n.op === 'MatMul' || (['Mul', 'Div', 'Transpose'].includes(n.op) && scene.users(n.outputs[0] ?? '').some((m) => m.op === 'MatMul' || m.op === 'Transpose')));

/** The same numbers in another shape: unchanged, a vector, a row of tokens, heads, or anything. */
function folded(node: Node, scene: Scene): Found | null {
  const [x = ''] = node.inputs;
  const [from, to] = [scene.sample(x), scene.sample(node.outputs[0])];
  if (!from || !to || elementCount(from) !== elementCount(to)) return null;
  if (sameShape(from, to)) return { pieces: [], nodes: [node], same: [[node.outputs[0] ?? '', x]] };
  if (to.length === 1) return one('flatten', x, [node]);
  if (from.length === 3 && to.length === 2 && to[0] === (from[0] as number) * (from[1] as number) && to[1] === from[2] && scene.producer(x, 'MatMul')) return one('join-heads', x, [node]);
  if (from.length > 2 && to.length === 2 && to[0] === from[0]) return one('tokens', x, [node]);
  if (from.length === 2 && to.length === 3 && to[2] === from[1] && meets(node.outputs[0] ?? '', scene)) return one('split-heads', x, [node], { heads: to[0] });
  const params = target(to);
  return params && one('reshape', x, [node], params);
}

/** Reshape, Transpose, Reshape: channels dealt out anew, or turned into pixels. */
function shuffled(node: Node, scene: Scene): Found | null {
  const turn = scene.producer(node.inputs[0], 'Transpose');
  const fold = scene.producer(turn?.inputs[0], 'Reshape');
  const x = fold?.inputs[0] ?? '';
  const [from, middle, to] = [scene.sample(x), scene.sample(fold?.outputs[0]), scene.sample(node.outputs[0])];
  if (!turn || !fold || !from || !middle || !to) return null;
  const perm = attribute(turn, 'perm', 'ints', []);
  const [a = 0, b = 0] = middle;
  const dealt = perm.every((p, i) => p === (i === 1 ? 2 : i === 2 ? 1 : i)) && a * b === from[0] && elementCount(middle.slice(2)) === elementCount(from.slice(1));
  if (dealt && sameShape(from, to)) return one('channel-shuffle', x, [fold, turn, node], { groups: a });
  const [c, r, s, h, w] = middle;
  const pixels = middle.length === 5 && from.length === 3 && r === s && h === from[1] && w === from[2] && [0, 1, 4, 2, 5, 3].every((p, i) => p === perm[i]);
  return pixels && r !== undefined && sameShape(to, [c as number, (h as number) * r, (w as number) * r]) ? one('pixel-shuffle', x, [fold, turn, node], { factor: r }) : null;
}

function depthToSpace(node: Node, scene: Scene): Found | null {
  const factor = attribute(node, 'blocksize', 'int', 1);
  // Where one map comes out both orders are the same.
  const agrees = attribute(node, 'mode', 'string', 'DCR') === 'CRD' || scene.sample(node.inputs[0])?.[0] === factor * factor;
  return agrees ? one('pixel-shuffle', node.inputs[0] ?? '', [node], { factor }) : null;
}

const orders: Readonly<Record<string, string>> = { '0,1,3,2': 'cwh', '0,2,1,3': 'hcw', '0,2,3,1': 'hwc', '0,3,1,2': 'wch', '0,3,2,1': 'whc' };
function permute(node: Node, scene: Scene): Found | null {
  const [x = ''] = node.inputs;
  const perm = attribute(node, 'perm', 'ints', []);
  if (perm.every((p, i) => p === i) && scene.sample(x)) return { pieces: [], nodes: [node], same: [[node.outputs[0] ?? '', x]] };
  const order = orders[perm.join()];
  return order === undefined ? null : one('permute', x, [node], { order });
}

function zeroPad(node: Node, scene: Scene): Found | null {
  const border = padBefore(scene, node.outputs[0] ?? '', (v) => v === 0);
  if (border?.pads.length === 4) {
    const [top, left, bottom, right] = border.pads;
    return one('zero-pad', border.input, [node], { edges: [top, right, bottom, left] });
  }
  // Maps of zeros before and behind the others.
  const [x = ''] = node.inputs;
  const given = scene.whole(node.inputs[1]);
  const filler = node.inputs[2] ? scene.scalar(node.inputs[2]) : 0;
  if (given?.length !== 8 || node.inputs[3] || filler !== 0 || attribute(node, 'mode', 'string', 'constant') !== 'constant' || given[0] !== 0 || given[4] !== 0) return null;
  const [, front, top, left, , back, bottom, right] = given;
  return one('zero-pad', x, [node], { edges: [top, right, bottom, left], front, back });
}

/** Begin and end of what a Slice keeps along each axis of a sample; null where it steps, or is computed. */
function kept(node: Node, scene: Scene, sample: Shape): readonly (readonly [number, number])[] | null {
  const [starts, ends] = [scene.whole(node.inputs[1]), scene.whole(node.inputs[2])];
  const axes = node.inputs[3] ? scene.whole(node.inputs[3]) : starts?.map((_, i) => i);
  const steps = node.inputs[4] ? scene.whole(node.inputs[4]) : [];
  if (!starts || !ends || !axes || !steps || steps.some((s) => s !== 1)) return null;
  const out = sample.map((d) => [0, d] as readonly [number, number]);
  for (const [i, given] of axes.entries()) {
    const axis = (given < 0 ? given + sample.length + 1 : given) - 1;
    const size = sample[axis];
    if (size === undefined) return null;
    const clamp = (v: number) => Math.min(Math.max(v < 0 ? v + size : v, 0), size);
    out[axis] = [clamp(starts[i] as number), clamp(ends[i] as number)];
  }
  return out;
}

function sliced(node: Node, scene: Scene): Found | null {
  const [x = ''] = node.inputs;
  const sample = scene.sample(x);
  const parts = sample && kept(node, scene, sample);
  if (!sample || !parts) return null;
  const whole = (i: number) => parts[i]?.[0] === 0 && parts[i][1] === sample[i];
  if (parts.every((_, i) => whole(i))) return { pieces: [], nodes: [node], same: [[node.outputs[0] ?? '', x]] };
  const [channels, [begin, end]] = [sample[0] as number, parts[0] as readonly [number, number]];
  if (parts.slice(1).every((_, i) => whole(i + 1))) {
    const size = end - begin;
    return size > 0 && channels % size === 0 && begin % size === 0 ? one('channel-slice', x, [node], { parts: channels / size, part: begin / size + 1 }) : null;
  }
  if (sample.length !== 3 || !whole(0)) return null;
  const [[top, bottom], [left, right]] = parts.slice(1) as [readonly [number, number], readonly [number, number]];
  return one('crop', x, [node], { edges: [top, (sample[2] as number) - right, (sample[1] as number) - bottom, left] });
}

/** Equal parts of the channels, each a layer of its own. */
function split(node: Node, scene: Scene): Found | null {
  const [x = ''] = node.inputs;
  const sample = scene.sample(x);
  const axis = attribute(node, 'axis', 'int', 0);
  const parts = node.outputs.length;
  if (!sample || (axis !== 1 && axis !== -sample.length) || node.outputs.some((o) => o !== '' && (scene.sample(o)?.[0] as number) * parts !== sample[0])) return null;
  const used = node.outputs.flatMap((output, i) => (output !== '' && (scene.users(output).length > 0 || scene.isOutput(output)) ? [{ output, part: i + 1 }] : []));
  return { nodes: [node], pieces: used.map(({ output, part }) => ({ layer: 'channel-slice', params: { parts, part }, inputs: [x], output })) };
}

/** One token of a row: a Gather of one place, or a Slice of one behind which its axis is dropped. */
function takeToken(node: Node, scene: Scene): Found | null {
  if (node.op === 'Gather') {
    const sample = scene.sample(node.inputs[0]);
    const index = scene.scalar(node.inputs[1]);
    const axis = attribute(node, 'axis', 'int', 0);
    if (sample?.length !== 2 || (axis !== 2 && axis !== -1) || index === undefined || scene.constant(node.inputs[1])?.shape.length !== 0) return null;
    return one('take-token', node.inputs[0] ?? '', [node], { index: index < 0 ? index + (sample[1] as number) : index });
  }
  const slice = scene.producer(node.inputs[0], 'Slice');
  const sample = scene.sample(slice?.inputs[0]);
  const parts = slice && sample?.length === 2 && scene.sample(node.outputs[0])?.length === 1 ? kept(slice, scene, sample) : null;
  if (!slice || !sample || !parts) return null;
  const [begin, end] = parts[1] as readonly [number, number];
  return end - begin === 1 && parts[0]?.[0] === 0 && parts[0][1] === sample[0] ? one('take-token', slice.inputs[0] ?? '', [slice, node], { index: begin }) : null;
}

/** Nearest and linear enlargement by whole factors, in the one meaning that the row has. */
function upsample(node: Node, scene: Scene): Found | null {
  const [x = '', , scales, sizes] = node.inputs;
  const [from, to] = [scene.sample(x), scene.sample(node.outputs[0])];
  const numbers = scales ? scene.weight(scales)?.data : undefined;
  if (from?.length !== 3 || to?.length !== 3 || from[0] !== to[0] || attribute(node, 'antialias', 'int', 0) !== 0 || node.attributes.axes !== undefined) return null;
  const factor = [1, 2].map((i) => (to[i] as number) / (from[i] as number));
  const asked = numbers && numbers.length > 0 ? [...numbers] : null;
  if (!factor.every((f) => Number.isInteger(f)) || (asked ? !asked.every((s, i) => s === [1, 1, ...factor][i]) : !sizes)) return null;
  const text = (name: string, fallback: string) => attribute(node, name, 'string', fallback);
  const [mode, place] = [text('mode', 'nearest'), text('coordinate_transformation_mode', 'half_pixel')];
  const half = place === 'half_pixel' || (place === 'pytorch_half_pixel' && to.slice(1).every((d) => d > 1));
  const rounding = text('nearest_mode', 'round_prefer_floor');
  // By a whole factor both pick the pixel that a place lies in.
  const nearest = mode === 'nearest' && ((place === 'asymmetric' && rounding === 'floor') || (half && rounding.startsWith('round')));
  const linear = mode === 'linear' && half;
  return nearest || linear ? one('upsample', x, [node], { factor, mode: linear ? 'bilinear' : 'nearest' }) : null;
}

/** Nodes that hand their input on. */
function identity(node: Node, scene: Scene): Found | null {
  const [x = ''] = node.inputs;
  const output = node.outputs[0] ?? '';
  const [from, to] = [scene.type(x), scene.type(output)];
  if (scene.constant(x) || !from || !to || from.element !== to.element || !sameShape(from.shape, to.shape) || scene.isBatched(x) !== scene.isBatched(output)) return null;
  return { pieces: [], nodes: [node], same: [[output, x]] };
}

export const shapePatterns: readonly Pattern[] = [
  pattern(['Reshape', 'Squeeze'], takeToken), pattern('Gather', takeToken),
  pattern('Reshape', shuffled), pattern('DepthToSpace', depthToSpace),
  pattern(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'], folded),
  pattern('Transpose', permute), pattern('Pad', zeroPad), pattern('Slice', sliced), pattern('Split', split), pattern('Resize', upsample),
  pattern(['Identity', 'Cast'], identity),
];
