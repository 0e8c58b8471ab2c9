/** What may be folded, and how large the result may be. */
import { fold, foldable, foldShape } from '../../../../shared/onnx/fold/fold.ts';
import type { Node, Tensor, TensorType } from '../../../../shared/onnx/ir.ts';
import { randomOperators } from '../../../../shared/onnx/ops/random.ts';
import { laneOf, sameType, type Known } from './state.ts';

const bytes: Readonly<Record<string, number>> = { float64: 8, int64: 8, uint64: 8, float32: 4, int32: 4, uint32: 4, float16: 2, bfloat16: 2, int16: 2, uint16: 2 };
export const bytesOf = (t: TensorType): number => t.shape.reduce((a, b) => a * b, bytes[t.element] ?? 1);

/** Answers that are another at each run. */
const random = new Set([...randomOperators, 'Dropout']);
export const isRandom = (op: string): boolean => random.has(op);

/** Operators that only move numbers, which the interpreter does to any amount of them. */
const moves = new Set(['Identity', 'Constant', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Transpose', 'Slice', 'Split', 'Concat', 'Cast']);
const FEW = 2 ** 16;
/** Whether our own interpreter computes it; the runtime does where there is more to reckon. */
const byInterpreter = (op: string, inputs: readonly TensorType[], outputs: readonly TensorType[]): boolean =>
  moves.has(op) || [...inputs, ...outputs].every((t) => bytesOf(t) <= FEW * 8);

const LARGE = 2 ** 24;
/** Small constants are not blown up: what is large and follows from little is made at run time. */
export const isBlownUp = (inputs: readonly TensorType[], outputs: readonly TensorType[]): boolean => {
  const [from, to] = [inputs, outputs].map((list) => list.reduce((sum, t) => sum + bytesOf(t), 0)) as [number, number];
  return to > LARGE && to > 8 * from;
};

/** Inputs that are weights, whose numbers some files make at run time out of nothing but a shape. */
const kernels: Readonly<Record<string, readonly number[]>> = { Conv: [1, 2], ConvTranspose: [1, 2], Gemm: [1, 2], MatMul: [1], BatchNormalization: [1, 2, 3, 4] };
export const isKernel = (op: string, i: number): boolean => (kernels[op] ?? []).includes(i);
const terms = new Set(['MatMul', 'Add', 'Mul', 'Transpose', 'Reshape']);
export const isWeightInput = (op: string, i: number): boolean => isKernel(op, i) || terms.has(op);
/** No more than this of weights that are made at run time is held, in bytes. */
export const MOST_MADE = 2 ** 29;

/** What a node comes to at a lane by our own interpreter; null where it does not, or the runtime is to do it. */
export function foldLane(node: Node, inputs: readonly (Known | null)[], lane: number, types: readonly (TensorType | null)[]): readonly Tensor[] | null {
  const shape = inputs[0] ? foldShape(node, laneOf(inputs[0], lane).type.shape) : null;
  if (shape) return shape;
  if (!foldable(node) || inputs.some((x) => x && laneOf(x, lane).constant === null)) return null;
  const from = inputs.flatMap((x) => (x ? [laneOf(x, lane).type] : []));
  const to = types.filter((t) => t !== null);
  if (!byInterpreter(node.op, from, to) || isBlownUp(from, to)) return null;
  const made = fold(node, inputs.map((x) => (x ? laneOf(x, lane).constant : null)));
  return made?.every((t, i) => !types[i] || sameType(types[i], t)) ? made : null;
}
