/** Tensors and attributes as a document holds them: plain JSON, bytes as base64. */
import { decodeBase64, encodeBase64 } from '../util/base64.ts';
import { elementCount } from '../shapes/shape.ts';
import type { Attribute, ElementType, Tensor, TensorData } from './ir.ts';

/** A tensor held in the document itself: axes, shapes, small tables. `data` is its little-endian bytes as base64. */
export interface StoredConstant { readonly element: ElementType; readonly shape: readonly number[]; readonly data: string }
/** JSON has no word for what is not finite. */
export type StoredFloat = number | 'Infinity' | '-Infinity' | 'NaN';
export type StoredAttribute =
  | Exclude<Attribute, { readonly kind: 'tensor' | 'float' | 'floats' }>
  | { readonly kind: 'float'; readonly value: StoredFloat }
  | { readonly kind: 'floats'; readonly value: readonly StoredFloat[] }
  | { readonly kind: 'tensor'; readonly value: StoredConstant };

type Arrays = { readonly [E in Exclude<ElementType, 'string'>]: { readonly BYTES_PER_ELEMENT: number; new (buffer: ArrayBuffer): TensorData } };
const arrays: Arrays = {
  float32: Float32Array, float64: Float64Array, float16: Uint16Array, bfloat16: Uint16Array, uint8: Uint8Array, int8: Int8Array, uint16: Uint16Array, int16: Int16Array,
  uint32: Uint32Array, int32: Int32Array, uint64: BigUint64Array, int64: BigInt64Array, bool: Uint8Array,
};

/** The document's form of a constant; every machine this runs on is little-endian. */
export function storeConstant({ element, shape, data }: Tensor): StoredConstant {
  return { element, shape, data: encodeBase64(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)) };
}

/** The tensor behind a stored constant; null where bytes and shape do not agree, or where it is text. */
export function loadConstant({ element, shape, data }: StoredConstant): Tensor | null {
  if (element === 'string') return null;
  const bytes = decodeBase64(data);
  const Data = arrays[element];
  if (!bytes || bytes.length !== elementCount(shape) * Data.BYTES_PER_ELEMENT) return null;
  return { element, shape, data: new Data(bytes.buffer) };
}

const storeFloat = (v: number): StoredFloat => (Number.isFinite(v) ? v : (String(v) as StoredFloat));

export function storeAttribute(a: Attribute): StoredAttribute {
  switch (a.kind) {
    case 'tensor': return { kind: 'tensor', value: storeConstant(a.value) };
    case 'float': return { kind: 'float', value: storeFloat(a.value) };
    case 'floats': return { kind: 'floats', value: a.value.map(storeFloat) };
    default: return a;
  }
}

/** The attribute as the graph wants it; null where its tensor cannot be read. */
export function loadAttribute(a: StoredAttribute): Attribute | null {
  switch (a.kind) {
    case 'tensor': {
      const value = loadConstant(a.value);
      return value && { kind: 'tensor', value };
    }
    case 'float': return { kind: 'float', value: Number(a.value) };
    case 'floats': return { kind: 'floats', value: a.value.map(Number) };
    default: return a;
  }
}
