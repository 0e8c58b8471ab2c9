/** Every gradient rule against central differences, one line a case; and a proof that the harness catches a wrong rule. */
import { describe, expect, it } from 'vitest';
import type { GraphBuilder, Value } from '../../../shared/onnx/builder.ts';
import { float, int, ints, type Attribute } from '../../../shared/onnx/ir.ts';
import { gradientError, type GradientCase } from './gradient.harness.ts';
import { rules } from './rules/table.ts';

type Inputs = (b: GraphBuilder, x: Value[]) => Value;
const op = (name: string, attributes: Record<string, Attribute> = {}): Inputs => (b, x) => b.op(name, x, attributes);
const positive = (n: number) => 0.5 + Math.abs(n);
/** Away from 0, so that no kink lies within the step. */
const apart = (n: number) => n + Math.sign(n) * 0.1;
/** All different by more than the step, so that no maximum changes. */
const distinct = (_n: number, i: number) => ((i * 7919) % 101) / 10 - 5;
const conv = (a: Record<string, Attribute> = {}): Inputs => op('Conv', a);
const maxPool = (k: number[], s: number[], p: number[]): Inputs => op('MaxPool', { kernel_shape: ints(k), strides: ints(s), pads: ints(p) });
const averagePool = (k: number[], s: number[], p: number[], include = 0): Inputs => op('AveragePool', { kernel_shape: ints(k), strides: ints(s), pads: ints(p), count_include_pad: int(include) });
const image = [[2, 4, 5, 6]];

const cases: GradientCase[] = [
  { name: 'Add', shapes: [[2, 3], [2, 3]], build: op('Add') },
  { name: 'Add broadcast', shapes: [[2, 3, 4], [3, 1]], build: op('Add') },
  { name: 'Add of a value to itself', shapes: [[5]], build: (b, [x]) => b.add(b.mul(x as Value, x as Value), x as Value) },
  { name: 'Sub broadcast', shapes: [[3], [2, 3]], build: op('Sub') },
  { name: 'Mul broadcast', shapes: [[2, 3], [1, 3]], build: op('Mul') },
  { name: 'Div broadcast', shapes: [[2, 3], [3]], sample: positive, build: op('Div') },
  { name: 'Pow', shapes: [[2, 3], [3]], sample: positive, build: op('Pow') },
  { name: 'Max', shapes: [[6], [6]], sample: (n, i) => n + i, build: op('Max') },
  { name: 'Min', shapes: [[6], [6]], sample: (n, i) => n + i, build: op('Min') },
  { name: 'Identity', shapes: [[4]], build: op('Identity') },
  { name: 'Neg', shapes: [[4]], build: op('Neg') },
  { name: 'Abs', shapes: [[8]], sample: apart, build: op('Abs') },
  { name: 'Exp', shapes: [[6]], build: op('Exp') },
  { name: 'Log', shapes: [[6]], sample: positive, build: op('Log') },
  { name: 'Sqrt', shapes: [[6]], sample: positive, build: op('Sqrt') },
  { name: 'Reciprocal', shapes: [[6]], sample: positive, build: op('Reciprocal') },
  { name: 'Relu', shapes: [[12]], sample: apart, build: op('Relu') },
  { name: 'LeakyRelu', shapes: [[12]], sample: apart, build: op('LeakyRelu', { alpha: float(0.2) }) },
  { name: 'Clip', shapes: [[12]], sample: apart, build: (b, [x]) => b.op('Clip', [x as Value, b.scalar(0), b.scalar(1.05)]) },
  { name: 'Clip above only', shapes: [[12]], sample: apart, build: (b, [x]) => b.op('Clip', [x as Value, null, b.scalar(0)]) },
  { name: 'Sigmoid', shapes: [[8]], build: op('Sigmoid') },
  { name: 'Tanh', shapes: [[8]], build: op('Tanh') },
  { name: 'Softplus', shapes: [[8]], build: op('Softplus') },
  { name: 'Sin', shapes: [[8]], build: op('Sin') },
  { name: 'Cos', shapes: [[8]], build: op('Cos') },
  { name: 'Erf', shapes: [[8]], build: op('Erf') },
  { name: 'Where', shapes: [[8], [8]], sample: apart, build: (b, [x, y]) => b.op('Where', [b.op('Greater', [x as Value, b.scalar(0)]), x as Value, y as Value]) },
  { name: 'Cast', shapes: [[4]], build: op('Cast', { to: int(1) }) },
  { name: 'Softmax last', shapes: [[3, 5]], build: op('Softmax', { axis: int(-1) }) },
  { name: 'Softmax over channels', shapes: [[2, 3, 2, 2]], build: op('Softmax', { axis: int(1) }) },
  { name: 'LogSoftmax', shapes: [[3, 5]], build: op('LogSoftmax', { axis: int(-1) }) },
  { name: 'ReduceSum axes', shapes: [[2, 3, 4]], build: (b, [x]) => b.sum(x as Value, [0, 2]) },
  { name: 'ReduceSum all, dropped', shapes: [[2, 3]], build: (b, [x]) => b.sum(x as Value, undefined, false) },
  { name: 'ReduceMean dropped', shapes: [[2, 3, 4]], build: (b, [x]) => b.mean(x as Value, [1], false) },
  { name: 'ReduceMax', shapes: [[3, 7]], sample: distinct, build: (b, [x]) => b.max(x as Value, [1]) },
  { name: 'ReduceMin', shapes: [[3, 7]], sample: distinct, build: (b, [x]) => b.op('ReduceMin', [x as Value, b.int64([1])]) },
  { name: 'ReduceSumSquare', shapes: [[3, 4]], build: (b, [x]) => b.op('ReduceSumSquare', [x as Value, b.int64([0])]) },
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
  { name: 'MatMul', shapes: [[3, 4], [4, 2]], build: op('MatMul') },
  { name: 'MatMul batched', shapes: [[2, 3, 4], [2, 4, 2]], build: op('MatMul') },
  { name: 'MatMul broadcast', shapes: [[2, 3, 4], [4, 2]], build: op('MatMul') },
  { name: 'Gemm', shapes: [[3, 4], [4, 2], [2]], build: op('Gemm') },
  { name: 'Gemm transA, alpha', shapes: [[4, 3], [4, 2]], build: op('Gemm', { transA: int(1), alpha: float(0.5) }) },
  { name: 'Gemm transB, beta', shapes: [[3, 4], [2, 4], [3, 2]], build: op('Gemm', { transB: int(1), beta: float(2) }) },
  { name: 'Gemm transA transB', shapes: [[4, 3], [2, 4]], build: op('Gemm', { transA: int(1), transB: int(1) }) },
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
  { name: 'BatchNormalization', shapes: [[3, 2, 2, 2], [2], [2], [2], [2]], sample: positive, build: op('BatchNormalization', { epsilon: float(0.01) }) },
  { name: 'BatchNormalization of a vector', shapes: [[3, 2], [2], [2], [2], [2]], sample: positive, build: op('BatchNormalization') },
];

describe('gradient rules against central differences', () => {
  it.each(cases)('$name', async (test) => {
    expect(await gradientError(test)).toBeLessThan(1e-2);
  });

  it('has a case for every rule', () => {
    const covered = (rule: string) => cases.some((c) => c.name === rule || c.name.startsWith(`${rule} `) || c.name.startsWith(`${rule},`));
    expect(Object.keys(rules).filter((r) => !covered(r))).toEqual([]);
  });

  it('catches a wrong rule', async () => {
    const table = rules as Record<string, (typeof rules)[string]>;
    const right = table.Tanh as (typeof rules)[string];
    table.Tanh = (c) => [c.b.mul(c.dy, c.y(0))];
    try {
      expect(await gradientError({ name: 'wrong', shapes: [[8]], build: op('Tanh') })).toBeGreaterThan(0.1);
    } finally {
      table.Tanh = right;
    }
  });

  it('names the node whose operator has no rule', async () => {
    await expect(gradientError({ name: 'none', shapes: [[4]], build: op('Mish') })).rejects.toThrow(/got Mish \(node Mish\)/);
  });
});

// A WebGPU adapter, maybe software: tiny shapes only. The test command sets the variable where it finds one.
describe.runIf(process.env.NETLOOM_TEST_WEBGPU)('on WebGPU', () => {
  const few = cases.filter((c) => c.device === 'webgpu' || ['Softmax last', 'Gemm', 'BatchNormalization of a vector', 'AveragePool padded'].includes(c.name));
  it.each(few)('$name', async (test) => {
    expect(await gradientError({ ...test, device: 'webgpu' }, 'webgpu')).toBeLessThan(2e-2);
  });
});
