/** A model's file read but for the long weights in it, which later go from disk straight into their own memory: a net takes its size once. */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { ModelMessage } from './messages.ts';
import { fieldsOf } from './wire-read.ts';
import type { Message } from './wire.ts';

/** What a file is read through: Node's FileHandle has it. */
export interface Readable {
  read(into: Uint8Array, at: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
}

/** One call reads at most this much: Linux ends at 2 GiB. */
const CHUNK = 2 ** 30;
/** Shorter bytes are read with what surrounds them. */
export const LONG = 2 ** 18;
const AHEAD = 2 ** 16;
/** The longest head of a field: tag and length, ten bytes each. */
const HEAD = 20;
/** Below this the decoder refuses anyway. */
const DEEPEST = 100;

/** Fills memory from a place of a file; false where the file ends before. */
export async function fill(from: Readable, into: Uint8Array, offset: number): Promise<boolean> {
  for (let at = 0; at < into.length;) {
    const { bytesRead } = await from.read(into, at, Math.min(into.length - at, CHUNK), offset + at);
    if (bytesRead === 0) return false;
    at += bytesRead;
  }
  return true;
}

export interface HollowFile {
  /** The file's bytes at their places; what lies in a hole is not there. */
  readonly bytes: Uint8Array;
  /** Length by offset of byte fields that were not read. */
  readonly holes: ReadonlyMap<number, number>;
}

/**
 * Reads a model's `size` bytes without byte fields of `long` and more. What is no model is read whole: the decoder says what is
 * wrong with it. Null where the file ends before.
 */
export async function readHollow(from: Readable, size: number, long: number): Promise<HollowFile | null> {
  // Memory that nobody writes to is not taken from the system.
  const memory = Buffer.allocUnsafeSlow(size);
  const bytes = new Uint8Array(memory.buffer, memory.byteOffset, size);
  const holes = new Map<number, number>();
  const r = new BinaryReader(bytes);
  let loaded = 0;
  let whole = true;
  const need = async (end: number): Promise<void> => {
    const to = Math.min(size, Math.max(end, loaded + Math.min(AHEAD, long)));
    whole &&= await fill(from, bytes.subarray(loaded, to), loaded);
    loaded = to;
  };
  /** Where the field at a place ends; null where there is no telling. `inner` is where its bytes begin. */
  const head = (at: number): { readonly no: number; readonly inner: number | null; readonly end: number } | null => {
    try {
      r.pos = at;
      const [no, wire] = r.tag();
      if (wire === WireType.StartGroup) return null;
      if (wire !== WireType.LengthDelimited) {
        r.skip(wire, no);
        return { no, inner: null, end: r.pos };
      }
      const length = r.uint32();
      return { no, inner: r.pos, end: r.pos + length };
    } catch {
      return null;
    }
  };
  const walk = async (type: Message, start: number, end: number, depth: number): Promise<void> => {
    const fields = fieldsOf(type);
    for (let at = start; at < end;) {
      const reach = Math.min(end, at + HEAD);
      if (reach > loaded) await need(reach);
      const found = head(at);
      if (!found || found.end > end) break;
      const { inner } = found;
      const kind = fields.get(found.no)?.kind;
      if (inner !== null && found.end - inner >= long && kind === 'bytes') {
        holes.set(inner, found.end - inner);
        loaded = Math.max(loaded, found.end);
      } else if (inner !== null && found.end - inner >= long && typeof kind === 'object' && !kind.whole && depth < DEEPEST) await walk(kind, inner, found.end, depth + 1);
      else if (found.end > loaded) await need(found.end);
      at = found.end;
    }
    if (end > loaded) await need(end);
  };
  await walk(ModelMessage, 0, size, 0);
  return whole ? { bytes, holes } : null;
}
