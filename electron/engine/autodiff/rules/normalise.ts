/** Gradient rules of normalisations. */
import type { Value } from '../../../../shared/onnx/builder.ts';
import type { Rule, RuleContext } from '../rule.ts';

/** x̂ and 1/√(σ² + ε) over `axes`, which stay as ones. */
function standardised(c: RuleContext, x: Value, axes: readonly number[]): { normal: Value; r: Value } {
  const centred = c.b.sub(x, c.b.mean(x, axes));
  const variance = c.b.mean(c.b.mul(centred, centred), axes);
  const r = c.b.op('Reciprocal', [c.b.sqrt(c.b.add(variance, c.b.scalar(c.float('epsilon', 1e-5))))]);
  return { normal: c.b.mul(centred, r), r };
}

/** With g the gradient by x̂: dx = r·(g − mean g − x̂·mean(g·x̂)), means over the normalised axes (Ba, Kiros and Hinton, 2016). */
function throughStandardised(c: RuleContext, g: Value, s: { normal: Value; r: Value }, axes: readonly number[]): Value {
  const along = c.b.mul(s.normal, c.b.mean(c.b.mul(g, s.normal), axes));
  return c.b.mul(s.r, c.b.sub(c.b.sub(g, c.b.mean(g, axes)), along));
}

const range = (from: number, to: number): number[] => Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);

/** [C, C] of ones where channel j lies in the window around channel i: from i − ⌊(n−1)/2⌋ to i + ⌈(n−1)/2⌉ (ONNX LRN). */
function band(c: RuleContext, channels: number, size: number): Value {
  const data = new Float32Array(channels * channels);
  for (let i = 0; i < channels; i++) {
    for (let j = Math.max(0, i - Math.floor((size - 1) / 2)); j <= Math.min(channels - 1, i + Math.ceil((size - 1) / 2)); j++) data[i * channels + j] = 1;
  }
  return c.b.constant({ element: 'float32', shape: [channels, channels], data }, 'band');
}

export const normaliseRules: Readonly<Record<string, Rule>> = {
  /**
   * y = γ·(x − μ)/√(σ² + ε) + β with all five as inputs. With r = 1/√(σ² + ε) and x̂ = (x − μ)·r, per channel:
   * dx = dy·γ·r, dγ = Σ dy·x̂, dβ = Σ dy, dμ = −γ·r·Σ dy, dσ² = −½·γ·r²·Σ dy·x̂.
   * What μ and σ² owe to x is their own nodes' business.
   */
  BatchNormalization: (c) => {
    const shape = c.x(0).type.shape;
    const axes = shape.flatMap((_, i) => (i === 1 ? [] : [i]));
    const wide = shape.map((d, i) => (i === 1 ? d : 1));
    const r = c.b.op('Reciprocal', [c.b.sqrt(c.b.add(c.x(4), c.b.scalar(c.float('epsilon', 1e-5))))]);
    const gr = c.b.mul(c.x(1), r);
    const dx = c.b.mul(c.dy, c.b.reshape(gr, wide));
    if (![1, 2, 3, 4].some(c.wants)) return [dx, null, null, null, null];
    const sum = c.b.sum(c.dy, axes, false);
    const normal = c.b.mul(c.b.sub(c.x(0), c.b.reshape(c.x(3), wide)), c.b.reshape(r, wide));
    const along = c.b.sum(c.b.mul(c.dy, normal), axes, false);
    return [
      dx,
      along,
      sum,
      c.wants(3) ? c.b.neg(c.b.mul(gr, sum)) : null,
      c.wants(4) ? c.b.mul(c.b.scalar(-0.5), c.b.mul(c.b.mul(gr, r), along)) : null,
    ];
  },
  /** The driver sums the gradients of scale and bias over what they were spread over. */
  LayerNormalization: (c) => {
    const rank = c.x(0).type.shape.length;
    const axis = c.int('axis', -1);
    const axes = range(axis < 0 ? axis + rank : axis, rank);
    const s = standardised(c, c.x(0), axes);
    return [
      c.wants(0) ? throughStandardised(c, c.b.mul(c.dy, c.x(1)), s, axes) : null,
      c.wants(1) ? c.b.mul(c.dy, s.normal) : null,
      ...(c.count > 2 ? [c.dy] : []),
    ];
  },
  InstanceNormalization: (c) => {
    const { shape } = c.x(0).type;
    const axes = range(2, shape.length);
    const summed = [0, ...axes];
    const s = standardised(c, c.x(0), axes);
    const scale = c.b.reshape(c.x(1), shape.map((d, i) => (i === 1 ? d : 1)));
    return [
      c.wants(0) ? throughStandardised(c, c.b.mul(c.dy, scale), s, axes) : null,
      c.wants(1) ? c.b.sum(c.b.mul(c.dy, s.normal), summed, false) : null,
      c.wants(2) ? c.b.sum(c.dy, summed, false) : null,
    ];
  },
  /** Scale and bias are one number a group in opset 18, one a channel since 21; their length tells. Wu and He (2018). */
  GroupNormalization: (c) => {
    const { shape } = c.x(0).type;
    const [n, channels] = shape as [number, number];
    const groups = c.int('num_groups', 1);
    const rest = shape.slice(2).reduce((a, d) => a * d, 1);
    const perChannel = c.x(1).type.shape[0] === channels && channels !== groups;
    const grouped = [n, groups, channels / groups, rest];
    const spread = perChannel ? [1, groups, channels / groups, 1] : [1, groups, 1, 1];
    const summed = perChannel ? [0, 3] : [0, 2, 3];
    const dy = c.b.reshape(c.dy, grouped);
    const s = standardised(c, c.b.reshape(c.x(0), grouped), [2, 3]);
    const back = (v: Value) => c.b.reshape(c.b.sum(v, summed), c.x(1).type.shape);
    return [
      c.wants(0) ? c.b.reshape(throughStandardised(c, c.b.mul(dy, c.b.reshape(c.x(1), spread)), s, [2, 3]), shape) : null,
      c.wants(1) ? back(c.b.mul(dy, s.normal)) : null,
      c.wants(2) ? back(dy) : null,
    ];
  },
  /** s = bias + α/n·Σ x² over neighbouring channels, y = x·s^−β: dx = dy·s^−β − 2αβ/n·x·Σ dy·y/s. Krizhevsky et al. (2012). */
  LRN: (c) => {
    const { shape } = c.x(0).type;
    const [n, channels] = shape as [number, number];
    const flat = [n, channels, shape.slice(2).reduce((a, d) => a * d, 1)];
    const size = c.int('size', 1);
    const [alpha, beta, bias] = [c.float('alpha', 1e-4), c.float('beta', 0.75), c.float('bias', 1)];
    const window = band(c, channels, size);
    const [x, y, dy] = [c.x(0), c.y(0), c.dy].map((v) => c.b.reshape(v, flat)) as [Value, Value, Value];
    const s = c.b.add(c.b.mul(c.b.matmul(window, c.b.mul(x, x)), c.b.scalar(alpha / size)), c.b.scalar(bias));
    // s lies above 0, and the CPU's Pow takes twice a logarithm and an exponential.
    const power = c.b.exp(c.b.mul(c.b.log(s), c.b.scalar(-beta)));
    const around = c.b.matmul(c.b.transpose(window, [1, 0]), c.b.div(c.b.mul(dy, y), s));
    return [c.b.reshape(c.b.sub(c.b.mul(dy, power), c.b.mul(c.b.mul(x, around), c.b.scalar((2 * alpha * beta) / size))), shape)];
  },
  /** Inference lets all through; training divides what its mask (output 1) kept by the share kept. */
  Dropout: (c) => {
    const training = c.count > 2 && c.node.inputs[2] !== '' ? c.constantNumbers(2)[0] : 0;
    if (training === 0) return [c.dy];
    if (c.node.outputs.length < 2) c.refuse('its mask as a second output', 'one output');
    const ratio = c.count > 1 && c.node.inputs[1] !== '' ? c.x(1) : c.b.scalar(0.5);
    return [c.b.div(c.b.mul(c.dy, c.b.cast(c.y(1), 'float32')), c.b.sub(c.b.scalar(1), ratio))];
  },
};
