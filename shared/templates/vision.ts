/** The reference nets of image classification at 32×32 and 28×28, as Documents. */
import type { Document } from '../graph/document.ts';
import { Sketch } from './build.ts';

type Layer = readonly [Parameters<Sketch['add']>[0], Readonly<Record<string, unknown>>, string?];

const image = (size: number, channels: number): Layer => ['input', { kind: 'image', height: size, width: size, channels }];
/** A convolution before a batch norm: no bias, and PyTorch's even padding, which "same" is not at stride 2. */
const bare = (filters: number, kernel: number, stride = 1, groups = 1): Layer => {
  const edge = (kernel - 1) / 2;
  return ['conv2d', { filters, kernel: [kernel, kernel], stride: [stride, stride], padding: 'explicit', edges: [edge, edge, edge, edge], bias: false, groups }];
};
const norm: Layer = ['batch-norm', {}, 'norm'];
const relu: Layer = ['relu', {}];
const pool: Layer = ['max-pool', {}, 'pool'];
const head = (classes: number): Layer[] => [['global-average-pool', {}], ['dense', { units: classes, activation: 'softmax' }], ['output', {}]];

/** Keras' example mnist_convnet: two convolutions, dropout, one dense layer; 28×28 digits. */
export function mnistCnn(): Document {
  const s = new Sketch();
  const conv = (filters: number): Layer => ['conv2d', { filters, kernel: [3, 3], activation: 'relu' }];
  s.chain(null, [image(28, 1), conv(32), conv(64), pool, ['dropout', { rate: 0.25 }], ['flatten', {}], ['dense', { units: 128, activation: 'relu' }], ['dropout', { rate: 0.5 }], ['dense', { units: 10, activation: 'softmax' }], ['output', {}]]);
  return s.document('MNIST CNN', 'template:mnist-cnn');
}

/** Three pairs of 3×3 convolutions with 64, 128 and 256 maps (after Simonyan and Zisserman, 2015). */
export function vggSmall(): Document {
  const s = new Sketch();
  const pair = (filters: number): Layer[] => {
    const conv: Layer = ['conv2d', { filters, kernel: [3, 3], padding: 'same', activation: 'relu' }];
    return [conv, conv, pool];
  };
  s.chain(null, [image(32, 3), ...pair(64), ...pair(128), ...pair(256), ['flatten', {}], ['dense', { units: 256, activation: 'relu' }], ['dense', { units: 10, activation: 'softmax' }], ['output', {}]]);
  return s.document('Small VGG', 'template:vgg-small');
}

/** Simonyan and Zisserman (2015), configuration A, with batch norm, for 32×32: one dense layer of classes at the end. */
export function vgg11(): Document {
  const s = new Sketch();
  const block = (filters: number): Layer[] => [bare(filters, 3), norm, relu];
  const stages = [[64], [128], [256, 256], [512, 512], [512, 512]].flatMap((filters) => [...filters.flatMap(block), pool]);
  s.chain(null, [image(32, 3), ...stages, ['flatten', {}], ['dense', { units: 10, activation: 'softmax' }], ['output', {}]]);
  return s.document('VGG-11', 'template:vgg-11');
}

/** He, Zhang, Ren and Sun (2016), the 18-layer column of table 1, with a 3×3 stem for 32×32 pictures; 11,173,962 parameters. */
export function resnet18(): Document {
  const s = new Sketch();
  let x = s.chain(null, [image(32, 3), bare(64, 3), norm, relu]);
  let channels = 64;
  for (const filters of [64, 128, 256, 512]) {
    for (const first of [true, false]) {
      const stride = first && filters > 64 ? 2 : 1;
      const body = s.chain(x, [bare(filters, 3, stride), norm, relu, bare(filters, 3), norm]);
      const shortcut = stride === 1 && channels === filters ? x : s.chain(x, [[...bare(filters, 1, stride).slice(0, 2), 'shortcut'] as unknown as Layer, norm]);
      x = s.add('relu', {}, [s.add('add', {}, [body, shortcut])]);
      channels = filters;
    }
  }
  s.chain(x, head(10));
  return s.document('ResNet-18', 'template:resnet-18');
}

/** Huang, Liu, van der Maaten and Weinberger (2017): DenseNet-BC, 100 layers, growth 12, compression ½. */
export function densenet(layersPerBlock = 16, growth = 12): Document {
  const s = new Sketch();
  let channels = 2 * growth;
  let x = s.chain(null, [image(32, 3), bare(channels, 3)]);
  for (const block of [1, 2, 3]) {
    for (let i = 0; i < layersPerBlock; i++) {
      const grown = s.chain(x, [norm, relu, bare(4 * growth, 1), norm, relu, bare(growth, 3)]);
      x = s.add('concat', {}, [x, grown]);
      channels += growth;
    }
    x = s.chain(x, [norm, relu]);
    if (block < 3) {
      channels = Math.floor(channels / 2);
      x = s.chain(x, [bare(channels, 1), ['average-pool', {}, 'pool']]);
    }
  }
  s.chain(x, head(10));
  return s.document('DenseNet-BC', 'template:densenet-bc');
}

/** Sandler et al. (2018), table 2, with the first strides left out for 32×32 pictures, as is usual there. */
export function mobilenetV2(): Document {
  const s = new Sketch();
  const relu6: Layer = ['relu6', {}];
  let x = s.chain(null, [image(32, 3), bare(32, 3), norm, relu6]);
  let channels = 32;
  for (const [expansion, filters, count, stride] of [[1, 16, 1, 1], [6, 24, 2, 1], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]] as const) {
    for (let i = 0; i < count; i++) {
      const step = i === 0 ? stride : 1;
      const wide = channels * expansion;
      const expand = expansion === 1 ? [] : [bare(wide, 1), norm, relu6];
      const body = s.chain(x, [...expand, bare(wide, 3, step, wide), norm, relu6, bare(filters, 1), norm]);
      x = step === 1 && channels === filters ? s.add('add', {}, [body, x]) : body;
      channels = filters;
    }
  }
  s.chain(x, [bare(1280, 1), norm, relu6, ...head(10)]);
  return s.document('MobileNetV2', 'template:mobilenet-v2');
}

/** Ronneberger, Fischer and Brox (2015), three levels and half the maps: a class for each pixel of a 32×32 picture. */
export function unet(): Document {
  const s = new Sketch();
  const twice = (filters: number): Layer[] => [bare(filters, 3), norm, relu, bare(filters, 3), norm, relu];
  const fine = s.chain(null, [image(32, 3), ...twice(32)]);
  const middle = s.chain(fine, [pool, ...twice(64)]);
  const coarse = s.chain(middle, [pool, ...twice(128)]);
  const up = (from: string, skip: string, filters: number): string => {
    const wide = s.add('conv-transpose', { filters, kernel: [2, 2], stride: [2, 2] }, [from], 'up');
    return s.chain(s.add('concat', {}, [skip, wide]), twice(filters));
  };
  s.chain(up(up(coarse, middle, 64), fine, 32), [['conv2d', { filters: 2, kernel: [1, 1], activation: 'softmax' }], ['output', { task: 'regression' }]]);
  return s.document('U-Net', 'template:u-net');
}
