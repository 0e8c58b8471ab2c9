/** Pictures as rows of tokens, as transformers read them: maps unrolled, a token of the whole, a learned number for each place. */
import type { Value } from '../onnx/builder.ts';
import { int } from '../onnx/ir.ts';
import { elementCount, formatShape, type Shape } from '../shapes/shape.ts';
import { fail, ok } from '../util/result.ts';
import { noMacs, noText, noWeights, oneIn, oneOut, sameReach } from './common.ts';
import { defineLayer } from './spec.ts';

const common = { family: 'dense', seldom: true, inputs: oneIn, outputs: oneOut, macs: noMacs } as const;
const plain = { ...common, weights: noWeights, parameterArithmetic: noText } as const;
const needsSequence = (input: Shape | undefined) => fail({ code: 'shape.needs-sequence', args: { got: input ? formatShape(input) : 'nothing' } } as const);
const needsMaps = (input: Shape | undefined) => fail({ code: 'shape.needs-maps', args: { got: input ? formatShape(input) : 'nothing' } } as const);
/** Small enough to be no more than a hint at the start (Dosovitskiy et al., 2021, and BERT before it). */
const small = { kind: 'truncated-normal', deviation: 0.02 } as const;

export const tokens = defineLayer({
  ...plain, type: 'tokens', view: true, label: 'Tokens', keywords: ['transformer', 'sequence', 'patches', 'vit', 'unroll'], fields: {},
  caption: () => 'places in one row',
  reach: sameReach,
  shape: (_p, [input]) => {
    if (!input || input.length < 3) return needsMaps(input);
    const [channels, ...places] = input as [number, ...number[]];
    return ok({ shape: [channels, elementCount(places)], arithmetic: [`${places.join(' · ')} = ${elementCount(places)}`] });
  },
  lower: ({ b, inputs, outputShape }) => b.reshape(inputs[0] as Value, [(inputs[0] as Value).type.shape[0] as number, ...outputShape]),
  keras: (_p, [input]) => ({ class_name: 'Reshape', config: { target_shape: [elementCount((input ?? []).slice(1)), input?.[0] ?? 0] } }),
  pytorch: () => 'nn.Flatten(2)',
  teaching: { text: 'Writes the places of the maps behind one another: each place becomes a token, the row of its numbers in all maps. After a convolution whose stride is its kernel, a token is a patch of the picture.', formula: 'y[c, i·W + j] = x[c, i, j]' },
});

export const classToken = defineLayer({
  ...common, type: 'class-token', label: 'Class token', keywords: ['transformer', 'cls', 'vit'], fields: {},
  caption: () => 'before the first',
  reach: sameReach,
  shape: (_p, [input]) => (input?.length === 2 ? ok({ shape: [input[0] as number, (input[1] as number) + 1], arithmetic: [`1 + ${input[1] as number} = ${(input[1] as number) + 1}`] }) : needsSequence(input)),
  weights: (_p, [input]) => [{ name: 'token', shape: [input?.[0] ?? 0], initializer: small, role: 'trained', decays: false }],
  parameterArithmetic: (_p, [input]) => String(input?.[0] ?? 0),
  lower: ({ b, inputs, weight }) => {
    const x = inputs[0] as Value;
    const [n, channels] = x.type.shape as [number, number];
    const token = b.op('Expand', [b.reshape(weight('token'), [1, channels, 1]), b.int64([n, channels, 1])]);
    return b.op('Concat', [token, x], { axis: int(2) });
  },
  keras: () => null,
  pytorch: () => 'torch.cat([token[:, None].expand(len(x), -1, 1), x], 2)',
  teaching: { text: 'Puts one learned token before the others. Attention fills it with what it gathers from all of them, and the classes are read from it.', formula: 'y = [t, x₁, x₂, …]' },
});

export const positionEmbedding = defineLayer({
  ...common, type: 'position-embedding', label: 'Position embedding', keywords: ['transformer', 'place', 'vit', 'learned'], fields: {},
  caption: () => 'learned',
  reach: sameReach,
  shape: (_p, [input]) => (input && input.length >= 2 ? ok({ shape: input, arithmetic: [] }) : needsMaps(input)),
  weights: (_p, [input]) => [{ name: 'position', shape: input ?? [], initializer: small, role: 'trained', decays: false }],
  parameterArithmetic: (_p, [input]) => (input ?? []).join('·'),
  lower: ({ b, inputs, weight }) => b.add(inputs[0] as Value, weight('position')),
  keras: () => null,
  pytorch: () => 'x + position',
  teaching: { text: 'Adds learned numbers to each token, others for each place. Attention itself does not know where a token stands.', formula: 'y[c, i] = x[c, i] + p[c, i]' },
});

export const takeToken = defineLayer({
  ...plain, type: 'take-token', label: 'Take token', keywords: ['transformer', 'cls', 'select', 'pick'],
  fields: { index: { kind: 'int', label: 'Token', help: 'Which one, counted from 0; the class token is the first.', default: 0, min: 0, max: 1048575 } },
  caption: (p) => (p.index === 0 ? 'the first' : `number ${p.index}`),
  reach: sameReach,
  shape: (p, [input]) => {
    if (input?.length !== 2) return needsSequence(input);
    const length = input[1] as number;
    return p.index < length ? ok({ shape: [input[0] as number], arithmetic: [] }) : fail({ code: 'field.invalid', field: 'index', args: { expected: `a number below ${length}`, got: String(p.index) } });
  },
  lower: ({ b, params: p, inputs }) => {
    const x = inputs[0] as Value;
    return b.reshape(b.op('Slice', [x, b.int64([p.index]), b.int64([p.index + 1]), b.int64([2])]), x.type.shape.slice(0, 2));
  },
  keras: () => null,
  pytorch: (p) => `x[:, :, ${p.index}]`,
  teaching: { text: 'Keeps one token and leaves the others: where a class token has gathered what matters, it alone goes on.', formula: 'y[c] = x[c, i]' },
});
