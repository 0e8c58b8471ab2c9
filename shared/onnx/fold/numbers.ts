/** Constant tensors as numbers and back, and their indices. */
import type { ElementType, Tensor, TensorData } from '../ir.ts';
import { halfBits, halfValue } from '../../util/half.ts';

const arrays: Readonly<Record<Exclude<ElementType, 'string'>, (count: number) => TensorData>> = {
  float32: (n) => new Float32Array(n), float64: (n) => new Float64Array(n), float16: (n) => new Uint16Array(n), bfloat16: (n) => new Uint16Array(n),
  uint8: (n) => new Uint8Array(n), int8: (n) => new Int8Array(n), uint16: (n) => new Uint16Array(n), int16: (n) => new Int16Array(n), uint32: (n) => new Uint32Array(n),
  int32: (n) => new Int32Array(n), uint64: (n) => new BigUint64Array(n), int64: (n) => new BigInt64Array(n), bool: (n) => new Uint8Array(n),
};

/** Zeros of an element type; null for text, which nothing here holds. */
export const zeros = (element: ElementType, count: number): TensorData | null => (element === 'string' ? null : arrays[element](count));

export const isFloat = (element: ElementType): boolean => element === 'float32' || element === 'float64' || element === 'float16' || element === 'bfloat16';

/** The largest and least int64 stand for "to the end" and are no numbers to reckon with exactly. */
const exact = (v: bigint): boolean => v >= -(2n ** 53n) && v <= 2n ** 53n;

const bits = new Uint32Array(1);
const single = new Float32Array(bits.buffer);
/** The number that sixteen bits of bfloat16 stand for: the upper half of a float32. */
export function brainValue(upper: number): number {
  bits[0] = upper * 65536;
  return single[0] as number;
}

/** The values as numbers; null where an int64 has no exact one. */
export function numbersOf(t: Tensor): ArrayLike<number> | null {
  switch (t.element) {
    case 'int64':
    case 'uint64': {
      const out = new Float64Array(t.data.length);
      for (const [i, v] of (t.data as BigInt64Array).entries()) {
        if (!exact(v)) return null;
        out[i] = Number(v);
      }
      return out;
    }
    case 'float16': return Float64Array.from(t.data as Uint16Array, halfValue);
    case 'bfloat16': return Float64Array.from(t.data as Uint16Array, brainValue);
    case 'string': return null;
    default: return t.data as Float32Array;
  }
}

const INT64 = { min: -(2 ** 63), max: 2 ** 63 };

/** A tensor of these numbers, rounded as the element type rounds; null where it cannot hold one. */
export function tensorOfNumbers(element: ElementType, shape: readonly number[], values: ArrayLike<number>): Tensor | null {
  const data = zeros(element, values.length);
  if (data === null || element === 'bfloat16') return null;
  for (let i = 0; i < values.length; i++) {
    const v = values[i] as number;
    if (element === 'float16') data[i] = halfBits(v);
    else if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
      if (!Number.isInteger(v) || v < INT64.min || v >= INT64.max) return null;
      data[i] = BigInt(v);
    } else if (element === 'bool') data[i] = v === 0 ? 0 : 1;
    else data[i] = v;
  }
  return { element, shape, data };
}

export const int64Tensor = (values: readonly number[]): Tensor => ({ element: 'int64', shape: [values.length], data: BigInt64Array.from(values, (v) => BigInt.asIntN(64, v >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(v))) });

/** Distance of neighbours along each axis in row-major order. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = (strides[i + 1] as number) * (shape[i + 1] as number);
  return strides;
}

/** Calls `run` for each row of a shape, in row-major order: where it begins in the source and how far its neighbours lie apart. */
function walkRows(shape: readonly number[], strides: readonly number[], offset: number, run: (from: number, step: number, to: number, length: number) => void): void {
  const length = shape.at(-1) ?? 1;
  const step = strides.at(-1) ?? 0;
  const rows = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  if (length === 0) return;
  const index = shape.map(() => 0);
  let from = offset;
  for (let row = 0; row < rows; row++) {
    run(from, step, row * length, length);
    for (let axis = shape.length - 2; axis >= 0; axis--) {
      const i = (index[axis] as number) + 1;
      from += strides[axis] as number;
      if (i < (shape[axis] as number)) {
        index[axis] = i;
        break;
      }
      from -= i * (strides[axis] as number);
      index[axis] = 0;
    }
  }
}

/** Calls `visit` for each place of a shape in row-major order with the sum of `strides` times its indices, from `offset` on. */
export function walkStrides(shape: readonly number[], strides: readonly number[], offset: number, visit: (from: number, to: number) => void): void {
  walkRows(shape, strides, offset, (from, step, to, length) => {
    for (let i = 0; i < length; i++) visit(from + i * step, to + i);
  });
}

/** Elements taken from a tensor: the one at `offset` plus strides times indices. Null for text. */
export function take(t: Tensor, shape: readonly number[], strides: readonly number[], offset = 0): Tensor | null {
  const data = zeros(t.element, shape.reduce((a, b) => a * b, 1));
  if (data === null) return null;
  // The same loop serves arrays of every kind.
  const source = t.data as Float32Array;
  const target = data as Float32Array;
  walkRows(shape, strides, offset, (from, step, to, length) => {
    if (step === 1) target.set(source.subarray(from, from + length), to);
    else for (let i = 0; i < length; i++) target[to + i] = source[from + i * step] as number;
  });
  return { element: t.element, shape, data };
}

/** Strides with which a tensor is read when it is broadcast to `shape`. */
export function broadcastStrides(from: readonly number[], shape: readonly number[]): number[] {
  const own = stridesOf(from);
  return shape.map((_, i) => {
    const k = i - (shape.length - from.length);
    return k < 0 || from[k] === 1 ? 0 : (own[k] as number);
  });
}

/** Equal types and equal bits. */
export function sameTensor(a: Tensor, b: Tensor): boolean {
  if (a === b) return true;
  if (a.element !== b.element || a.data.length !== b.data.length || a.shape.length !== b.shape.length || a.shape.some((d, i) => d !== b.shape[i])) return false;
  for (let i = 0; i < a.data.length; i++) if (!Object.is(a.data[i], b.data[i])) return false;
  return true;
}
