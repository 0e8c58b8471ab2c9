/** The safetensors format for weights: u64 length, JSON header, raw little-endian data (github.com/huggingface/safetensors, format section). */
import { problem } from '../../../shared/diagnostics/diagnostic.ts';

export interface StoredTensor { readonly shape: readonly number[]; readonly data: Float32Array }
export interface TensorFile { readonly tensors: ReadonlyMap<string, StoredTensor>; readonly metadata: Readonly<Record<string, string>> }

/** Bytes of a file with float32 tensors in the map's order. */
export function encodeSafetensors(tensors: ReadonlyMap<string, StoredTensor>, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let offset = 0;
  for (const [name, t] of tensors) {
    header[name] = { dtype: 'F32', shape: t.shape, data_offsets: [offset, offset + t.data.byteLength] };
    offset += t.data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Padded with spaces to eight bytes, so that the data is aligned.
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + offset).fill(0x20, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  let at = 8 + length;
  for (const t of tensors.values()) {
    bytes.set(new Uint8Array(t.data.buffer, t.data.byteOffset, t.data.byteLength), at);
    at += t.data.byteLength;
  }
  return bytes;
}

interface Entry { dtype?: unknown; shape?: unknown; data_offsets?: unknown }

/** Reads float32 tensors; every length and offset is checked. Throws project.weights. */
export function decodeSafetensors(content: Uint8Array, file = 'weights'): TensorFile {
  // A Buffer's slice would share its memory; a plain view's copies.
  const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  const bad = (expected: string, got: string) => problem('project.weights', { label: file }, { expected, got });
  if (bytes.length < 8) throw bad('a safetensors file', `${bytes.length} bytes`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > bytes.length - 8) throw bad(`a header of ${length} bytes`, `a file of ${bytes.length}`);
  let header: Record<string, Entry>;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<string, Entry>;
  } catch {
    throw bad('a safetensors header', 'something else');
  }
  const data = bytes.subarray(8 + length);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const { dtype, shape, data_offsets: offsets } = entry;
    if (dtype !== 'F32') throw bad(`float32 for ${name}`, String(dtype));
    if (!Array.isArray(shape) || !Array.isArray(offsets)) throw bad(`shape and offsets for ${name}`, 'none');
    const [begin, end] = offsets as [number, number];
    const count = (shape as number[]).reduce((a, d) => a * d, 1);
    if (!(begin >= 0 && end <= data.length && end - begin === count * 4)) throw bad(`${count * 4} bytes for ${name}`, `offsets ${begin} to ${end} of ${data.length}`);
    tensors.set(name, { shape: shape as number[], data: new Float32Array(data.slice(begin, end).buffer) });
  }
  const metadata = (header.__metadata__ ?? {}) as Record<string, string>;
  return { tensors, metadata };
}
