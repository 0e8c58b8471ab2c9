/** Where data comes in and answers go out. */
import { ok } from '../util/result.ts';
import { formatShape, type Shape } from '../shapes/shape.ts';
import { noMacs, noPort, noText, noWeights, oneIn, oneOut, sameReach, sameShapeRule } from './common.ts';
import { defineLayer } from './spec.ts';

const size = (label: string, help: string, value: number) => ({ kind: 'int', label, help, default: value, min: 1, max: 65536 }) as const;

type InputKind = 'image' | 'vector' | 'sequence' | 'volume';
const only = (...kinds: InputKind[]) => (v: Readonly<Record<string, unknown>>): boolean => kinds.includes(v.kind as InputKind);
interface InputParams { readonly kind: InputKind; readonly channels: number; readonly length: number; readonly depth: number; readonly height: number; readonly width: number }
const shapeOf = (p: InputParams): Shape => ({ vector: [p.channels], sequence: [p.channels, p.length], image: [p.channels, p.height, p.width], volume: [p.channels, p.depth, p.height, p.width] })[p.kind];

export const input = defineLayer({
  type: 'input', label: 'Input', family: 'io', keywords: ['data', 'picture', 'source'],
  fields: {
    kind: {
      kind: 'choice', label: 'Kind', help: 'Pictures have height, width and channels; a vector is one row of numbers; a sequence is a row of such; a volume is a stack of pictures.', default: 'image' as InputKind,
      options: [{ value: 'image' as InputKind, label: 'Picture' }, { value: 'vector' as InputKind, label: 'Vector' }, { value: 'sequence' as InputKind, label: 'Sequence' }, { value: 'volume' as InputKind, label: 'Volume' }],
    },
    length: { ...size('Length', 'Steps of the sequence.', 64), visible: only('sequence') },
    depth: { ...size('Depth', 'Pictures in the stack.', 8), visible: only('volume') },
    height: { ...size('Height', 'In pixels.', 8), visible: only('image', 'volume') },
    width: { ...size('Width', 'In pixels.', 8), visible: only('image', 'volume') },
    channels: { ...size('Channels', '1 for grey, 3 for colour; the length of a vector.', 1) },
  },
  inputs: noPort, outputs: oneOut,
  caption: (p) => {
    if (p.kind === 'vector') return `${p.channels} numbers`;
    if (p.kind !== 'image') return shapeOf(p).slice(1).concat(p.channels).join(' × ');
    return `${p.height} × ${p.width} ${p.channels === 1 ? 'grey' : p.channels === 3 ? 'colour' : `× ${p.channels}`}`;
  },
  shape: (p) => ok({ shape: shapeOf(p), arithmetic: [] }),
  weights: noWeights, parameterArithmetic: noText, macs: noMacs, reach: sameReach,
  lower: ({ inputs }) => inputs[0] as (typeof inputs)[number],
  keras: (p) => ({ class_name: 'InputLayer', config: { shape: [...shapeOf(p).slice(1), p.channels] } }),
  pytorch: () => 'nn.Identity()',
  teaching: { text: 'One sample of the data set enters here, scaled to numbers between 0 and 1.', formula: 'y = x' },
});

export const output = defineLayer({
  type: 'output', label: 'Output', family: 'io', keywords: ['result', 'classes', 'target'],
  fields: { task: { kind: 'choice', label: 'Task', help: 'Classes: one of several. Numbers: values to be predicted.', default: 'classification' as 'classification' | 'regression', options: [{ value: 'classification' as 'classification' | 'regression', label: 'Classes' }, { value: 'regression' as 'classification' | 'regression', label: 'Numbers' }] } },
  inputs: oneIn, outputs: noPort,
  caption: (p) => (p.task === 'classification' ? 'classes' : 'numbers'),
  shape: sameShapeRule, weights: noWeights, parameterArithmetic: noText, macs: noMacs, reach: sameReach,
  lower: ({ inputs }) => inputs[0] as (typeof inputs)[number],
  keras: () => ({ class_name: 'Identity', config: {} }),
  pytorch: (_p, [x]) => `nn.Identity()${x ? `  # ${formatShape(x)}` : ''}`,
  teaching: { text: 'What the net answers; the loss compares it with the truth.', formula: 'ŷ = x' },
});

export const auxiliaryOutput = defineLayer({
  type: 'auxiliary-output', seldom: true, label: 'Auxiliary output', family: 'io', keywords: ['result', 'deep supervision', 'auxiliary', 'head', 'inception'],
  fields: { share: { kind: 'number', label: 'Share of the loss', help: 'What this answer’s loss counts in training, beside 1 for the Output’s. GoogLeNet’s paper takes 0.3.', default: 0.3, min: 0, max: 100, step: 0.1 } },
  inputs: oneIn, outputs: noPort,
  auxiliary: (p) => p.share,
  caption: (p) => `loss × ${p.share}`,
  shape: sameShapeRule, weights: noWeights, parameterArithmetic: noText, macs: noMacs, reach: sameReach,
  lower: ({ inputs }) => inputs[0] as (typeof inputs)[number],
  keras: () => ({ class_name: 'Identity', config: {} }),
  pytorch: () => 'nn.Identity()',
  teaching: { text: 'A second opinion from half way: its loss brings a gradient straight to the first layers of a deep net. After training it and what leads only to it are left out.', formula: 'L = L(ŷ) + s · L(ŷ′)' },
});
