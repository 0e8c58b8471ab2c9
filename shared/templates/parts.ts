/** Rows that many templates share: the picture, convolutions before a norm, heads. */
import type { GroupVariable } from '../graph/document.ts';
import type { Row } from './build.ts';
import type { TemplateOptions } from './template.ts';

/** A number, or "=…" inside a group. */
export type Size = number | string;

/** Below this size a net takes the stem that is usual for 32×32 pictures: no stride and no pool before the first stage. */
export const SMALL = 64;

export const image = ({ size, channels }: Pick<TemplateOptions, 'size' | 'channels'>): Row => ['input', { kind: 'image', height: size, width: size, channels }];

export interface ConvOptions { readonly stride?: Size; readonly groups?: Size; readonly bias?: boolean; readonly activation?: string; readonly edge?: Size; readonly dilation?: number }
/** A convolution with PyTorch's even padding ("same" is not at stride 2); `edge` of it on each side, half the kernel unless told. */
export const conv = (filters: Size, kernel: number, { stride = 1, groups = 1, bias = true, activation = 'none', edge = Math.floor(kernel / 2), dilation = 1 }: ConvOptions = {}, name?: string): Row =>
  ['conv2d', { filters, kernel: [kernel, kernel], stride: [stride, stride], padding: 'explicit', edges: [edge, edge, edge, edge], dilation: [dilation, dilation], groups, bias, activation }, ...(name === undefined ? [] : [name])] as unknown as Row;
/** A convolution before a batch norm, which has the bias. */
export const bare = (filters: Size, kernel: number, stride: Size = 1, groups: Size = 1, name?: string): Row => conv(filters, kernel, { stride, groups, bias: false }, name);

export const norm: Row = ['batch-norm', {}, 'norm'];
export const relu: Row = ['relu', {}];
/** A square pool with even padding. */
export const maxPool = (kernel: number, stride = kernel, edge = 0): Row => ['max-pool', { kernel: [kernel, kernel], stride: [stride, stride], ...(edge === 0 ? {} : { padding: 'explicit', edges: [edge, edge, edge, edge] }) }, 'pool'];
export const averagePool = (kernel: number, stride = kernel): Row => ['average-pool', { kernel: [kernel, kernel], stride: [stride, stride] }, 'pool'];
export const dense = (units: Size, activation = 'none', name?: string): Row => ['dense', { units, activation }, ...(name === undefined ? [] : [name])] as unknown as Row;
export const dropout = (rate: number): Row => ['dropout', { rate }];

export const classify = (classes: number): readonly Row[] => [dense(classes, 'softmax'), ['output', {}]];
export const averageHead = (classes: number): readonly Row[] => [['global-average-pool', {}], ...classify(classes)];

export const variable = (name: string, label: string, value: Size): GroupVariable => ({ name, label, value });

/** Places of a window along one axis. */
export const slide = (size: number, kernel: number, stride = 1, edge = 0): number => Math.floor((size + 2 * edge - kernel) / stride) + 1;

/** A max pool whose last window may hang over the edge, as Caffe's and PyTorch's ceil_mode: the row, and the size behind it. */
export function ceilPool(size: number, kernel = 3, stride = 2): { readonly row: Row; readonly size: number } {
  const over = (stride - ((size - kernel) % stride)) % stride;
  const row: Row = ['max-pool', { kernel: [kernel, kernel], stride: [stride, stride], ...(over === 0 ? {} : { padding: 'explicit', edges: [0, over, over, 0] }) }, 'pool'];
  return { row, size: slide(size + over, kernel, stride) };
}

const sgd = { kind: 'sgd', momentum: 0.9 } as const;
/** Settings that several nets share. Rates go with the batch size given. */
export const training = {
  /** Nets without norms. Their papers' SGD at 0.01 wants a million pictures; on thousands AdamW gets there in a tenth of the epochs. */
  plain: { optimizer: { kind: 'adamw' }, learningRate: 0.0005, batchSize: 64, epochs: 30, weightDecay: 0.01, schedule: { kind: 'cosine' }, warmup: { epochs: 1 } },
  /** He et al.'s, with a cosine in place of the steps. */
  residual: { optimizer: { ...sgd, nesterov: true }, learningRate: 0.1, batchSize: 128, epochs: 40, weightDecay: 0.0005, schedule: { kind: 'cosine' }, warmup: { epochs: 1 } },
  adam: { optimizer: { kind: 'adam' }, learningRate: 0.001, batchSize: 64, epochs: 20 },
} as const;
