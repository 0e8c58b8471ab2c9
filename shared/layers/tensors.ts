/** Tensors of any type and shape: what imported nets take and give beside samples of a data set. */
import type { ElementType } from '../onnx/ir.ts';
import { fail, ok } from '../util/result.ts';
import { noMacs, noPort, noText, noWeights, oneIn, oneOut, sameShapeRule } from './common.ts';
import { defineLayer } from './spec.ts';
import { formatValue, ofStored } from './value-type.ts';

const elements: readonly ElementType[] = ['float32', 'float16', 'float64', 'bfloat16', 'uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'uint64', 'int64', 'bool'];
const unknownReach = () => ({ kind: 'unknown' }) as const;
const common = { family: 'io', seldom: true, weights: noWeights, parameterArithmetic: noText, macs: noMacs, reach: unknownReach, keras: () => null, pytorch: () => 'nn.Identity()' } as const;

export const tensorInput = defineLayer({
  ...common, type: 'tensor-input', label: 'Tensor input', keywords: ['onnx', 'import', 'any', 'argument'],
  fields: {
    element: { kind: 'choice', label: 'Type', help: 'Of each number.', default: 'float32' as ElementType, options: elements.map((value) => ({ value, label: value })) },
    shape: { kind: 'numbers', label: 'Shape', help: 'Every axis as ONNX has them. −1 in the first place is the batch; nothing at all is a single number.', default: [-1, 1] as readonly number[], min: -1, max: 2147483647, step: 1, most: 64, whole: true },
  },
  inputs: noPort, outputs: oneOut,
  caption: (p) => formatValue(ofStored(p)),
  shape: (p) => ok({ shape: ofStored(p).shape, arithmetic: [] }),
  lower: ({ inputs }) => inputs[0] as (typeof inputs)[number],
  tensors: {
    types: (p) => (p.shape.slice(1).includes(-1) ? fail({ code: 'field.invalid', field: 'Shape', args: { expected: '−1 in the first place only', got: p.shape.join(', ') } }) : ok([ofStored(p)])),
    lower: ({ inputs }) => inputs,
  },
  teaching: { text: 'A tensor that the net is given as it is: of any type, with or without a batch. Data sets feed the plain Input; a net with such inputs runs and exports, and is trained once it takes samples.', formula: 'y = x' },
});

export const tensorOutput = defineLayer({
  ...common, type: 'tensor-output', label: 'Tensor output', keywords: ['onnx', 'export', 'any', 'result'],
  fields: {}, inputs: oneIn, outputs: noPort,
  caption: () => 'as it is',
  shape: sameShapeRule,
  lower: ({ inputs }) => inputs[0] as (typeof inputs)[number],
  tensors: { types: (_p, inputs) => ok(inputs), lower: ({ inputs }) => inputs },
  teaching: { text: 'An answer of the net of any type and shape, handed out as it is. The plain Output is what a loss compares with the truth.', formula: 'ŷ = x' },
});
