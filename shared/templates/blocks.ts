/** Blocks of the convolutional nets, each a group whose numbers are variables: templates place them, the palette offers them. */
import type { GroupNode } from '../graph/document.ts';
import { modernBlocks } from './blocks-modern.ts';
import { group, type Row, type Sketch } from './build.ts';
import { bare, conv, maxPool, norm, relu, variable, type Size } from './parts.ts';
import type { Block } from './template.ts';

/** A convolution of `size` pixels with even padding, its numbers from variables. */
const sized = (filters: Size, bias: boolean, stride: Size = '=stride', activation = 'none'): Row =>
  ['conv2d', { filters, kernel: ['=size', '=size'], stride: [stride, stride], padding: 'explicit', edges: Array.from({ length: 4 }, () => '=floor(size / 2)'), bias, activation }];

export function convNormRelu(width: Size, size: Size = 3, stride: Size = 1): GroupNode {
  return group('conv bn relu', (s, x) => s.chain(x, [sized('=width', false), norm, relu]), { block: 'conv-bn-relu', variables: [variable('width', 'Filters', width), variable('size', 'Kernel', size), variable('stride', 'Stride', stride)] });
}

export type Shortcut = 'identity' | 'projection' | 'padded';
export interface ResidualOptions { readonly width: Size; readonly stride?: Size; readonly shortcut?: Shortcut }

/** What the body is added to: the input, a strided 1×1 convolution of it, or every other pixel of it and maps of zeros (He et al. 2016, options B and A). */
function shortcutOf(s: Sketch, x: string, kind: Shortcut, filters: Size, normed: boolean): string {
  if (kind === 'identity') return x;
  if (kind === 'projection') return s.chain(x, [bare(filters, 1, '=stride', 1, 'shortcut'), ...(normed ? [norm] : [])]);
  return s.chain(x, [['max-pool', { kernel: [1, 1], stride: ['=stride', '=stride'] }, 'every other'], ['zero-pad', { edges: [0, 0, 0, 0], front: '=width / 4', back: '=width / 4' }, 'zero maps']]);
}
const residualVariables = (width: Size, stride: Size, shortcut: Shortcut) => [variable('width', 'Maps', width), ...(shortcut === 'identity' ? [] : [variable('stride', 'Stride', stride)])];
/** Without a shortcut of its own a block keeps the size. */
const strideOf = (shortcut: Shortcut): Size => (shortcut === 'identity' ? 1 : '=stride');

/** He, Zhang, Ren and Sun (2016), figure 5 left: two 3×3 convolutions, ReLU after the sum. */
export function residualBasic({ width, stride = 1, shortcut = 'identity' }: ResidualOptions): GroupNode {
  return group('residual', (s, x) => {
    const body = s.chain(x, [bare('=width', 3, strideOf(shortcut)), norm, relu, bare('=width', 3), norm]);
    return s.add('relu', {}, [s.add('add', {}, [body, shortcutOf(s, x, shortcut, '=width', true)])]);
  }, { block: shortcut === 'projection' ? 'residual-projection' : 'residual', variables: residualVariables(width, stride, shortcut) });
}

/** Figure 5 right, with the stride in the 3×3 convolution as torchvision has it; `groups` is ResNeXt's cardinality. */
export function bottleneck({ width, stride = 1, shortcut = 'identity', expansion = 4, groups = 1 }: ResidualOptions & { readonly expansion?: Size; readonly groups?: Size }): GroupNode {
  return group('bottleneck', (s, x) => {
    const body = s.chain(x, [bare('=width', 1), norm, relu, bare('=width', 3, strideOf(shortcut), '=groups'), norm, relu, bare('=width * expansion', 1), norm]);
    return s.add('relu', {}, [s.add('add', {}, [body, shortcutOf(s, x, shortcut, '=width * expansion', true)])]);
  }, { block: shortcut === 'projection' ? 'bottleneck-projection' : 'bottleneck', variables: [...residualVariables(width, stride, shortcut), variable('expansion', 'Times as many out', expansion), variable('groups', 'Groups', groups)] });
}

/** He et al. (2016b), "full pre-activation": norm and ReLU before each convolution, nothing after the sum; a projection starts behind the first ReLU. */
export function preActivation({ width, stride = 1, shortcut = 'identity' }: ResidualOptions, dropout = 0): GroupNode {
  return group('pre-activation', (s, x) => {
    const active = s.chain(x, [norm, relu]);
    const body = s.chain(active, [bare('=width', 3, strideOf(shortcut)), norm, relu, ...(dropout > 0 ? [['dropout', { rate: dropout }] as const] : []), bare('=width', 3)]);
    return s.add('add', {}, [body, shortcutOf(s, shortcut === 'projection' ? active : x, shortcut, '=width', false)]);
  }, { block: shortcut === 'projection' ? 'pre-activation-projection' : 'pre-activation', variables: residualVariables(width, stride, shortcut) });
}

export function preActivationBottleneck({ width, stride = 1, shortcut = 'identity' }: ResidualOptions): GroupNode {
  return group('pre-activation bottleneck', (s, x) => {
    const active = s.chain(x, [norm, relu]);
    const body = s.chain(active, [bare('=width', 1), norm, relu, bare('=width', 3, strideOf(shortcut)), norm, relu, bare('=width * 4', 1)]);
    return s.add('add', {}, [body, shortcutOf(s, shortcut === 'projection' ? active : x, shortcut, '=width * 4', false)]);
  }, { block: shortcut === 'projection' ? 'pre-bottleneck-projection' : 'pre-bottleneck', variables: residualVariables(width, stride, shortcut) });
}

/** Huang et al. (2017), DenseNet-BC: each of `layers` layers adds `growth` maps to all that came before. */
export function denseBlock(layers: number, growth: Size): GroupNode {
  return group('dense block', (s, x) => s.add('concat', {}, [x, s.chain(x, [norm, relu, bare('=growth * 4', 1), norm, relu, bare('=growth', 3)])]), { block: 'dense-block', repeat: layers, variables: [variable('growth', 'Maps added', growth)] });
}

/** Between two dense blocks: fewer maps, half the size. */
export function transition(width: Size): GroupNode {
  return group('transition', (s, x) => s.chain(x, [norm, relu, bare('=width', 1), ['average-pool', {}, 'pool']]), { block: 'transition', variables: [variable('width', 'Maps', width)] });
}

/** Maps of an Inception module's branches: 1×1; 1×1 before 3×3; before the large one; behind the pool. */
export interface InceptionWidths { readonly one: Size; readonly reduce3: Size; readonly three: Size; readonly reduce5: Size; readonly five: Size; readonly pool: Size }

/** Szegedy et al. (2015), figure 2b. With `norms` each convolution has batch norm and the large window is `large`, which torchvision has as 3×3. */
export function inception(w: InceptionWidths, { norms = false, large = 5 }: { readonly norms?: boolean; readonly large?: number } = {}): GroupNode {
  const one = (filters: Size, kernel: number): Row[] => (norms ? [bare(filters, kernel), ['batch-norm', { epsilon: 0.001 }, 'norm'], relu] : [conv(filters, kernel, { activation: 'relu' })]);
  return group('inception', (s, x) => s.add('concat', {}, [
    s.chain(x, one('=one', 1)),
    s.chain(x, [...one('=reduce3', 1), ...one('=three', 3)]),
    s.chain(x, [...one('=reduce5', 1), ...one('=five', large)]),
    s.chain(x, [maxPool(3, 1, 1), ...one('=pool', 1)]),
  ]), {
    block: norms ? 'inception-bn' : 'inception',
    variables: [variable('one', '1×1 maps', w.one), variable('reduce3', '1×1 before 3×3', w.reduce3), variable('three', '3×3 maps', w.three), variable('reduce5', `1×1 before ${large}×${large}`, w.reduce5), variable('five', `${large}×${large} maps`, w.five), variable('pool', 'Maps behind the pool', w.pool)],
  });
}

/** Iandola et al. (2016), figure 1: a 1×1 squeeze, then 1×1 and 3×3 side by side. */
export function fire(squeeze: Size, expand: Size): GroupNode {
  return group('fire', (s, x) => {
    const squeezed = s.chain(x, [conv('=squeeze', 1, { activation: 'relu' }, 'squeeze')]);
    return s.add('concat', {}, [s.chain(squeezed, [conv('=expand', 1, { activation: 'relu' }, 'expand')]), s.chain(squeezed, [conv('=expand', 3, { activation: 'relu' }, 'expand')])]);
  }, { block: 'fire', variables: [variable('squeeze', 'Squeezed maps', squeeze), variable('expand', 'Maps of each half', expand)] });
}

/** Howard et al. (2017), figure 3: a 3×3 convolution of each map alone, then 1×1 across them. */
export function depthwiseSeparable(width: Size, stride: Size = 1): GroupNode {
  return group('depthwise separable', (s, x) => s.chain(x, [
    ['depthwise-conv', { kernel: [3, 3], stride: ['=stride', '=stride'], padding: 'explicit', edges: [1, 1, 1, 1], bias: false }, 'depthwise'], norm, relu, bare('=width', 1, 1, 1, 'pointwise'), norm, relu,
  ]), { block: 'depthwise-separable', variables: [variable('width', 'Maps', width), variable('stride', 'Stride', stride)] });
}

/** Lin, Chen and Yan (2014): a convolution and two 1×1 convolutions, a small net at every place. */
export function mlpConv(width: Size, middle: Size, out: Size, size: Size = 5): GroupNode {
  const one = (filters: Size): Row => conv(filters, 1, { activation: 'relu' });
  return group('mlpconv', (s, x) => s.chain(x, [sized('=width', true, 1, 'relu'), one('=middle'), one('=out')]), { block: 'mlpconv', variables: [variable('width', 'Filters', width), variable('middle', '1×1 maps', middle), variable('out', 'Maps out', out), variable('size', 'Kernel', size)] });
}

const twice = (filters: Size): Row[] => [bare(filters, 3), norm, relu, bare(filters, 3), norm, relu];

/** Two convolutions, after a pool where `halve`. */
export function unetDown(width: Size, halve = true): GroupNode {
  return group(halve ? 'down' : 'level', (s, x) => s.chain(x, [...(halve ? [maxPool(2)] : []), ...twice('=width')]), { ...(halve ? { block: 'u-net-down' } : {}), variables: [variable('width', 'Maps', width)] });
}

/** Twice the size, beside the maps of the way down, and two convolutions. */
export function unetUp(width: Size): GroupNode {
  return group('up', (s, x, skip) => {
    const wide = s.add('conv-transpose', { filters: '=width', kernel: [2, 2], stride: [2, 2] }, [x], 'up');
    return s.chain(s.add('concat', {}, [skip as string, wide]), twice('=width'));
  }, { block: 'u-net-up', inputs: ['coarse', 'skip'], variables: [variable('width', 'Maps', width)] });
}

const v1: InceptionWidths = { one: 64, reduce3: 96, three: 128, reduce5: 16, five: 32, pool: 32 };

/** What the palette offers. */
export const blocks: readonly Block[] = [
  { id: 'conv-bn-relu', label: 'Conv-BN-ReLU', description: 'A convolution without bias, batch norm, ReLU: the brick of most nets since 2015.', keywords: ['convolution', 'batch norm'], build: () => convNormRelu(32) },
  { id: 'residual', label: 'Residual', description: 'Two 3×3 convolutions beside a shortcut; the input has as many maps.', keywords: ['resnet', 'basic', 'skip', 'shortcut'], build: () => residualBasic({ width: 64 }) },
  { id: 'residual-projection', label: 'Residual, projected', description: 'A residual block that changes maps or size: its shortcut is a 1×1 convolution.', keywords: ['resnet', 'basic', 'stride', 'shortcut'], build: () => residualBasic({ width: 128, stride: 2, shortcut: 'projection' }) },
  { id: 'bottleneck', label: 'Bottleneck', description: '1×1, 3×3 and 1×1 convolutions beside a shortcut; the input has four times the maps.', keywords: ['resnet', 'resnext', 'residual'], build: () => bottleneck({ width: 64 }) },
  { id: 'bottleneck-projection', label: 'Bottleneck, projected', description: 'A bottleneck that changes maps or size: its shortcut is a 1×1 convolution.', keywords: ['resnet', 'resnext', 'residual', 'stride'], build: () => bottleneck({ width: 128, stride: 2, shortcut: 'projection' }) },
  { id: 'pre-activation', label: 'Pre-activation', description: 'A residual block with norm and ReLU before each convolution: the shortcut is left untouched.', keywords: ['resnet', 'v2', 'wide', 'residual'], build: () => preActivation({ width: 64 }) },
  { id: 'pre-activation-projection', label: 'Pre-activation, projected', description: 'The pre-activation block that changes maps or size.', keywords: ['resnet', 'v2', 'wide', 'stride'], build: () => preActivation({ width: 128, stride: 2, shortcut: 'projection' }) },
  { id: 'pre-bottleneck', label: 'Pre-activation bottleneck', description: 'A bottleneck with norm and ReLU before each convolution.', keywords: ['resnet', 'v2', 'residual'], build: () => preActivationBottleneck({ width: 64 }) },
  { id: 'pre-bottleneck-projection', label: 'Pre-activation bottleneck, projected', description: 'The same, where maps or size change.', keywords: ['resnet', 'v2', 'stride'], build: () => preActivationBottleneck({ width: 128, stride: 2, shortcut: 'projection' }) },
  { id: 'dense-block', label: 'Dense block', description: 'Layers that each see all before them; set how many by the repeat.', keywords: ['densenet', 'concat', 'growth'], build: () => denseBlock(6, 12) },
  { id: 'transition', label: 'Transition', description: 'Between dense blocks: a 1×1 convolution and a pool.', keywords: ['densenet', 'compression'], build: () => transition(48) },
  { id: 'inception', label: 'Inception', description: '1×1, 3×3, 5×5 and a pool side by side, as in GoogLeNet.', keywords: ['googlenet', 'branches'], build: () => inception(v1) },
  { id: 'inception-bn', label: 'Inception with BN', description: 'The Inception module with batch norm behind each convolution.', keywords: ['googlenet', 'branches', 'batch norm'], build: () => inception(v1, { norms: true, large: 3 }) },
  { id: 'fire', label: 'Fire', description: 'Squeeze by 1×1, then 1×1 and 3×3 side by side, as in SqueezeNet.', keywords: ['squeezenet', 'expand'], build: () => fire(16, 64) },
  { id: 'depthwise-separable', label: 'Depthwise separable', description: 'Each map alone by 3×3, then across maps by 1×1, as in MobileNet.', keywords: ['mobilenet', 'pointwise'], build: () => depthwiseSeparable(64) },
  { id: 'mlpconv', label: 'MLPConv', description: 'A convolution followed by a small net at each place, as in Network in Network.', keywords: ['nin', '1×1'], build: () => mlpConv(192, 160, 96) },
  { id: 'u-net-down', label: 'U-Net down', description: 'Half the size and two convolutions.', keywords: ['unet', 'encoder', 'segmentation'], build: () => unetDown(64) },
  { id: 'u-net-up', label: 'U-Net up', description: 'Twice the size, joined with the maps of the way down, and two convolutions.', keywords: ['unet', 'decoder', 'segmentation'], build: () => unetUp(64) },
  ...modernBlocks,
];
