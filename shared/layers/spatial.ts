/** Layers that change size or order without weights: Upsample, PixelShuffle, Crop, Reshape, Permute. */
import { int, ints, string } from '../onnx/ir.ts';
import { elementCount, formatShape, type Shape } from '../shapes/shape.ts';
import { fail, ok } from '../util/result.ts';
import { noMacs, noText, noWeights, oneIn, oneOut, pair, sameReach, times } from './common.ts';
import { defineLayer } from './spec.ts';

const common = { inputs: oneIn, outputs: oneOut, weights: noWeights, parameterArithmetic: noText, macs: noMacs, reach: sameReach } as const;
const needsImage = (input: Shape | undefined) => fail({ code: 'shape.needs-image', args: { got: input ? formatShape(input) : 'nothing' } } as const);

type Interpolation = 'nearest' | 'bilinear';
export const upsample = defineLayer({
  ...common, type: 'upsample', label: 'Upsample', family: 'pooling', keywords: ['resize', 'enlarge', 'unpool', 'interpolate', 'decoder'],
  fields: {
    factor: pair('Factor', 'How many times as high and wide.', 2, 64),
    mode: { kind: 'choice', label: 'Between pixels', help: 'Nearest repeats pixels, bilinear blends neighbours.', default: 'nearest' as Interpolation, options: [{ value: 'nearest' as Interpolation, label: 'Nearest' }, { value: 'bilinear' as Interpolation, label: 'Bilinear' }] },
  },
  caption: (p) => `${times(p.factor)} · ${p.mode}`,
  shape: (p, [input]) => {
    if (input?.length !== 3) return needsImage(input);
    const [c, h, w] = input as [number, number, number];
    return ok({ shape: [c, h * p.factor[0], w * p.factor[1]], arithmetic: [`${h}·${p.factor[0]} = ${h * p.factor[0]}`, `${w}·${p.factor[1]} = ${w * p.factor[1]}`] });
  },
  lower: ({ b, params: p, inputs, outputShape }) => {
    const x = inputs[0];
    if (!x) throw new Error('Upsample without input');
    const sizes = b.int64([x.type.shape[0] as number, ...outputShape]);
    const nearest = { mode: string('nearest'), coordinate_transformation_mode: string('asymmetric'), nearest_mode: string('floor') };
    return b.op('Resize', [x, null, null, sizes], p.mode === 'nearest' ? nearest : { mode: string('linear'), coordinate_transformation_mode: string('half_pixel') });
  },
  keras: (p) => ({ class_name: 'UpSampling2D', config: { size: p.factor, interpolation: p.mode } }),
  pytorch: (p) => `nn.Upsample(scale_factor=(${p.factor.join(', ')}), mode='${p.mode}'${p.mode === 'bilinear' ? ', align_corners=False' : ''})`,
  teaching: { text: 'Makes maps larger without learning anything: by repeating pixels, or by blending neighbours. A convolution after it does what a ConvTranspose does, without its chequered pattern.', formula: 'y[c, i, j] = x[c, ⌊i / f⌋, ⌊j / f⌋]' },
});

export const pixelShuffle = defineLayer({
  ...common, type: 'pixel-shuffle', seldom: true, label: 'PixelShuffle', family: 'pooling', keywords: ['depth to space', 'super-resolution', 'subpixel'],
  fields: { factor: { kind: 'int', label: 'Factor', help: 'Channels become a block of so many pixels a side.', default: 2, min: 1, max: 64 } },
  caption: (p) => `${p.factor}×`,
  shape: (p, [input]) => {
    if (input?.length !== 3) return needsImage(input);
    const [c, h, w] = input as [number, number, number];
    const block = p.factor * p.factor;
    if (c % block !== 0) return fail({ code: 'shape.divisible', field: 'factor', args: { what: 'channels', value: c, by: block } });
    return ok({ shape: [c / block, h * p.factor, w * p.factor], arithmetic: [`${c} / ${p.factor}² = ${c / block}`] });
  },
  lower: ({ b, params: p, inputs }) => b.op('DepthToSpace', [inputs[0] ?? null], { blocksize: int(p.factor), mode: string('CRD') }),
  keras: () => null,
  pytorch: (p) => `nn.PixelShuffle(${p.factor})`,
  teaching: { text: 'Turns channels into pixels: r·r maps become one map r times as large. The convolution before it learns what to put between the pixels.', formula: 'y[c, i, j] = x[c·r² + (i mod r)·r + (j mod r), ⌊i / r⌋, ⌊j / r⌋]' },
});

export const crop = defineLayer({
  ...common, type: 'crop', seldom: true, label: 'Crop', family: 'dense', keywords: ['cut', 'border', 'trim'],
  fields: { edges: { kind: 'edges', label: 'Edges', help: 'Rows and columns cut off at the top, right, bottom and left.', default: [1, 1, 1, 1] as const, min: 0, max: 4096 } },
  caption: (p) => (new Set(p.edges).size === 1 ? `${p.edges[0]} on each side` : `${p.edges.join(', ')}`),
  shape: (p, [input]) => {
    if (input?.length !== 3) return needsImage(input);
    const [c, h, w] = input as [number, number, number];
    const [top, right, bottom, left] = p.edges;
    if (top + bottom >= h) return fail({ code: 'shape.crop', field: 'edges', args: { room: h, axis: 'height', got: top + bottom } });
    if (left + right >= w) return fail({ code: 'shape.crop', field: 'edges', args: { room: w, axis: 'width', got: left + right } });
    return ok({ shape: [c, h - top - bottom, w - left - right], arithmetic: [`${h} − ${top} − ${bottom} = ${h - top - bottom}`, `${w} − ${left} − ${right} = ${w - left - right}`] });
  },
  lower: ({ b, params: { edges: [top, right, bottom, left] }, inputs, inputShapes }) => {
    const [, h, w] = inputShapes[0] as [number, number, number];
    return b.op('Slice', [inputs[0] ?? null, b.int64([top, left]), b.int64([h - bottom, w - right]), b.int64([2, 3])]);
  },
  keras: ({ edges: [top, right, bottom, left] }) => ({ class_name: 'Cropping2D', config: { cropping: [[top, bottom], [left, right]] } }),
  pytorch: ({ edges: [top, right, bottom, left] }) => `nn.ZeroPad2d((${-left}, ${-right}, ${-top}, ${-bottom}))`,
  teaching: { text: 'Cuts rows and columns off the border, for example to bring a larger map to the size of the one it is to be joined with.', formula: 'y[c, i, j] = x[c, i + top, j + left]' },
});

type Target = 'vector' | 'sequence' | 'image' | 'volume';
const only = (...kinds: Target[]) => (v: Readonly<Record<string, unknown>>): boolean => kinds.includes(v.to as Target);
const extent = (label: string, value: number) => ({ kind: 'int', label, help: 'Channels come first in memory; the numbers keep their order.', default: value, min: 1, max: 1048576 }) as const;
interface ReshapeParams { readonly to: Target; readonly channels: number; readonly depth: number; readonly height: number; readonly width: number; readonly length: number }
const targetOf = (p: ReshapeParams): Shape => ({ vector: [p.channels], sequence: [p.channels, p.length], image: [p.channels, p.height, p.width], volume: [p.channels, p.depth, p.height, p.width] })[p.to];

export const reshape = defineLayer({
  ...common, type: 'reshape', seldom: true, view: true, label: 'Reshape', family: 'dense', keywords: ['view', 'shape', 'fold'],
  fields: {
    to: { kind: 'choice', label: 'To', help: 'What the numbers become.', default: 'image' as Target, options: [{ value: 'vector' as Target, label: 'Vector' }, { value: 'sequence' as Target, label: 'Sequence' }, { value: 'image' as Target, label: 'Maps' }, { value: 'volume' as Target, label: 'Volume' }] },
    length: { ...extent('Length', 8), visible: only('sequence') },
    depth: { ...extent('Depth', 4), visible: only('volume') },
    height: { ...extent('Height', 8), visible: only('image', 'volume') },
    width: { ...extent('Width', 8), visible: only('image', 'volume') },
    channels: extent('Channels', 1),
  },
  caption: (p) => formatShape(targetOf(p)),
  shape: (p, [input]) => {
    const target = targetOf(p);
    const [from, to] = [elementCount(input ?? []), elementCount(target)];
    return from === to ? ok({ shape: target, arithmetic: [`${(input ?? []).join('·')} = ${target.join('·')} = ${to}`] }) : fail({ code: 'shape.reshape', args: { from: formatShape(input ?? []), count: from, to: formatShape(target), wanted: to } });
  },
  lower: ({ b, params, inputs }) => b.reshape(inputs[0] as (typeof inputs)[number], [inputs[0]?.type.shape[0] as number, ...targetOf(params)]),
  // Keras folds channels last, which is another order of the same numbers.
  keras: () => null,
  pytorch: (p, [input]) => {
    const unflatten = `nn.Unflatten(1, (${targetOf(p).join(', ')}))`;
    if (p.to === 'vector') return 'nn.Flatten()';
    return input?.length === 1 ? unflatten : `nn.Sequential(nn.Flatten(), ${unflatten})`;
  },
  teaching: { text: 'Writes the same numbers in another shape: a vector as maps, say, where a decoder begins.', formula: 'y = x, folded anew' },
});

type Order = 'cwh' | 'hcw' | 'hwc' | 'wch' | 'whc';
/** Where the axes of [channels, height, width] come from. */
const orders: Readonly<Record<Order, readonly [number, number, number]>> = { cwh: [0, 2, 1], hcw: [1, 0, 2], hwc: [1, 2, 0], wch: [2, 0, 1], whc: [2, 1, 0] };
export const permute = defineLayer({
  ...common, type: 'permute', seldom: true, label: 'Permute', family: 'dense', keywords: ['transpose', 'axes', 'swap'],
  fields: {
    order: {
      kind: 'choice', label: 'Channels, height, width from', help: 'Which axis becomes channels, which height, which width.', default: 'cwh' as Order,
      options: [{ value: 'cwh' as Order, label: 'channels, width, height' }, { value: 'hcw' as Order, label: 'height, channels, width' }, { value: 'hwc' as Order, label: 'height, width, channels' }, { value: 'wch' as Order, label: 'width, channels, height' }, { value: 'whc' as Order, label: 'width, height, channels' }],
    },
  },
  caption: (p) => p.order.split('').join(' '),
  shape: (p, [input]) => (input?.length === 3 ? ok({ shape: orders[p.order].map((i) => input[i] as number), arithmetic: [] }) : needsImage(input)),
  lower: ({ b, params: p, inputs }) => b.op('Transpose', [inputs[0] ?? null], { perm: ints([0, ...orders[p.order].map((i) => i + 1)]) }),
  keras: (p) => {
    // Keras counts height, width, channels from 1.
    const place = [3, 1, 2];
    const [c, h, w] = orders[p.order].map((i) => place[i] as number) as [number, number, number];
    return { class_name: 'Permute', config: { dims: [h, w, c] } };
  },
  pytorch: (p) => `x.permute(0, ${orders[p.order].map((i) => i + 1).join(', ')})`,
  teaching: { text: 'Exchanges axes: height and width, or maps and rows.', formula: 'y[i, j, k] = x[k, i, j]' },
});
