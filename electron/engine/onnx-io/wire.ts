/** Messages by table, and writing them on the library's protobuf wire writer. */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** int64 stands for int32 and enums too: all three are written alike. */
export type FieldKind = 'int64' | 'uint64' | 'float' | 'double' | 'string' | 'bytes';
/** A field: its number, name and how it is written. Repeated fields are arrays. */
export interface MessageField { readonly no: number; readonly name: string; readonly kind: FieldKind | Message; readonly repeated?: boolean }
export interface Message { readonly name: string; readonly fields: () => readonly MessageField[] }

/** Values by field name, absent where the message has none: integers are BigInts, messages are Decoded, numbers written as a run may be a typed array. */
export type Decoded = Readonly<Record<string, unknown>>;

/** How each kind is written outside a run. */
export const wireTypes: Readonly<Record<FieldKind, WireType>> = { int64: WireType.Varint, uint64: WireType.Varint, float: WireType.Bit32, double: WireType.Bit64, string: WireType.LengthDelimited, bytes: WireType.LengthDelimited };
const wireTypeOf = (field: MessageField): WireType => (typeof field.kind === 'string' ? wireTypes[field.kind] : WireType.LengthDelimited);

/** Bytes in pieces: what is longer than `copied` stays the caller's own memory, so that weights are copied once, when the file is put together. */
class Pieces {
  static readonly copied = 4096;
  readonly done: Uint8Array[] = [];
  size = 0;
  private writer = new BinaryWriter();
  private open = false;

  write(put: (w: BinaryWriter) => void): void {
    put(this.writer);
    this.open = true;
  }

  append(bytes: Uint8Array): void {
    if (bytes.length <= Pieces.copied) {
      this.write((w) => w.raw(bytes));
      return;
    }
    this.close();
    this.done.push(bytes);
    this.size += bytes.length;
  }

  close(): this {
    if (!this.open) return this;
    const bytes = this.writer.finish();
    this.writer = new BinaryWriter();
    this.open = false;
    this.done.push(bytes);
    this.size += bytes.length;
    return this;
  }
}

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

function writeField(to: Pieces, field: MessageField, value: unknown): void {
  const { kind } = field;
  if (typeof kind === 'string' && kind !== 'bytes') {
    to.write((w) => { writeScalar(w.tag(field.no, wireTypeOf(field)), kind, value); });
    return;
  }
  const inner = kind === 'bytes' ? [value as Uint8Array] : writeMessage(kind, value as Decoded);
  const size = inner.reduce((sum, piece) => sum + piece.length, 0);
  to.write((w) => w.tag(field.no, WireType.LengthDelimited).uint32(size));
  for (const piece of inner) to.append(piece);
}

function writeMessage(type: Message, value: Decoded): readonly Uint8Array[] {
  const to = new Pieces();
  for (const field of type.fields()) {
    const v = value[field.name];
    if (v === undefined || v === null) continue;
    if (!field.repeated) {
      writeField(to, field, v);
      continue;
    }
    const items = v as ArrayLike<unknown>;
    const { kind } = field;
    if (items.length > 0 && typeof kind === 'string' && wireTypeOf(field) !== WireType.LengthDelimited) {
      to.write((w) => {
        w.tag(field.no, WireType.LengthDelimited).fork();
        for (let i = 0; i < items.length; i++) writeScalar(w, kind, items[i]);
        w.join();
      });
    } else for (let i = 0; i < items.length; i++) writeField(to, field, items[i]);
  }
  return to.close().done;
}

/** The bytes of a message, in pieces to be written one after the other; fields that are undefined or null are left out. Long byte fields are the caller's memory. */
export function encodePieces(type: Message, value: Decoded): readonly Uint8Array[] {
  return writeMessage(type, value);
}

/** The bytes of a message; fields that are undefined or null are left out. */
export function encodeMessage(type: Message, value: Decoded): Uint8Array {
  const pieces = writeMessage(type, value);
  const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}
