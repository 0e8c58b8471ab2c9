/** Where data comes in and answers go out. */
import { ok } from '../util/result.ts';
import { formatShape } from '../shapes/shape.ts';
import { noMacs, noPort, noText, noWeights, oneIn, oneOut, sameReach, sameShapeRule } from './common.ts';
import { defineLayer } from './spec.ts';

const size = (label: string, help: string, value: number) => ({ kind: 'int', label, help, default: value, min: 1, max: 65536 }) as const;

export const input = defineLayer({
  type: 'input', label: 'Input', family: 'io', keywords: ['data', 'picture', 'source'],
  fields: {
    kind: { kind: 'choice', label: 'Kind', help: 'Pictures have height, width and channels; a vector is one row of numbers.', default: 'image' as 'image' | 'vector', options: [{ value: 'image' as 'image' | 'vector', label: 'Picture' }, { value: 'vector' as 'image' | 'vector', label: 'Vector' }] },
    height: { ...size('Height', 'In pixels.', 8), visible: (v: Readonly<Record<string, unknown>>) => v.kind === 'image' },
    width: { ...size('Width', 'In pixels.', 8), visible: (v: Readonly<Record<string, unknown>>) => v.kind === 'image' },
    channels: { ...size('Channels', '1 for grey, 3 for colour; the length of a vector.', 1) },
  },
  inputs: noPort, outputs: oneOut,
  caption: (p) => (p.kind === 'vector' ? `${p.channels} numbers` : `${p.height} × ${p.width} ${p.channels === 1 ? 'grey' : p.channels === 3 ? 'colour' : `× ${p.channels}`}`),
  shape: (p) => ok({ shape: p.kind === 'vector' ? [p.channels] : [p.channels, p.height, p.width], arithmetic: [] }),
  weights: noWeights, parameterArithmetic: noText, macs: noMacs, reach: sameReach,
  lower: ({ inputs }) => inputs[0] as (typeof inputs)[number],
  keras: (p) => ({ class_name: 'InputLayer', config: { shape: p.kind === 'vector' ? [p.channels] : [p.height, p.width, p.channels] } }),
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
