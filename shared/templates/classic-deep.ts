/** Deep plain nets and nets of branches: VGG, Network in Network, GoogLeNet, SqueezeNet. */
import type { GroupNode } from '../graph/document.ts';
import { fire, inception, mlpConv, type InceptionWidths } from './blocks.ts';
import { group, type Row, type Sketch } from './build.ts';
import { bare, ceilPool, classify, conv, dense, dropout, image, maxPool, norm, relu, slide, SMALL, training, variable } from './parts.ts';
import { template, type Paper, type Template, type TemplateOptions } from './template.ts';

const CIFAR = { size: 32, channels: 3, classes: 10 } as const;
const IMAGENET = { size: 224, channels: 3, classes: 1000 } as const;

const vggPaper: Paper = { authors: 'K. Simonyan, A. Zisserman', title: 'Very deep convolutional networks for large-scale image recognition', venue: 'ICLR 2015', link: 'https://arxiv.org/abs/1409.1556' };
const ninPaper: Paper = { authors: 'M. Lin, Q. Chen, S. Yan', title: 'Network in network', venue: 'ICLR 2014', link: 'https://arxiv.org/abs/1312.4400' };
const googlePaper: Paper = { authors: 'C. Szegedy et al.', title: 'Going deeper with convolutions', venue: 'CVPR 2015', link: 'https://arxiv.org/abs/1409.4842' };
const squeezePaper: Paper = { authors: 'F. N. Iandola et al.', title: 'SqueezeNet: AlexNet-level accuracy with 50× fewer parameters and < 0.5 MB model size', venue: 'arXiv', link: 'https://arxiv.org/abs/1602.07360' };

/** Convolutions in each of the five stages: configurations A, B, D and E of table 1. */
const depths = { 11: [1, 1, 2, 2, 2], 13: [2, 2, 2, 2, 2], 16: [2, 2, 3, 3, 3], 19: [2, 2, 4, 4, 4] } as const;
type Depth = keyof typeof depths;
const widths = [64, 128, 256, 512, 512] as const;

const vggLayer = (width: number, norms: boolean): GroupNode =>
  group('layer', (s, x) => s.chain(x, norms ? [bare('=width', 3), norm, relu] : [conv('=width', 3, { activation: 'relu' })]), { variables: [variable('width', 'Filters', width)], ...(norms ? { block: 'conv-bn-relu' } : {}) });

function drawVgg(s: Sketch, o: TemplateOptions, depth: Depth, norms: boolean): void {
  let { size } = o;
  let x = s.chain(null, [image(o)]);
  for (const [i, count] of depths[depth].entries()) {
    x = s.place({ ...vggLayer(widths[i] as number, norms), repeat: count }, x, `stage ${i + 1}`);
    // A picture too small for five pools has fewer.
    if (size < 2) continue;
    x = s.chain(x, [maxPool(2)]);
    size = slide(size, 2, 2);
  }
  const large: readonly Row[] = [dense(4096, 'relu'), dropout(0.5), dense(4096, 'relu'), dropout(0.5)];
  s.chain(x, [['flatten', {}], ...(o.size < SMALL ? [] : large), ...classify(o.classes)]);
}

const about: Readonly<Record<Depth, string>> = {
  11: 'Configuration A, the shallowest: one or two convolutions a stage. It trained from plain random weights and lent its layers to the deeper ones.',
  13: 'Configuration B: two convolutions in every stage.',
  16: 'Configuration D, the one most used as a backbone: detectors, style transfer and perceptual losses still measure pictures by its maps.',
  19: 'Configuration E, the deepest; it gains almost nothing on VGG-16: without shortcuts depth alone had run out.',
};
const vgg = (depth: Depth, norms: boolean): Template => template({
  id: `vgg-${depth}${norms ? '-bn' : ''}`, label: `VGG-${depth}${norms ? ' with BN' : ''}`, family: 'deep', year: 2014, paper: vggPaper, defaults: IMAGENET, smallest: 4,
  training: norms ? { ...training.residual, learningRate: 0.05 } : training.plain,
  summary: `${depth} layers of 3×3 convolutions${norms ? ' with batch norm' : ''}, halved by pools and doubled in width.`,
  description: `${about[depth]} Every window is 3×3, every pool halves the size, every stage doubles the maps to 512: a net of one rule. Two dense layers of 4096 hold most of its weights; on pictures below 64 pixels they are left out.${norms ? ' Batch norm behind each convolution lets it train at ten times the rate; the convolutions then need no bias.' : ''}`,
  draw: (s, o) => { drawVgg(s, o, depth, norms); },
});

/** Table 1 of the paper, rows 3a to 5b: 1×1, 3×3 reduce, 3×3, 5×5 reduce, 5×5, pool. */
const modules = {
  '3a': [64, 96, 128, 16, 32, 32], '3b': [128, 128, 192, 32, 96, 64],
  '4a': [192, 96, 208, 16, 48, 64], '4b': [160, 112, 224, 24, 64, 64], '4c': [128, 128, 256, 24, 64, 64], '4d': [112, 144, 288, 32, 64, 64], '4e': [256, 160, 320, 32, 128, 128],
  '5a': [256, 160, 320, 32, 128, 128], '5b': [384, 192, 384, 48, 128, 128],
} as const;
const widthsOf = ([one, reduce3, three, reduce5, five, pool]: readonly [number, number, number, number, number, number]): InceptionWidths => ({ one, reduce3, three, reduce5, five, pool });

/** Section 5 of the paper: a classifier from half way, whose loss counts with 0.3 in training. */
function auxiliary(s: Sketch, x: string, { classes }: TemplateOptions, name: string, norms: boolean, size: number): void {
  // Small pictures have no room for the paper's window of 5×5.
  const window = Math.min(5, size);
  const reduce: readonly Row[] = norms ? [bare(128, 1), ['batch-norm', { epsilon: 0.001 }, 'norm'], relu] : [conv(128, 1, { activation: 'relu' })];
  const head = s.group(name, x, (g, entry) => g.chain(entry, [['average-pool', { kernel: [window, window], stride: [3, 3] }, 'pool'], ...reduce, ['flatten', {}], dense(1024, 'relu'), dropout(0.7), ['dense', { units: classes, activation: 'softmax' }]]));
  s.add('auxiliary-output', { share: 0.3 }, [head]);
}

/** `norms`: as torchvision has it, with batch norm and 3×3 where the paper has 5×5. `heads`: with the two auxiliary classifiers. */
function drawGoogLeNet(s: Sketch, o: TemplateOptions, { norms, heads = false }: { readonly norms: boolean; readonly heads?: boolean }): void {
  const one = (filters: number, kernel: number, stride = 1): readonly Row[] => (norms ? [bare(filters, kernel, stride), ['batch-norm', { epsilon: 0.001 }, 'norm'], relu] : [conv(filters, kernel, { stride, activation: 'relu' })]);
  const response: readonly Row[] = norms ? [] : [['lrn', { size: 5, alpha: 0.0001, beta: 0.75, bias: 1 }]];
  let { size } = o;
  const pool = (kernel = 3): Row => {
    const answer = ceilPool(size, kernel);
    size = answer.size;
    return answer.row;
  };
  const whole = (): readonly Row[] => {
    size = slide(size, 7, 2, 3);
    return [...one(64, 7, 2), pool(), ...response, ...one(64, 1), ...one(192, 3), ...response, pool()];
  };
  const stem = size < SMALL ? one(192, 3) : whole();
  let x = s.group('stem', s.chain(null, [image(o)]), (inner, y) => inner.chain(y, stem));
  for (const [name, widths] of Object.entries(modules)) {
    if (name === '4a') x = s.chain(x, [pool()]);
    if (name === '5a') x = s.chain(x, [pool(norms ? 2 : 3)]);
    x = s.place(inception(widthsOf(widths), norms ? { norms, large: 3 } : {}), x, `inception ${name}`);
    if (heads && (name === '4a' || name === '4d')) auxiliary(s, x, o, `auxiliary ${name}`, norms, size);
  }
  s.chain(x, [['global-average-pool', {}], dropout(norms ? 0.2 : 0.4), ...classify(o.classes)]);
}

/** Squeezed and expanded maps of fire 2 to fire 9. */
const fires = [[16, 64], [16, 64], [32, 128], [32, 128], [48, 192], [48, 192], [64, 256], [64, 256]] as const;

/** `before`: the fire modules with a pool before them. */
function drawSqueezeNet(s: Sketch, o: TemplateOptions, stem: Row, shrunk: number, before: readonly number[]): void {
  const small = o.size < SMALL;
  let size = small ? o.size : shrunk;
  const pool = (): Row => {
    const answer = ceilPool(size);
    size = answer.size;
    return answer.row;
  };
  let x = s.chain(null, [image(o), small ? conv(Number(stem[1].filters), 3, { activation: 'relu' }) : stem]);
  fires.forEach(([squeeze, expand], i) => {
    if (before.includes(i + 2) && !(small && i === 0)) x = s.chain(x, [pool()]);
    x = s.place(fire(squeeze, expand), x, `fire ${i + 2}`);
  });
  s.chain(x, [dropout(0.5), conv(o.classes, 1, { activation: 'relu' }), ['global-average-pool', {}], ['softmax', {}], ['output', {}]]);
}

const squeeze = (version: '1.0' | '1.1', text: string, draw: (s: Sketch, o: TemplateOptions) => void): Template => template({
  id: `squeezenet-${version}`, label: `SqueezeNet ${version}`, family: 'small', year: 2016, paper: squeezePaper, defaults: IMAGENET, smallest: 12, training: training.plain,
  summary: 'AlexNet’s accuracy with a fiftieth of its weights.', description: text, draw,
});

export const deepTemplates: readonly Template[] = [
  ...([11, 13, 16, 19] as const).flatMap((depth) => [vgg(depth, false), vgg(depth, true)]),
  template({
    id: 'nin', label: 'Network in Network', family: 'deep', year: 2013, paper: ninPaper, defaults: CIFAR, smallest: 8, training: { ...training.plain, learningRate: 0.001 },
    summary: 'A small net at every place; no dense layer at all.',
    description: 'After each convolution two 1×1 convolutions work as a perceptron at every place, and the last layer has one map for each class whose mean is the answer. Both ideas stayed: 1×1 convolutions are in almost every net since, and the global average took the place of large dense layers.',
    draw: (s, o) => {
      const [first, second] = [ceilPool(o.size), ceilPool(ceilPool(o.size).size)];
      let x = s.place(mlpConv(192, 160, 96), s.chain(null, [image(o)]));
      x = s.place(mlpConv(192, 192, 192), s.chain(x, [first.row, dropout(0.5)]));
      const mean = second.row[1];
      x = s.place(mlpConv(192, 192, o.classes, 3), s.chain(x, [['average-pool', mean, 'pool'], dropout(0.5)]));
      s.chain(x, [['global-average-pool', {}], ['softmax', {}], ['output', {}]]);
    },
  }),
  template({
    id: 'googlenet', label: 'GoogLeNet with BN', family: 'deep', year: 2014, paper: googlePaper, defaults: IMAGENET, smallest: 8, training: { ...training.residual, learningRate: 0.05 },
    summary: 'Nine Inception modules with batch norm, as torchvision has it.',
    description: 'The winner of ImageNet 2014 in the form most people load today: batch norm behind each convolution, and 3×3 in place of 5×5 windows. Each module looks through windows of several sizes at once; 1×1 convolutions before the large ones keep it cheap. Twelve times fewer weights than AlexNet.',
    draw: (s, o) => { drawGoogLeNet(s, o, { norms: true }); },
  }),
  template({
    id: 'googlenet-auxiliary', label: 'GoogLeNet with BN and auxiliary heads', family: 'deep', year: 2014, paper: googlePaper, defaults: IMAGENET, smallest: 8, training: { ...training.residual, learningRate: 0.05 },
    summary: 'The same with the two classifiers from half way.',
    description: 'GoogLeNet with batch norm and the two classifiers that the paper hangs behind inception 4a and 4d: each brings a gradient from closer by, with 0.3 of its loss. They hold as many weights as the net itself, and are left out of what is evaluated and exported. With batch norm the net trains as well without them: compare the gradient norms of the first layers.',
    draw: (s, o) => { drawGoogLeNet(s, o, { norms: true, heads: true }); },
  }),
  template({
    id: 'googlenet-2014', label: 'GoogLeNet (2014)', family: 'deep', year: 2014, paper: googlePaper, defaults: IMAGENET, smallest: 8, training: training.plain,
    summary: 'Inception v1 as published, with 5×5 windows and response normalisation.',
    description: 'The net of the paper: no batch norm yet, local response normalisation in the stem, and 5×5 windows in each module. Every filter sees the same maps through windows of 1, 3 and 5 pixels, and the next module chooses. Two auxiliary classifiers look on from half way: their losses bring a gradient to the first layers of a net that was very deep for its time. After training they fall away.',
    draw: (s, o) => { drawGoogLeNet(s, o, { norms: false, heads: true }); },
  }),
  squeeze('1.0', 'A fire module squeezes its input by 1×1 convolutions to few maps and expands them by 1×1 and 3×3 side by side. With no dense layer and pools placed late, so that maps stay large, a net of 1.2 million weights reads ImageNet as well as AlexNet with 61 million.', (s, o) => {
    drawSqueezeNet(s, o, conv(96, 7, { stride: 2, edge: 0, activation: 'relu' }), slide(o.size, 7, 2), [2, 5, 9]);
  }),
  squeeze('1.1', 'The authors’ own revision: a smaller first window and earlier pools take 2.4 times less arithmetic at the same accuracy. Compare its multiply-adds with those of 1.0.', (s, o) => {
    drawSqueezeNet(s, o, conv(64, 3, { stride: 2, edge: 0, activation: 'relu' }), slide(o.size, 3, 2), [2, 4, 6]);
  }),
];
