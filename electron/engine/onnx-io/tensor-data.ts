/** TensorProto to the graph's tensors and back: raw bytes, typed fields, and what is refused. */
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { elementCodes, elementOfCode } from '../../../shared/onnx/ops/elementwise.ts';
import type { ElementType, Tensor, TensorData } from '../../../shared/onnx/ir.ts';
import type { Decoded } from './wire.ts';

const arrays: Partial<Record<ElementType, { new (b: ArrayBuffer): TensorData; readonly BYTES_PER_ELEMENT: number }>> = {
  float32: Float32Array, float64: Float64Array, uint8: Uint8Array, int8: Int8Array, uint16: Uint16Array, int16: Int16Array, uint32: Uint32Array,
  int32: Int32Array, int64: BigInt64Array, uint64: BigUint64Array, bool: Uint8Array, float16: Uint16Array, bfloat16: Uint16Array,
};

const typedFields = ['floatData', 'int32Data', 'int64Data', 'doubleData', 'uint64Data'] as const;

/** Fields of a TensorProto; numbers are written as raw bytes, or as the place of theirs in a file beside. */
export function tensorMessage(name: string, t: Tensor, external: { readonly location: string; readonly offset: number; readonly length: number } | null = null): Decoded {
  if (external) return { dims: t.shape, dataType: elementCodes[t.element], name, externalData: Object.entries(external).map(([key, value]) => ({ key, value: String(value) })), dataLocation: 1 };
  return { dims: t.shape, dataType: elementCodes[t.element], name, rawData: new Uint8Array(t.data.buffer, t.data.byteOffset, t.data.byteLength) };
}

/** A tensor with memory of its own. Throws onnx.unsupported for text, complex numbers and data outside the file, onnx.unreadable for a size that does not fit. */
export function tensorOf(m: Decoded, file: string): Tensor {
  const name = String(m.name || 'a tensor without name');
  const refuse = (expected: string, got: string): never => {
    throw problem('onnx.unreadable', { label: file }, { expected, got });
  };
  const element = elementOfCode(Number(m.dataType ?? 0n));
  const make = element && arrays[element];
  if (!element || !make) throw problem('onnx.unsupported', { label: file }, { expected: 'a tensor of numbers', got: `element type ${String(m.dataType ?? 0)} in ${name}`, next: 'Export the net without text, complex or packed numbers.' });
  if (Number(m.dataLocation ?? 0n) === 1) throw problem('onnx.unsupported', { label: file }, { expected: 'weights inside the file', got: `external data for ${name}`, next: 'Save the net as one file (onnx.save with save_as_external_data=False).' });
  const shape = Array.from(m.dims as ArrayLike<bigint>, Number);
  const count = shape.reduce((a, b) => a * b, 1);
  if (!Number.isSafeInteger(count) || shape.some((d) => d < 0)) refuse(`sizes of ${name} from 0 up`, `[${shape.join(', ')}]`);
  const raw = (m.rawData as Uint8Array | undefined) ?? new Uint8Array();
  if (raw.length > 0) {
    if (raw.length !== count * make.BYTES_PER_ELEMENT) refuse(`${count * make.BYTES_PER_ELEMENT} bytes in ${name}`, String(raw.length));
    return { element, shape, data: new make(raw.slice().buffer as ArrayBuffer) };
  }
  const typed = (typedFields.map((field) => m[field] as ArrayLike<number | bigint>).find((v) => v.length > 0)) ?? [];
  if (typed.length !== count) refuse(`${count} numbers in ${name}`, String(typed.length));
  const data = new make(new ArrayBuffer(count * make.BYTES_PER_ELEMENT));
  const wide = element === 'int64' || element === 'uint64';
  for (let i = 0; i < count; i++) (data as unknown as (number | bigint)[])[i] = wide ? BigInt(typed[i] as number | bigint) : Number(typed[i]);
  return { element, shape, data };
}
