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
 * dβ = Σ dy, dγ = Σ dy·x̂, dx = γ·r·(dy − dβ/m − x̂·dγ/m) = a·dy + b·(x − μ) + c per channel. sumDyX is Σ dy·(x − μ).
 */
function coefficients(b: GraphBuilder, m: number, epsilon: number, v: { scale: Value; variance: Value; sumDy: Value; sumDyX: Value }): { dScale: Value; a: Value; slope: Value; offset: Value } {
  const r = inverseDeviation(b, v.variance, epsilon);
  const dScale = b.mul(v.sumDyX, r);
  const a = b.mul(v.scale, r);
  const slope = b.mul(b.mul(b.mul(a, r), dScale), b.scalar(-1 / m));
  const offset = b.mul(b.mul(a, v.sumDy), b.scalar(-1 / m));
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
  const k = coefficients(b, count(shape), c.float('epsilon', 1e-5), { scale: c.x(1), variance, sumDy, sumDyX: sumDyCentred });
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

/** NCHW on a processor with blocked kernels: they sum and multiply any numbers that lie 16 to a row. */
const takesLanes = (l: Lowering, x: string): boolean => {
  const [, , h = 0, w = 0] = l.shape(x);
  return l.shape(x).length === 4 && (h * w) % l.block === 0;
};

/** Σ over batch and places of x·z in NCHW, [C]: neighbouring places take the part of channels. */
function laneDotSums(l: Lowering, x: Value, z: Value): Value {
  const [n, c, h, w] = x.type.shape as [number, number, number, number];
  const rows = (h * w) / l.block;
  const maps = n * c * l.block;
  const dots = l.kernel('Conv', [l.b.reshape(x, [1, maps, rows, 1]), l.b.reshape(z, [maps, 1, rows, 1])], { kernel_shape: ints([rows, 1]), group: int(maps) }, [1, maps, 1, 1]);
  return l.b.sum(l.b.reshape(dots, [n, c, l.block]), [0, 2], false);
}

/** x · a + c per channel, by the inference operator on mean 0 and variance 1. */
function plainAffine(l: Lowering, x: Value, a: Value, c: Value): Value {
  const channels = x.type.shape[1] as number;
  return l.b.op('BatchNormalization', [x, a, c, l.filled(0, channels), l.filled(1, channels)], { epsilon: float(0) });
}

/**
 * x − μ: what variance and gradients are made of. E[x²] − μ² would save a pass and lose the digits of a channel whose mean is
 * large beside its deviation. Written again in the gradient; the twin is found and shared.
 */
function centred(l: Lowering, x: string, mean: Value, blocked: boolean): Value {
  const { b } = l;
  return blocked ? affine(l, l.blocked(x), l.filled(1, mean.type.shape[0] as number), b.neg(mean), {}) : b.sub(l.plain(x), wide(b, mean, l.shape(x)));
}

/** Mean, centred values, variance, then one pass that scales, shifts and may add and rectify. */
export function lowerTraining(l: Lowering, node: Node): boolean {
  const { b } = l;
  const [x, scaleName, biasName, oldMean, oldVariance] = node.inputs as [string, string, string, string, string];
  const blocked = takesBlocks(l, x);
  if (!blocked && !takesLanes(l, x)) return false;
  const epsilon = attribute(node, 'epsilon', 'float', 1e-5);
  const momentum = attribute(node, 'momentum', 'float', 0.9);
  const m = count(l.shape(x));
  const mean = blocked ? b.mul(channelSums(l, x), b.scalar(1 / m)) : b.mean(l.plain(x), otherAxes(l.shape(x)), false);
  const value = centred(l, x, mean, blocked);
  const variance = b.mul(blocked ? dotSums(l, value, value) : laneDotSums(l, value, value), b.scalar(1 / m));
  const [scale, bias] = [l.plain(scaleName), l.plain(biasName)];
  const [y, newMean, newVariance] = node.outputs as [string, string, string];
  const a = b.mul(scale, inverseDeviation(b, variance, epsilon));
  if (blocked) l.setPending(y, (tail) => affine(l, value, a, bias, tail));
  else l.setPlain(y, plainAffine(l, value, a, bias));
  if (newMean) l.setPlain(newMean, running(b, l.plain(oldMean), mean, momentum));
  if (newVariance) l.setPlain(newVariance, running(b, l.plain(oldVariance), variance, momentum));
  return true;
}

export interface BatchNormGradient { readonly dx: Value | null; readonly blocked: boolean; readonly dScale: Value; readonly dBias: Value }

export function lowerBatchNormGradient(l: Lowering, g: DeferredGradient, names: { x: string; dy: string }): BatchNormGradient | null {
  if (!isTraining(g.node)) return null;
  const blocked = takesBlocks(l, names.x);
  if (!blocked && !takesLanes(l, names.x)) return null;
  const dy = blocked ? l.blocked(names.dy) : l.plain(names.dy);
  const x = centred(l, names.x, g.y(1), blocked);
  const sumDy = blocked ? channelSums(l, names.dy) : l.b.sum(dy, otherAxes(l.shape(names.x)), false);
  const sumDyX = blocked ? dotSums(l, x, dy) : laneDotSums(l, x, dy);
  const k = coefficients(l.b, count(l.shape(names.x)), g.float('epsilon', 1e-5), { scale: g.x(1), variance: g.y(2), sumDy, sumDyX });
  const dx = (): Value => {
    if (blocked) return affine(l, dy, k.a, null, { sum: affine(l, x, k.slope, k.offset, {}) });
    return l.b.add(plainAffine(l, dy, k.a, k.offset), l.b.mul(x, wide(l.b, k.slope, x.type.shape)));
  };
  return { dx: g.wants(0) ? dx() : null, blocked, dScale: k.dScale, dBias: sumDy };
}
