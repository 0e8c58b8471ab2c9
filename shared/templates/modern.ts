/** Nets since 2020: ConvNeXt, and transformers that read a picture as a row of patches. */
import type { GroupNode } from '../graph/document.ts';
import { channelNorm, convNext, transformer } from './blocks-modern.ts';
import type { Row, Sketch } from './build.ts';
import { classify, image, SMALL, variable } from './parts.ts';
import { template, type Paper, type RecommendedTraining, type Template, type TemplateOptions } from './template.ts';

const IMAGENET = { size: 224, channels: 3, classes: 1000 } as const;
const adamw: RecommendedTraining = { optimizer: { kind: 'adamw' }, learningRate: 0.001, batchSize: 128, epochs: 60, weightDecay: 0.05, loss: { kind: 'cross-entropy', labelSmoothing: 0.1 }, schedule: { kind: 'cosine' }, warmup: { epochs: 5 } };
/** Touvron et al. (2021), table 9, as far as it goes for small data. */
const deit: RecommendedTraining = { ...adamw, learningRate: 0.0005, clip: { kind: 'norm', limit: 1 } };

/** A convolution whose windows do not overlap: one place for each patch. */
const patches = (filters: number | string, side: number, initializer: string, name: string): Row => ['conv2d', { filters, kernel: [side, side], stride: [side, side], initializer }, name];

/** Liu et al. (2022), table 9: ConvNeXt-T's blocks and maps. */
const stages = [[3, 96], [3, 192], [9, 384], [3, 768]] as const;
const BLOCKS = stages.reduce((n, [count]) => n + count, 0);
const DROP = 0.1;

function drawConvNext(s: Sketch, { size, channels, classes }: TemplateOptions): void {
  let x = s.chain(null, [image({ size, channels }), patches(96, size < SMALL ? 2 : 4, 'truncated-normal', 'patches'), channelNorm]);
  let index = 0;
  for (const [i, [count, width]] of stages.entries()) {
    const blocks = (maps: number | string): GroupNode => ({ ...convNext(maps, `=${DROP} * ${index} / ${BLOCKS - 1}`, `=${DROP} / ${BLOCKS - 1}`), repeat: count });
    x = i === 0 ? s.place(blocks(width), x, 'stage 1') : s.group(`stage ${i + 1}`, x, (g, entry) => g.place(blocks('=width'), g.chain(entry, [channelNorm, patches('=width', 2, 'truncated-normal', 'halve')]), 'blocks'), { variables: [variable('width', 'Maps', width)] });
    index += count;
  }
  s.chain(x, [['global-average-pool', {}], channelNorm, ...classify(classes)]);
}

/** Dosovitskiy et al. (2021), figure 1; patches of 16 pixels, of 4 where the picture is small. */
const drawVit = (width: number, heads: number) => (s: Sketch, { size, channels, classes }: TemplateOptions): void => {
  const tokens = s.chain(null, [image({ size, channels }), patches(width, size < SMALL ? 4 : 16, 'lecun-normal', 'patches'), ['tokens', {}], ['class-token', {}], ['position-embedding', {}]]);
  s.chain(s.place({ ...transformer(width, heads), repeat: 12 }, tokens, 'encoder'), [channelNorm, ['take-token', {}], ...classify(classes)]);
};
const vitPaper: Paper = { authors: 'A. Dosovitskiy et al.', title: 'An image is worth 16×16 words: transformers for image recognition at scale', venue: 'ICLR 2021', link: 'https://arxiv.org/abs/2010.11929' };

export const modernTemplates: readonly Template[] = [
  template({
    id: 'convnext-tiny', label: 'ConvNeXt-Tiny', family: 'modern', year: 2022, defaults: IMAGENET, smallest: 16, training: adamw,
    paper: { authors: 'Z. Liu, H. Mao, C.-Y. Wu, C. Feichtenhofer, T. Darrell, S. Xie', title: 'A ConvNet for the 2020s', venue: 'CVPR 2022', link: 'https://arxiv.org/abs/2201.03545' },
    summary: 'A ResNet brought step by step to what transformers do, without attention.',
    description: 'The authors took ResNet-50 and changed one thing at a time towards a Swin transformer: patches at the start, 3:3:9:3 blocks, 7×7 depthwise windows, a wide middle, GELU, layer norm, fewer of both. In the end the convolutional net was ahead. Each branch begins at a millionth of its size and grows by its layer scale.',
    draw: drawConvNext,
  }),
  template({
    id: 'vit-tiny', label: 'ViT-Tiny/16', family: 'modern', year: 2021, defaults: IMAGENET, smallest: 4, training: deit,
    paper: { authors: 'H. Touvron, M. Cord, M. Douze, F. Massa, A. Sablayrolles, H. Jégou', title: 'Training data-efficient image transformers and distillation through attention', venue: 'ICML 2021', link: 'https://arxiv.org/abs/2012.12877' },
    summary: 'The smallest vision transformer: 192 channels, 3 heads, 12 layers.',
    description: 'A picture is cut into patches, each becomes a token of 192 numbers, and twelve layers of attention let the tokens ask one another. Nothing tells the net that patches are neighbours but learned numbers for each place, so it wants more data or more augmentation than a convolutional net. Open the encoder, then its attention, to see queries, keys, values and their products.',
    draw: drawVit(192, 3),
  }),
  template({
    id: 'vit-b-16', label: 'ViT-B/16', family: 'modern', year: 2021, paper: vitPaper, defaults: IMAGENET, smallest: 4, training: deit,
    summary: 'The vision transformer of the paper: 768 channels, 12 heads, 12 layers.',
    description: 'The architecture of language models on pictures, with hardly a change: 16×16 patches are the words, and a learned token in front gathers what the classes are read from. 86.6 million weights; trained on 300 million pictures it passed the best convolutional nets, trained on ImageNet alone it did not.',
    draw: drawVit(768, 12),
  }),
];
