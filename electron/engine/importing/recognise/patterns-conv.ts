/** Convolutions, with the zeros before them and the bias behind them. */
import { attribute, type Node } from '../../../../shared/onnx/ir.ts';
import { elementCount, type Shape } from '../../../../shared/shapes/shape.ts';
import { one, pattern, type Found, type Pattern } from './pattern.ts';
import { eitherWay, isPerChannel, type Scene, type Weight } from './scene.ts';
import { padBefore, paddingOf, sidesOf, sumPads, transposedPads, windowOf, type FileWindow } from './windows.ts';

interface Convolution { readonly kernel: Weight; readonly window: FileWindow; readonly groups: number; readonly channels: number; readonly sizes: Shape }

/** Rows by the number of axes: the layer and its fields; null where the row cannot say it. */
type Row = (c: Convolution) => readonly [Parameters<typeof one>[0], Readonly<Record<string, unknown>>] | null;
const rows: Readonly<Record<number, Row>> = {
  1: ({ window, groups, kernel, sizes }) => {
    const padding = groups === 1 ? sidesOf(window, sizes) : null;
    return padding && ['conv1d', { filters: kernel.shape[0], kernel: window.kernel[0], stride: window.strides[0], dilation: window.dilations[0], padding }];
  },
  2: ({ window, groups, kernel, channels, sizes }) => {
    const shared = { kernel: window.kernel, stride: window.strides, dilation: window.dilations, ...paddingOf(window, sizes) };
    // As many groups as channels is what people call depthwise.
    if (groups > 1 && groups === channels) return ['depthwise-conv', { ...shared, multiplier: (kernel.shape[0] as number) / groups }];
    return ['conv2d', { ...shared, filters: kernel.shape[0], groups }];
  },
  3: ({ window, groups, kernel, sizes }) => {
    const padding = groups === 1 && window.dilations.every((d) => d === 1) ? sidesOf(window, sizes) : null;
    const [depth, ...area] = window.kernel;
    const [strideDepth, ...stride] = window.strides;
    return padding && ['conv3d', { filters: kernel.shape[0], depth, kernel: area, strideDepth, stride, padding }];
  },
};

const biasOf = (filters: number, bias: Weight | undefined) => (bias ? { bias: { shape: [filters], data: bias.data } } : {});

/** The layer of a Conv; `added` is a bias that stands behind it, made by `after`. */
function convolution(node: Node, scene: Scene, added?: Weight, after?: Node): Found | null {
  const [x = '', w, b] = node.inputs;
  const kernel = scene.weight(w);
  const bias = added ?? scene.weight(b);
  if (!kernel || (b && (added || !bias))) return null;
  const border = padBefore(scene, x, (v) => v === 0);
  const input = border?.input ?? x;
  const sample = scene.sample(input);
  const sizes = scene.sample(x)?.slice(1);
  if (!sample || !sizes) return null;
  const own = windowOf(node, kernel.shape.slice(2), sizes);
  const window = border ? { ...own, pads: sumPads(own.pads, border.pads) } : own;
  const row = rows[sizes.length]?.({ kernel, window, groups: attribute(node, 'group', 'int', 1), channels: sample[0] as number, sizes: sample.slice(1) });
  if (!row) return null;
  const [layer, params] = row;
  const filters = kernel.shape[0] as number;
  return one(layer, input, [...(border ? [border.node] : []), node, ...(after ? [after] : [])], { ...params, bias: bias !== undefined }, { kernel, ...biasOf(filters, bias) }, kernel.name);
}

const sides = (p: { readonly before: number; readonly after: number }[]): number[] => [...p.map((v) => v.before), ...p.map((v) => v.after)];

function transposed(node: Node, scene: Scene, added?: Weight, after?: Node): Found | null {
  const [x = '', w, b] = node.inputs;
  const kernel = scene.weight(w);
  const bias = added ?? scene.weight(b);
  const sizes = scene.sample(x)?.slice(1);
  const out = scene.sample(node.outputs[0])?.slice(1);
  if (!kernel || (b && (added || !bias)) || sizes?.length !== 2 || !out || attribute(node, 'group', 'int', 1) !== 1) return null;
  const window = windowOf({ ...node, attributes: { ...node.attributes, auto_pad: { kind: 'string', value: 'NOTSET' } } }, kernel.shape.slice(2), sizes);
  if (window.dilations.some((d) => d !== 1)) return null;
  const extra = attribute(node, 'output_padding', 'ints', [0, 0]);
  const pads = transposedPads(node, window, sizes, out, extra);
  const same = window.kernel.map((k, i) => {
    const stride = window.strides[i] as number;
    const total = Math.max(k - stride, 0);
    return { before: Math.floor(total / 2), after: Math.ceil(total / 2), extra: Math.max(stride - k, 0) };
  });
  const isSame = sides(same).every((p, i) => p === pads[i]) && same.every((s, i) => s.extra === extra[i]);
  const [top, left, bottom, right] = pads;
  const padding = isSame ? { padding: 'same' } : { padding: 'explicit', edges: [top, right, bottom, left], outputPadding: extra };
  const filters = kernel.shape[1] as number;
  return one('conv-transpose', x, [node, ...(after ? [after] : [])], { filters, kernel: window.kernel, stride: window.strides, ...padding, bias: bias !== undefined }, { kernel, ...biasOf(filters, bias) }, kernel.name);
}

const kinds = { Conv: convolution, ConvTranspose: transposed } as const;

/** A bias that an exporter left as an Add of one number a channel. */
function biased(node: Node, scene: Scene): Found | null {
  for (const [value, constant] of eitherWay(node)) {
    const inner = scene.producer(value, 'Conv', 'ConvTranspose');
    const bias = scene.weight(constant);
    const sample = scene.sample(value);
    if (!inner || !bias || !sample || !isPerChannel(bias.shape, sample)) continue;
    const found = kinds[inner.op as keyof typeof kinds](inner, scene, { ...bias, shape: [elementCount(bias.shape)] }, node);
    if (found) return found;
  }
  return null;
}

export const convPatterns: readonly Pattern[] = [
  pattern('Add', biased),
  pattern('Conv', convolution),
  pattern('ConvTranspose', transposed),
];
