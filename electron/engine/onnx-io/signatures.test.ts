/** Every row of the operator table against the types that ONNX Runtime answers. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { GraphBuilder, type Value } from '../../../shared/onnx/builder.ts';
import { int, ints, string, type ElementType, type TensorType } from '../../../shared/onnx/ir.ts';
import { operators } from '../../../shared/onnx/ops/table.ts';
import { encodeModel } from './model.ts';
import { signatureCases, type SignatureCase } from './signatures.harness.ts';

function tensorOf({ element, shape }: TensorType): ort.Tensor {
  const length = shape.reduce((a, d) => a * d, 1);
  if (element === 'int64') return new ort.Tensor('int64', new BigInt64Array(length), shape);
  if (element === 'bool') return new ort.Tensor('bool', new Uint8Array(length), shape);
  return new ort.Tensor('float32', Float32Array.from({ length }, (_, i) => 0.5 + (i % 7) / 8), shape);
}

const listOf = (made: Value | readonly Value[]): readonly Value[] => ('name' in made ? [made] : made);

async function bothTypes(test: SignatureCase): Promise<{ ours: TensorType[]; theirs: TensorType[] }> {
  const b = new GraphBuilder();
  const outputs = listOf(test.build(b, test.inputs.map((t, i) => b.input(`x${i}`, t))));
  for (const v of outputs) b.output(v.name, v);
  const session = await ort.InferenceSession.create(encodeModel(b.build('g')), { logSeverityLevel: 3, graphOptimizationLevel: 'disabled' });
  const run = await session.run(Object.fromEntries(test.inputs.map((t, i) => [`x${i}`, tensorOf(t)])));
  const theirs = outputs.map((v) => ({ element: run[v.name]?.type as ElementType, shape: [...(run[v.name]?.dims ?? [])] }));
  await session.release();
  return { ours: outputs.map((v) => ({ element: v.type.element, shape: [...v.type.shape] })), theirs };
}

const picture = { element: 'float32', shape: [1, 3, 5, 5] } as const;
const whole = { element: 'int64', shape: [4] } as const;
/** What is wrong, the inputs, the operator over them, and the reason in the refusal. */
const refusals: readonly (readonly [what: string, inputs: readonly TensorType[], make: (b: GraphBuilder, x: Value[]) => unknown, reason: string])[] = [
  ['shapes that do not broadcast', [picture, { element: 'float32', shape: [4] }], (b, x) => b.op('Add', x), 'Add Add: expected shapes that broadcast, got [1, 3, 5, 5] and [4]'],
  ['whole numbers for Exp', [whole], (b, x) => b.op('Exp', x), 'Exp Exp: expected input 0 of type float32, float16, float64, bfloat16, got int64'],
  ['two types', [picture, whole], (b, x) => b.op('Mul', x), 'Mul Mul: expected input 1 of type float32, got int64'],
  ['channels that the kernel does not have', [picture, { element: 'float32', shape: [4, 2, 3, 3] }], (b, x) => b.op('Conv', x), 'Conv Conv: expected 2 input channels, got 3'],
  ['a window beyond the map', [picture], (b, x) => b.op('MaxPool', x, { kernel_shape: ints([6, 2]) }), 'MaxPool MaxPool: expected a window of at most 5, got 6'],
  ['matrices that do not chain', [{ element: 'float32', shape: [2, 3] }, { element: 'float32', shape: [4, 2] }], (b, x) => b.op('MatMul', x), 'MatMul MatMul: expected 3 rows in the second factor, got 4'],
  ['a Reshape to another count', [picture], (b, x) => b.reshape(x[0] as Value, [3, 20]), 'Reshape Reshape: expected 75 elements, got [3, 20]'],
  ['sizes that do not add up', [whole], (b, [x]) => b.ops('Split', [x as Value, b.int64([1, 2])], { outputs: 2 }), 'Split Split: expected sizes that add up to 4, got [1, 2]'],
  ['an axis out of range', [picture], (b, x) => b.op('Softmax', x, { axis: int(4) }), 'Softmax Softmax: expected an axis between -4 and 3, got 4'],
  ['channels that no block divides', [picture], (b, x) => b.op('DepthToSpace', x, { blocksize: int(2) }), 'DepthToSpace DepthToSpace: expected whole sizes, got [1, 0.75, 10, 10]'],
  ['an output_shape of another rank', [picture, { element: 'float32', shape: [3, 2, 3, 3] }], (b, x) => b.op('ConvTranspose', x, { output_shape: ints([7]) }), 'ConvTranspose ConvTranspose: expected 2 numbers in output_shape, got 1'],
  ['a padding of unknown name', [picture, { element: 'float32', shape: [4, 3, 3, 3] }], (b, x) => b.op('Conv', x, { auto_pad: string('SAME') }), 'Conv Conv: expected auto_pad NOTSET, SAME_UPPER, SAME_LOWER or VALID, got SAME'],
  ['indices of numbers with fractions', [picture, { element: 'float32', shape: [2] }], (b, x) => b.op('Gather', x), 'Gather Gather: expected input 1 of type int32, int64, got float32'],
  ['indices of another rank', [picture, whole], (b, x) => b.op('GatherElements', x), 'GatherElements GatherElements: expected indices of rank 4, got [4]'],
];

describe('operator signatures', () => {
  it.each(signatureCases)('$name: the types that the runtime answers', async (test) => {
    const { ours, theirs } = await bothTypes(test);
    expect(ours).toEqual(theirs);
  });

  it('have a case for every row', () => {
    const covered = new Set(signatureCases.map((c) => c.name.split(/[ ,]/, 1)[0]));
    expect(Object.keys(operators).filter((op) => !covered.has(op))).toEqual([]);
  });

  it.each(refusals)('refuse %s and say why', (_what, inputs, make, reason) => {
    const b = new GraphBuilder();
    const values = inputs.map((t, i) => b.input(`x${i}`, t));
    expect(() => make(b, values)).toThrow(reason);
  });
});
