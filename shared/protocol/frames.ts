/** One message as bytes, for transports without structured clone: u32 JSON length, JSON, then the binary parts, each at a multiple of 8. */
import { problem } from '../diagnostics/diagnostic.ts';

/** Every host has these; the language's own library does not name them. */
declare const TextEncoder: new () => { encode(text: string): Uint8Array };
declare const TextDecoder: new (label: string, options: { fatal: boolean }) => { decode(bytes: Uint8Array): string };

const kinds = { u8: Uint8Array, f32: Float32Array, i32: Int32Array } as const;
type Kind = keyof typeof kinds;
interface Part { readonly $binary: Kind; readonly at: number; readonly length: number }

const align = (n: number): number => Math.ceil(n / 8) * 8;
const kindOf = (v: unknown): Kind | undefined => (Object.keys(kinds) as Kind[]).find((k) => v instanceof kinds[k]);

/** Encodes plain data that may hold Uint8Array, Float32Array and Int32Array anywhere. */
export function encodeFrame(message: unknown): Uint8Array {
  const parts: { bytes: Uint8Array; at: number }[] = [];
  let size = 0;
  const json = JSON.stringify(message, (_key, value: unknown) => {
    const kind = kindOf(value);
    if (!kind) return value;
    const array = value as Uint8Array | Float32Array | Int32Array;
    const part: Part = { $binary: kind, at: size, length: array.length };
    parts.push({ bytes: new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at: size });
    size = align(size + array.byteLength);
    return part;
  });
  const text = new TextEncoder().encode(json);
  const base = align(4 + text.length);
  const frame = new Uint8Array(base + size);
  new DataView(frame.buffer).setUint32(0, text.length, true);
  frame.set(text, 4);
  for (const p of parts) frame.set(p.bytes, base + p.at);
  return frame;
}

/** Decodes a frame. Throws request.invalid when it is none or points outside itself. */
export function decodeFrame(content: Uint8Array): unknown {
  // A Buffer's slice would share its memory; a plain view's copies.
  const frame = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  const bad = (got: string) => problem('request.invalid', { label: 'Message' }, { expected: 'a frame of the protocol', got });
  if (frame.length < 4) throw bad(`${frame.length} bytes`);
  const length = new DataView(frame.buffer, frame.byteOffset).getUint32(0, true);
  if (4 + length > frame.length) throw bad('a cut-off one');
  const base = align(4 + length);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(frame.subarray(4, 4 + length)), (_key, value: unknown) => {
      if (typeof value !== 'object' || value === null || !('$binary' in value)) return value;
      const part = value as Part;
      const make = Object.hasOwn(kinds, part.$binary) ? kinds[part.$binary] : undefined;
      const begin = base + part.at;
      const end = begin + part.length * (make?.BYTES_PER_ELEMENT ?? 0);
      if (!make || !Number.isInteger(part.at) || part.at < 0 || !(part.length >= 0) || end > frame.length) throw new RangeError('a part outside the frame');
      return new make(frame.slice(begin, end).buffer);
    });
  } catch (cause) {
    throw bad((cause as Error).message);
  }
}
