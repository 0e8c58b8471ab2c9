/** What a net does to pictures before anything looks at them: order of colours, range, mean and deviation in one layer. */
import { attribute, type Node } from '../../../../shared/onnx/ir.ts';
import { after, preprocessingFrom, type Lines } from '../scaling.ts';
import { one, pattern, type Found, type Pattern } from './pattern.ts';
import { isPerChannel, type Scene } from './scene.ts';

/** Of a constant c and the value beside it; null where the constant comes first and that matters. */
const rules: Readonly<Record<string, (c: number, first: boolean) => readonly [factor: number, summand: number] | null>> = {
  Add: (c) => [1, c], Mul: (c) => [c, 0],
  Sub: (c, first) => (first ? null : [1, -c]), Div: (c, first) => (first ? null : [1 / c, 0]),
};

/** One node as lines, and the value that it takes. */
function step(node: Node, scene: Scene, channels: number): { readonly lines: Lines; readonly value: string } | null {
  const flat = Array.from({ length: channels }, (_, c) => c);
  const [x = '', indices] = node.inputs;
  if (node.op === 'Gather') {
    const turned = attribute(node, 'axis', 'int', 0) === 1 && scene.whole(indices)?.join() === flat.toReversed().join();
    return turned && channels === 3 ? { lines: { order: 'bgr', factors: flat.map(() => 1), summands: flat.map(() => 0) }, value: x } : null;
  }
  const place = node.inputs.findIndex((v) => scene.constant(v));
  const constant = scene.weight(node.inputs[place]);
  const value = node.inputs[1 - place] ?? '';
  const sample = scene.sample(value);
  if (!constant || !sample || (constant.data.length !== 1 && !isPerChannel(constant.shape, sample))) return null;
  const numbers = constant.data;
  const each = flat.map((c) => rules[node.op]?.(numbers[numbers.length === 1 ? 0 : c] as number, place === 0) ?? null);
  return each.every((l) => l !== null) ? { lines: { order: 'rgb', factors: each.map(([f]) => f), summands: each.map(([, s]) => s) }, value } : null;
}

/** From the last of the chain back to an input of pictures. */
function rescale(node: Node, scene: Scene): Found | null {
  const sample = scene.sample(node.outputs[0]);
  const [channels] = sample ?? [];
  if (sample?.length !== 3 || (channels !== 1 && channels !== 3)) return null;
  const nodes: Node[] = [];
  let lines: Lines | null = null;
  for (let at: Node | undefined = node; at; ) {
    const found = step(at, scene, channels);
    if (!found || (nodes.length > 0 && scene.users(at.outputs[0] ?? '').length > 1)) return null;
    nodes.unshift(at);
    lines = lines ? after(found.lines, lines) : found.lines;
    if (!scene.isInput(found.value)) {
      at = scene.producer(found.value, 'Add', 'Sub', 'Mul', 'Div', 'Gather');
      continue;
    }
    const values = preprocessingFrom(lines);
    return values && one('rescale', found.value, nodes, { ...values });
  }
  return null;
}

export const rescalePatterns: readonly Pattern[] = [pattern(['Add', 'Sub', 'Mul', 'Div', 'Gather'], rescale)];
