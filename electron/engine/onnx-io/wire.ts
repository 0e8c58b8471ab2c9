/** The few protobuf messages of onnx.proto3 that a static graph needs, on the library's wire reader and writer. */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** A field: its number, name and how it is written. Repeated fields are arrays. */
export type FieldKind = 'int64' | 'float' | 'string' | 'bytes' | 'double' | 'uint64';
export interface MessageField { readonly no: number; readonly name: string; readonly kind: FieldKind | Message; readonly repeated?: boolean }
export interface Message { readonly name: string; readonly fields: () => readonly MessageField[] }
export type Decoded = { [field: string]: unknown };

const message = (name: string, fields: () => MessageField[]): Message => ({ name, fields });
const f = (no: number, name: string, kind: FieldKind | Message, repeated = false): MessageField => ({ no, name, kind, repeated });

export const StringEntry = message('StringStringEntryProto', () => [f(1, 'key', 'string'), f(2, 'value', 'string')]);
export const OperatorSet = message('OperatorSetIdProto', () => [f(1, 'domain', 'string'), f(2, 'version', 'int64')]);
export const TensorMessage = message('TensorProto', () => [
  f(1, 'dims', 'int64', true), f(2, 'dataType', 'int64'), f(4, 'floatData', 'float', true), f(5, 'int32Data', 'int64', true), f(6, 'stringData', 'bytes', true),
  f(7, 'int64Data', 'int64', true), f(8, 'name', 'string'), f(9, 'rawData', 'bytes'), f(10, 'doubleData', 'double', true), f(11, 'uint64Data', 'uint64', true),
  f(12, 'docString', 'string'), f(13, 'externalData', StringEntry, true), f(14, 'dataLocation', 'int64'),
]);
const Dimension = message('Dimension', () => [f(1, 'dimValue', 'int64'), f(2, 'dimParam', 'string')]);
const ShapeMessage = message('TensorShapeProto', () => [f(1, 'dim', Dimension, true)]);
const TensorTypeMessage = message('TypeProto.Tensor', () => [f(1, 'elemType', 'int64'), f(2, 'shape', ShapeMessage)]);
const TypeMessage = message('TypeProto', () => [f(1, 'tensorType', TensorTypeMessage)]);
export const ValueInfoMessage = message('ValueInfoProto', () => [f(1, 'name', 'string'), f(2, 'type', TypeMessage)]);
export const AttributeMessage: Message = message('AttributeProto', () => [
  f(1, 'name', 'string'), f(2, 'f', 'float'), f(3, 'i', 'int64'), f(4, 's', 'bytes'), f(5, 't', TensorMessage), f(6, 'g', GraphMessage), f(7, 'floats', 'float', true),
  f(8, 'ints', 'int64', true), f(9, 'strings', 'bytes', true), f(20, 'type', 'int64'),
]);
export const NodeMessage = message('NodeProto', () => [
  f(1, 'input', 'string', true), f(2, 'output', 'string', true), f(3, 'name', 'string'), f(4, 'opType', 'string'), f(5, 'attribute', AttributeMessage, true), f(6, 'docString', 'string'), f(7, 'domain', 'string'),
]);
export const GraphMessage: Message = message('GraphProto', () => [
  f(1, 'node', NodeMessage, true), f(2, 'name', 'string'), f(5, 'initializer', TensorMessage, true), f(10, 'docString', 'string'), f(11, 'input', ValueInfoMessage, true), f(12, 'output', ValueInfoMessage, true), f(13, 'valueInfo', ValueInfoMessage, true),
]);
export const ModelMessage = message('ModelProto', () => [
  f(1, 'irVersion', 'int64'), f(2, 'producerName', 'string'), f(3, 'producerVersion', 'string'), f(4, 'domain', 'string'), f(5, 'modelVersion', 'int64'), f(6, 'docString', 'string'), f(7, 'graph', GraphMessage), f(8, 'opsetImport', OperatorSet, true), f(14, 'metadataProps', StringEntry, true),
]);

const wireType: Record<FieldKind, WireType> = { int64: WireType.Varint, uint64: WireType.Varint, float: WireType.Bit32, double: WireType.Bit64, string: WireType.LengthDelimited, bytes: WireType.LengthDelimited };

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
  if (typeof field.kind !== 'string') {
    w.tag(field.no, WireType.LengthDelimited).fork();
    write(w, field.kind, value as Decoded);
    w.join();
    return;
  }
  w.tag(field.no, wireType[field.kind]);
  writeScalar(w, field.kind, value);
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
    const packed = typeof field.kind === 'string' && field.kind !== 'string' && field.kind !== 'bytes';
    if (packed && items.length > 0) {
      w.tag(field.no, WireType.LengthDelimited).fork();
      for (let i = 0; i < items.length; i++) writeScalar(w, field.kind as FieldKind, items[i]);
      w.join();
    } else for (let i = 0; i < items.length; i++) writeField(w, field, items[i]);
  }
}

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

/** Decodes the fields of `type`; others are skipped. Throws when the bytes are no such message. */
export function decodeMessage(type: Message, bytes: Uint8Array): Decoded {
  // A Buffer's slice would share its memory; a plain view's copies.
  const r = new BinaryReader(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const fields = new Map(type.fields().map((field) => [field.no, field]));
  const out: Decoded = {};
  for (const field of fields.values()) if (field.repeated) out[field.name] = [];
  while (r.pos < r.len) {
    const [no, wire] = r.tag();
    const field = fields.get(no);
    if (!field) {
      r.skip(wire, no);
      continue;
    }
    const push = (v: unknown) => {
      if (field.repeated) (out[field.name] as unknown[]).push(v);
      else out[field.name] = v;
    };
    if (typeof field.kind !== 'string') push(decodeMessage(field.kind, r.bytes()));
    else if (wire === WireType.LengthDelimited && field.kind !== 'string' && field.kind !== 'bytes') {
      const end = r.uint32() + r.pos;
      while (r.pos < end) push(readScalar(r, field.kind));
    } else push(readScalar(r, field.kind));
  }
  return out;
}
