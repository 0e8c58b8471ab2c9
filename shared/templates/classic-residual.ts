/** Nets of shortcuts: the ResNets, Wide-ResNet, ResNeXt, and the DenseNets. */
import type { GroupNode } from '../graph/document.ts';
import { bottleneck, denseBlock, preActivation, residualBasic, transition, type Shortcut } from './blocks.ts';
import { group, type Row, type Sketch } from './build.ts';
import { averageHead, bare, image, maxPool, norm, relu, SMALL, training, variable } from './parts.ts';
import { template, type Paper, type Template, type TemplateOptions } from './template.ts';

const CIFAR = { size: 32, channels: 3, classes: 10 } as const;
const IMAGENET = { size: 224, channels: 3, classes: 1000 } as const;

const resnetPaper: Paper = { authors: 'K. He, X. Zhang, S. Ren, J. Sun', title: 'Deep residual learning for image recognition', venue: 'CVPR 2016', link: 'https://arxiv.org/abs/1512.03385' };
const widePaper: Paper = { authors: 'S. Zagoruyko, N. Komodakis', title: 'Wide residual networks', venue: 'BMVC 2016', link: 'https://arxiv.org/abs/1605.07146' };
const resnextPaper: Paper = { authors: 'S. Xie, R. Girshick, P. Dollár, Z. Tu, K. He', title: 'Aggregated residual transformations for deep neural networks', venue: 'CVPR 2017', link: 'https://arxiv.org/abs/1611.05431' };
const densePaper: Paper = { authors: 'G. Huang, Z. Liu, L. van der Maaten, K. Q. Weinberger', title: 'Densely connected convolutional networks', venue: 'CVPR 2017', link: 'https://arxiv.org/abs/1608.06993' };

/** The Input and what comes before the first stage: 7×7 at stride 2 and a pool, or 3×3 where the picture is small. */
function start(s: Sketch, o: TemplateOptions, filters: number, small = o.size < SMALL): string {
  const rows: readonly Row[] = small ? [bare('=width', 3), norm, relu] : [bare('=width', 7, 2), norm, relu, maxPool(3, 2, 1)];
  return s.group('stem', s.chain(null, [image(o)]), (inner, x) => inner.chain(x, rows), { variables: [variable('width', 'Maps', filters)] });
}

/** A stage: the block that changes maps or size, and the others, which are alike. */
function stage(s: Sketch, x: string, name: string, first: GroupNode, others: GroupNode, count: number): string {
  return s.place(group(name, (inner, y) => {
    const head = inner.place(first, y, 'first');
    return count > 1 ? inner.place({ ...others, repeat: count - 1 }, head, 'others') : head;
  }), x);
}

type Counts = readonly [number, number, number, number];
interface Form { readonly bottleneck: boolean; readonly groups?: number; /** Inner maps of the first stage. */ readonly base?: number }

/** Table 1 of the paper; ResNeXt has wider inner maps in groups. */
function drawResNet(s: Sketch, o: TemplateOptions, counts: Counts, { bottleneck: deep, groups = 1, base = 64 }: Form): void {
  let x = start(s, o, 64);
  counts.forEach((count, i) => {
    const stride = i === 0 ? 1 : 2;
    const width = base * 2 ** i;
    const make = (shortcut: Shortcut, step: number): GroupNode => (deep ? bottleneck({ width, stride: step, shortcut, expansion: 256 / base, groups }) : residualBasic({ width, stride: step, shortcut }));
    // Only the first stage of the shallow nets has as many maps as the stem.
    x = stage(s, x, `stage ${i + 1}`, make(deep || i > 0 ? 'projection' : 'identity', stride), make('identity', 1), count);
  });
  s.chain(x, averageHead(o.classes));
}

const resnet = (depth: number, counts: Counts, deep: boolean, text: string): Template => template({
  id: `resnet-${depth}`, label: `ResNet-${depth}`, family: 'residual', year: 2015, paper: resnetPaper, defaults: IMAGENET, smallest: 8, training: deep ? { ...training.residual, batchSize: 64, learningRate: 0.05 } : training.residual,
  summary: `${depth} layers in four stages of ${deep ? 'bottleneck' : 'residual'} blocks.`,
  description: `${text} Shortcuts carry the maps past every pair of convolutions, so that a block learns only what is to be changed, and gradients reach the first layer undamped. Open a stage to see its blocks; the others repeat as one. Below 64 pixels the stem is a 3×3 convolution without pool.`,
  draw: (s, o) => { drawResNet(s, o, counts, { bottleneck: deep }); },
});

/** Section 4.2: three stages of `n` blocks with 16, 32 and 64 maps. */
function drawCifar(s: Sketch, o: TemplateOptions, n: number, shortcut: Shortcut): void {
  let x = start(s, o, 16, true);
  for (const [i, width] of [16, 32, 64].entries()) x = stage(s, x, `stage ${i + 1}`, residualBasic(i === 0 ? { width } : { width, stride: 2, shortcut }), residualBasic({ width }), n);
  s.chain(x, averageHead(o.classes));
}

const cifar = (depth: number, shortcut: Shortcut, text: string): Template => template({
  id: `resnet-${depth}${shortcut === 'projection' ? '-projection' : ''}`, label: `CIFAR ResNet-${depth}${shortcut === 'projection' ? ' with projections' : ''}`, family: 'residual', year: 2015, paper: resnetPaper, defaults: CIFAR, smallest: 4,
  training: { ...training.residual, weightDecay: 0.0001, ...(depth > 100 ? { warmup: { epochs: 2 } } : {}) },
  summary: shortcut === 'projection' ? 'Where maps double, the shortcut is a 1×1 convolution.' : `${depth} layers with 16 to 64 maps for 32×32 pictures.`, description: text,
  draw: (s, o) => { drawCifar(s, o, (depth - 2) / 6, shortcut); },
});

/** Zagoruyko and Komodakis, table 1: pre-activation blocks `k` times as wide. */
function drawWide(s: Sketch, o: TemplateOptions, n: number, k: number): void {
  let x = s.chain(null, [image(o), bare(16, 3)]);
  for (const [i, base] of [16, 32, 64].entries()) {
    const width = base * k;
    x = stage(s, x, `stage ${i + 1}`, preActivation({ width, stride: i === 0 ? 1 : 2, shortcut: 'projection' }), preActivation({ width }), n);
  }
  s.chain(x, [norm, relu, ...averageHead(o.classes)]);
}

const wideResnet = (depth: number, k: number, text: string): Template => template({
  id: `wide-resnet-${depth}-${k}`, label: `Wide-ResNet-${depth}-${k}`, family: 'residual', year: 2016, paper: widePaper, defaults: CIFAR, smallest: 4, training: training.residual,
  summary: `${depth} layers, ${k} times as wide as the CIFAR ResNet.`, description: text, draw: (s, o) => { drawWide(s, o, (depth - 4) / 6, k); },
});

/** Dense blocks of `counts` layers; between them half the maps go on. */
function drawDense(s: Sketch, x: string, o: TemplateOptions, counts: readonly number[], growth: number, first: number): void {
  let [last, maps] = [x, first];
  counts.forEach((count, i) => {
    last = s.place(denseBlock(count, growth), last, `dense block ${i + 1}`);
    maps += count * growth;
    if (i === counts.length - 1) return;
    maps = Math.floor(maps / 2);
    last = s.place(transition(maps), last, `transition ${i + 1}`);
  });
  s.chain(last, [norm, relu, ...averageHead(o.classes)]);
}

const densenet = (depth: number, counts: Counts, text: string): Template => template({
  id: `densenet-${depth}`, label: `DenseNet-${depth}`, family: 'dense', year: 2016, paper: densePaper, defaults: IMAGENET, smallest: 8, training: { ...training.residual, batchSize: 64, learningRate: 0.05, weightDecay: 0.0001 },
  summary: `Four dense blocks of ${counts.join(', ')} layers, growth 32.`,
  description: `${text} Every layer of a block sees the maps of all layers before it and adds 32 of its own; nothing is learnt twice, so few weights suffice. A transition halves size and maps between blocks. Change the repeat of a block and its depth changes.`,
  draw: (s, o) => { drawDense(s, start(s, o, 64), o, counts, 32, 64); },
});

export const residualTemplates: readonly Template[] = [
  template({
    id: 'small-resnet', label: 'Small ResNet', family: 'start', year: 2015, paper: resnetPaper, defaults: CIFAR, smallest: 4, training: { ...training.residual, epochs: 20 },
    summary: 'Three residual blocks with batch norm for 32×32 pictures.',
    description: 'The CIFAR ResNet with one block a stage: 8 layers, 16 to 64 maps, 1×1 projections where the maps double. Small enough to train on a laptop, and every idea of the large ones is in it.',
    draw: (s, o) => { drawCifar(s, o, 1, 'projection'); },
  }),
  resnet(18, [2, 2, 2, 2], false, 'The smallest of the family, two blocks of two 3×3 convolutions in each stage.'),
  resnet(34, [3, 4, 6, 3], false, 'The deepest of the family without bottlenecks; as a plain net of this depth it trained worse than one of 18 layers, with shortcuts better.'),
  resnet(50, [3, 4, 6, 3], true, 'The workhorse: three convolutions a block, the outer ones 1×1 to make the middle cheap.'),
  resnet(101, [3, 4, 23, 3], true, 'The third stage grows to 23 blocks; a common backbone of detectors.'),
  resnet(152, [3, 8, 36, 3], true, 'The winner of ImageNet 2015, eight times as deep as VGG-19 and still with less arithmetic.'),
  cifar(20, 'padded', 'The ResNet of the paper’s CIFAR experiments: three stages of three blocks with 16, 32 and 64 maps. Where the maps double, the shortcut takes every other pixel and adds maps of zeros, so that it has no weights at all. 91 to 92 % on CIFAR-10 with 0.27 million parameters.'),
  cifar(20, 'projection', 'ResNet-20 with 1×1 convolutions as shortcuts where the maps double (option B of the paper): 2752 parameters more, and hardly a difference, which is why the paper did without.'),
  cifar(56, 'padded', 'Nine blocks a stage. A plain net of 56 layers trains worse than one of 20; this one trains better: the paper’s main point in one run.'),
  cifar(110, 'padded', 'Eighteen blocks a stage. Deep enough that the paper began with a small rate until the loss moved: the warm-up does that here.'),
  wideResnet(16, 4, 'Wide instead of deep: 16 layers, four times the maps. It beats the CIFAR ResNet-110 in a fraction of its time, since few wide layers keep a processor busier than many thin ones. Norm and ReLU stand before each convolution.'),
  wideResnet(28, 10, 'The net that held the CIFAR records for years: 28 layers, ten times the maps, 36.5 million weights. Norm and ReLU stand before each convolution, and the shortcut is never touched.'),
  template({
    id: 'resnext-50', label: 'ResNeXt-50 32×4d', family: 'residual', year: 2016, paper: resnextPaper, defaults: IMAGENET, smallest: 8, training: { ...training.residual, batchSize: 64, learningRate: 0.05 },
    summary: 'ResNet-50 whose 3×3 convolutions have 32 groups.',
    description: 'Instead of one transformation each block has 32 alike ones of four maps, side by side: a convolution in groups. At the same cost as ResNet-50 the number of paths, the cardinality, helps more than depth or width. Open a block and change its groups.',
    draw: (s, o) => { drawResNet(s, o, [3, 4, 6, 3], { bottleneck: true, groups: 32, base: 128 }); },
  }),
  densenet(121, [6, 12, 24, 16], 'As good as ResNet-50 with a third of its weights.'),
  densenet(169, [6, 12, 32, 32], 'Deeper in its last two blocks.'),
  densenet(201, [6, 12, 48, 32], 'As good as ResNet-101 with less than half its weights.'),
  template({
    id: 'densenet-bc', label: 'DenseNet-BC-100-12', family: 'dense', year: 2016, paper: densePaper, defaults: CIFAR, smallest: 4, training: { ...training.residual, batchSize: 64, weightDecay: 0.0001 },
    summary: '100 layers that each see all before them, growth 12, for 32×32.',
    description: 'The DenseNet of the paper’s CIFAR experiments with bottlenecks and compression: three blocks of sixteen layers, each adding twelve maps to all that came before. 0.77 million parameters, 4.5 % error on CIFAR-10: as good as a ResNet of ten times the size.',
    draw: (s, o) => { drawDense(s, s.chain(null, [image(o), bare(24, 3)]), o, [16, 16, 16], 12, 24); },
  }),
];
