/** Messages by table, and writing them on the library's protobuf wire writer. */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** int64 stands for int32 and enums too: all three are written alike. */
export type FieldKind = 'int64' | 'uint64' | 'float' | 'double' | 'string' | 'bytes';
/** A field: its number, name and how it is written. Repeated fields are arrays. */
export interface MessageField { readonly no: number; readonly name: string; readonly kind: FieldKind | Message; readonly repeated?: boolean }
export interface Message {
  readonly name: string;
  readonly fields: () => readonly MessageField[];
  /** Its numbers are looked at as it is read: none may be left for later. */
  readonly whole?: boolean;
}

/** Values by field name, absent where the message has none: integers are BigInts, messages are Decoded, numbers written as a run may be a typed array. */
export type Decoded = Readonly<Record<string, unknown>>;

/** How each kind is written outside a run. */
export const wireTypes: Readonly<Record<FieldKind, WireType>> = { int64: WireType.Varint, uint64: WireType.Varint, float: WireType.Bit32, double: WireType.Bit64, string: WireType.LengthDelimited, bytes: WireType.LengthDelimited };
const wireTypeOf = (field: MessageField): WireType => (typeof field.kind === 'string' ? wireTypes[field.kind] : WireType.LengthDelimited);

/** Longer bytes are not copied into the writer's memory, which doubles as it grows: weights are copied once, when the file is put together. */
const COPIED = 4096;

/** A file in pieces, the last of which is still being written. */
interface Pieces { writer: BinaryWriter; readonly done: Uint8Array[] }
const pieces = (): Pieces => ({ writer: new BinaryWriter(), done: [] });
const closed = (to: Pieces): readonly Uint8Array[] => [...to.done, to.writer.finish()];
const sizeOf = (list: readonly Uint8Array[]): number => list.reduce((sum, piece) => sum + piece.length, 0);

function append(to: Pieces, bytes: Uint8Array): void {
  if (bytes.length <= COPIED) {
    to.writer.raw(bytes);
    return;
  }
  to.done.push(to.writer.finish(), bytes);
  to.writer = new BinaryWriter();
}

/** Whether bytes within are too long to be copied. */
function heavy(kind: FieldKind | Message, value: unknown): boolean {
  if (kind === 'bytes') return (value as Uint8Array).length > COPIED;
  if (typeof kind === 'string') return false;
  for (const field of kind.fields()) {
    const v = (value as Decoded)[field.name];
    if (v === undefined || v === null || (typeof field.kind === 'string' && field.kind !== 'bytes')) continue;
    if (field.repeated ? (v as readonly unknown[]).some((item) => heavy(field.kind, item)) : heavy(field.kind, v)) return true;
  }
  return false;
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

function writeField(to: Pieces, field: MessageField, value: unknown, light: boolean): void {
  const { kind } = field;
  if (light || !heavy(kind, value)) {
    to.writer.tag(field.no, wireTypeOf(field));
    if (typeof kind === 'string') {
      writeScalar(to.writer, kind, value);
      return;
    }
    to.writer.fork();
    writeMessage(to, kind, value as Decoded, true);
    to.writer.join();
    return;
  }
  const inner = typeof kind === 'string' ? [value as Uint8Array] : closed(writeMessage(pieces(), kind, value as Decoded, false));
  to.writer.tag(field.no, WireType.LengthDelimited).uint32(sizeOf(inner));
  for (const piece of inner) append(to, piece);
}

/** `light` where nothing within is too long to be copied. */
function writeMessage(to: Pieces, type: Message, value: Decoded, light: boolean): Pieces {
  for (const field of type.fields()) {
    const v = value[field.name];
    if (v === undefined || v === null) continue;
    if (!field.repeated) {
      writeField(to, field, v, light);
      continue;
    }
    const items = v as ArrayLike<unknown>;
    const { kind } = field;
    if (items.length > 0 && typeof kind === 'string' && wireTypeOf(field) !== WireType.LengthDelimited) {
      to.writer.tag(field.no, WireType.LengthDelimited).fork();
      for (let i = 0; i < items.length; i++) writeScalar(to.writer, kind, items[i]);
      to.writer.join();
    } else for (let i = 0; i < items.length; i++) writeField(to, field, items[i], light);
  }
  return to;
}

/** The bytes of a message; fields that are undefined or null are left out. */
export function encodeMessage(type: Message, value: Decoded): Uint8Array {
  const parts = closed(writeMessage(pieces(), type, value, false));
  const out = new Uint8Array(sizeOf(parts));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
