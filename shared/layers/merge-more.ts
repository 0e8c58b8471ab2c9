/** Merging number by number: product, mean, maximum; and the squeeze-and-excite block. */
import { fail, ok, type Result } from '../util/result.ts';
import type { GraphBuilder, Value } from '../onnx/builder.ts';
import { formatShape, sameShape, type Shape } from '../shapes/shape.ts';
import { activations, manyIn, noMacs, noText, noWeights, oneIn, oneOut, sameReach } from './common.ts';
import { defineLayer, type LayerIssue, type ShapeAnswer } from './spec.ts';

const common = { family: 'merge', fields: {}, inputs: manyIn, outputs: oneOut, caption: () => 'element by element', weights: noWeights, parameterArithmetic: noText, macs: noMacs, reach: sameReach } as const;
const tooFew = (inputs: readonly Shape[]) => fail({ code: 'shape.too-few-inputs', args: { need: 2, got: inputs.length } } as const);

function alike(_p: unknown, inputs: readonly Shape[]): Result<ShapeAnswer, LayerIssue> {
  const first = inputs[0];
  if (!first || inputs.length < 2) return tooFew(inputs);
  const other = inputs.find((s) => !sameShape(s, first));
  return other ? fail({ code: 'shape.mismatch', args: { first: formatShape(first), other: formatShape(other) } }) : ok({ shape: first, arithmetic: [] });
}

/** One number a channel, as a vector or as maps of one pixel. */
const isChannels = (s: Shape, whole: Shape): boolean => s[0] === whole[0] && s.slice(1).every((d) => d === 1);

export const multiply = defineLayer({
  ...common, type: 'multiply', label: 'Multiply', keywords: ['product', 'gate', 'attention', 'scale'],
  shape: (_p, inputs) => {
    if (inputs.length < 2) return tooFew(inputs);
    const whole = inputs.reduce((a, s) => (s.length > a.length || s.reduce((n, d) => n * d, 1) > a.reduce((n, d) => n * d, 1) ? s : a));
    const other = inputs.find((s) => !sameShape(s, whole) && !isChannels(s, whole));
    return other ? fail({ code: 'shape.broadcast', args: { first: formatShape(whole), other: formatShape(other) } }) : ok({ shape: whole, arithmetic: [] });
  },
  lower: ({ b, inputs, outputShape }) => {
    const wide = (x: Value): Value => (x.type.shape.length === outputShape.length + 1 ? x : b.reshape(x, [x.type.shape[0] as number, outputShape[0] as number, ...outputShape.slice(1).map(() => 1)]));
    return inputs.slice(1).reduce((product, x) => b.mul(product, wide(x)), wide(inputs[0] as Value));
  },
  keras: (_p, inputs) => (inputs.every((s) => s.length === inputs[0]?.length) ? { class_name: 'Multiply', config: {} } : null),
  pytorch: (_p, inputs) => {
    const rank = Math.max(...inputs.map((s) => s.length));
    return inputs.map((s, i) => (s.length === rank ? `x${i}` : `x${i}[..., ${Array.from({ length: rank - s.length }, () => 'None').join(', ')}]`)).join(' * ');
  },
  teaching: { text: 'Multiplies its inputs number by number. A vector with one number a channel opens and closes whole maps: a gate.', formula: 'y = x₁ · x₂ · …' },
});

const chain = (op: 'Add' | 'Max') => (b: GraphBuilder, inputs: readonly Value[]): Value => inputs.slice(1).reduce((all, x) => b.op(op, [all, x]), inputs[0] as Value);

export const average = defineLayer({
  ...common, type: 'average', seldom: true, label: 'Average', keywords: ['mean', 'ensemble'], shape: alike,
  lower: ({ b, inputs }) => b.mul(chain('Add')(b, inputs), b.scalar(1 / inputs.length)),
  keras: () => ({ class_name: 'Average', config: {} }),
  pytorch: (_p, inputs) => `(${inputs.map((_, i) => `x${i}`).join(' + ')}) / ${inputs.length}`,
  teaching: { text: 'The mean of its inputs, number by number.', formula: 'y = (x₁ + x₂ + …) / n' },
});

export const maximum = defineLayer({
  ...common, type: 'maximum', seldom: true, label: 'Maximum', keywords: ['maxout', 'max'], shape: alike,
  lower: ({ b, inputs }) => chain('Max')(b, inputs),
  keras: () => ({ class_name: 'Maximum', config: {} }),
  pytorch: (_p, inputs) => inputs.map((_, i) => `x${i}`).reduce((a, x) => `torch.maximum(${a}, ${x})`),
  teaching: { text: 'The largest of its inputs, number by number.', formula: 'y = max(x₁, x₂, …)' },
});

const hidden = (p: { readonly ratio: number }, input: Shape | undefined): number => Math.max(1, Math.floor((input?.[0] ?? 0) / p.ratio));

export const squeezeExcite = defineLayer({
  type: 'squeeze-excite', label: 'SqueezeExcite', family: 'merge', keywords: ['attention', 'gate', 'channels', 'senet', 'block'],
  fields: { ratio: { kind: 'int', label: 'Ratio', help: 'The hidden layer has so many times fewer units than there are channels.', default: 16, min: 1, max: 1024 } },
  inputs: oneIn, outputs: oneOut,
  caption: (p) => `block · ratio ${p.ratio}`,
  shape: (_p, [input]) => (input && input.length >= 2 ? ok({ shape: input, arithmetic: [] }) : fail({ code: 'shape.needs-maps', args: { got: input ? formatShape(input) : 'nothing' } })),
  weights: (p, [input]) => {
    const [channels, units] = [input?.[0] ?? 0, hidden(p, input)];
    const zeros = (name: string, count: number) => ({ name, shape: [count], initializer: { kind: 'constant', value: 0 }, role: 'trained', decays: false }) as const;
    return [
      { name: 'squeeze', shape: [channels, units], initializer: { kind: 'he-normal', fanIn: channels, fanOut: units }, role: 'trained', decays: true }, zeros('squeeze-bias', units),
      { name: 'excite', shape: [units, channels], initializer: { kind: 'glorot-uniform', fanIn: units, fanOut: channels }, role: 'trained', decays: true }, zeros('excite-bias', channels),
    ];
  },
  parameterArithmetic: (p, [input]) => `${input?.[0] ?? 0}·${hidden(p, input)} + ${hidden(p, input)} + ${hidden(p, input)}·${input?.[0] ?? 0} + ${input?.[0] ?? 0}`,
  macs: (p, [input]) => 2 * (input?.[0] ?? 0) * hidden(p, input),
  reach: () => ({ kind: 'all' }),
  lower: ({ b, inputs, weight }) => {
    const x = inputs[0];
    if (!x) throw new Error('SqueezeExcite without input');
    const [n, channels, ...rest] = x.type.shape as [number, number, ...number[]];
    const means = b.reshape(b.op('GlobalAveragePool', [x]), [n, channels]);
    const squeezed = activations.relu.lower(b, b.op('Gemm', [means, weight('squeeze'), weight('squeeze-bias')]));
    const gate = b.op('Sigmoid', [b.op('Gemm', [squeezed, weight('excite'), weight('excite-bias')])]);
    return b.mul(x, b.reshape(gate, [n, channels, ...rest.map(() => 1)]));
  },
  keras: () => null,
  pytorch: (p, [input]) => (input?.length === 3
    ? `torchvision.ops.SqueezeExcitation(${input[0] as number}, ${hidden(p, input)})`
    : `x * torch.sigmoid(F.relu(x.flatten(2).mean(2) @ squeeze + squeeze_bias) @ excite + excite_bias)[..., ${(input ?? []).slice(1).map(() => 'None').join(', ')}]`),
  teaching: { text: 'A small net looks at the mean of every map and decides how much of each is let through: attention to channels (Hu, Shen and Sun, 2018).', formula: 'y[c] = x[c] · σ(W₂ · relu(W₁ · mean x))[c]' },
});
