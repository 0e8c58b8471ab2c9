/** The classic nets beside what is published of them: parameters to the last one, multiply-adds within 1 %, every stage's shape. */
import { describe, expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import { groupSummary } from '../compile/summary.ts';
import type { Document } from '../graph/document.ts';
import type { TemplateOptions } from './template.ts';
import { findTemplate } from './templates.ts';

const build = (id: string, options?: Partial<TemplateOptions>): Document => (findTemplate(id) ?? expect.fail(`no template ${id}`)).build(options);

interface Published {
  readonly parameters: number;
  /** Of convolutions and products, as every published count has it; null where nobody published one. */
  readonly macs: number | null;
  readonly source: string;
  /** Shapes behind the groups of the top level, channels first, as the paper's table has them. */
  readonly stages?: readonly (readonly number[])[];
}
const four = (...widths: readonly number[]): readonly (readonly number[])[] => widths.map((w, i) => [w, 56 / 2 ** i, 56 / 2 ** i]);
const vgg = [[64, 224, 224], [128, 112, 112], [256, 56, 56], [512, 28, 28], [512, 14, 14]];
const inceptions = [[256, 28, 28], [480, 28, 28], [512, 14, 14], [512, 14, 14], [512, 14, 14], [528, 14, 14], [832, 14, 14], [832, 7, 7], [1024, 7, 7]];
const withHeads = [...inceptions.slice(0, 3), [1000], ...inceptions.slice(3, 6), [1000], ...inceptions.slice(6)];
/** Dense blocks and the transitions between. */
const dense = (...maps: readonly number[]): readonly (readonly number[])[] => maps.map((m, i) => [m, ...Array.from({ length: 2 }, () => 56 / 2 ** Math.ceil(i / 2))]);
const cifar = [[16, 32, 32], [32, 16, 16], [64, 8, 8]];
/** The CIFAR ResNet of section 4.2 with `n` blocks a stage, without projections, written out. */
const cifarMacs = (n: number): number => 9 * (3 * 16 * 32 ** 2 + 2 * n * 16 ** 2 * 32 ** 2 + (16 * 32 + (2 * n - 1) * 32 ** 2) * 16 ** 2 + (32 * 64 + (2 * n - 1) * 64 ** 2) * 8 ** 2) + 640;

const imagenet: Readonly<Record<string, Published>> = {
  'alexnet-groups': { parameters: 60_965_224, macs: 724e6, source: 'Caffe’s bvlc_alexnet' },
  alexnet: { parameters: 61_100_840, macs: 714e6, source: 'torchvision' },
  zfnet: { parameters: 62_357_608, macs: null, source: '7²·3·96 + 5²·96·256 + 3²·(256·384 + 384² + 384·256) + 6²·256·4096 + 4096² + 4096·1000, and biases' },
  'vgg-11': { parameters: 132_863_336, macs: 7609e6, source: 'torchvision', stages: vgg },
  'vgg-13': { parameters: 133_047_848, macs: 11_308e6, source: 'torchvision', stages: vgg },
  'vgg-16': { parameters: 138_357_544, macs: 15_470e6, source: 'torchvision', stages: vgg },
  'vgg-19': { parameters: 143_667_240, macs: 19_632e6, source: 'torchvision', stages: vgg },
  'vgg-11-bn': { parameters: 132_868_840 - 2752, macs: 7609e6, source: 'torchvision, whose convolutions keep 2752 biases before the norms', stages: vgg },
  'vgg-13-bn': { parameters: 133_053_736 - 2944, macs: 11_308e6, source: 'torchvision without biases before the norms', stages: vgg },
  'vgg-16-bn': { parameters: 138_365_992 - 4224, macs: 15_470e6, source: 'torchvision without biases before the norms', stages: vgg },
  'vgg-19-bn': { parameters: 143_678_248 - 5504, macs: 19_632e6, source: 'torchvision without biases before the norms', stages: vgg },
  googlenet: { parameters: 6_624_904, macs: 1498e6, source: 'torchvision', stages: inceptions },
  'googlenet-auxiliary': { parameters: 13_004_888, macs: null, source: 'torchvision with aux_logits', stages: withHeads },
  'googlenet-2014': { parameters: 13_378_280, macs: null, source: 'Caffe’s bvlc_googlenet: 6 998 552, and for the heads 2 · (128·16 + 1)·1024 + 2 · 1025·1000 + 513·128 + 529·128', stages: withHeads },
  'resnet-18': { parameters: 11_689_512, macs: 1814e6, source: 'torchvision', stages: four(64, 128, 256, 512) },
  'resnet-34': { parameters: 21_797_672, macs: 3664e6, source: 'torchvision', stages: four(64, 128, 256, 512) },
  'resnet-50': { parameters: 25_557_032, macs: 4089e6, source: 'torchvision', stages: four(256, 512, 1024, 2048) },
  'resnet-101': { parameters: 44_549_160, macs: 7801e6, source: 'torchvision', stages: four(256, 512, 1024, 2048) },
  'resnet-152': { parameters: 60_192_808, macs: 11_514e6, source: 'torchvision', stages: four(256, 512, 1024, 2048) },
  'resnext-50': { parameters: 25_028_904, macs: 4230e6, source: 'torchvision', stages: four(256, 512, 1024, 2048) },
  'densenet-121': { parameters: 7_978_856, macs: 2834e6, source: 'torchvision', stages: dense(256, 128, 512, 256, 1024, 512, 1024) },
  'densenet-169': { parameters: 14_149_480, macs: 3360e6, source: 'torchvision', stages: dense(256, 128, 512, 256, 1280, 640, 1664) },
  'densenet-201': { parameters: 20_013_928, macs: 4291e6, source: 'torchvision', stages: dense(256, 128, 512, 256, 1792, 896, 1920) },
  'squeezenet-1.0': { parameters: 1_248_424, macs: 819e6, source: 'torchvision', stages: [[128, 54, 54], [128, 54, 54], [256, 54, 54], [256, 27, 27], [384, 27, 27], [384, 27, 27], [512, 27, 27], [512, 13, 13]] },
  'squeezenet-1.1': { parameters: 1_235_496, macs: 349e6, source: 'torchvision', stages: [[128, 55, 55], [128, 55, 55], [256, 27, 27], [256, 27, 27], [384, 13, 13], [384, 13, 13], [512, 13, 13], [512, 13, 13]] },
};

const small: Readonly<Record<string, Published>> = {
  'lenet-5': { parameters: 61_706, macs: 416_520, source: 'LeCun et al. (1998) with full connections: 156 + 2416 + 48 120 + 10 164 + 850' },
  'lenet-5-classic': { parameters: 61_750, macs: null, source: 'the same and the paper’s 12 and 32 numbers of S2 and S4' },
  'mnist-cnn': { parameters: 1_199_882, macs: null, source: 'model.summary() of Keras’ mnist_cnn.py' },
  'vgg-small': { parameters: 2_196_810, macs: null, source: 'the same layers in PyTorch' },
  nin: { parameters: 966_986, macs: 223e6, source: 'Caffe’s cifar10_nin', stages: [[96, 32, 32], [192, 16, 16], [10, 8, 8]] },
  'resnet-20': { parameters: 269_722, macs: cifarMacs(3), source: 'akamaster/pytorch_resnet_cifar10', stages: cifar },
  'resnet-20-projection': { parameters: 272_474, macs: cifarMacs(3) + 2 * 16 * 32 * 16 ** 2, source: 'option B: 2752 more', stages: cifar },
  'resnet-56': { parameters: 853_018, macs: cifarMacs(9), source: 'akamaster/pytorch_resnet_cifar10', stages: cifar },
  'resnet-110': { parameters: 1_727_962, macs: cifarMacs(18), source: 'akamaster/pytorch_resnet_cifar10', stages: cifar },
  'wide-resnet-16-4': { parameters: 2_748_890, macs: null, source: 'xternalz/WideResNet-pytorch; 2.7 million in the paper', stages: [[64, 32, 32], [128, 16, 16], [256, 8, 8]] },
  'wide-resnet-28-10': { parameters: 36_479_194, macs: 5.24e9, source: '36.5 million and 5.2 billion in the paper', stages: [[160, 32, 32], [320, 16, 16], [640, 8, 8]] },
  'densenet-bc': { parameters: 769_162, macs: 288e6, source: 'the same layers in PyTorch; 0.8 million in the paper’s table 2', stages: [[216, 32, 32], [108, 16, 16], [300, 16, 16], [150, 8, 8], [342, 8, 8]] },
  'u-net': { parameters: 31_036_481 + 65, macs: null, source: 'milesial/Pytorch-UNet with transposed convolutions, and a second class' },
  'u-net-small': { parameters: 467_202, macs: null, source: 'the same layers in PyTorch' },
};

function check(id: string, { parameters, macs, stages }: Published): void {
  const document = build(id);
  const compiled = compile(document);
  const { network } = compiled;
  const groups = document.graph.nodes.flatMap((n) => (n.kind === 'group' && n.name !== 'stem' ? [groupSummary(document.graph, compiled, [n.id])?.outputs[0]?.shape] : []));
  expect({ parameters: network.parameters, stages: stages ? groups : undefined, problems: compiled.problems.map((p) => p.diagnostic) }).toEqual({ parameters, stages, problems: [] });
  if (macs !== null) expect(Math.abs(network.macs / macs - 1)).toBeLessThan(0.01);
}

describe('at 224×224×3 and 1000 classes', () => {
  it.each(Object.entries(imagenet))('%s', (id, row) => {
    expect(findTemplate(id)?.defaults).toEqual({ size: 224, channels: 3, classes: 1000 });
    check(id, row);
  });
});

describe('at their own size and ten classes', () => {
  it.each(Object.entries(small))('%s', check);
});

it.each([
  ['resnet-18', 11_173_962, 'kuangliu/pytorch-cifar'],
  ['resnet-50', 23_520_842, 'kuangliu/pytorch-cifar'],
  ['vgg-11-bn', 9_231_114 - 2752, 'kuangliu/pytorch-cifar without biases before the norms'],
  ['mobilenet-v2', 2_236_682, 'torchvision: 3 504 872 for 1000 classes, of which 1280·990 + 990 fewer'],
])('%s at 32×32×3 and ten classes has %i', (id, parameters) => {
  expect(compile(build(id, { size: 32, channels: 3, classes: 10 })).network.parameters).toBe(parameters);
});
