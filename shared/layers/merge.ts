/** Layers that take several inputs, and padding. */
import { fail, ok } from '../util/result.ts';
import { int } from '../onnx/ir.ts';
import { formatShape, sameShape, type Shape } from '../shapes/shape.ts';
import { manyIn, noMacs, noText, noWeights, oneIn, oneOut, sameReach } from './common.ts';
import { defineLayer } from './spec.ts';

const tooFew = (inputs: readonly Shape[]) => fail({ code: 'shape.too-few-inputs', args: { need: 2, got: inputs.length } } as const);

export const add = defineLayer({
  type: 'add', label: 'Add', family: 'merge', keywords: ['sum', 'residual', 'shortcut', 'skip'], fields: {}, inputs: manyIn, outputs: oneOut, caption: () => 'element by element',
  shape: (_p, inputs) => {
    const first = inputs[0];
    if (!first || inputs.length < 2) return tooFew(inputs);
    const other = inputs.find((s) => !sameShape(s, first));
    return other ? fail({ code: 'shape.mismatch', args: { first: formatShape(first), other: formatShape(other) } }) : ok({ shape: first, arithmetic: [] });
  },
  weights: noWeights, parameterArithmetic: noText, macs: noMacs, reach: sameReach,
  lower: ({ b, inputs }) => inputs.slice(1).reduce((sum, x) => b.add(sum, x), inputs[0] as (typeof inputs)[number]),
  keras: () => ({ class_name: 'Add', config: {} }),
  pytorch: (_p, inputs) => inputs.map((_, i) => `x${i}`).join(' + '),
  teaching: { text: 'Adds its inputs number by number. With a shortcut around two convolutions it makes a residual block: the convolutions learn only what is to be changed.', formula: 'y = x₁ + x₂ + …' },
});

export const concat = defineLayer({
  type: 'concat', label: 'Concat', family: 'merge', keywords: ['join', 'stack', 'dense', 'inception'], fields: {}, inputs: manyIn, outputs: oneOut, caption: () => 'along the channels',
  shape: (_p, inputs) => {
    const first = inputs[0];
    if (!first || inputs.length < 2) return tooFew(inputs);
    const other = inputs.find((s) => s.length !== first.length || s.slice(1).some((d, i) => d !== first[i + 1]));
    if (other) return fail({ code: 'shape.concat-mismatch', args: { first: formatShape(first), other: formatShape(other) } });
    const channels = inputs.map((s) => s[0] as number);
    const total = channels.reduce((a, c) => a + c, 0);
    return ok({ shape: [total, ...first.slice(1)], arithmetic: [`${channels.join(' + ')} = ${total}`] });
  },
  weights: noWeights, parameterArithmetic: noText, macs: noMacs, reach: sameReach,
  lower: ({ b, inputs }) => b.op('Concat', inputs, { axis: int(1) }),
  keras: () => ({ class_name: 'Concatenate', config: { axis: -1 } }),
  pytorch: (_p, inputs) => `torch.cat([${inputs.map((_, i) => `x${i}`).join(', ')}], 1)`,
  teaching: { text: 'Puts the maps of its inputs behind one another, so that later layers see all of them.', formula: 'y = [x₁, x₂, …]' },
});

const zeros = (label: string, help: string) => ({ kind: 'int', label, help, default: 0, min: 0, max: 65536 }) as const;

export const zeroPad = defineLayer({
  type: 'zero-pad', label: 'Zero pad', family: 'dense', keywords: ['padding', 'border', 'channels'],
  fields: {
    edges: { kind: 'edges', label: 'Edges', help: 'Zeros added at the top, right, bottom and left.', default: [1, 1, 1, 1] as const, min: 0, max: 4096 },
    front: zeros('Maps before', 'Maps of zeros put before the others.'),
    back: zeros('Maps behind', 'Maps of zeros put behind the others.'),
  },
  inputs: oneIn, outputs: oneOut,
  caption: (p) => [p.edges.every((e) => e === 0) ? '' : new Set(p.edges).size === 1 ? `${p.edges[0]} on each side` : p.edges.join(', '), p.front + p.back > 0 ? `${p.front} + ${p.back} maps` : ''].filter(Boolean).join(' · ') || 'nothing',
  shape: (p, [input]) => {
    if (input?.length !== 3) return fail({ code: 'shape.needs-image', args: { got: input ? formatShape(input) : 'nothing' } });
    const [c, h, w] = input as [number, number, number];
    const [top, right, bottom, left] = p.edges;
    const maps = p.front + p.back > 0 ? [`${c} + ${p.front} + ${p.back} = ${c + p.front + p.back}`] : [];
    return ok({ shape: [c + p.front + p.back, h + top + bottom, w + left + right], arithmetic: [`${h} + ${top} + ${bottom} = ${h + top + bottom}`, `${w} + ${left} + ${right} = ${w + left + right}`, ...maps] });
  },
  weights: noWeights, parameterArithmetic: noText, macs: noMacs, reach: sameReach,
  lower: ({ b, params: { edges: [top, right, bottom, left], front, back }, inputs }) => b.op('Pad', [inputs[0] ?? null, b.int64([0, front, top, left, 0, back, bottom, right])]),
  keras: ({ edges: [top, right, bottom, left], front, back }) => (front + back > 0 ? null : { class_name: 'ZeroPadding2D', config: { padding: [[top, bottom], [left, right]] } }),
  pytorch: ({ edges: [top, right, bottom, left], front, back }) => (front + back > 0 ? `nn.ConstantPad3d((${left}, ${right}, ${top}, ${bottom}, ${front}, ${back}), 0.0)` : `nn.ZeroPad2d((${left}, ${right}, ${top}, ${bottom}))`),
  teaching: { text: 'Adds a border of zeros, or maps of zeros, so that a shortcut without weights can lead to a wider stage.', formula: 'y[c, i, j] = x[c − front, i − top, j − left], 0 outside' },
});
