/** Blocks of the nets since 2017: narrow ends and wide middles, gates, shuffles, attention. */
import type { GroupNode, GroupVariable } from '../graph/document.ts';
import { group, type Row, type Sketch } from './build.ts';
import { bare, norm, relu, variable, type Size } from './parts.ts';
import type { Block } from './template.ts';

/** Each map by itself, `size` pixels wide, with even padding and no bias. */
const depthwise = (size: Size, stride: Size, bias = false): Row => {
  const edge = typeof size === 'number' ? Math.floor(size / 2) : '=floor(size / 2)';
  return ['depthwise-conv', { kernel: [size, size], stride: [stride, stride], padding: 'explicit', edges: [edge, edge, edge, edge], bias }, 'depthwise'];
};

export interface GateOptions { readonly inner?: string; readonly gate?: string }
/** Hu, Shen and Sun (2018), figure 2: the mean of each map, two dense layers, and a factor between 0 and 1 for each map. */
export function squeezeExcite(width: Size, squeezed: Size, { inner = 'relu', gate = 'sigmoid' }: GateOptions = {}): GroupNode {
  return group('squeeze-excite', (s, x) => {
    const factors = s.chain(x, [['global-average-pool', {}, 'squeeze'], ['dense', { units: '=squeezed', activation: inner }], ['dense', { units: '=width', activation: gate }, 'excite']]);
    return s.add('multiply', {}, [x, factors]);
  }, { block: 'squeeze-excite', variables: [variable('width', 'Maps', width), variable('squeezed', 'Between', squeezed)] });
}

export interface InvertedOptions {
  /** Maps of the wide middle; the input's maps without `expand`. */
  readonly hidden: Size;
  /** Maps at the end. */
  readonly width: Size;
  readonly size?: Size;
  /** None keeps the size and adds the input at the end, which must have as many maps. */
  readonly stride?: Size;
  readonly expand?: boolean;
  readonly activation?: Row;
  /** Units and activations of a squeeze-excite in the middle. */
  readonly gate?: GateOptions & { readonly squeezed: Size };
  /** Rate at which the body is left out in the first copy, and how much more in each next. */
  readonly drop?: readonly [first: Size, step: Size];
  readonly norm?: Row;
  readonly block?: string;
}
const relu6: Row = ['relu6', {}];

/** Sandler et al. (2018), figure 4d: 1×1 to a wide middle, each map by itself, 1×1 back without activation; with a gate it is MnasNet's MBConv. */
export function invertedResidual({ hidden, width, size = 3, stride, expand = true, activation = relu6, gate, drop, norm: between = norm, block = 'inverted-residual' }: InvertedOptions): GroupNode {
  const variables: GroupVariable[] = [variable('width', 'Maps', width), variable('hidden', 'Middle', hidden), variable('size', 'Kernel', size)];
  if (stride !== undefined) variables.push(variable('stride', 'Stride', stride));
  if (gate) variables.push(variable('squeezed', 'Gate', gate.squeezed));
  if (drop) variables.push(variable('drop', 'Left out', drop[0]), variable('step', 'Per copy', drop[1]));
  return group(gate ? 'mbconv' : 'inverted residual', (s, x) => {
    const wide = s.chain(x, [...(expand ? [bare('=hidden', 1, 1, 1, 'expand'), between, activation] : []), depthwise('=size', stride === undefined ? 1 : '=stride'), between, activation]);
    const gated = gate ? s.place(squeezeExcite('=hidden', '=squeezed', gate), wide) : wide;
    const body = s.chain(gated, [bare('=width', 1, 1, 1, 'project'), between]);
    if (stride !== undefined) return body;
    const kept = drop ? s.add('stochastic-depth', { rate: '=drop + step * k' }, [body]) : body;
    return s.add('add', {}, [kept, x]);
  }, { block, variables });
}

/** The 3×3 half and the 1×1 half of a ShuffleNet branch. */
const shuffleBranch = (stride: Size): Row[] => [bare('=width', 1), norm, relu, depthwise(3, stride), norm, bare('=width', 1), norm, relu];
const shuffled = (s: Sketch, parts: readonly string[]): string => s.add('channel-shuffle', { groups: 2 }, [s.add('concat', {}, parts)]);

/** Ma et al. (2018), figure 3c: half the channels pass, half are worked on, then all are shuffled. `width`: channels of each half. */
export function shuffleUnit(width: Size): GroupNode {
  return group('shuffle unit', (s, x) => {
    const [passed, worked] = [1, 2].map((part) => s.add('channel-slice', { parts: 2, part }, [x], 'half')) as [string, string];
    return shuffled(s, [passed, s.chain(worked, shuffleBranch(1))]);
  }, { block: 'shuffle-unit', variables: [variable('width', 'Half', width)] });
}

/** Figure 3d: both branches see everything and halve the size; the maps double. */
export function shuffleDown(width: Size): GroupNode {
  return group('shuffle down', (s, x) => shuffled(s, [s.chain(x, [depthwise(3, 2), norm, bare('=width', 1), norm, relu]), s.chain(x, shuffleBranch(2))]),
    { block: 'shuffle-down', variables: [variable('width', 'Half', width)] });
}

/** BERT's start, which ConvNeXt and DeiT took over: normal, two deviations at most. */
const quiet = { initializer: 'truncated-normal' } as const;
/** ConvNeXt's epsilon, and ViT's. */
export const channelNorm: Row = ['layer-norm', { over: 'channels', epsilon: 0.000001 }, 'norm'];

/** Liu et al. (2022), figure 4: 7×7 each map by itself, norm, four times the maps by 1×1 and back, a small factor a channel. */
export function convNext(width: Size, drop: Size = 0, step: Size = 0): GroupNode {
  return group('convnext', (s, x) => {
    const [, window] = depthwise(7, 1, true);
    const body = s.chain(x, [
      ['depthwise-conv', { ...window, ...quiet }, 'depthwise'], channelNorm,
      ['conv2d', { filters: '=width * 4', kernel: [1, 1], ...quiet }, 'widen'], ['gelu', {}], ['conv2d', { filters: '=width', kernel: [1, 1], ...quiet }, 'narrow'],
      ['layer-scale', { start: 0.000001 }], ['stochastic-depth', { rate: '=drop + step * k' }],
    ]);
    return s.add('add', {}, [body, x]);
  }, { block: 'convnext', variables: [variable('width', 'Maps', width), variable('drop', 'Left out', drop), variable('step', 'Per copy', step)] });
}

/** A dense layer of each token by itself. */
const each = (units: Size, name: string, params: Readonly<Record<string, unknown>> = {}): Row => ['conv1d', { filters: units, kernel: 1, initializer: 'glorot-uniform', ...params }, name];

/** Vaswani et al. (2017), section 3.2.2: in each head softmax(queries · keys / √d) · values, for tokens as columns. */
export function attention(width: Size, heads: Size): GroupNode {
  return group('attention', (s, x) => {
    const [queries, keys, values] = ['queries', 'keys', 'values'].map((name) => s.chain(x, [each('=width', name), ['split-heads', { heads: '=heads' }, `${name} by head`]])) as [string, string, string];
    const scores = s.add('matmul', { transposeFirst: true, scale: 'root' }, [queries, keys], 'scores');
    const shares = s.add('softmax', { over: 'rows' }, [scores], 'shares');
    const answers = s.add('matmul', { transposeSecond: true }, [values, shares], 'answers');
    return s.chain(answers, [['join-heads', {}], each('=width', 'projection')]);
  }, { block: 'attention', variables: [variable('width', 'Channels', width), variable('heads', 'Heads', heads)] });
}

/** Dosovitskiy et al. (2021), figure 1 right: norm and attention, norm and a net of two layers for each token, each beside a shortcut. */
export function transformer(width: number, heads: number, hidden: Size = width * 4): GroupNode {
  return group('transformer', (s, x) => {
    const attended = s.add('add', {}, [s.place(attention('=width', '=heads'), s.chain(x, [channelNorm])), x]);
    return s.add('add', {}, [s.chain(attended, [channelNorm, each('=hidden', 'widen'), ['gelu', {}], each('=width', 'narrow')]), attended]);
  }, { block: 'transformer', variables: [variable('width', 'Channels', width), variable('heads', 'Heads', heads), variable('hidden', 'Between', hidden)] });
}

/** What the palette offers beside the blocks of the convolutional classics. */
export const modernBlocks: readonly Block[] = [
  { id: 'inverted-residual', label: 'Inverted residual', description: 'Narrow ends and a wide middle that looks at each map alone, as in MobileNetV2; the input has as many maps.', keywords: ['mobilenet', 'bottleneck', 'depthwise', 'mbconv'], build: () => invertedResidual({ width: 24, hidden: 144 }) },
  { id: 'inverted-residual-down', label: 'Inverted residual, strided', description: 'The inverted residual that changes maps or size, without a shortcut.', keywords: ['mobilenet', 'bottleneck', 'depthwise', 'stride'], build: () => invertedResidual({ width: 32, hidden: 144, stride: 2, block: 'inverted-residual-down' }) },
  { id: 'mbconv', label: 'MBConv', description: 'An inverted residual with a gate in its middle, as in EfficientNet; the input has as many maps.', keywords: ['efficientnet', 'mobilenet', 'squeeze', 'excite'], build: () => invertedResidual({ width: 24, hidden: 144, gate: { squeezed: 6, inner: 'silu' }, activation: ['silu', {}], drop: [0, 0], block: 'mbconv' }) },
  { id: 'squeeze-excite', label: 'Squeeze-excite', description: 'A small net looks at the mean of every map and decides how much of each is let through.', keywords: ['senet', 'gate', 'channel attention'], build: () => squeezeExcite(64, 4) },
  { id: 'convnext', label: 'ConvNeXt block', description: '7×7 of each map alone, a layer norm, four times the maps and back: a residual net in a transformer’s clothes.', keywords: ['depthwise', 'layer norm', 'gelu'], build: () => convNext(96) },
  { id: 'shuffle-unit', label: 'Shuffle unit', description: 'Half the maps pass, half are worked on, then all are shuffled, as in ShuffleNetV2.', keywords: ['shufflenet', 'channel shuffle', 'split'], build: () => shuffleUnit(58) },
  { id: 'shuffle-down', label: 'Shuffle unit, strided', description: 'Both halves see all maps and halve the size, as where ShuffleNetV2’s stages begin.', keywords: ['shufflenet', 'channel shuffle', 'stride'], build: () => shuffleDown(58) },
  { id: 'attention', label: 'Multi-head attention', description: 'Queries, keys and values of tokens; products, a softmax, products: each token asks the others.', keywords: ['transformer', 'self-attention', 'softmax', 'matmul'], build: () => attention(192, 3) },
  { id: 'transformer', label: 'Transformer encoder', description: 'Attention, then a small net for each token, each behind a norm and beside a shortcut.', keywords: ['attention', 'vit', 'self-attention', 'mlp'], build: () => transformer(192, 3) },
];
