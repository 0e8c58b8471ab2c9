/** BatchNormalization in training mode, forward and gradient: no runtime has a kernel, so both are written out here. */
import type { Value } from '../../../../shared/onnx/builder.ts';
import { attribute, float, int, ints, string, type Node } from '../../../../shared/onnx/ir.ts';
import type { GraphBuilder } from '../../../../shared/onnx/builder.ts';
import type { DeferredGradient } from '../deferred.ts';
import type { Rule } from '../rule.ts';
import type { Lowering, Tail } from './lowering.ts';
import { channelSums } from './conv.ts';

export const isTraining = (node: Node): boolean => node.op === 'BatchNormalization' && attribute(node, 'training_mode', 'int', 0) === 1;

const otherAxes = (shape: readonly number[]): number[] => shape.flatMap((_, i) => (i === 1 ? [] : [i]));
const wide = (b: GraphBuilder, v: Value, shape: readonly number[]): Value => b.reshape(v, shape.map((d, i) => (i === 1 ? d : 1)));
const count = (shape: readonly number[]): number => otherAxes(shape).reduce((n, a) => n * (shape[a] as number), 1);
const inverseDeviation = (b: GraphBuilder, variance: Value, epsilon: number): Value => b.op('Reciprocal', [b.sqrt(b.add(variance, b.scalar(epsilon)))]);

/** What the node's second and third output are made of: running ← running · momentum + batch · (1 − momentum). */
function running(b: GraphBuilder, old: Value, batch: Value, momentum: number): Value {
  return momentum === 0 ? batch : b.add(b.mul(old, b.scalar(momentum)), b.mul(batch, b.scalar(1 - momentum)));
}

/** Written out in operators every device has: mean, centred values, variance, then the inference operator. */
export function expandTraining(l: Lowering, node: Node): void {
  const { b } = l;
  const [x, scale, bias, oldMean, oldVariance] = node.inputs.map((name) => l.plain(name)) as [Value, Value, Value, Value, Value];
  const epsilon = attribute(node, 'epsilon', 'float', 1e-5);
  const momentum = attribute(node, 'momentum', 'float', 0.9);
  const axes = otherAxes(x.type.shape);
  const wideMean = b.mean(x, axes);
  const centred = b.sub(x, wideMean);
  const variance = b.mean(b.mul(centred, centred), axes, false);
  const mean = b.reshape(wideMean, [x.type.shape[1] as number]);
  const values = [b.op('BatchNormalization', [x, scale, bias, mean, variance], { epsilon: float(epsilon) }), running(b, oldMean, mean, momentum), running(b, oldVariance, variance, momentum)];
  node.outputs.forEach((name, i) => l.setPlain(name, values[i] as Value));
}

/**
 * With r = 1/√(σ² + ε), x̂ = (x − μ)·r and m numbers a channel (Ioffe and Szegedy 2015, section 3):
 * dβ = Σ dy, dγ = Σ dy·x̂, dx = γ·r·(dy − dβ/m − x̂·dγ/m) = a·dy + b·x + c per channel.
 */
function coefficients(b: GraphBuilder, m: number, epsilon: number, v: { scale: Value; mean: Value; variance: Value; sumDy: Value; sumDyX: Value }): { dScale: Value; a: Value; slope: Value; offset: Value } {
  const r = inverseDeviation(b, v.variance, epsilon);
  const dScale = b.mul(b.sub(v.sumDyX, b.mul(v.mean, v.sumDy)), r);
  const a = b.mul(v.scale, r);
  const slope = b.mul(b.mul(b.mul(a, r), dScale), b.scalar(-1 / m));
  const offset = b.neg(b.add(b.mul(b.mul(a, v.sumDy), b.scalar(1 / m)), b.mul(slope, v.mean)));
  return { dScale, a, slope, offset };
}

/** The gradient in operators every device has. Momentum 0 is read: outputs 1 and 2 are the batch's own mean and variance. */
export const expandGradient: Rule = (c) => {
  const { b } = c;
  const [x, dy] = [c.x(0), c.dy];
  const { shape } = x.type;
  const axes = otherAxes(shape);
  const [mean, variance] = [c.y(1), c.y(2)];
  const sumDy = b.sum(dy, axes, false);
  // Around the mean, so that nothing cancels where the mean is large.
  const centred = b.sub(x, wide(b, mean, shape));
  const sumDyCentred = b.sum(b.mul(dy, centred), axes, false);
  const zero = b.mul(mean, b.scalar(0));
  const k = coefficients(b, count(shape), c.float('epsilon', 1e-5), { scale: c.x(1), mean: zero, variance, sumDy, sumDyX: sumDyCentred });
  const dx = c.wants(0) ? b.add(b.add(b.mul(dy, wide(b, k.a, shape)), b.mul(centred, wide(b, k.slope, shape))), wide(b, k.offset, shape)) : null;
  return [dx, k.dScale, sumDy];
};

/** y = x · a + c per channel as a depthwise 1×1 convolution, which can add another value and rectify in the same pass. */
function affine(l: Lowering, x: Value, a: Value, c: Value | null, tail: Tail): Value {
  const channels = x.type.shape[1] as number;
  const inputs = [x, l.b.reshape(a, [channels, 1, 1, 1]), c, tail.sum ?? null];
  while (inputs.at(-1) === null) inputs.pop();
  return l.kernel('Conv', inputs, { kernel_shape: ints([1, 1]), group: int(channels), ...(tail.relu ? { activation: string('Relu') } : {}) }, x.type.shape);
}

/** Σ over batch and places of x·z, [C]: each map of x convolved with the same map of z to one number. */
function dotSums(l: Lowering, x: Value, z: Value): Value {
  const [n, c, h, w] = x.type.shape as [number, number, number, number];
  const dots = l.kernel('Conv', [l.b.reshape(x, [1, n * c, h, w]), l.b.reshape(z, [n * c, 1, h, w])], { kernel_shape: ints([h, w]), group: int(n * c) }, [1, n * c, 1, 1]);
  return l.b.sum(l.b.reshape(dots, [n, c]), [0], false);
}

/** Worth it where x is an image whose channels fill blocks and which is in blocks already. */
const takesBlocks = (l: Lowering, x: string): boolean => {
  const shape = l.shape(x);
  return shape.length === 4 && (shape[1] as number) % l.block === 0 && l.hasBlocked(x);
};

/** Statistics in one reading pass each; σ² = E[x²] − μ², which loses digits only where |μ| is hundreds of σ. */
export function lowerTraining(l: Lowering, node: Node): boolean {
  const { b } = l;
  const [x, scaleName, biasName, oldMean, oldVariance] = node.inputs as [string, string, string, string, string];
  if (!takesBlocks(l, x)) return false;
  const epsilon = attribute(node, 'epsilon', 'float', 1e-5);
  const momentum = attribute(node, 'momentum', 'float', 0.9);
  const shape = l.shape(x);
  const value = l.blocked(x);
  const mean = b.mul(channelSums(l, x), b.scalar(1 / count(shape)));
  const square = b.mul(dotSums(l, value, value), b.scalar(1 / count(shape)));
  const variance = b.op('Max', [b.sub(square, b.mul(mean, mean)), b.scalar(0)]);
  const a = b.mul(l.plain(scaleName), inverseDeviation(b, variance, epsilon));
  const c = b.sub(l.plain(biasName), b.mul(mean, a));
  const [y, newMean, newVariance] = node.outputs as [string, string, string];
  l.setPending(y, (tail) => affine(l, value, a, c, tail));
  if (newMean) l.setPlain(newMean, running(b, l.plain(oldMean), mean, momentum));
  if (newVariance) l.setPlain(newVariance, running(b, l.plain(oldVariance), variance, momentum));
  return true;
}

export function lowerBatchNormGradient(l: Lowering, g: DeferredGradient, names: { x: string; dy: string }): { dx: Value | null; dScale: Value; dBias: Value } | null {
  if (!isTraining(g.node) || !takesBlocks(l, names.x)) return null;
  const [x, dy] = [l.blocked(names.x), l.blocked(names.dy)];
  const sumDy = channelSums(l, names.dy);
  const k = coefficients(l.b, count(l.shape(names.x)), g.float('epsilon', 1e-5), { scale: g.x(1), mean: g.y(1), variance: g.y(2), sumDy, sumDyX: dotSums(l, x, dy) });
  return { dx: g.wants(0) ? affine(l, dy, k.a, null, { sum: affine(l, x, k.slope, k.offset, {}) }) : null, dScale: k.dScale, dBias: sumDy };
}
