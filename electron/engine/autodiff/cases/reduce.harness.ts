/** Cases of reductions: each over every kind of axes. */
import type { Value } from '../../../../shared/onnx/builder.ts';
import { int } from '../../../../shared/onnx/ir.ts';
import type { GradientCase } from '../gradient.harness.ts';
import { apart, distinct, positive } from './helpers.harness.ts';

/** Away from kinks, and from sums below zero where there is a logarithm. */
const samples: Readonly<Record<string, GradientCase['sample']>> = { ReduceMax: distinct, ReduceMin: distinct, ReduceL1: apart, ReduceLogSum: positive };
const operators = ['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare', 'ReduceLogSum', 'ReduceLogSumExp', 'ReduceProd'];
const ways: readonly (readonly [how: string, axes: readonly number[] | null, keep: number])[] = [
  ['', [1], 1], [', dropped', [1], 0], [' counted from the end', [-1], 1], [' over two axes', [0, 2], 1], [' over two axes, dropped', [2, 0], 0], [' over all', null, 1], [' over all, dropped', null, 0], [' over an empty list', [], 1],
];

export const reduceCases: GradientCase[] = [
  ...operators.flatMap((name) => ways.map(([how, axes, keep]): GradientCase => {
    const sample = samples[name];
    return { name: `${name}${how}`, shapes: [[2, 3, 4]], ...(sample ? { sample } : {}), build: (b, [x]) => b.op(name, [x as Value, ...(axes ? [b.int64(axes)] : [])], { keepdims: int(keep) }) };
  })),
  { name: 'ReduceSum of no axes', shapes: [[2, 3]], build: (b, [x]) => b.op('ReduceSum', [x as Value, b.int64([])], { noop_with_empty_axes: int(1) }) },
];
