/** Nets to begin with: functions that return a Document. */
import type { Document } from '../graph/document.ts';
import { Sketch } from './build.ts';
import { densenet, mnistCnn, mobilenetV2, resnet18, unet, vgg11, vggSmall } from './vision.ts';

export interface Template {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly build: () => Document;
}

const image = (size: number, channels: number) => ['input', { kind: 'image', height: size, width: size, channels }] as const;
const conv = (filters: number, kernel: number, padding: 'valid' | 'same', activation = 'relu') => ['conv2d', { filters, kernel: [kernel, kernel], padding, activation }] as const;
const pool = ['max-pool', {}, 'pool'] as const;
const fc = (units: number, activation = 'relu') => ['dense', { units, activation }] as const;
const end = [fc(10, 'softmax'), ['output', {}]] as const;

/** LeCun, Bottou, Bengio and Haffner (1998): two 5×5 convolutions with 6 and 16 maps, dense 120, 84, 10; 61,706 parameters. */
function lenet5(): Document {
  const s = new Sketch();
  s.chain(null, [image(28, 1), ['conv2d', { filters: 6, kernel: [5, 5], padding: 'explicit', edges: [2, 2, 2, 2], activation: 'relu' }], pool, conv(16, 5, 'valid'), pool, ['flatten', {}], fc(120), fc(84), ...end]);
  return s.document('LeNet-5', 'template:lenet-5');
}

function lenet5Digits(): Document {
  const s = new Sketch();
  s.chain(null, [image(8, 1), conv(16, 3, 'same'), pool, conv(32, 3, 'same'), pool, ['flatten', {}], fc(64), ...end]);
  return s.document('LeNet-5 for digits', 'template:lenet-5-digits');
}

function mlp(): Document {
  const s = new Sketch();
  s.chain(null, [image(8, 1), ['flatten', {}], fc(64), fc(32), ...end]);
  return s.document('Multilayer perceptron', 'template:mlp');
}

/** He et al. (2016), section 4.2, with one block a stage: 8 weighted layers and 1×1 projections. */
function resnet8(): Document {
  const s = new Sketch();
  const bare = (filters: number, kernel: number, stride: number) => ['conv2d', { filters, kernel: [kernel, kernel], stride: [stride, stride], padding: 'same', bias: false }] as const;
  let x = s.chain(null, [image(32, 3), bare(16, 3, 1), ['batch-norm', {}, 'norm'], ['relu', {}]]);
  for (const [i, filters] of [16, 32, 64].entries()) {
    const stride = i === 0 ? 1 : 2;
    const body = s.chain(x, [bare(filters, 3, stride), ['batch-norm', {}, 'norm'], ['relu', {}], bare(filters, 3, 1), ['batch-norm', {}, 'norm']]);
    const shortcut = i === 0 ? x : s.chain(x, [[...bare(filters, 1, stride), 'shortcut'], ['batch-norm', {}, 'norm']]);
    x = s.add('relu', {}, [s.add('add', {}, [body, shortcut])]);
  }
  s.chain(x, [['global-average-pool', {}], ...end]);
  return s.document('Small ResNet', 'template:small-resnet');
}

function blank(): Document {
  const s = new Sketch();
  s.chain(null, [image(8, 1)]);
  return s.document('Untitled', 'template:blank');
}

export const templates: readonly Template[] = [
  { id: 'lenet-5-digits', label: 'LeNet-5 for digits', description: 'LeNet-5 made small for the 8×8 digits: two convolutions, two pools, two dense layers.', build: lenet5Digits },
  { id: 'lenet-5', label: 'LeNet-5', description: 'The classic of 1998 on 28×28 pictures, with ReLU and max pooling.', build: lenet5 },
  { id: 'mlp', label: 'Multilayer perceptron', description: 'Dense layers only, on the 8×8 digits: what a net without convolution can do.', build: mlp },
  { id: 'small-resnet', label: 'Small ResNet', description: 'Three residual blocks with batch norm on 32×32 colour pictures.', build: resnet8 },
  { id: 'mnist-cnn', label: 'MNIST CNN', description: 'Keras’ example for handwritten digits at 28×28: two convolutions with dropout.', build: mnistCnn },
  { id: 'vgg-small', label: 'Small VGG', description: 'Pairs of 3×3 convolutions with 64, 128 and 256 maps on 32×32 colour pictures.', build: vggSmall },
  { id: 'vgg-11', label: 'VGG-11', description: 'Eight convolutions with batch norm and up to 512 maps on 32×32 colour pictures.', build: vgg11 },
  { id: 'resnet-18', label: 'ResNet-18', description: 'Eight residual blocks with 64 to 512 maps on 32×32 colour pictures.', build: resnet18 },
  { id: 'densenet-bc', label: 'DenseNet-BC', description: '100 layers that each see all before them, growth 12, on 32×32 colour pictures.', build: () => densenet() },
  { id: 'mobilenet-v2', label: 'MobileNetV2', description: 'Depthwise convolutions in inverted residual blocks, on 32×32 colour pictures.', build: mobilenetV2 },
  { id: 'u-net', label: 'U-Net', description: 'A class for each pixel: down three levels and up again, with bridges between.', build: unet },
  { id: 'blank', label: 'Blank', description: 'An Input and nothing else.', build: blank },
];

export const findTemplate = (id: string): Template | undefined => templates.find((t) => t.id === id);
