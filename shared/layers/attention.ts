/** What attention is made of: products of two inputs, and channels split into heads (Vaswani et al., 2017). */
import type { Value } from '../onnx/builder.ts';
import { elementCount, formatShape, sameShape, type Shape } from '../shapes/shape.ts';
import { fail, ok, type Result } from '../util/result.ts';
import { allReach, noMacs, noText, noWeights, oneIn, oneOut, sameReach } from './common.ts';
import { defineLayer, type LayerIssue } from './spec.ts';

interface Product { readonly lead: Shape; readonly rows: number; readonly inner: number; readonly columns: number }
interface Turns { readonly transposeFirst: boolean; readonly transposeSecond: boolean }

/** Sizes of the product of the inputs' last two axes, one for each place of the axes before, or why there is none. */
function productOf(p: Turns, [first, second]: readonly Shape[]): Result<Product, LayerIssue> {
  const flat = [first, second].find((s) => !s || s.length < 2);
  if (!first || !second || flat) return fail({ code: 'shape.needs-maps', args: { got: flat ? formatShape(flat) : 'nothing' } });
  const matrix = (s: Shape, turn: boolean) => (turn ? s.slice(-2).toReversed() : s.slice(-2)) as [number, number];
  const [rows, inner] = matrix(first, p.transposeFirst);
  const [met, columns] = matrix(second, p.transposeSecond);
  if (inner !== met || !sameShape(first.slice(0, -2), second.slice(0, -2))) {
    const written = (lead: Shape, matrixOf: readonly number[]) => [...lead, ...matrixOf].join(' × ');
    return fail({ code: 'shape.product', args: { wanted: written(first.slice(0, -2), [inner]), got: written(second.slice(0, -2), [met]) } });
  }
  return ok({ lead: first.slice(0, -2), rows, inner, columns });
}

const sizes = (p: Turns, inputs: readonly Shape[]): Product => {
  const found = productOf(p, inputs);
  return found.ok ? found.value : { lead: [], rows: 0, inner: 0, columns: 0 };
};

type Scale = 'none' | 'root';
export const matmul = defineLayer({
  type: 'matmul', seldom: true, label: 'MatMul', family: 'merge', keywords: ['matrix', 'product', 'attention', 'dot', 'transformer'],
  fields: {
    transposeFirst: { kind: 'bool', label: 'Turn first', help: 'Exchanges the last two axes of the first input.', default: false },
    transposeSecond: { kind: 'bool', label: 'Turn second', help: 'Exchanges the last two axes of the second input.', default: false },
    scale: { kind: 'choice', label: 'Divide by', help: 'The root of how many products are added up keeps the sums from growing with it.', default: 'none' as Scale, options: [{ value: 'none' as Scale, label: 'Nothing' }, { value: 'root' as Scale, label: 'The root of the terms' }] },
  },
  inputs: [{ id: 'first', label: 'First' }, { id: 'second', label: 'Second' }], outputs: oneOut,
  caption: (p) => `${p.transposeFirst ? 'Aᵀ' : 'A'} · ${p.transposeSecond ? 'Bᵀ' : 'B'}${p.scale === 'root' ? ' / √n' : ''}`,
  shape: (p, inputs) => {
    const found = productOf(p, inputs);
    if (!found.ok) return found;
    const { lead, rows, inner, columns } = found.value;
    return ok({ shape: [...lead, rows, columns], arithmetic: [`${rows}×${inner} · ${inner}×${columns} = ${rows}×${columns}`] });
  },
  weights: noWeights, parameterArithmetic: noText, reach: allReach,
  macs: (p, inputs) => {
    const { lead, rows, inner, columns } = sizes(p, inputs);
    return elementCount(lead) * rows * inner * columns;
  },
  lower: ({ b, params: p, inputs, inputShapes }) => {
    const turned = (x: Value, turn: boolean): Value => {
      const last = x.type.shape.length - 1;
      return turn ? b.transpose(x, [...Array.from({ length: last - 1 }, (_, i) => i), last, last - 1]) : x;
    };
    const [first, second] = inputs as [Value, Value];
    // The factor is the smaller of the two tensors in attention: scores outnumber queries.
    const scaled = p.scale === 'root' ? b.mul(first, b.scalar(1 / Math.sqrt(sizes(p, inputShapes).inner))) : first;
    return b.matmul(turned(scaled, p.transposeFirst), turned(second, p.transposeSecond));
  },
  keras: () => null,
  pytorch: (p, inputs) => `(x0${p.transposeFirst ? '.mT' : ''} @ x1${p.transposeSecond ? '.mT' : ''})${p.scale === 'root' ? ` / ${sizes(p, inputs).inner} ** 0.5` : ''}`,
  teaching: { text: 'Multiplies its inputs as matrices of their last two axes. Queries times keys say how much each token asks of each other; those scores times the values bring the answers.', formula: 'y[i, j] = Σ a[i, k] · b[k, j] / √n' },
});

const heads = { kind: 'int', label: 'Heads', help: 'Groups of channels that attend each on its own; they must divide the channels.', default: 4, min: 1, max: 1024 } as const;
const shape = { family: 'dense', seldom: true, inputs: oneIn, outputs: oneOut, weights: noWeights, parameterArithmetic: noText, macs: noMacs, reach: sameReach } as const;
const folded = { lower: ({ b, inputs, outputShape }: { b: { reshape(x: Value, to: readonly number[]): Value }; inputs: readonly Value[]; outputShape: Shape }) => b.reshape(inputs[0] as Value, [(inputs[0] as Value).type.shape[0] as number, ...outputShape]) } as const;

export const splitHeads = defineLayer({
  ...shape, ...folded, type: 'split-heads', view: true, label: 'Split heads', keywords: ['attention', 'transformer', 'multi-head'], fields: { heads },
  caption: (p) => `${p.heads} heads`,
  shape: (p, [input]) => {
    if (input?.length !== 2) return fail({ code: 'shape.needs-sequence', args: { got: input ? formatShape(input) : 'nothing' } });
    const [channels, length] = input as [number, number];
    if (channels % p.heads !== 0) return fail({ code: 'shape.divisible', field: 'heads', args: { what: 'channels', value: channels, by: p.heads } });
    return ok({ shape: [p.heads, channels / p.heads, length], arithmetic: [`${channels} / ${p.heads} = ${channels / p.heads}`] });
  },
  keras: () => null,
  pytorch: (p) => `nn.Unflatten(1, (${p.heads}, -1))`,
  teaching: { text: 'Gives each head its share of the channels, so that tokens can ask several questions at once.', formula: 'y[h, c, i] = x[h·d + c, i]' },
});

export const joinHeads = defineLayer({
  ...shape, ...folded, type: 'join-heads', view: true, label: 'Join heads', keywords: ['attention', 'transformer', 'multi-head'], fields: {},
  caption: () => 'channels in one row',
  shape: (_p, [input]) => {
    if (input?.length !== 3) return fail({ code: 'shape.needs-image', args: { got: input ? formatShape(input) : 'nothing' } });
    const [count, channels, length] = input as [number, number, number];
    return ok({ shape: [count * channels, length], arithmetic: [`${count} · ${channels} = ${count * channels}`] });
  },
  keras: () => null,
  pytorch: () => 'nn.Flatten(1, 2)',
  teaching: { text: 'Puts the answers of all heads behind one another again, as the channels of each token.', formula: 'y[h·d + c, i] = x[h, c, i]' },
});
