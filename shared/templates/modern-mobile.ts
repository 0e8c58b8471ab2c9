/** Small and fast nets, 2017 to 2019: MobileNet 1 to 3, ShuffleNetV2, EfficientNet-B0. Below 64 pixels they leave out the first two strides. */
import type { GroupNode } from '../graph/document.ts';
import { depthwiseSeparable } from './blocks.ts';
import { invertedResidual, shuffleDown, shuffleUnit, type InvertedOptions } from './blocks-modern.ts';
import type { Row, Sketch } from './build.ts';
import { averageHead, bare, classify, dense, dropout, image, maxPool, norm, relu, SMALL, variable, type Size } from './parts.ts';
import { template, type RecommendedTraining, type Template } from './template.ts';

const IMAGENET = { size: 224, channels: 3, classes: 1000 } as const;
/** Few weights bear little decay. */
const light: RecommendedTraining = { optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true }, learningRate: 0.05, batchSize: 128, epochs: 60, weightDecay: 0.00004, schedule: { kind: 'cosine' }, warmup: { epochs: 1 } };
const repeated = (block: GroupNode, repeat: number): GroupNode => ({ ...block, repeat });
/** A stride that small pictures go without. */
const early = (size: number): number => (size < SMALL ? 1 : 2);
/** torchvision's dropout; 32×32 forms go without. */
const last = (size: number): readonly Row[] => (size < SMALL ? [] : [dropout(0.2)]);

interface StageRow { readonly expansion: number; readonly size: number; readonly stride: number; readonly input: number; readonly width: number; readonly count: number }
/** A stage of inverted residuals as one node: the first changes maps and size, the rest keep both. `options` make the blocks of their index in the net. */
function stage(s: Sketch, x: string, name: string, row: StageRow, options: (input: Size, first: boolean) => Partial<InvertedOptions>): string {
  const { expansion, size, stride, input, width, count } = row;
  const only = invertedResidual({ hidden: input * expansion, width, size, stride, expand: expansion > 1, ...options(input, true) });
  if (count === 1) return s.place(only, x, name);
  return s.group(name, x, (g, entry) => {
    const first = g.place(invertedResidual({ hidden: '=input * expansion', width: '=width', size: '=size', stride: '=stride', ...options('=input', true) }), entry, 'first');
    return g.place(repeated(invertedResidual({ hidden: '=width * expansion', width: '=width', size: '=size', ...options('=width', false) }), count - 1), first, 'others');
  }, { variables: [variable('input', 'Before', input), variable('width', 'Maps', width), variable('expansion', 'Expansion', expansion), variable('size', 'Kernel', size), variable('stride', 'Stride', stride)] });
}

/** Sandler et al. (2018), table 2. */
const mobile2 = [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]] as const;
/** Tan and Le (2019), table 1: expansion, kernel, maps, blocks, stride. */
const efficient = [[1, 3, 16, 1, 1], [6, 3, 24, 2, 2], [6, 5, 40, 2, 2], [6, 3, 80, 3, 2], [6, 5, 112, 3, 1], [6, 5, 192, 4, 2], [6, 3, 320, 1, 1]] as const;
const BLOCKS = efficient.reduce((n, [, , , count]) => n + count, 0);
/** Share of training steps that leave the last block out; earlier ones less. */
const DROP = 0.2;

const silu: Row = ['silu', {}];
const relu6: Row = ['relu6', {}];
const hardSwish: Row = ['hard-swish', {}];
/** torchvision's norm of MobileNetV3. */
const slowNorm: Row = ['batch-norm', { epsilon: 0.001, momentum: 0.99 }, 'norm'];

interface Bneck { readonly hidden: number; readonly squeezed: number | null }
interface MobileStage { readonly width: number; readonly size: number; readonly stride: number; readonly hard: boolean; readonly first: Bneck; readonly rest: readonly [Bneck, number] | null }
const at = (hidden: number, squeezed: number | null): Bneck => ({ hidden, squeezed });
/** Howard et al. (2019), table 2; units of the gates a quarter of the middle, rounded to eights. */
const mobile3: readonly MobileStage[] = [
  { width: 16, size: 3, stride: 2, hard: false, first: at(16, 8), rest: null },
  { width: 24, size: 3, stride: 2, hard: false, first: at(72, null), rest: [at(88, null), 1] },
  { width: 40, size: 5, stride: 2, hard: true, first: at(96, 24), rest: [at(240, 64), 2] },
  { width: 48, size: 5, stride: 1, hard: true, first: at(120, 32), rest: [at(144, 40), 1] },
  { width: 96, size: 5, stride: 2, hard: true, first: at(288, 72), rest: [at(576, 144), 2] },
];

export const mobileTemplates: readonly Template[] = [
  template({
    id: 'mobilenet-v1', label: 'MobileNetV1', family: 'small', year: 2017, defaults: IMAGENET, smallest: 8, training: light,
    paper: { authors: 'A. G. Howard et al.', title: 'MobileNets: efficient convolutional neural networks for mobile vision applications', venue: 'arXiv', link: 'https://arxiv.org/abs/1704.04861' },
    summary: 'Every convolution split in two: each map alone, then across maps.',
    description: 'A 3×3 convolution looks around and mixes maps at once. MobileNet does one after the other, by a depthwise and a 1×1 convolution, for about a ninth of the work: 13 such pairs, 4.2 million weights and 569 million multiply-adds, hardly less accurate than VGG-16 with 15 billion.',
    draw: (s, { size, channels, classes }) => {
      const stem = s.chain(null, [image({ size, channels }), bare(32, 3, early(size)), norm, relu]);
      const first = s.place(depthwiseSeparable(64), stem, 'stage 1');
      const body = ([[128, 1, early(size)], [256, 1, 2], [512, 5, 2], [1024, 1, 2]] as const).reduce((x, [width, rest, stride], i) =>
        s.group(`stage ${i + 2}`, x, (g, entry) => g.place(repeated(depthwiseSeparable('=width'), rest), g.place(depthwiseSeparable('=width', '=stride'), entry, 'first'), 'others'), { variables: [variable('width', 'Maps', width), variable('stride', 'Stride', stride)] }), first);
      s.chain(body, averageHead(classes));
    },
  }),
  template({
    id: 'mobilenet-v2', label: 'MobileNetV2', family: 'small', year: 2018, defaults: IMAGENET, smallest: 8, training: light,
    paper: { authors: 'M. Sandler, A. Howard, M. Zhu, A. Zhmoginov, L.-C. Chen', title: 'MobileNetV2: inverted residuals and linear bottlenecks', venue: 'CVPR 2018', link: 'https://arxiv.org/abs/1801.04381' },
    summary: 'Inverted residuals: narrow ends, a wide middle, nothing bent at the ends.',
    description: 'Residual blocks turned inside out. Shortcuts join narrow maps; between them a 1×1 convolution makes six times as many, a depthwise one looks around in each, and another 1×1 brings them back without an activation, which would destroy what few maps hold. Open a stage and change its expansion to see the cost.',
    draw: (s, { size, channels, classes }) => {
      let x = s.chain(null, [image({ size, channels }), bare(32, 3, early(size)), norm, relu6]);
      let input = 32;
      for (const [i, [expansion, width, count, stride]] of mobile2.entries()) {
        x = stage(s, x, `stage ${i + 1}`, { expansion, size: 3, stride: i === 1 ? early(size) : stride, input, width, count }, () => ({}));
        input = width;
      }
      s.chain(x, [bare(1280, 1), norm, relu6, ['global-average-pool', {}], ...last(size), ...classify(classes)]);
    },
  }),
  template({
    id: 'mobilenet-v3-small', label: 'MobileNetV3-Small', family: 'small', year: 2019, defaults: IMAGENET, smallest: 8, training: light,
    paper: { authors: 'A. Howard et al.', title: 'Searching for MobileNetV3', venue: 'ICCV 2019', link: 'https://arxiv.org/abs/1905.02244' },
    summary: 'Found by search on a phone: gates, 5×5 windows, activations of straight lines.',
    description: 'A search over widths and kernels, judged by the milliseconds of a phone, then finished by hand. Inverted residuals get squeeze-excite gates; swish and sigmoid are replaced by straight lines, which cost next to nothing. 57 million multiply-adds in all, a tenth of MobileNetV1.',
    draw: (s, { size, channels, classes }) => {
      const stem = s.chain(null, [image({ size, channels }), bare(16, 3, early(size)), slowNorm, hardSwish]);
      const body = mobile3.reduce((x, { width, size: kernel, stride, hard, first, rest }, i) => {
        const block = ({ hidden, squeezed }: Bneck, more: Partial<InvertedOptions>) => invertedResidual({ hidden, width, size: kernel, activation: hard ? hardSwish : relu, norm: slowNorm, ...(squeezed === null ? {} : { gate: { squeezed, gate: 'hard-sigmoid' } }), ...more });
        const opening = block(first, { stride: i === 0 ? early(size) : stride, expand: i > 0 });
        if (!rest) return s.place(opening, x, `stage ${i + 1}`);
        const [bneck, count] = rest;
        return s.group(`stage ${i + 1}`, x, (g, entry) => g.place({ ...block(bneck, { width: '=width' }), repeat: count }, g.place({ ...block(first, { width: '=width', stride: '=stride' }) }, entry, 'first'), 'others'), { variables: [variable('width', 'Maps', width), variable('stride', 'Stride', stride)] });
      }, stem);
      s.chain(body, [bare(576, 1), slowNorm, hardSwish, ['global-average-pool', {}], dense(1024, 'hard-swish'), dropout(0.2), ...classify(classes)]);
    },
  }),
  template({
    id: 'shufflenet-v2', label: 'ShuffleNetV2', family: 'small', year: 2018, defaults: IMAGENET, smallest: 8, training: light,
    paper: { authors: 'N. Ma, X. Zhang, H.-T. Zheng, J. Sun', title: 'ShuffleNet V2: practical guidelines for efficient CNN architecture design', venue: 'ECCV 2018', link: 'https://arxiv.org/abs/1807.11164' },
    summary: 'Half the maps pass each unit untouched, then all are shuffled.',
    description: 'Built from what takes time on real devices rather than from counts of multiply-adds: equal widths, few groups, few branches. Each unit lets half of the maps pass, works on the others with two 1×1 convolutions and a depthwise one, joins them and deals them out anew, so that the next unit works on other ones.',
    draw: (s, { size, channels, classes }) => {
      const stem = s.chain(null, [image({ size, channels }), bare(24, 3, early(size)), norm, relu, ...(size < SMALL ? [] : [maxPool(3, 2, 1)])]);
      const body = ([[58, 3], [116, 7], [232, 3]] as const).reduce((x, [half, rest], i) =>
        s.group(`stage ${i + 2}`, x, (g, entry) => g.place(repeated(shuffleUnit('=width'), rest), g.place(shuffleDown('=width'), entry, 'first'), 'others'), { variables: [variable('width', 'Half', half)] }), stem);
      s.chain(body, [bare(1024, 1), norm, relu, ...averageHead(classes)]);
    },
  }),
  template({
    id: 'efficientnet-b0', label: 'EfficientNet-B0', family: 'small', year: 2019, defaults: IMAGENET, smallest: 8, training: { ...light, loss: { kind: 'cross-entropy', labelSmoothing: 0.1 }, weightDecay: 0.00001 },
    paper: { authors: 'M. Tan, Q. V. Le', title: 'EfficientNet: rethinking model scaling for convolutional neural networks', venue: 'ICML 2019', link: 'https://arxiv.org/abs/1905.11946' },
    summary: 'Gated inverted residuals found by search; the seed of a family that scales.',
    description: 'Seven stages of MBConv blocks: inverted residuals with a squeeze-excite gate, SiLU, and stochastic depth that leaves whole blocks out while training, later ones more often. The paper’s point is what follows: depth, width and resolution grown together by one number give B1 to B7. B0 itself has 5.3 million weights.',
    draw: (s, { size, channels, classes }) => {
      let x = s.chain(null, [image({ size, channels }), bare(32, 3, early(size)), norm, silu]);
      let [input, index] = [32, 0];
      for (const [i, [expansion, kernel, width, count, stride]] of efficient.entries()) {
        const drop = [`=${DROP} * ${index + 1} / ${BLOCKS}`, `=${DROP} / ${BLOCKS}`] as const;
        x = stage(s, x, `stage ${i + 1}`, { expansion, size: kernel, stride: i === 1 ? early(size) : stride, input, width, count }, (before, first) => ({
          activation: silu, gate: { squeezed: typeof before === 'number' ? before / 4 : `${before} / 4`, inner: 'silu' }, ...(first ? {} : { drop }), block: 'mbconv',
        }));
        [input, index] = [width, index + count];
      }
      s.chain(x, [bare(1280, 1), norm, silu, ['global-average-pool', {}], ...last(size), ...classify(classes)]);
    },
  }),
];
