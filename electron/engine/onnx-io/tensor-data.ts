/** TensorProto to the graph's tensors and back: raw bytes, typed fields, data beside the file, sparse weights, and what is refused. */
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { elementCodes, elementOfCode } from '../../../shared/onnx/ops/elementwise.ts';
import type { ElementType, Tensor, TensorData } from '../../../shared/onnx/ir.ts';
import { listOf, messagesOf, textOf } from './wire-read.ts';
import type { Decoded } from './wire.ts';

/** Where a tensor's bytes lie outside the file. */
export interface ExternalRange { readonly tensor: string; readonly location: string; readonly offset: number; readonly length: number }
/** Memory of its own for a range, filled by the time the reader answers. Throws onnx.external where there is no such range, before any memory is taken. */
export type External = (range: ExternalRange) => ArrayBuffer;

/** Memory of its own for raw bytes of the file that have not been read yet, filled by the time the reader answers; null for those that have. */
export type Pending = (raw: Uint8Array) => ArrayBuffer | null;

/** What tensors are read from: the file's name for messages, its size, and what is not in the bytes at hand. */
export interface Reading { readonly file: string; readonly size: number; readonly external: External | null; readonly pending: Pending | null }

interface Form { readonly make: { new (b: ArrayBuffer): TensorData; readonly BYTES_PER_ELEMENT: number }; readonly field: string }
const small = 'int32Data';
/** The array that holds each type, and the field its numbers are in where they are not raw (onnx.proto3). */
const forms: Partial<Record<ElementType, Form>> = {
  float32: { make: Float32Array, field: 'floatData' }, float64: { make: Float64Array, field: 'doubleData' }, float16: { make: Uint16Array, field: small }, bfloat16: { make: Uint16Array, field: small },
  uint8: { make: Uint8Array, field: small }, int8: { make: Int8Array, field: small }, uint16: { make: Uint16Array, field: small }, int16: { make: Int16Array, field: small },
  uint32: { make: Uint32Array, field: 'uint64Data' }, int32: { make: Int32Array, field: small }, uint64: { make: BigUint64Array, field: 'uint64Data' }, int64: { make: BigInt64Array, field: 'int64Data' }, bool: { make: Uint8Array, field: small },
};
/** Types that no array here holds, by TensorProto.DataType. */
const opaque: Readonly<Record<number, string>> = {
  8: 'text', 14: 'complex64', 15: 'complex128', 17: 'float8e4m3fn', 18: 'float8e4m3fnuz', 19: 'float8e5m2', 20: 'float8e5m2fnuz', 21: 'uint4', 22: 'int4', 23: 'float4e2m1', 24: 'float8e8m0', 25: 'uint2', 26: 'int2',
};
/** A sparse tensor written out may take this many times the file, and a tiny file's this many bytes. */
const SPARSE_GROWTH = 16;
const SPARSE_FREE = 2 ** 20;

/** A name as messages show it: files may hold names of any length. */
export const shown = (name: string): string => (name.length > 80 ? `${name.slice(0, 60)}…${name.slice(-16)}` : name || 'a tensor without name');

/** Fields of a TensorProto; numbers are written as raw bytes, or as the place of theirs in a file beside. */
export function tensorMessage(name: string, t: Tensor, external: { readonly location: string; readonly offset: number; readonly length: number } | null = null): Decoded {
  if (external) return { dims: t.shape, dataType: elementCodes[t.element], name, externalData: Object.entries(external).map(([key, value]) => ({ key, value: String(value) })), dataLocation: 1 };
  return { dims: t.shape, dataType: elementCodes[t.element], name, rawData: new Uint8Array(t.data.buffer, t.data.byteOffset, t.data.byteLength) };
}

function refuse(at: Reading, expected: string, got: string): never {
  throw problem('onnx.unreadable', { label: at.file }, { expected, got });
}

function countOf(shape: readonly number[], name: string, at: Reading): number {
  const count = shape.reduce((a, b) => a * b, 1);
  const text = `[${shape.length > 8 ? `${shape.slice(0, 8).join(', ')}, …` : shape.join(', ')}]`;
  if (![count, ...shape].every((d) => Number.isSafeInteger(d) && d >= 0)) refuse(at, `sizes of ${name} from 0 up`, text);
  return count;
}

/** Sizes of a tensor; rank is bounded as nothing that computes goes further. */
function shapeOf(m: Decoded, name: string, at: Reading): readonly number[] {
  const dims = listOf<bigint>(m, 'dims');
  if (dims.length > 64) refuse(at, `${name} of 64 axes at most`, `${dims.length}`);
  return Array.from(dims, Number);
}

const entry = (m: Decoded, key: string): string | null => {
  const found = messagesOf(m, 'externalData').find((e) => textOf(e, 'key') === key);
  return found ? textOf(found, 'value') : null;
};

function externalBytes(m: Decoded, name: string, bytes: number, at: Reading): ArrayBuffer {
  if (!at.external) throw problem('onnx.unsupported', { label: at.file }, { expected: 'weights inside the file', got: `external data for ${name}`, next: 'Save the net as one file (onnx.save with save_as_external_data=False).' });
  const number = (key: string, fallback: number): number => {
    const text = entry(m, key);
    if (text === null) return fallback;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    return Number.isNaN(value) ? refuse(at, `the ${key} of ${name} as a number of bytes`, shown(text)) : value;
  };
  const length = number('length', bytes);
  if (length !== bytes) refuse(at, `${bytes} bytes in ${name}`, `${length}`);
  return at.external({ tensor: name, location: entry(m, 'location') ?? '', offset: number('offset', 0), length });
}

/**
 * A tensor with memory of its own, or the name of its element type where no array holds that ("text", "int4"). Nothing is
 * allocated before the stored numbers are known to be as many as the sizes say. Throws onnx.unreadable for what does not fit
 * together, onnx.external and onnx.unsupported for data outside the file.
 */
export function readTensor(m: Decoded, at: Reading): Tensor | string {
  const name = shown(textOf(m, 'name'));
  const code = Number(m.dataType ?? 0n);
  const element = elementOfCode(code);
  const form = element && forms[element];
  if (!element || !form) return opaque[code] ?? refuse(at, `an element type of ${name} that ONNX has`, `type ${code}`);
  if (m.segment !== undefined) throw problem('onnx.unsupported', { label: at.file }, { expected: 'whole tensors', got: `a segment of ${name}`, next: 'Save the net again with a newer version of onnx.' });
  const shape = shapeOf(m, name, at);
  const count = countOf(shape, name, at);
  const bytes = count * form.make.BYTES_PER_ELEMENT;
  if (Number(m.dataLocation ?? 0n) === 1) return { element, shape, data: new form.make(externalBytes(m, name, bytes, at)) };
  const raw = m.rawData as Uint8Array | undefined;
  if (raw && raw.length > 0) {
    if (raw.length !== bytes) refuse(at, `${bytes} bytes in ${name}`, String(raw.length));
    return { element, shape, data: new form.make(at.pending?.(raw) ?? (raw.slice().buffer as ArrayBuffer)) };
  }
  const typed = listOf<number | bigint>(m, form.field);
  if (typed.length !== count) refuse(at, `${count} numbers in ${name}`, String(typed.length));
  // Runs of numbers were copied as they were read; nobody else holds them.
  if (typed instanceof form.make) return { element, shape, data: typed as unknown as TensorData };
  const data = new form.make(new ArrayBuffer(bytes));
  const wide = data instanceof BigInt64Array || data instanceof BigUint64Array;
  for (let i = 0; i < count; i++) (data as unknown as (number | bigint)[])[i] = wide ? BigInt(typed[i] as number | bigint) : Number(typed[i]);
  return { element, shape, data };
}

/** A sparse tensor (SparseTensorProto: values and their places, counted through or by axes) written out, its name beside it. Throws as readTensor does, and for one that would take far more memory than the file. */
export function readSparse(m: Decoded, at: Reading): { readonly name: string; readonly tensor: Tensor | string } {
  const held = (m.values as Decoded | undefined) ?? refuse(at, 'the values of a sparse tensor', 'none');
  const name = textOf(held, 'name');
  const label = shown(name);
  const inside: Reading = { ...at, external: null };
  const values = readTensor(held, inside);
  if (typeof values === 'string') return { name, tensor: values };
  const places = readTensor((m.indices as Decoded | undefined) ?? refuse(at, `the places of the values of ${label}`, 'none'), inside);
  const shape = shapeOf(m, label, at);
  const count = countOf(shape, label, at);
  const stored = values.data.length;
  const axes = typeof places === 'object' && places.data instanceof BigInt64Array && places.data.length === stored * (places.shape[1] ?? 1) ? (places.shape[1] ?? 1) : NaN;
  if (typeof places === 'string' || (axes !== 1 && axes !== shape.length)) return refuse(at, `a place of each of the ${stored} values of ${label}`, typeof places === 'string' ? places : `[${places.shape.join(', ')}] of ${places.element}`);
  const make = values.data.constructor as Form['make'];
  const bytes = count * make.BYTES_PER_ELEMENT;
  if (bytes > Math.max(SPARSE_FREE, SPARSE_GROWTH * at.size)) throw problem('onnx.unsupported', { label: at.file }, { expected: `${label} to take ${SPARSE_GROWTH} times its file at most`, got: `${bytes} bytes`, next: 'Export the net with dense weights.' });
  const data = new make(new ArrayBuffer(bytes));
  for (let i = 0; i < stored; i++) {
    let place = 0;
    for (let axis = 0; axis < axes; axis++) {
      const index = Number(places.data[i * axes + axis]);
      const size = axes === 1 ? count : (shape[axis] as number);
      if (index < 0 || index >= size) refuse(at, `places of ${label} below ${size}`, `${index}`);
      place = place * size + index;
    }
    (data as unknown as (number | bigint)[])[place] = values.data[i] as number | bigint;
  }
  return { name, tensor: { element: values.element, shape, data } };
}
