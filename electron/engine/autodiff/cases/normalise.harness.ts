/** Cases of normalisations, with dropout in inference. */
import type { Value } from '../../../../shared/onnx/builder.ts';
import { float, int } from '../../../../shared/onnx/ir.ts';
import type { GradientCase } from '../gradient.harness.ts';
import { floats, op, positive } from './helpers.harness.ts';

const epsilon = float(0.01);
const told = (training: number): GradientCase['build'] => (b, [x]) => b.op('Dropout', [x as Value, floats(b, [0.3], []), b.constant({ element: 'bool', shape: [], data: Uint8Array.of(training) })]);
const lrn = (size: number, channels: number, more = {}): Omit<GradientCase, 'name'> => ({ shapes: [[2, channels, 2, 2]], build: op('LRN', { size: int(size), alpha: float(0.5), ...more }) });

export const normaliseCases: GradientCase[] = [
  { name: 'BatchNormalization', shapes: [[3, 2, 2, 2], [2], [2], [2], [2]], sample: positive, build: op('BatchNormalization', { epsilon }) },
  { name: 'BatchNormalization of vectors', shapes: [[3, 2], [2], [2], [2], [2]], sample: positive, build: op('BatchNormalization') },
  { name: 'BatchNormalization of volumes', shapes: [[1, 2, 2, 1, 2], [2], [2], [2], [2]], sample: positive, build: op('BatchNormalization', { epsilon }) },
  { name: 'LayerNormalization', shapes: [[2, 3, 4], [4], [4]], build: op('LayerNormalization', { epsilon }) },
  { name: 'LayerNormalization, no bias', shapes: [[2, 3, 4], [4]], build: op('LayerNormalization', { epsilon }) },
  { name: 'LayerNormalization over two axes', shapes: [[2, 3, 4], [3, 4], [3, 4]], build: op('LayerNormalization', { axis: int(1), epsilon }) },
  { name: 'LayerNormalization over two axes from the end, a scale a row', shapes: [[2, 3, 4], [4], [3, 1]], build: op('LayerNormalization', { axis: int(-2), epsilon }) },
  { name: 'LayerNormalization over all', shapes: [[2, 3], [2, 3], [2, 3]], build: op('LayerNormalization', { axis: int(0), epsilon }) },
  { name: 'InstanceNormalization', shapes: [[2, 3, 3, 4], [3], [3]], build: op('InstanceNormalization', { epsilon }) },
  { name: 'InstanceNormalization of lines', shapes: [[2, 3, 5], [3], [3]], build: op('InstanceNormalization', { epsilon }) },
  { name: 'GroupNormalization', shapes: [[2, 4, 3], [2], [2]], build: op('GroupNormalization', { num_groups: int(2), epsilon }) },
  { name: 'GroupNormalization of pictures in one group', shapes: [[2, 4, 2, 2], [1], [1]], build: op('GroupNormalization', { num_groups: int(1), epsilon }) },
  { name: 'GroupNormalization of opset 21', shapes: [[2, 4, 3], [4], [4]], build: op('GroupNormalization', { num_groups: int(2), epsilon }), opset: 21 },
  { name: 'LRN', ...lrn(3, 5, { beta: float(0.75), bias: float(1) }) },
  { name: 'LRN wider than the channels', ...lrn(7, 3) },
  { name: 'Dropout', shapes: [[3, 4]], build: op('Dropout') },
  { name: 'Dropout told not to train', shapes: [[3, 4]], build: told(0) },
];
