/** Activations: operators of their own, and the spellings of those that exporters write out. */
import { attribute, type Node } from '../../../../shared/onnx/ir.ts';
import type { LayerType } from '../../../../shared/layers/table.ts';
import { one, pattern, type Found, type Pattern } from './pattern.ts';
import { eitherWay, isPerChannel, near, tidy, type Scene } from './scene.ts';

/** An activation of one operator; null where its attributes are not the row's. */
const plain = (op: string, layer: LayerType, params: (node: Node, scene: Scene) => Readonly<Record<string, unknown>> | null = () => ({})): Pattern =>
  pattern(op, (node, scene) => {
    const fields = params(node, scene);
    return fields && one(layer, node.inputs[0] ?? '', [node], fields);
  });
const only = (holds: boolean, params: Readonly<Record<string, unknown>> = {}) => (holds ? params : null);
const number = (node: Node, name: string, fallback: number): number => attribute(node, name, 'float', fallback);

/** The bounds of a Clip; infinite where it has none, undefined where they are computed. */
function boundsOf(node: Node | undefined, scene: Scene): readonly [number, number] | undefined {
  if (!node) return undefined;
  const [, low, high] = node.inputs;
  const [min, max] = [low ? scene.scalar(low) : -Infinity, high ? scene.scalar(high) : Infinity];
  return min === undefined || max === undefined ? undefined : [min, max];
}
/** Numbers beyond what float32 holds bound nothing. */
const unbounded = (v: number): boolean => v > 3.4e38;

function clip(node: Node, scene: Scene): Found | null {
  const [min, max] = boundsOf(node, scene) ?? [NaN, NaN];
  const x = node.inputs[0] ?? '';
  if (min !== 0) return null;
  return max === 6 ? one('relu6', x, [node]) : unbounded(max) ? one('relu', x, [node]) : null;
}

function softmax(node: Node, scene: Scene): Found | null {
  const x = node.inputs[0] ?? '';
  const rank = scene.sample(x)?.length;
  if (rank === undefined) return null;
  const given = attribute(node, 'axis', 'int', -1);
  const axis = given < 0 ? given + rank + 1 : given;
  return axis === 1 ? one('softmax', x, [node], { over: 'channels' }) : axis === rank ? one('softmax', x, [node], { over: 'rows' }) : null;
}

function prelu(node: Node, scene: Scene): Found | null {
  const [x = '', w] = node.inputs;
  const slope = scene.weight(w);
  const sample = scene.sample(x);
  if (!slope || !sample) return null;
  const shared = slope.data.length === 1;
  if (!shared && !isPerChannel(slope.shape, sample)) return null;
  return one('prelu', x, [node], { shared: shared ? 'all' : 'channel' }, { slope: { shape: [slope.data.length, ...sample.slice(1).map(() => 1)], data: slope.data } }, slope.name);
}

/** `a · b` or `a / b` with a number: the factor it comes to. */
export function scaled(node: Node | undefined, scene: Scene): { readonly value: string; readonly factor: number } | null {
  if (node?.op !== 'Mul' && node?.op !== 'Div') return null;
  const [a = '', b = ''] = node.inputs;
  const right = scene.scalar(b);
  if (right !== undefined) return { value: a, factor: node.op === 'Mul' ? right : 1 / right };
  const left = node.op === 'Mul' ? scene.scalar(a) : undefined;
  return left === undefined ? null : { value: b, factor: left };
}

/** A value plus a number. */
function shifted(node: Node | undefined, scene: Scene): { readonly value: string; readonly by: number } | null {
  if (node?.op !== 'Add') return null;
  for (const [value, constant] of eitherWay(node)) {
    const by = scene.scalar(constant);
    if (by !== undefined) return { value, by };
  }
  return null;
}

/** clip(x + 3, 0, 6) ending in this value. */
function hardRamp(value: string, scene: Scene): { readonly x: string; readonly nodes: readonly Node[] } | null {
  const clipped = scene.producer(value, 'Clip');
  const add = scene.producer(clipped?.inputs[0], 'Add');
  const sum = shifted(add, scene);
  const [min, max] = boundsOf(clipped, scene) ?? [];
  return clipped && add && sum?.by === 3 && min === 0 && max === 6 ? { x: sum.value, nodes: [add, clipped] } : null;
}

/** clip(x + 3, 0, 6) / 6. */
function hardSigmoid(node: Node, scene: Scene): Found | null {
  const part = scaled(node, scene);
  const ramp = part && near(part.factor, 1 / 6) ? hardRamp(part.value, scene) : null;
  return ramp && one('hard-sigmoid', ramp.x, [...ramp.nodes, node]);
}

const isSixth = (node: Node): boolean => near(number(node, 'alpha', 0.2), 1 / 6) && number(node, 'beta', 0.5) === 0.5;

/** x · clip(x + 3, 0, 6) / 6 in each order of the products. */
function hardSwish(node: Node, scene: Scene): Found | null {
  const outer = scaled(node, scene);
  const product = outer && near(outer.factor, 1 / 6) ? scene.producer(outer.value, 'Mul') : undefined;
  for (const [x, gate] of eitherWay(product ?? node)) {
    if (product) {
      const ramp = hardRamp(gate, scene);
      if (ramp?.x === x) return one('hard-swish', x, [...ramp.nodes, product, node]);
      continue;
    }
    const op = scene.producer(gate);
    if (!op) continue;
    if (op.op === 'HardSigmoid' && op.inputs[0] === x && isSixth(op)) return one('hard-swish', x, [op, node]);
    const inner = hardSigmoid(op, scene);
    if (inner?.pieces[0]?.inputs[0] === x) return one('hard-swish', x, [...inner.nodes, node]);
    // (x / 6) · clip(x + 3, 0, 6)
    const part = scaled(scene.producer(x), scene);
    const ramp = part && near(part.factor, 1 / 6) ? hardRamp(gate, scene) : null;
    if (part && ramp && ramp.x === part.value) return one('hard-swish', part.value, [scene.producer(x) as Node, ...ramp.nodes, node]);
  }
  return null;
}

/** x · σ(x). */
function silu(node: Node, scene: Scene): Found | null {
  for (const [x, gate] of eitherWay(node)) {
    const sigmoid = scene.producer(gate, 'Sigmoid');
    if (sigmoid?.inputs[0] === x) return one('silu', x, [sigmoid, node]);
  }
  return null;
}

/** x · tanh(ln(1 + eˣ)). */
function mish(node: Node, scene: Scene): Found | null {
  for (const [x, gate] of eitherWay(node)) {
    const tanh = scene.producer(gate, 'Tanh');
    const softplus = scene.producer(tanh?.inputs[0], 'Softplus');
    if (tanh && softplus?.inputs[0] === x) return one('mish', x, [softplus, tanh, node]);
  }
  return null;
}

export const activationPatterns: readonly Pattern[] = [
  plain('Relu', 'relu'), plain('Sigmoid', 'sigmoid'), plain('Tanh', 'tanh'), plain('Softplus', 'softplus'), plain('HardSwish', 'hard-swish'), plain('Mish', 'mish'),
  plain('LeakyRelu', 'leaky-relu', (node) => ({ slope: tidy(number(node, 'alpha', 0.01)) })),
  plain('Elu', 'elu', (node) => ({ alpha: tidy(number(node, 'alpha', 1)) })),
  plain('Selu', 'selu', (node) => only(near(number(node, 'alpha', 1.6732632), 1.6732632) && near(number(node, 'gamma', 1.050701), 1.050701))),
  plain('HardSigmoid', 'hard-sigmoid', (node) => only(isSixth(node))),
  plain('Gelu', 'gelu', (node) => ({ approximate: attribute(node, 'approximate', 'string', 'none') === 'tanh' })),
  pattern('Clip', clip), pattern('Softmax', softmax), pattern('PRelu', prelu),
  pattern(['Mul', 'Div'], hardSwish), pattern(['Mul', 'Div'], hardSigmoid), pattern('Mul', silu), pattern('Mul', mish),
];
