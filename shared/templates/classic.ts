/** First steps and the nets up to 2013: perceptron, small CNNs, LeNet-5, AlexNet, ZFNet. */
import type { Row } from './build.ts';
import { classify, conv, dense, dropout, image, maxPool, SMALL, training } from './parts.ts';
import { template, type Paper, type Template, type TemplateOptions } from './template.ts';

const DIGITS = { size: 8, channels: 1, classes: 10 } as const;
const MNIST = { size: 28, channels: 1, classes: 10 } as const;
const CIFAR = { size: 32, channels: 3, classes: 10 } as const;
const IMAGENET = { size: 224, channels: 3, classes: 1000 } as const;

const lenetPaper: Paper = { authors: 'Y. LeCun, L. Bottou, Y. Bengio, P. Haffner', title: 'Gradient-based learning applied to document recognition', venue: 'Proceedings of the IEEE 86(11)', link: 'https://doi.org/10.1109/5.726791' };
const alexPaper: Paper = { authors: 'A. Krizhevsky, I. Sutskever, G. E. Hinton', title: 'ImageNet classification with deep convolutional neural networks', venue: 'NeurIPS', link: 'https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks' };
const columnPaper: Paper = { authors: 'A. Krizhevsky', title: 'One weird trick for parallelizing convolutional neural networks', venue: 'arXiv', link: 'https://arxiv.org/abs/1404.5997' };
const zfPaper: Paper = { authors: 'M. D. Zeiler, R. Fergus', title: 'Visualizing and understanding convolutional networks', venue: 'ECCV 2014', link: 'https://arxiv.org/abs/1311.2901' };

const valid = (filters: number, kernel: number): Row => ['conv2d', { filters, kernel: [kernel, kernel], activation: 'relu' }];
const same = (filters: number, kernel: number): Row => ['conv2d', { filters, kernel: [kernel, kernel], padding: 'same', activation: 'relu' }];
/** Subsampling as LeCun had it: the sum of a window times one trained number a map, plus another, through tanh. */
const subsample: readonly Row[] = [['sum-pool', {}, 'pool'], ['depthwise-conv', { kernel: [1, 1], activation: 'tanh' }, 'scale']];

/** Local response normalisation of section 3.3: ONNX divides α by the five neighbours, the paper does not. */
const response: Row = ['lrn', { size: 5, alpha: 0.0005, beta: 0.75, bias: 2 }];
/** The two dense layers of 4096 with dropout before each. */
const wide = (classes: number): readonly Row[] => [['flatten', {}], dropout(0.5), dense(4096, 'relu'), dropout(0.5), dense(4096, 'relu'), ...classify(classes)];
const rest = (filters: number, kernel: number, groups = 1): Row => conv(filters, kernel, { activation: 'relu', groups });
/** The first convolution: 11×11 at stride 4, or 5×5 at stride 1 where the picture is small. */
const alexStem = (filters: number, { size }: TemplateOptions): Row => (size < SMALL ? conv(filters, 5, { activation: 'relu' }) : conv(filters, 11, { stride: 4, edge: 2, activation: 'relu' }));

export const classicTemplates: readonly Template[] = [
  template({
    id: 'lenet-5-digits', label: 'LeNet-5 for digits', family: 'start', year: 1998, paper: lenetPaper, defaults: DIGITS, smallest: 4, training: {},
    summary: 'Two convolutions, two pools, two dense layers for the 8×8 digits.',
    description: 'LeNet-5 made small for the handwritten digits that come with Netloom. It trains in seconds on any machine, so every change shows at once: take a layer out, double the filters, see what the curves say.',
    draw: (s, o) => s.chain(null, [image(o), same(16, 3), maxPool(2), same(32, 3), maxPool(2), ['flatten', {}], dense(64, 'relu'), ...classify(o.classes)]),
  }),
  template({
    id: 'mlp', label: 'Multilayer perceptron', family: 'start', year: 1986, defaults: DIGITS, smallest: 1, training: training.adam,
    paper: { authors: 'D. E. Rumelhart, G. E. Hinton, R. J. Williams', title: 'Learning representations by back-propagating errors', venue: 'Nature 323', link: 'https://doi.org/10.1038/323533a0' },
    summary: 'Dense layers only: what a net without convolution can do.',
    description: 'Every pixel is wired to every unit of the first layer; nothing tells the net that neighbouring pixels belong together. Good on small pictures, wasteful on large ones, and the baseline that a convolutional net has to beat.',
    draw: (s, o) => s.chain(null, [image(o), ['flatten', {}], dense(64, 'relu'), dense(32, 'relu'), ...classify(o.classes)]),
  }),
  template({
    id: 'tiny-cnn', label: 'Tiny CNN 28×28', family: 'start', year: null, paper: null, defaults: MNIST, smallest: 4, training: training.adam,
    summary: 'Two convolutions and one dense layer for grey 28×28 pictures.',
    description: 'The smallest net worth the name convolutional: 8 and 16 filters of 3×3, a pool behind each, and one dense layer. It reaches about 98 % on handwritten digits with a few thousand parameters, and every map in it can be looked at.',
    draw: (s, o) => s.chain(null, [image(o), same(8, 3), maxPool(2), same(16, 3), maxPool(2), ['flatten', {}], ...classify(o.classes)]),
  }),
  template({
    id: 'tiny-cnn-32', label: 'Tiny CNN 32×32', family: 'start', year: 2020, defaults: CIFAR, smallest: 8, training: training.adam,
    paper: { authors: 'Z. J. Wang et al.', title: 'CNN Explainer: learning convolutional neural networks with interactive visualization', venue: 'IEEE VIS', link: 'https://arxiv.org/abs/2004.15004' },
    summary: 'Two pairs of 3×3 convolutions for small colour pictures.',
    description: 'A tiny VGG after the net of CNN Explainer: two convolutions, pool, two convolutions, pool, dense. Colour pictures need a few more filters than digits; the second pair of convolutions already sees a sixth of the picture.',
    draw: (s, o) => s.chain(null, [image(o), same(16, 3), same(16, 3), maxPool(2), same(32, 3), same(32, 3), maxPool(2), ['flatten', {}], ...classify(o.classes)]),
  }),
  template({
    id: 'mnist-cnn', label: 'MNIST CNN', family: 'start', year: 2015, defaults: MNIST, smallest: 6, training: { ...training.adam, batchSize: 128, epochs: 12 },
    paper: { authors: 'F. Chollet and others', title: 'Keras example mnist_cnn', venue: 'keras.io', link: 'https://github.com/keras-team/keras/blob/keras-2/examples/mnist_cnn.py' },
    summary: 'Keras’ example for handwritten digits: two convolutions with dropout.',
    description: 'The net that many people met first: 32 and 64 filters of 3×3, one pool, a dense layer of 128, dropout twice. Nearly all its weights are in that one dense layer; 99.2 % on MNIST in twelve epochs.',
    draw: (s, o) => s.chain(null, [image(o), valid(32, 3), valid(64, 3), maxPool(2), dropout(0.25), ['flatten', {}], dense(128, 'relu'), dropout(0.5), ...classify(o.classes)]),
  }),
  template({
    id: 'lenet-5', label: 'LeNet-5', family: 'classic', year: 1998, paper: lenetPaper, defaults: MNIST, smallest: 12, training: training.adam,
    summary: 'The classic of 1998, with ReLU and max pooling.',
    description: 'LeNet-5 as it is taught today: the layers and sizes of 1998 with ReLU in place of tanh, max pooling in place of trained subsampling, and softmax at the end. Two convolutions find strokes and their combinations, three dense layers decide.',
    draw: (s, o) => s.chain(null, [image(o), conv(6, 5, { activation: 'relu' }), maxPool(2), valid(16, 5), maxPool(2), ['flatten', {}], dense(120, 'relu'), dense(84, 'relu'), ...classify(o.classes)]),
  }),
  template({
    id: 'lenet-5-classic', label: 'LeNet-5 (1998)', family: 'classic', year: 1998, paper: lenetPaper, defaults: MNIST, smallest: 12, training: { optimizer: { kind: 'sgd', momentum: 0.9 }, learningRate: 0.02, batchSize: 64, epochs: 20, schedule: { kind: 'step', every: 8, factor: 0.5 } },
    summary: 'With tanh and subsampling whose factor and offset are trained.',
    description: 'The net that read cheques. Its subsampling layers add up windows of 2×2, multiply by one trained number for each map, add another and pass through tanh: here a sum pool and a 1×1 convolution of each map alone. Left out are the table that wired only some maps to the second convolution (all are wired) and the radial units at the end (softmax).',
    draw: (s, o) => s.chain(null, [image(o), conv(6, 5, { activation: 'tanh' }), ...subsample, ['conv2d', { filters: 16, kernel: [5, 5], activation: 'tanh' }], ...subsample, ['flatten', {}], dense(120, 'tanh'), dense(84, 'tanh'), ...classify(o.classes)]),
  }),
  template({
    id: 'alexnet-groups', label: 'AlexNet (2012)', family: 'classic', year: 2012, paper: alexPaper, defaults: IMAGENET, smallest: 15, training: training.plain,
    summary: 'The original: two columns, local response normalisation, overlapping pools.',
    description: 'The net that won ImageNet 2012 and began the decade of deep learning. Memory forced it onto two GPUs: the second, fourth and fifth convolution see only their own half, which are two groups here. Pools of 3×3 move by 2 and overlap; neighbouring maps damp each other by local response normalisation; dropout guards two dense layers that hold 58 of its 61 million weights.',
    draw: (s, o) => s.chain(null, [image(o), alexStem(96, o), response, maxPool(3, 2), rest(256, 5, 2), response, maxPool(3, 2), rest(384, 3), rest(384, 3, 2), rest(256, 3, 2), maxPool(3, 2), ...wide(o.classes)]),
  }),
  template({
    id: 'alexnet', label: 'AlexNet, one column', family: 'classic', year: 2014, paper: columnPaper, defaults: IMAGENET, smallest: 15, training: training.plain,
    summary: 'AlexNet without groups and normalisation, as PyTorch has it.',
    description: 'Two years after the original one GPU was enough: a single column with slightly fewer filters and without local response normalisation, which had turned out to matter little. Most ports of AlexNet, torchvision’s too, are this one.',
    draw: (s, o) => s.chain(null, [image(o), alexStem(64, o), maxPool(3, 2), rest(192, 5), maxPool(3, 2), rest(384, 3), rest(256, 3), rest(256, 3), maxPool(3, 2), ...wide(o.classes)]),
  }),
  template({
    id: 'zfnet', label: 'ZFNet', family: 'classic', year: 2013, paper: zfPaper, defaults: IMAGENET, smallest: 12, training: training.plain,
    summary: 'AlexNet after looking inside: smaller windows, smaller stride at the start.',
    description: 'Zeiler and Fergus projected the maps of AlexNet back to pixels and saw dead filters and aliasing in the first two layers. Windows of 7×7 at stride 2 instead of 11×11 at stride 4 cured both, and won ImageNet 2013. A case for looking at maps before adding layers.',
    draw: (s, o) => {
      const small = o.size < SMALL;
      const stem: readonly Row[] = small ? [conv(96, 7, { activation: 'relu' })] : [conv(96, 7, { stride: 2, edge: 1, activation: 'relu' })];
      // On small pictures the second convolution keeps the size, or nothing would be left.
      const second = conv(256, 5, { stride: small ? 1 : 2, edge: small ? 2 : 0, activation: 'relu' });
      s.chain(null, [image(o), ...stem, maxPool(3, 2, 1), response, second, maxPool(3, 2, 1), response, rest(384, 3), rest(384, 3), rest(256, 3), maxPool(3, 2), ...wide(o.classes)]);
    },
  }),
  template({
    id: 'vgg-small', label: 'Small VGG', family: 'start', year: null, paper: null, defaults: CIFAR, smallest: 8, training: training.adam,
    summary: 'Pairs of 3×3 convolutions with 64, 128 and 256 maps.',
    description: 'What VGG taught, at a size for small colour pictures: two 3×3 convolutions see as far as one of 5×5 with fewer weights; when a pool halves the size, the maps double. A good baseline for 32×32.',
    draw: (s, o) => s.chain(null, [image(o), ...[64, 128, 256].flatMap((f) => [same(f, 3), same(f, 3), maxPool(2)]), ['flatten', {}], dense(256, 'relu'), ...classify(o.classes)]),
  }),
  template({
    id: 'blank', label: 'Blank', title: 'Untitled', family: 'start', year: null, paper: null, defaults: DIGITS, smallest: 1, training: {}, withoutClasses: true,
    summary: 'An Input and nothing else.',
    description: 'An empty canvas with an Input of the size you choose. Drag layers from the palette, or press / to add one by name.',
    draw: (s, o) => s.chain(null, [image(o)]),
  }),
];
