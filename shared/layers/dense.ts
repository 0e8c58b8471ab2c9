/** Dense and Flatten: from maps to vectors. */
import { fail, ok } from '../util/result.ts';
import { int } from '../onnx/ir.ts';
import { elementCount, formatShape } from '../shapes/shape.ts';
import { activationField, activations, allReach, kerasActivation, noMacs, noText, noWeights, oneIn, oneOut, python } from './common.ts';
import { initializerFields, initializerOf } from './initializers.ts';
import { defineLayer } from './spec.ts';

export const dense = defineLayer({
  type: 'dense',
  label: 'Dense',
  family: 'dense',
  keywords: ['fully connected', 'linear', 'perceptron', 'fc'],
  fields: {
    units: { kind: 'int', label: 'Units', help: 'How many numbers come out.', default: 10, min: 1, max: 1048576 },
    bias: { kind: 'bool', label: 'Bias', help: 'Adds one learned number to each output.', default: true },
    activation: activationField,
    ...initializerFields,
  },
  inputs: oneIn,
  outputs: oneOut,
  caption: (p) => [`${p.units} units`, p.activation === 'none' ? '' : activations[p.activation].label].filter(Boolean).join(' · '),
  shape: (p, [input]) => (input?.length === 1 ? ok({ shape: [p.units], arithmetic: [] }) : fail({ code: 'shape.needs-vector', args: { got: input ? formatShape(input) : 'nothing' } })),
  weights: (p, [input], following) => {
    const features = input?.[0] ?? 0;
    const fans = { fanIn: features, fanOut: p.units };
    return [
      { name: 'kernel', shape: [features, p.units], initializer: initializerOf(p, following, fans, 'glorot-uniform'), role: 'trained', decays: true } as const,
      ...(p.bias ? [{ name: 'bias', shape: [p.units], initializer: { kind: 'constant', value: 0 }, role: 'trained', decays: false } as const] : []),
    ];
  },
  parameterArithmetic: (p, [input]) => `${input?.[0] ?? 0}·${p.units}${p.bias ? ` + ${p.units}` : ''}`,
  macs: (p, [input]) => (input?.[0] ?? 0) * p.units,
  reach: allReach,
  lower: ({ b, params: p, inputs, weight }) => {
    const y = b.op('Gemm', [inputs[0] ?? null, weight('kernel'), ...(p.bias ? [weight('bias')] : [])]);
    return activations[p.activation].lower(b, y);
  },
  keras: (p) => ({ class_name: 'Dense', config: { units: p.units, use_bias: p.bias, activation: kerasActivation(p.activation) } }),
  pytorch: (p, [input]) => {
    const linear = `nn.Linear(${input?.[0] ?? 0}, ${p.units}, bias=${python(p.bias)})`;
    const after = activations[p.activation].pytorch;
    return after ? `nn.Sequential(${linear}, ${after})` : linear;
  },
  teaching: { text: 'Every output is a weighted sum of all inputs. It knows nothing of neighbourhood, so it stands at the end, where maps have become features.', formula: 'y[j] = b[j] + Σ x[i] · w[i, j]' },
});

export const flatten = defineLayer({
  type: 'flatten',
  label: 'Flatten',
  family: 'dense',
  keywords: ['reshape', 'vector'],
  view: true,
  fields: {},
  inputs: oneIn,
  outputs: oneOut,
  caption: () => 'maps to one vector',
  shape: (_p, [input]) => ok({ shape: [elementCount(input ?? [])], arithmetic: input && input.length > 1 ? [`${formatShape(input).replaceAll('×', ' · ')} = ${elementCount(input)}`] : [] }),
  weights: noWeights,
  parameterArithmetic: noText,
  macs: noMacs,
  reach: allReach,
  lower: ({ b, inputs }) => b.op('Flatten', [inputs[0] ?? null], { axis: int(1) }),
  keras: () => ({ class_name: 'Flatten', config: {} }),
  pytorch: () => 'nn.Flatten()',
  teaching: { text: 'Lays all maps out in one row, so that a dense layer can read them.', formula: 'y[c·H·W + i·W + j] = x[c, i, j]' },
});
