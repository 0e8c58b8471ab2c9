/** The interpreter over constants beside ONNX Runtime: wherever it answers, it answers the same. */
import { describe, expect, it } from 'vitest';
import { fold, foldable, foldShape } from '../../../../shared/onnx/fold/fold.ts';
import { numbersOf, sameTensor, tensorOfNumbers } from '../../../../shared/onnx/fold/numbers.ts';
import { int, ints, type Attribute, type ElementType, type Node, type Tensor } from '../../../../shared/onnx/ir.ts';
import { required } from '../../../../shared/util/assert.ts';
import { computeNodes } from './probe.ts';

const t = (element: ElementType, shape: readonly number[], values: readonly number[]): Tensor => required(tensorOfNumbers(element, shape, values), element);
const i64 = (...values: number[]): Tensor => t('int64', [values.length], values);
const one = (value: number): Tensor => t('int64', [], [value]);
const f32 = (shape: readonly number[], ...values: number[]): Tensor => t('float32', shape, values);
const grid = f32([2, 3], -1.5, 0, 2.5, 3.25, -0.5, 1);
const whole = t('int64', [2, 3], [5, -3, 0, 7, -7, 2]);
const truths = t('bool', [3], [1, 0, 1]);

type Case = readonly [op: string, inputs: readonly (Tensor | null)[], attributes?: Readonly<Record<string, Attribute>>, outputs?: number];

const cases: readonly Case[] = [
  ...['Add', 'Sub', 'Mul', 'Div', 'Min', 'Max', 'Equal', 'Greater', 'Less', 'GreaterOrEqual', 'LessOrEqual'].flatMap((op): Case[] => [[op, [whole, i64(2, -4, 3)]], [op, [grid, f32([2, 1], 0.1, -2)]], [op, [one(7), one(3)]]]),
  ['Div', [t('int32', [4], [7, -7, 9, -9]), t('int32', [], [2])]], ['Add', [t('int32', [2], [2 ** 31 - 1, 1]), t('int32', [], [1])]], ['Mul', [t('uint8', [2], [200, 3]), t('uint8', [], [2])]],
  ['Mod', [whole, i64(3, 4, 5)]], ['Mod', [whole, i64(3, 4, -5)], { fmod: int(1) }], ['Mod', [grid, f32([], 0.7)], { fmod: int(1) }], ['Sum', [grid, grid, f32([1], 2)]], ['Min', [whole, one(1), i64(9, -9, 0)]],
  ...['And', 'Or', 'Xor'].map((op): Case => [op, [t('bool', [2, 1], [0, 1]), truths]]), ['Not', [truths]],
  ...['Neg', 'Abs', 'Floor', 'Ceil', 'Round', 'Sign', 'Sqrt', 'Reciprocal'].map((op): Case => [op, [f32([6], 0.5, 1.5, 2.5, 0.25, 3.75, 7)]]), ['Neg', [whole]], ['Abs', [whole]], ['Round', [f32([4], -0.5, -1.5, -2.5, 2.4)]],
  ...[1, 2, 3, 6, 7, 9, 10, 11].flatMap((to): Case[] => [['Cast', [f32([5], 0, 1.5, 2.75, 100, 3)], { to: int(to) }], ['Cast', [i64(0, 5, 100)], { to: int(to) }]]), ['Cast', [f32([2], -1.5, -0.5)], { to: int(7) }], ['Cast', [truths], { to: int(7) }],
  ['Where', [truths, whole, one(9)]], ['Where', [t('bool', [2, 1], [1, 0]), f32([3], 1, 2, 3), grid]],
  ...['ReduceSum', 'ReduceProd', 'ReduceMax', 'ReduceMin'].flatMap((op): Case[] => [[op, [whole, i64(-1)], { keepdims: int(0) }], [op, [whole]], [op, [whole, i64()], { noop_with_empty_axes: int(1) }], [op, [whole, i64(0)]]]),
  ['Reshape', [grid, i64(0, -1, 1)]], ['Reshape', [grid, i64(3, 2)]], ['Squeeze', [f32([1, 2, 1], 1, 2)]], ['Squeeze', [f32([1, 2, 1], 1, 2), i64(-1)]], ['Unsqueeze', [grid, i64(-1, 0)]], ['Flatten', [f32([2, 1, 2], 1, 2, 3, 4)], { axis: int(2) }],
  ['Transpose', [grid]], ['Transpose', [t('int64', [1, 2, 3], [1, 2, 3, 4, 5, 6])], { perm: ints([2, 0, 1]) }], ['Expand', [f32([2, 1], 1, 2), i64(3, 1, 2)]], ['Expand', [one(4), i64(2)]], ['Tile', [grid, i64(2, 3)]],
  ['Gather', [whole, i64(1, 0, -1)]], ['Gather', [whole, one(-1)], { axis: int(1) }], ['Gather', [i64(4, 5, 6), t('int32', [2, 1], [0, 2])]], ['GatherElements', [whole, t('int64', [2, 2], [0, -1, 1, 1])], { axis: int(1) }],
  ['Concat', [grid, f32([2, 1], 8, 9)], { axis: int(-1) }], ['Concat', [i64(1), i64(), i64(2, 3)], { axis: int(0) }],
  ['Slice', [whole, i64(0, 2), i64(2, -4), i64(0, 1), i64(1, -1)]], ['Slice', [i64(1, 2, 3, 4), i64(1), t('int64', [1], [2 ** 31]), i64(0), i64(2)]], ['Slice', [i64(1, 2, 3), i64(-2), i64(100)]], ['Slice', [grid, i64(5), i64(9)]],
  ['Split', [i64(1, 2, 3, 4, 5)], { num_outputs: int(2) }, 2], ['Split', [grid, i64(1, 2)], { axis: int(1) }, 2],
  ['ConstantOfShape', [i64(2, 2)]], ['ConstantOfShape', [i64()], { value: { kind: 'tensor', value: i64(7) } }], ['Range', [one(5), one(-1), one(-2)]], ['Range', [f32([], 0), f32([], 1), f32([], 0.25)]], ['Range', [one(3), one(3), one(1)]],
  ['NonZero', [whole]], ['NonZero', [truths]], ['Identity', [grid]], ['Constant', [], { value_ints: ints([3, -4]) }],
];

const nodeOf = ([op, inputs, attributes = {}, outputs = 1]: Case): Node => ({ name: op, op, domain: '', inputs: inputs.map((x, i) => (x ? `x${i}` : '')), outputs: Array.from({ length: outputs }, (_, i) => `y${i}`), attributes });

describe('fold', () => {
  it.each(cases.map((c) => [`${c[0]} of ${c[1].map((x) => (x ? `${x.element}[${x.shape.join()}]` : 'nothing')).join(', ')} ${JSON.stringify(c[2] ?? {}, (_k, v: unknown) => (typeof v === 'bigint' ? String(v) : v))}`, c] as const))('%s', async (_name, c) => {
    const node = nodeOf(c);
    const given = new Map(c[1].flatMap((x, i) => (x ? [[`x${i}`, { type: x, value: x }] as const] : [])));
    const theirs = await computeNodes([node], given, node.outputs, { '': 18 });
    const ours = required(fold(node, c[1]), 'an answer');
    for (const [i, y] of node.outputs.entries()) expect({ ...ours[i], data: Array.from(numbersOf(ours[i] as Tensor) ?? []) }).toEqual({ ...theirs.get(y), data: Array.from(numbersOf(theirs.get(y) as Tensor) ?? []) });
  });

  it('reads a shape without its tensor', () => {
    const shape = { ...nodeOf(['Shape', []]), attributes: { start: int(-2) } };
    expect(foldShape(shape, [4, 5, 6])).toEqual([i64(5, 6)]);
    expect(foldShape(nodeOf(['Size', []]), [4, 5, 6])).toEqual([one(120)]);
    expect(foldShape(nodeOf(['Relu', []]), [4])).toBeNull();
  });

  it.each<readonly [string, Case]>([
    ['an operator without a row', ['Exp', [grid]]], ['whole numbers beyond 2^53', ['Mul', [one(2 ** 40), one(2 ** 40)]]], ['a division by zero', ['Div', [one(1), one(0)]]], ['an index beyond the end', ['Gather', [i64(1, 2), one(2)]]],
    ['numbers that the new type cannot hold', ['Cast', [f32([1], 300)], { to: int(2) }]], ['sums of fractions, whose order is the runtime’s', ['ReduceSum', [grid]]],
  ])('leaves %s to the runtime', (_what, c) => { expect(fold(nodeOf(c), c[1])).toBeNull(); });

  it('knows the standard domain alone', () => { expect([foldable({ op: 'Add', domain: '' }), foldable({ op: 'Add', domain: 'my' })]).toEqual([true, false]); });
  it('tells −0 from 0 and sizes from one another', () => { expect([sameTensor(f32([1], 0), f32([1], -0)), sameTensor(i64(1, 2), t('int64', [2, 1], [1, 2])), sameTensor(grid, { ...grid })]).toEqual([false, false, true]); });
});
