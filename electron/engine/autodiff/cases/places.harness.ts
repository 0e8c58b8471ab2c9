/** Cases of operators that move numbers, of windows, and of interpolation. */
import type { Value } from '../../../../shared/onnx/builder.ts';
import { int, ints, type Attribute } from '../../../../shared/onnx/ir.ts';
import type { GradientCase } from '../gradient.harness.ts';
import { distinct, floats, op, text, withInts, type Build } from './helpers.harness.ts';

const conv = (a: Record<string, Attribute> = {}): Build => op('Conv', a);
const maxPool = (k: number[], s: number[], p: number[], more: Record<string, Attribute> = {}): Build => op('MaxPool', { kernel_shape: ints(k), strides: ints(s), pads: ints(p), ...more });
const averagePool = (k: number[], s: number[], p: number[], include = 0, more: Record<string, Attribute> = {}): Build => op('AveragePool', { kernel_shape: ints(k), strides: ints(s), pads: ints(p), count_include_pad: int(include), ...more });
const transposed = (a: Record<string, Attribute> = {}): Build => op('ConvTranspose', a);
const resizeTo = (sizes: number[], a: Record<string, Attribute> = {}): Build => (b, [x]) => b.op('Resize', [x as Value, null, null, b.int64(sizes)], a);
const resizeBy = (scales: number[], a: Record<string, Attribute> = {}): Build => (b, [x]) => b.op('Resize', [x as Value, null, floats(b, scales)], a);
const image = [[2, 4, 5, 6]];
const both = ['cpu', 'webgpu'] as const;

export const shapeCases: GradientCase[] = [
  { name: 'Reshape', shapes: [[2, 6]], build: (b, [x]) => b.reshape(x as Value, [3, 4]) },
  { name: 'Flatten', shapes: [[2, 3, 2]], build: op('Flatten', { axis: int(1) }) },
  { name: 'Squeeze', shapes: [[2, 1, 3]], build: (b, [x]) => b.op('Squeeze', [x as Value, b.int64([1])]) },
  { name: 'Unsqueeze', shapes: [[2, 3]], build: (b, [x]) => b.op('Unsqueeze', [x as Value, b.int64([0])]) },
  { name: 'Expand', shapes: [[3, 1]], build: (b, [x]) => b.op('Expand', [x as Value, b.int64([2, 3, 4])]) },
  { name: 'Transpose', shapes: [[2, 3, 4]], build: op('Transpose', { perm: ints([2, 0, 1]) }) },
  { name: 'Concat', shapes: [[2, 3], [2, 2], [2, 1]], build: op('Concat', { axis: int(1) }) },
  { name: 'Slice', shapes: [[5, 6]], build: (b, [x]) => b.op('Slice', [x as Value, b.int64([1, -4]), b.int64([4, 100]), b.int64([0, 1])]) },
  { name: 'Slice with steps', shapes: [[5, 8]], build: (b, [x]) => b.op('Slice', [x as Value, b.int64([0, 1]), b.int64([5, 8]), b.int64([0, 1]), b.int64([2, 3])]) },
  { name: 'Pad', shapes: [[2, 3]], build: (b, [x]) => b.op('Pad', [x as Value, b.int64([1, 0, 0, 2])]) },
  { name: 'Slice backwards', shapes: [[5, 6]], build: withInts('Slice', [4, -1], [0, -7], [0, 1], [-2, -1])() },
  { name: 'Slice backwards from beyond the end', shapes: [[7, 3]], build: withInts('Slice', [100, 0], [-100, 2], [0, -1], [-3, 1])() },
  { name: 'Slice backwards, stopping short', shapes: [[8]], build: withInts('Slice', [-2], [1], [0], [-2])() },
  { name: 'Squeeze of all', shapes: [[1, 2, 1]], build: op('Squeeze') },
  { name: 'Unsqueeze at both ends', shapes: [[2, 3]], build: withInts('Unsqueeze', [-1, 0])() },
  { name: 'Flatten at a negative axis', shapes: [[2, 3, 2]], build: op('Flatten', { axis: int(-1) }) },
  { name: 'Reshape, one size left to find', shapes: [[2, 6]], build: (b, [x]) => b.reshape(x as Value, [-1, 3]) },
  { name: 'Transpose turned round', shapes: [[2, 3, 4]], build: op('Transpose') },
  { name: 'Concat of a value with itself', shapes: [[2, 3]], build: (b, [x]) => b.op('Concat', [x as Value, x as Value], { axis: int(-1) }) },
  { name: 'Expand by smaller sizes', shapes: [[2, 3, 1]], build: (b, [x]) => b.op('Expand', [x as Value, b.int64([1, 4])]) },
  { name: 'Pad of one axis', shapes: [[2, 3]], build: withInts('Pad', [1, 2], null, [1])() },
  { name: 'Pad by less than nothing', shapes: [[4, 5]], build: withInts('Pad', [-1, 1, 0, -2])() },
  { name: 'Pad reflect', shapes: [[1, 2, 4, 5]], build: withInts('Pad', [0, 0, 2, 1, 0, 0, 1, 3])({ mode: text('reflect') }) },
  { name: 'Pad edge', shapes: [[1, 2, 3, 3]], build: withInts('Pad', [0, 0, 2, 1, 0, 0, 1, 3])({ mode: text('edge') }) },
  { name: 'Pad edge of volumes', shapes: [[1, 1, 2, 3, 2]], build: withInts('Pad', [0, 0, 1, 0, 2, 0, 0, 0, 1, 1])({ mode: text('edge') }) },
  { name: 'Pad by a number', shapes: [[2, 3]], build: (b, [x]) => b.op('Pad', [x as Value, b.int64([1, 0, 0, 2]), b.scalar(7)]) },
  { name: 'Pad wrap', shapes: [[3, 4]], build: withInts('Pad', [1, 0, 2, 2])({ mode: text('wrap') }) },
  { name: 'Tile', shapes: [[2, 3]], build: withInts('Tile', [2, 3])() },
  { name: 'DepthToSpace', shapes: [[1, 8, 2, 3]], build: op('DepthToSpace', { blocksize: int(2) }) },
  { name: 'DepthToSpace CRD', shapes: [[1, 8, 2, 3]], build: op('DepthToSpace', { blocksize: int(2), mode: text('CRD') }) },
  { name: 'SpaceToDepth', shapes: [[1, 2, 4, 6]], build: op('SpaceToDepth', { blocksize: int(2) }) },
  { name: 'Trilu', shapes: [[4, 5]], build: op('Trilu', { upper: int(0) }) },
  { name: 'Trilu above a diagonal', shapes: [[2, 3, 4]], build: (b, [x]) => b.op('Trilu', [x as Value, b.constant({ element: 'int64', shape: [], data: BigInt64Array.of(1n) })]) },
  { name: 'CumSum', shapes: [[3, 4]], build: (b, [x]) => b.op('CumSum', [x as Value, b.constant({ element: 'int64', shape: [], data: BigInt64Array.of(1n) })]) },
  { name: 'CumSum exclusive, reversed', shapes: [[3, 4]], build: (b, [x]) => b.op('CumSum', [x as Value, b.constant({ element: 'int64', shape: [], data: BigInt64Array.of(0n) })], { exclusive: int(1), reverse: int(1) }) },
];

export const indexCases: GradientCase[] = [
  { name: 'Gather', shapes: [[5, 3]], build: withInts('Gather', [0, 4, 4, -2])() },
  { name: 'Gather of a middle axis by a matrix', shapes: [[2, 4, 3]], build: (b, [x]) => b.op('Gather', [x as Value, b.reshape(b.int64([0, 3, 1, 1]), [2, 2])], { axis: int(1) }) },
  ...both.flatMap((device): GradientCase[] => [
    { name: `Gather of the last axis, ${device} form`, shapes: [[2, 2, 5]], device, build: (b, [x]) => b.op('Gather', [x as Value, b.int64([4, -1, 0])], { axis: int(-1) }) },
    { name: `Gather of one place, ${device} form`, shapes: [[3, 4]], device, build: (b, [x]) => b.op('Gather', [x as Value, b.constant({ element: 'int64', shape: [], data: BigInt64Array.of(-2n) })], { axis: int(1) }) },
    { name: `Gather of rows, ${device} form`, shapes: [[5, 3]], device, build: (b, [x]) => b.op('Gather', [x as Value, b.reshape(b.int64([0, 4, 4, -2]), [2, 2])]) },
    { name: `GatherElements of a middle axis, ${device} form`, shapes: [[2, 4, 3]], device, build: (b, [x]) => b.op('GatherElements', [x as Value, b.reshape(b.int64([0, -1, 3, 1, 1, 2]), [1, 3, 2])], { axis: int(-2) }) },
  ]),
  { name: 'Gather from many places', shapes: [[260, 2]], build: withInts('Gather', [0, 259, 259, -2])() },
  ...both.flatMap((device) => ['none', 'add'].map((reduction): GradientCase => ({
    name: `ScatterElements, ${reduction}, ${device} form`, shapes: [[4, 3], [2, 3]], device,
    build: (b, [x, u]) => b.op('ScatterElements', [x as Value, b.reshape(b.int64([0, 3, -2, 1, 1, reduction === 'add' ? 2 : 0]), [2, 3]), u as Value], { reduction: text(reduction) }),
  }))),
  ...both.map((device): GradientCase => ({ name: `GatherElements, ${device} form`, shapes: [[4, 3]], device, build: (b, [x]) => b.op('GatherElements', [x as Value, b.reshape(b.int64([0, 3, 3, 1, 1, 1]), [2, 3])], { axis: int(0) }) })),
  { name: 'Split', shapes: [[2, 6]], build: (b, [x]) => { const [p, q, r] = b.ops('Split', [x as Value, b.int64([1, 2, 3])], { attributes: { axis: int(1) }, outputs: 3 }) as [Value, Value, Value]; return b.op('Concat', [b.mul(r, r), b.mul(p, b.scalar(3)), q], { axis: int(1) }); } },
  { name: 'Split in unequal parts', shapes: [[2, 5]], build: (b, [x]) => { const [p, q] = b.ops('Split', [x as Value], { attributes: { axis: int(-1), num_outputs: int(2) }, outputs: 2 }) as [Value, Value]; return b.op('Concat', [b.mul(q, q), p], { axis: int(1) }); } },
  { name: 'Split of which one part is used', shapes: [[4, 2]], build: (b, [x]) => b.ops('Split', [x as Value], { attributes: { num_outputs: int(2) }, outputs: 2 })[1] as Value },
];

export const windowCases: GradientCase[] = [
  { name: 'Conv', shapes: [[2, 3, 5, 6], [4, 3, 3, 3], [4]], build: conv() },
  { name: 'Conv padded', shapes: [[1, 2, 4, 4], [3, 2, 3, 3]], build: conv({ pads: ints([1, 1, 1, 1]) }) },
  { name: 'Conv unevenly padded', shapes: [[1, 2, 5, 4], [3, 2, 2, 3]], build: conv({ pads: ints([0, 2, 1, 1]) }) },
  { name: 'Conv stride 2', shapes: [[1, 2, 7, 6], [3, 2, 3, 3]], build: conv({ strides: ints([2, 2]), pads: ints([1, 1, 1, 1]) }) },
  { name: 'Conv stride 3, rows left over', shapes: [[1, 1, 9, 8], [2, 1, 2, 2]], build: conv({ strides: ints([3, 3]) }) },
  { name: 'Conv stride beyond the kernel', shapes: [[1, 2, 6, 7], [2, 2, 1, 1]], build: conv({ strides: ints([3, 2]) }) },
  { name: 'Conv dilated', shapes: [[1, 2, 7, 7], [2, 2, 3, 3]], build: conv({ dilations: ints([2, 2]), pads: ints([1, 1, 1, 1]) }) },
  { name: 'Conv dilated and strided', shapes: [[1, 2, 8, 8], [2, 2, 2, 2]], build: conv({ dilations: ints([2, 3]), strides: ints([2, 2]) }) },
  { name: 'Conv grouped', shapes: [[1, 4, 5, 5], [6, 2, 3, 3], [6]], build: conv({ group: int(2) }) },
  { name: 'Conv depthwise', shapes: [[2, 3, 5, 5], [3, 1, 3, 3]], build: conv({ group: int(3), pads: ints([1, 1, 1, 1]) }) },
  { name: 'Conv full padding', shapes: [[1, 1, 3, 3], [2, 1, 3, 3]], build: conv({ pads: ints([2, 2, 2, 2]) }) },
  { name: 'Conv 1×1', shapes: [[2, 3, 4, 4], [5, 3, 1, 1], [5]], build: conv() },
  { name: 'Conv 1-D', shapes: [[2, 3, 8], [4, 3, 3], [4]], build: conv({ strides: ints([2]), pads: ints([1, 1]) }) },
  ...(['cpu', 'webgpu'] as const).flatMap((device): GradientCase[] => [
    { name: `MaxPool, ${device} form`, shapes: image, sample: distinct, device, build: maxPool([2, 2], [2, 2], [0, 0, 0, 0]) },
    { name: `MaxPool overlapping, ${device} form`, shapes: image, sample: distinct, device, build: maxPool([3, 3], [1, 2], [0, 0, 0, 0]) },
    { name: `MaxPool padded, ${device} form`, shapes: image, sample: distinct, device, build: maxPool([3, 2], [2, 2], [1, 0, 1, 1]) },
    { name: `Conv, ${device} form`, shapes: [[2, 4, 5, 5], [4, 2, 3, 3], [4]], device, build: conv({ group: int(2), pads: ints([1, 1, 1, 1]) }) },
  ]),
  { name: 'AveragePool', shapes: image, build: averagePool([2, 2], [2, 2], [0, 0, 0, 0]) },
  { name: 'AveragePool overlapping', shapes: image, build: averagePool([3, 3], [1, 2], [0, 0, 0, 0]) },
  { name: 'AveragePool padded', shapes: image, build: averagePool([3, 3], [2, 2], [1, 1, 1, 1]) },
  { name: 'AveragePool padding counted', shapes: image, build: averagePool([3, 3], [2, 2], [1, 1, 1, 1], 1) },
  { name: 'GlobalAveragePool', shapes: image, build: op('GlobalAveragePool') },
  { name: 'Conv 3-D', shapes: [[1, 2, 4, 3, 4], [3, 2, 2, 3, 2], [3]], build: conv({ pads: ints([1, 1, 0, 0, 1, 1]), strides: ints([2, 1, 1]) }) },
  { name: 'Conv SAME_UPPER', shapes: [[1, 2, 5, 4], [2, 2, 3, 2]], build: conv({ auto_pad: text('SAME_UPPER'), strides: ints([2, 2]) }) },
  { name: 'Conv SAME_LOWER', shapes: [[1, 2, 5, 4], [2, 2, 2, 2]], build: conv({ auto_pad: text('SAME_LOWER') }) },
  { name: 'Conv VALID', shapes: [[1, 2, 5, 4], [2, 2, 2, 2]], build: conv({ auto_pad: text('VALID') }) },
  { name: 'ConvTranspose', shapes: [[2, 3, 4, 3], [3, 2, 3, 3], [2]], build: transposed() },
  { name: 'ConvTranspose stride 2, padded, with output padding', shapes: [[1, 2, 3, 4], [2, 3, 3, 3]], build: transposed({ strides: ints([2, 2]), pads: ints([1, 1, 1, 1]), output_padding: ints([1, 1]) }) },
  { name: 'ConvTranspose grouped, dilated', shapes: [[1, 4, 3, 3], [4, 2, 2, 2]], build: transposed({ group: int(2), dilations: ints([2, 1]) }) },
  { name: 'ConvTranspose to a shape', shapes: [[1, 2, 3, 3], [2, 2, 3, 3]], build: transposed({ strides: ints([2, 2]), output_shape: ints([6, 5]) }) },
  { name: 'ConvTranspose SAME_UPPER', shapes: [[1, 2, 3, 3], [2, 1, 3, 3]], build: transposed({ strides: ints([2, 2]), auto_pad: text('SAME_UPPER') }) },
  { name: 'ConvTranspose 1-D', shapes: [[1, 2, 5], [2, 3, 4], [3]], build: transposed({ strides: ints([3]), pads: ints([1, 0]) }) },
  { name: 'ConvTranspose 3-D', shapes: [[1, 2, 2, 3, 2], [2, 1, 2, 2, 2]], build: transposed({ strides: ints([1, 2, 1]) }) },
  ...both.flatMap((device): GradientCase[] => [
    { name: `MaxPool rounded up, ${device} form`, shapes: image, sample: distinct, device, build: maxPool([2, 2], [2, 2], [0, 0, 0, 0], { ceil_mode: int(1) }) },
    { name: `MaxPool dilated, ${device} form`, shapes: image, sample: distinct, device, build: maxPool([2, 2], [1, 1], [0, 0, 0, 0], { dilations: ints([2, 3]) }) },
    { name: `MaxPool padded, rounded up, ${device} form`, shapes: image, sample: distinct, device, build: maxPool([3, 3], [2, 3], [1, 1, 1, 1], { ceil_mode: int(1) }) },
    { name: `MaxPool 3-D, overlapping, ${device} form`, shapes: [[1, 2, 4, 3, 4]], sample: distinct, device, build: maxPool([2, 2, 3], [1, 1, 2], [0, 1, 0, 0, 0, 1]) },
    ...['SAME_UPPER', 'SAME_LOWER', 'VALID'].map((auto): GradientCase => ({ name: `MaxPool ${auto}, ${device} form`, shapes: image, sample: distinct, device, build: op('MaxPool', { kernel_shape: ints([2, 3]), strides: ints([1, 2]), auto_pad: text(auto) }) })),
    { name: `ConvTranspose stride beyond the kernel, ${device} form`, shapes: [[1, 2, 3, 3], [2, 2, 2, 1]], device, build: transposed({ strides: ints([3, 2]), output_padding: ints([2, 1]) }) },
    { name: `MaxPool 1-D, ${device} form`, shapes: [[2, 3, 9]], sample: distinct, device, build: maxPool([3], [2], [1, 1]) },
    { name: `ConvTranspose, ${device} form`, shapes: [[1, 4, 3, 3], [4, 1, 3, 3]], device, build: transposed({ group: int(2), strides: ints([2, 2]), pads: ints([1, 1, 1, 1]) }) },
  ]),
  { name: 'Conv 3-D, grouped', shapes: [[1, 4, 3, 3, 2], [4, 2, 2, 2, 1]], build: conv({ group: int(2), pads: ints([1, 0, 0, 0, 1, 0]), strides: ints([1, 2, 1]) }) },
  { name: 'ConvTranspose 3-D, grouped, padded', shapes: [[1, 4, 2, 2, 2], [4, 1, 2, 2, 2], [2]], build: transposed({ group: int(2), strides: ints([2, 1, 2]), pads: ints([1, 0, 0, 0, 1, 1]) }) },
  { name: 'MaxPool 3-D', shapes: [[1, 2, 4, 3, 4]], sample: distinct, build: maxPool([2, 2, 2], [2, 1, 2], [0, 0, 0, 0, 0, 0]) },
  ...['SAME_UPPER', 'SAME_LOWER', 'VALID'].flatMap((auto): GradientCase[] => [
    ...[0, 1].map((include): GradientCase => ({ name: `AveragePool ${auto}${include ? ', padding counted' : ''}`, shapes: image, build: op('AveragePool', { kernel_shape: ints([2, 3]), strides: ints([1, 2]), auto_pad: text(auto), count_include_pad: int(include) }) })),
    { name: `LpPool ${auto}`, shapes: [[1, 2, 4, 5]], build: op('LpPool', { kernel_shape: ints([2, 3]), strides: ints([1, 2]), auto_pad: text(auto) }) },
    { name: `ConvTranspose of an even kernel, ${auto}`, shapes: [[1, 2, 3, 3], [2, 1, 2, 3], [1]], build: transposed({ strides: ints([2, 2]), auto_pad: text(auto) }) },
  ]),
  { name: 'AveragePool rounded up', shapes: image, build: averagePool([2, 2], [2, 2], [0, 0, 0, 0], 0, { ceil_mode: int(1) }) },
  { name: 'AveragePool rounded up, padding counted', shapes: image, build: averagePool([3, 3], [2, 2], [1, 1, 1, 1], 1, { ceil_mode: int(1) }) },
  { name: 'AveragePool 1-D', shapes: [[2, 3, 9]], build: averagePool([3], [2], [1, 1]) },
  { name: 'AveragePool 3-D', shapes: [[1, 2, 4, 3, 4]], build: averagePool([2, 2, 2], [2, 1, 2], [0, 0, 0, 0, 0, 0]) },
  { name: 'AveragePool unevenly padded, counted', shapes: image, build: averagePool([3, 2], [2, 1], [0, 1, 2, 0], 1) },
  { name: 'AveragePool 1-D, rounded up', shapes: [[1, 2, 8]], build: averagePool([3], [2], [0, 0], 0, { ceil_mode: int(1) }) },
  { name: 'AveragePool 3-D, padding counted', shapes: [[1, 1, 4, 3, 4]], build: averagePool([3, 2, 2], [2, 1, 2], [1, 0, 1, 1, 1, 0], 1) },
  { name: 'GlobalAveragePool 1-D', shapes: [[2, 3, 5]], build: op('GlobalAveragePool') },
  { name: 'GlobalMaxPool 3-D', shapes: [[1, 2, 2, 3, 2]], sample: distinct, build: op('GlobalMaxPool') },
  { name: 'LpPool 1-D, rounded up', shapes: [[1, 2, 8]], build: op('LpPool', { kernel_shape: ints([3]), strides: ints([2]), ceil_mode: int(1) }) },
  ...both.map((device): GradientCase => ({ name: `GlobalMaxPool, ${device} form`, shapes: image, sample: distinct, device, build: op('GlobalMaxPool') })),
  { name: 'LpPool', shapes: image, build: op('LpPool', { kernel_shape: ints([2, 2]), strides: ints([2, 1]) }) },
  { name: 'LpPool of order 3', shapes: [[1, 2, 4, 4]], sample: (n) => n + Math.sign(n) * 0.3, build: op('LpPool', { kernel_shape: ints([2, 2]), p: int(3), pads: ints([0, 1, 1, 0]) }) },
  { name: 'LpPool of order 1', shapes: [[1, 2, 4, 4]], sample: (n) => n + Math.sign(n) * 0.3, build: op('LpPool', { kernel_shape: ints([2, 2]), p: int(1) }) },
];

const coordinates = ['half_pixel', 'pytorch_half_pixel', 'asymmetric', 'align_corners', 'half_pixel_symmetric'];

export const resizeCases: GradientCase[] = [
  { name: 'Resize', shapes: [[1, 2, 3, 4]], build: resizeBy([1, 1, 2, 2], { coordinate_transformation_mode: text('asymmetric'), nearest_mode: text('floor') }) },
  ...['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'].flatMap((mode) => coordinates.flatMap((at): GradientCase[] => [
    { name: `Resize nearest, ${mode}, ${at}, up`, shapes: [[1, 1, 3, 4]], build: resizeTo([1, 1, 5, 8], { nearest_mode: text(mode), coordinate_transformation_mode: text(at) }) },
    { name: `Resize nearest, ${mode}, ${at}, down`, shapes: [[1, 1, 5, 8]], build: resizeBy([1, 1, 0.6, 0.5], { nearest_mode: text(mode), coordinate_transformation_mode: text(at) }) },
  ])),
  ...coordinates.flatMap((mode): GradientCase[] => [
    { name: `Resize linear up, ${mode}`, shapes: [[1, 2, 3, 4]], build: resizeTo([1, 2, 5, 7], { mode: text('linear'), coordinate_transformation_mode: text(mode) }) },
    { name: `Resize linear down, ${mode}`, shapes: [[1, 1, 6, 5]], build: resizeTo([1, 1, 4, 3], { mode: text('linear'), coordinate_transformation_mode: text(mode) }) },
  ]),
  { name: 'Resize linear by a broken scale', shapes: [[1, 1, 4, 4]], build: resizeBy([1, 1, 1.6, 0.6], { mode: text('linear') }) },
  { name: 'Resize linear to a single row', shapes: [[1, 1, 4, 3]], build: resizeTo([1, 1, 1, 5], { mode: text('linear'), coordinate_transformation_mode: text('pytorch_half_pixel') }) },
  { name: 'Resize linear of a volume', shapes: [[1, 1, 2, 3, 2]], build: resizeTo([1, 1, 3, 4, 5], { mode: text('linear') }) },
  { name: 'Resize of two axes named', shapes: [[1, 2, 3, 4]], build: (b, [x]) => b.op('Resize', [x as Value, null, floats(b, [3, 2])], { axes: ints([-1, 2]), mode: text('linear') }) },
  { name: 'Resize linear of a line', shapes: [[1, 2, 5]], build: resizeBy([1, 1, 2], { mode: text('linear') }) },
  ...both.flatMap((device) => ['zeros', 'border', 'reflection'].flatMap((padding) => [0, 1].map((corners): GradientCase => ({
    name: `GridSample, ${padding}${corners ? ', corners aligned' : ''}, ${device} form`, shapes: [[1, 2, 4, 5], [1, 3, 2, 2]], device,
    // Places between pixels: kinks lie at whole ones.
    sample: (n, i) => (i < 12 ? ((i * 37) % 23) / 8 - 0.95 : n),
    build: op('GridSample', { padding_mode: text(padding), align_corners: int(corners) }),
  })))),
  ...both.flatMap((device) => ['zeros', 'border', 'reflection'].flatMap((padding) => [0, 1].map((corners): GradientCase => ({
    name: `GridSample nearest, ${padding}${corners ? ', corners aligned' : ''}, ${device} form`, shapes: [[1, 2, 4, 5]], device,
    build: (b, [x]) => b.op('GridSample', [x as Value, floats(b, [-0.8, 0.31, 0.3, -0.42, 1.33, 0.1, 0.05, 0.77], [1, 2, 2, 2])], { mode: text('nearest'), padding_mode: text(padding), align_corners: int(corners) }),
  })))),
  { name: 'GridSample of several pictures, far outside', shapes: [[2, 1, 3, 4], [2, 2, 2, 2]], sample: (n, i) => (i < 16 ? ((i * 37) % 23) / 3.5 - 3.1 : n), build: op('GridSample', { padding_mode: text('reflection') }) },
];
