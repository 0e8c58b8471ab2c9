/** ConvTranspose2D: a convolution run backwards, which makes maps larger. */
import { int, ints } from '../onnx/ir.ts';
import { formatShape, type Shape } from '../shapes/shape.ts';
import { fail, ok } from '../util/result.ts';
import { activationField, activations, kerasActivation, oneIn, oneOut, pair, python, sameReach, times, tuple } from './common.ts';
import { initializerField, initializerOf } from './initializers.ts';
import { defineLayer } from './spec.ts';

type Sides = 'valid' | 'same';
interface Params { readonly kernel: readonly [number, number]; readonly stride: readonly [number, number]; readonly padding: Sides }

/** One axis: what is cut off before and after, what is added at the end, and the output's size. `same` is size · stride, as Keras has it. */
function axis(p: Params, input: Shape, i: 0 | 1) {
  const [size, kernel, stride] = [input[i + 1] as number, p.kernel[i], p.stride[i]];
  if (p.padding === 'valid') return { size, kernel, stride, before: 0, after: 0, extra: Math.max(stride - kernel, 0), out: (size - 1) * stride + Math.max(kernel, stride) };
  const total = Math.max(kernel - stride, 0);
  return { size, kernel, stride, before: Math.floor(total / 2), after: Math.ceil(total / 2), extra: Math.max(stride - kernel, 0), out: size * stride };
}
const axesOf = (p: Params, input: Shape) => [axis(p, input, 0), axis(p, input, 1)] as const;
const written = (a: ReturnType<typeof axis>): string => `(${a.size} − 1)·${a.stride} + ${a.kernel} − ${a.before} − ${a.after}${a.extra > 0 ? ` + ${a.extra}` : ''} = ${a.out}`;

export const convTranspose = defineLayer({
  type: 'conv-transpose', label: 'ConvTranspose', family: 'convolution', keywords: ['deconvolution', 'upsampling', 'decoder', 'transposed'],
  fields: {
    filters: { kind: 'int', label: 'Filters', help: 'How many maps come out.', default: 16, min: 1, max: 65536 },
    kernel: pair('Kernel', 'Height and width of what each input number spreads over.', 3),
    stride: pair('Stride', 'How far apart the spread patches lie: 2 doubles the size.', 2),
    padding: { kind: 'choice', label: 'Padding', help: 'Same makes the output stride times as large; valid keeps all that is spread.', default: 'same' as Sides, options: [{ value: 'same' as Sides, label: 'Same' }, { value: 'valid' as Sides, label: 'Valid' }] },
    bias: { kind: 'bool', label: 'Bias', help: 'Adds one learned number to each map.', default: true },
    activation: activationField,
    initializer: initializerField,
  },
  inputs: oneIn, outputs: oneOut,
  caption: (p) => [`${p.filters} filters`, times(p.kernel), `stride ${times(p.stride)}`, p.padding, p.activation === 'none' ? '' : activations[p.activation].label].filter(Boolean).join(' · '),
  shape: (p, [input]) => {
    if (input?.length !== 3) return fail({ code: 'shape.needs-image', args: { got: input ? formatShape(input) : 'nothing' } });
    const [h, w] = axesOf(p, input);
    const lines = [written(h), written(w)] as const;
    return ok({ shape: [p.filters, h.out, w.out], arithmetic: lines[0] === lines[1] ? [lines[0]] : [`height ${lines[0]}`, `width ${lines[1]}`] });
  },
  weights: (p, [input]) => {
    const [channels, area] = [input?.[0] ?? 0, p.kernel[0] * p.kernel[1]];
    return [
      { name: 'kernel', shape: [channels, p.filters, ...p.kernel], initializer: initializerOf(p.initializer, p.activation, { fanIn: channels * area, fanOut: p.filters * area }, 'glorot-uniform'), role: 'trained', decays: true } as const,
      ...(p.bias ? [{ name: 'bias', shape: [p.filters], initializer: { kind: 'constant', value: 0 }, role: 'trained', decays: false } as const] : []),
    ];
  },
  parameterArithmetic: (p, [input]) => `${p.kernel[0]}·${p.kernel[1]}·${input?.[0] ?? 0}·${p.filters}${p.bias ? ` + ${p.filters}` : ''}`,
  macs: (p, [input]) => p.kernel[0] * p.kernel[1] * p.filters * (input ?? []).reduce((a, b) => a * b, 1),
  reach: sameReach,
  lower: ({ b, params: p, inputs, inputShapes, weight }) => {
    const [h, w] = axesOf(p, inputShapes[0] as Shape);
    const attributes = { kernel_shape: ints(p.kernel), strides: ints(p.stride), pads: ints([h.before, w.before, h.after, w.after]), output_padding: ints([h.extra, w.extra]), group: int(1) };
    return activations[p.activation].lower(b, b.op('ConvTranspose', [inputs[0] ?? null, weight('kernel'), ...(p.bias ? [weight('bias')] : [])], attributes));
  },
  keras: (p) => ({ class_name: 'Conv2DTranspose', config: { filters: p.filters, kernel_size: p.kernel, strides: p.stride, padding: p.padding, use_bias: p.bias, activation: kerasActivation(p.activation) } }),
  pytorch: (p, [input]) => {
    const windows = input?.length === 3 ? axesOf(p, input) : [];
    const layer = `nn.ConvTranspose2d(${input?.[0] ?? 0}, ${p.filters}, ${tuple(p.kernel)}, stride=${tuple(p.stride)}, padding=${tuple(windows.length ? windows.map((v) => v.before) : [0, 0])}, output_padding=${tuple(windows.length ? windows.map((v) => v.extra) : [0, 0])}, bias=${python(p.bias)})`;
    // PyTorch cuts both sides alike: the odd row at the end is cut afterwards.
    const uneven = windows.some((v) => v.before !== v.after) ? `nn.ZeroPad2d((0, ${(windows[1]?.before ?? 0) - (windows[1]?.after ?? 0)}, 0, ${(windows[0]?.before ?? 0) - (windows[0]?.after ?? 0)}))` : '';
    const parts = [layer, uneven, activations[p.activation].pytorch ?? ''].filter(Boolean);
    return parts.length > 1 ? `nn.Sequential(${parts.join(', ')})` : layer;
  },
  teaching: { text: 'Each input number paints its kernel into the output, and where patches overlap they add up. Decoders grow small maps back to pictures with it.', formula: 'y[f, i·s + u, j·s + v] += x[c, i, j] · w[c, f, u, v]' },
});
