/** ConvTranspose2D: a convolution run backwards, which makes maps larger. */
import { int, ints } from '../onnx/ir.ts';
import { formatShape, type Shape } from '../shapes/shape.ts';
import { fail, ok } from '../util/result.ts';
import { activationField, activations, kerasActivation, oneIn, oneOut, paddingText, pair, python, sameReach, times, tuple } from './common.ts';
import { initializerFields, initializerOf } from './initializers.ts';
import { defineLayer } from './spec.ts';

type Sides = 'valid' | 'same' | 'explicit';
interface Params { readonly kernel: readonly [number, number]; readonly stride: readonly [number, number]; readonly padding: Sides; readonly edges: readonly [number, number, number, number]; readonly outputPadding: readonly [number, number] }

/** What is cut off before and after along one axis, and added at the end. `same` makes size · stride, as Keras does; `valid` keeps all that is spread. */
function cut(p: Params, i: 0 | 1): { readonly before: number; readonly after: number; readonly extra: number } {
  const [top, right, bottom, left] = p.edges;
  if (p.padding === 'explicit') return i === 0 ? { before: top, after: bottom, extra: p.outputPadding[0] } : { before: left, after: right, extra: p.outputPadding[1] };
  const total = p.padding === 'same' ? Math.max(p.kernel[i] - p.stride[i], 0) : 0;
  return { before: Math.floor(total / 2), after: Math.ceil(total / 2), extra: Math.max(p.stride[i] - p.kernel[i], 0) };
}

function axis(p: Params, input: Shape, i: 0 | 1) {
  const [size, kernel, stride] = [input[i + 1] as number, p.kernel[i], p.stride[i]];
  const { before, after, extra } = cut(p, i);
  return { size, kernel, stride, before, after, extra, out: (size - 1) * stride + kernel - before - after + extra };
}
const axesOf = (p: Params, input: Shape) => [axis(p, input, 0), axis(p, input, 1)] as const;
const written = (a: ReturnType<typeof axis>): string => `(${a.size} − 1)·${a.stride} + ${a.kernel} − ${a.before} − ${a.after}${a.extra > 0 ? ` + ${a.extra}` : ''} = ${a.out}`;

const explicit = (v: Readonly<Record<string, unknown>>): boolean => v.padding === 'explicit';
const sides = ['height', 'width'] as const;

export const convTranspose = defineLayer({
  type: 'conv-transpose', label: 'ConvTranspose', family: 'convolution', keywords: ['deconvolution', 'upsampling', 'decoder', 'transposed'],
  fields: {
    filters: { kind: 'int', label: 'Filters', help: 'How many maps come out.', default: 16, min: 1, max: 65536 },
    kernel: pair('Kernel', 'Height and width of what each input number spreads over.', 3),
    stride: pair('Stride', 'How far apart the spread patches lie: 2 doubles the size.', 2),
    padding: { kind: 'choice', label: 'Padding', help: 'Same makes the output stride times as large; valid keeps all that is spread; explicit takes your numbers.', default: 'same' as Sides, options: [{ value: 'same' as Sides, label: 'Same' }, { value: 'valid' as Sides, label: 'Valid' }, { value: 'explicit' as Sides, label: 'Explicit' }] },
    edges: { kind: 'edges', label: 'Edges', help: 'Rows and columns cut off at the top, right, bottom and left.', default: [0, 0, 0, 0] as const, min: 0, max: 4096, visible: explicit },
    outputPadding: { kind: 'pair', label: 'Output padding', help: 'Rows and columns added at the bottom and right, fewer than the stride: it chooses among the sizes that the stride rounds to one.', default: [0, 0] as readonly [number, number], min: 0, max: 1023, visible: explicit },
    bias: { kind: 'bool', label: 'Bias', help: 'Adds one learned number to each map.', default: true },
    activation: activationField,
    ...initializerFields,
  },
  inputs: oneIn, outputs: oneOut,
  caption: (p) => [`${p.filters} filters`, times(p.kernel), `stride ${p.stride[0] === p.stride[1] ? p.stride[0] : times(p.stride)}`, paddingText(p), p.activation === 'none' ? '' : activations[p.activation].label].filter(Boolean).join(' · '),
  shape: (p, [input]) => {
    if (input?.length !== 3) return fail({ code: 'shape.needs-image', args: { got: input ? formatShape(input) : 'nothing' } });
    const [h, w] = axesOf(p, input);
    for (const [i, v] of [h, w].entries()) {
      if (p.padding === 'explicit' && v.extra >= v.stride) return fail({ code: 'field.invalid', field: 'Output padding', args: { expected: `less than the stride of ${v.stride} along the ${sides[i]}`, got: String(v.extra) } });
      if (v.out < 1) return fail({ code: 'shape.crop', field: 'edges', args: { room: v.out + v.before + v.after, axis: sides[i] as string, got: v.before + v.after } });
    }
    const lines = [written(h), written(w)] as const;
    return ok({ shape: [p.filters, h.out, w.out], arithmetic: lines[0] === lines[1] ? [lines[0]] : [`height ${lines[0]}`, `width ${lines[1]}`] });
  },
  weights: (p, [input], following) => {
    const [channels, area] = [input?.[0] ?? 0, p.kernel[0] * p.kernel[1]];
    return [
      { name: 'kernel', shape: [channels, p.filters, ...p.kernel], initializer: initializerOf(p, following, { fanIn: channels * area, fanOut: p.filters * area }, 'glorot-uniform'), role: 'trained', decays: true } as const,
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
  keras: (p) => (p.padding === 'explicit' ? null : { class_name: 'Conv2DTranspose', config: { filters: p.filters, kernel_size: p.kernel, strides: p.stride, padding: p.padding, use_bias: p.bias, activation: kerasActivation(p.activation) } }),
  pytorch: (p, [input]) => {
    const windows = [cut(p, 0), cut(p, 1)] as const;
    // PyTorch cuts opposite sides alike: what is left over is cut, or put back, afterwards.
    const even = windows.map((v) => Math.min(v.before, v.after));
    const layer = `nn.ConvTranspose2d(${input?.[0] ?? 0}, ${p.filters}, ${tuple(p.kernel)}, stride=${tuple(p.stride)}, padding=${tuple(even)}, output_padding=${tuple(windows.map((v) => v.extra))}, bias=${python(p.bias)})`;
    const rest = windows.map((v, i) => [(even[i] as number) - v.before, (even[i] as number) - v.after] as const);
    const uneven = rest.flat().some((v) => v !== 0) ? `nn.ZeroPad2d(${tuple(rest.toReversed().flat())})` : '';
    const parts = [layer, uneven, activations[p.activation].pytorch ?? ''].filter(Boolean);
    return parts.length > 1 ? `nn.Sequential(${parts.join(', ')})` : layer;
  },
  teaching: { text: 'Each input number paints its kernel into the output, and where patches overlap they add up. Decoders grow small maps back to pictures with it.', formula: 'y[f, i·s + u, j·s + v] += x[c, i, j] · w[c, f, u, v]' },
});
