/** What a net expects of its pictures beyond numbers from 0 to 1: range, mean, deviation, order of colours. */
import { int } from '../onnx/ir.ts';
import { formatShape } from '../shapes/shape.ts';
import { fail, ok } from '../util/result.ts';
import { noMacs, noText, noWeights, oneIn, oneOut, sameReach } from './common.ts';
import { defineLayer } from './spec.ts';

type Order = 'rgb' | 'bgr';
const list = (label: string, help: string, value: number, min: number) => ({ kind: 'numbers', label, help, default: [value] as readonly number[], min, max: 1e6, step: 0.001, most: 4096 }) as const;
interface Numbers { readonly scale: number; readonly mean: readonly number[]; readonly deviation: readonly number[] }

/** Factor and summand of each channel: y = x · factor + summand. */
function lines({ scale, mean, deviation }: Numbers, channels: number): { readonly factor: readonly number[]; readonly summand: readonly number[] } {
  const of = (values: readonly number[], c: number) => (values.length === 1 ? values[0] : values[c]) as number;
  const each = Array.from({ length: channels }, (_, c) => ({ m: of(mean, c), d: of(deviation, c) }));
  return { factor: each.map(({ d }) => scale / d), summand: each.map(({ m, d }) => -m / d) };
}
/** One number where all channels share it. */
const short = (values: readonly number[]): readonly number[] => (values.every((v) => v === values[0]) ? values.slice(0, 1) : values);
const brief = (values: readonly number[]): string => values.map((v) => String(Number(v.toPrecision(4)))).join(', ');

export const rescale = defineLayer({
  type: 'rescale', seldom: true, label: 'Rescale', family: 'normalise', keywords: ['preprocessing', 'normalize', 'mean', 'deviation', 'imagenet', 'bgr'],
  fields: {
    order: { kind: 'choice', label: 'Order of colours', help: 'In which the next layer takes the channels. Pictures come as red, green, blue.', default: 'rgb' as Order, options: [{ value: 'rgb' as Order, label: 'RGB' }, { value: 'bgr' as Order, label: 'BGR' }] },
    scale: { kind: 'number', label: 'Scale', help: 'Times each number: 255 brings 0…1 to 0…255.', default: 1, min: -1e6, max: 1e6, step: 1 },
    mean: list('Mean', 'Taken off afterwards: one number, or one for each channel in the order above.', 0, -1e6),
    deviation: list('Deviation', 'Divides the rest: one number, or one for each channel in the order above.', 1, 1e-9),
  },
  inputs: oneIn, outputs: oneOut,
  keepsSpread: true,
  prepares: ({ order, scale, mean, deviation }) => ({ order, scale, mean, deviation }),
  caption: (p) => [p.order === 'bgr' ? 'BGR' : '', p.scale === 1 ? '' : `× ${brief([p.scale])}`, p.mean.every((m) => m === 0) ? '' : `− ${brief(p.mean)}`, p.deviation.every((d) => d === 1) ? '' : `÷ ${brief(p.deviation)}`].filter(Boolean).join(' · ') || 'as it is',
  shape: (p, [input]) => {
    const channels = input?.[0] ?? 0;
    if (p.order === 'bgr' && channels !== 3) return fail({ code: 'field.invalid', field: 'Order of colours', args: { expected: 'RGB, as only three channels can be turned round', got: `BGR for ${formatShape(input ?? [])}` } });
    for (const [label, values] of [['Mean', p.mean], ['Deviation', p.deviation]] as const) {
      if (values.length !== 1 && values.length !== channels) return fail({ code: 'field.invalid', field: label, args: { expected: `one number, or ${channels}`, got: String(values.length) } });
    }
    return ok({ shape: input ?? [], arithmetic: [] });
  },
  weights: noWeights, parameterArithmetic: noText, macs: noMacs, reach: sameReach,
  lower: ({ b, params: p, inputs, outputShape }) => {
    const input = inputs[0] as (typeof inputs)[number];
    const rank = outputShape.length;
    const x = p.order === 'bgr' ? b.op('Gather', [input, b.int64([2, 1, 0])], { axis: int(1) }) : input;
    const { factor, summand } = lines(p, outputShape[0] ?? 1);
    const constant = (values: readonly number[]) => {
      const data = Float32Array.from(short(values));
      return data.length === 1 ? b.scalar(data[0] as number) : b.constant({ element: 'float32', shape: [data.length, ...Array.from({ length: rank - 1 }, () => 1)], data });
    };
    const scaled = factor.every((f) => f === 1) ? x : b.mul(x, constant(factor));
    return summand.every((s) => s === 0) ? scaled : b.add(scaled, constant(summand));
  },
  keras: (p, [input]) => {
    if (p.order === 'bgr') return null;
    const { factor, summand } = lines(p, input?.[0] ?? 1);
    const one = (values: readonly number[]) => (short(values).length === 1 ? values[0] : values);
    return { class_name: 'Rescaling', config: { scale: one(factor), offset: one(summand) } };
  },
  pytorch: (p) => {
    const tensor = (values: readonly number[]) => (values.length === 1 ? String(values[0]) : `torch.tensor([${values.join(', ')}]).view(-1, 1, 1)`);
    return `(x${p.order === 'bgr' ? '.flip(1)' : ''} * ${p.scale} - ${tensor(p.mean)}) / ${tensor(p.deviation)}`;
  },
  teaching: { text: 'Brings pictures to the range that a pretrained net knows. A net trained on numbers around zero sees nothing it knows in numbers from 0 to 1; with this layer the same pictures serve, and the exported file takes them as they are.', formula: 'y[c] = (s · x[c] − μ[c]) / σ[c]' },
});
