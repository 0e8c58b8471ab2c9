/** Messages by table, on the library's protobuf wire reader and writer. Fields the table lacks are kept as they came. */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** int64 stands for int32 and enums too: all three are written alike. */
export type FieldKind = 'int64' | 'uint64' | 'float' | 'double' | 'string' | 'bytes';
/** A field: its number, name and how it is written. Repeated fields are arrays. */
export interface MessageField { readonly no: number; readonly name: string; readonly kind: FieldKind | Message; readonly repeated?: boolean }
export interface Message { readonly name: string; readonly fields: () => readonly MessageField[] }

interface Unknown { readonly no: number; readonly wire: WireType; readonly bytes: Uint8Array }
/** Values by field name: integers are BigInts, messages are Decoded, packed floats may be a typed array. */
export type Decoded = { [field: string]: unknown; [unknownFields]?: Unknown[] };
const unknownFields = Symbol('fields the table lacks');

const wireTypes: Record<FieldKind, WireType> = { int64: WireType.Varint, uint64: WireType.Varint, float: WireType.Bit32, double: WireType.Bit64, string: WireType.LengthDelimited, bytes: WireType.LengthDelimited };
const wireTypeOf = (field: MessageField): WireType => (typeof field.kind === 'string' ? wireTypes[field.kind] : WireType.LengthDelimited);

function writeScalar(w: BinaryWriter, kind: FieldKind, value: unknown): void {
  switch (kind) {
    case 'int64': w.int64(typeof value === 'bigint' ? value : BigInt(value as number)); break;
    case 'uint64': w.uint64(typeof value === 'bigint' ? value : BigInt(value as number)); break;
    case 'float': w.float(value as number); break;
    case 'double': w.double(value as number); break;
    case 'string': w.string(value as string); break;
    case 'bytes': w.bytes(value as Uint8Array); break;
  }
}

function writeField(w: BinaryWriter, field: MessageField, value: unknown): void {
  w.tag(field.no, wireTypeOf(field));
  if (typeof field.kind === 'string') {
    writeScalar(w, field.kind, value);
    return;
  }
  w.fork();
  write(w, field.kind, value as Decoded);
  w.join();
}

function write(w: BinaryWriter, type: Message, value: Decoded): void {
  for (const field of type.fields()) {
    const v = value[field.name];
    if (v === undefined || v === null) continue;
    if (!field.repeated) {
      writeField(w, field, v);
      continue;
    }
    const items = v as ArrayLike<unknown>;
    if (items.length > 0 && typeof field.kind === 'string' && wireTypeOf(field) !== WireType.LengthDelimited) {
      w.tag(field.no, WireType.LengthDelimited).fork();
      for (let i = 0; i < items.length; i++) writeScalar(w, field.kind, items[i]);
      w.join();
    } else for (let i = 0; i < items.length; i++) writeField(w, field, items[i]);
  }
  for (const { no, wire, bytes } of value[unknownFields] ?? []) w.tag(no, wire).raw(bytes);
}

/** The bytes of a message; fields that are undefined or null are left out. */
export function encodeMessage(type: Message, value: Decoded): Uint8Array {
  const w = new BinaryWriter();
  write(w, type, value);
  return w.finish();
}

function readScalar(r: BinaryReader, kind: FieldKind): unknown {
  switch (kind) {
    case 'int64': return BigInt(r.int64());
    case 'uint64': return BigInt(r.uint64());
    case 'float': return r.float();
    case 'double': return r.double();
    case 'string': return r.string();
    case 'bytes': return r.bytes();
  }
}

/** Packed numbers. Floats, which may be millions of weights, are copied at once (all our platforms are little-endian). */
function readPacked(bytes: Uint8Array, kind: FieldKind): ArrayLike<unknown> {
  if (kind === 'float') return new Float32Array(bytes.slice().buffer);
  if (kind === 'double') return new Float64Array(bytes.slice().buffer);
  const r = new BinaryReader(bytes);
  const out: unknown[] = [];
  while (r.pos < r.len) out.push(readScalar(r, kind));
  return out;
}

/** Decodes a message; strings of bytes share the memory of `bytes`. Throws when the bytes are no such message. */
export function decodeMessage(type: Message, bytes: Uint8Array): Decoded {
  // A Buffer's slice would share its memory; a plain view's copies.
  const r = new BinaryReader(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const fields = new Map(type.fields().map((field) => [field.no, field]));
  const out: Decoded = {};
  for (const field of fields.values()) if (field.repeated) out[field.name] = [];
  const add = (field: MessageField, v: unknown): void => {
    if (!field.repeated) out[field.name] = v;
    else if (Array.isArray(out[field.name])) (out[field.name] as unknown[]).push(v);
    else out[field.name] = [...Array.from(out[field.name] as ArrayLike<unknown>), v];
  };
  while (r.pos < r.len) {
    const [no, wire] = r.tag();
    const field = fields.get(no);
    if (!field) {
      (out[unknownFields] ??= []).push({ no, wire, bytes: r.skip(wire, no) });
      continue;
    }
    if (wire === wireTypeOf(field)) {
      add(field, typeof field.kind === 'string' ? readScalar(r, field.kind) : decodeMessage(field.kind, r.bytes()));
    } else if (wire === WireType.LengthDelimited && field.repeated && typeof field.kind === 'string') {
      const items = readPacked(r.bytes(), field.kind);
      if ((out[field.name] as ArrayLike<unknown>).length === 0) out[field.name] = items;
      else for (let i = 0; i < items.length; i++) add(field, items[i]);
    } else throw new Error(`${type.name}.${field.name} written as type ${wire}`);
  }
  return out;
}
