/** Tensors of any type filled with what no net has seen. */
import type { ElementType, Tensor, TensorData } from '../../../shared/onnx/ir.ts';
import { elementCount } from '../../../shared/shapes/shape.ts';
import { required } from '../../../shared/util/assert.ts';
import { halfBits } from '../../../shared/util/half.ts';
import type { Random } from '../../../shared/util/random.ts';

const makers: Partial<Record<ElementType, (count: number, next: () => number) => TensorData>> = {
  float32: (count, next) => Float32Array.from({ length: count }, next),
  float64: (count, next) => Float64Array.from({ length: count }, next),
  float16: (count, next) => Uint16Array.from({ length: count }, () => halfBits(next())),
};
const wholeMakers: Partial<Record<ElementType, (count: number, next: () => number) => TensorData>> = {
  int64: (count, next) => BigInt64Array.from({ length: count }, () => BigInt(next())), uint64: (count, next) => BigUint64Array.from({ length: count }, () => BigInt(next())),
  int32: (count, next) => Int32Array.from({ length: count }, next), uint32: (count, next) => Uint32Array.from({ length: count }, next), int16: (count, next) => Int16Array.from({ length: count }, next),
  uint16: (count, next) => Uint16Array.from({ length: count }, next), int8: (count, next) => Int8Array.from({ length: count }, next), uint8: (count, next) => Uint8Array.from({ length: count }, next), bool: (count, next) => Uint8Array.from({ length: count }, next),
};

/** Noise of a type: normal numbers, and of whole numbers 0 and 1, which are in range of any table. */
export function noiseOf(element: ElementType, shape: readonly number[], random: Random): Tensor {
  const count = elementCount(shape);
  const data = makers[element]?.(count, () => random.normal()) ?? required(wholeMakers[element], `noise of ${element}`)(count, () => random.below(2));
  return { element, shape, data };
}
