/** Reading messages by table. What comes may be anything: depth, lengths and memory are bounded by the bytes themselves. */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { wireTypes, type Decoded, type FieldKind, type Message, type MessageField } from './wire.ts';

/** Messages within messages, as Protocol Buffers' own readers bound them. */
const DEEPEST = 100;
/** Runs of fewer bytes become plain arrays, which take less than a typed array's own head. */
const SHORT_RUN = 64;
/** Fields that are not there share these: a file of millions of empty messages takes no more memory than its slots. */
const none: readonly never[] = Object.freeze([]);
const nothing: Decoded = Object.freeze({});

type Run = ArrayLike<unknown>;

/** The values of a repeated field, empty where the message has none. */
export function listOf<T>(m: Decoded, field: string): ArrayLike<T> {
  return (m[field] as ArrayLike<T> | undefined) ?? none;
}

/** The messages of a repeated field. */
export function messagesOf(m: Decoded, field: string): readonly Decoded[] {
  return (m[field] as readonly Decoded[] | undefined) ?? none;
}

/** The text of a field; '' where there is none, which Protocol Buffers does not tell apart. */
export function textOf(m: Decoded, field: string): string {
  return (m[field] as string | undefined) ?? '';
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

/** Numbers of seven bits a byte, the last without the high bit. The halves are put together without making a BigInt of each. */
function readVarints(bytes: Uint8Array, signed: boolean): BigInt64Array | BigUint64Array {
  let count = 0;
  for (const byte of bytes) if (byte < 0x80) count++;
  const out = new ArrayBuffer(count * 8);
  const halves = new Uint32Array(out);
  let at = 0;
  for (let i = 0; i < count; i++) {
    let low = 0;
    let high = 0;
    let shift = 0;
    for (;;) {
      const byte = bytes[at++] as number;
      const part = byte & 0x7f;
      if (shift < 28) low |= part << shift;
      else if (shift === 28) {
        low |= part << 28;
        high = part >>> 4;
      } else if (shift < 64) high |= part << (shift - 32);
      else throw new Error('a number of more than ten bytes');
      if (byte < 0x80) break;
      shift += 7;
    }
    halves[2 * i] = low;
    halves[2 * i + 1] = high;
  }
  if (at < bytes.length) throw new Error('a number that does not end');
  return signed ? new BigInt64Array(out) : new BigUint64Array(out);
}

/** Numbers written as one run. Floats, which may be millions of weights, are copied at once (all our platforms are little-endian). */
function readRun(bytes: Uint8Array, kind: FieldKind): Run {
  if (bytes.length >= SHORT_RUN) {
    if (kind === 'float') return new Float32Array(bytes.slice().buffer);
    if (kind === 'double') return new Float64Array(bytes.slice().buffer);
    return readVarints(bytes, kind === 'int64');
  }
  const r = new BinaryReader(bytes);
  const out: unknown[] = [];
  while (r.pos < r.len) out.push(readScalar(r, kind));
  if (r.pos > r.len) throw new Error('a number that does not end');
  return out;
}

/** Values that came one by one and in runs, as one list. */
function joined(runs: readonly Run[]): Run {
  const [first] = runs;
  if (runs.length === 1 && first) return first;
  const out: unknown[] = [];
  for (const run of runs) for (let i = 0; i < run.length; i++) out.push(run[i]);
  return out;
}

function read(type: Message, bytes: Uint8Array, depth: number): Decoded {
  if (depth > DEEPEST) throw new Error(`more than ${DEEPEST} messages within one another`);
  const r = new BinaryReader(bytes);
  const out: Record<string, unknown> = {};
  const runs = new Map<string, Run[]>();
  const add = (field: MessageField, value: unknown): void => {
    if (!field.repeated) {
      out[field.name] = value;
      return;
    }
    const list = runs.get(field.name);
    const last = list?.at(-1);
    if (!list) runs.set(field.name, [[value]]);
    else if (Array.isArray(last)) last.push(value);
    else list.push([value]);
  };
  const addRun = (field: MessageField, run: Run): void => {
    const list = runs.get(field.name);
    if (Array.isArray(run)) for (const value of run) add(field, value);
    else if (list) list.push(run);
    else runs.set(field.name, [run]);
  };
  const fields = fieldsOf(type);
  while (r.pos < r.len) {
    const [no, wire] = r.tag();
    const field = fields.get(no);
    if (!field) {
      r.skip(wire, no);
      continue;
    }
    const { kind } = field;
    if (typeof kind !== 'string') {
      if (wire !== WireType.LengthDelimited) throw new Error(`${type.name}.${field.name} written as type ${wire}`);
      const inner = r.bytes();
      add(field, inner.length === 0 ? nothing : read(kind, inner, depth + 1));
    } else if (wire === wireTypes[kind]) add(field, readScalar(r, kind));
    else if (wire === WireType.LengthDelimited && field.repeated) addRun(field, readRun(r.bytes(), kind));
    else throw new Error(`${type.name}.${field.name} written as type ${wire}`);
  }
  if (r.pos > r.len) throw new Error('premature EOF');
  for (const [name, list] of runs) out[name] = joined(list);
  return out;
}

const tables = new WeakMap<Message, ReadonlyMap<number, MessageField>>();
/** A message's fields by number. */
export function fieldsOf(type: Message): ReadonlyMap<number, MessageField> {
  let table = tables.get(type);
  if (!table) tables.set(type, (table = new Map(type.fields().map((field) => [field.no, field]))));
  return table;
}

/** Decodes a message; strings of bytes share the memory of `bytes`. Throws when the bytes are no such message. */
export function decodeMessage(type: Message, bytes: Uint8Array): Decoded {
  // A Buffer's slice would share its memory; a plain view's copies.
  return read(type, new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
}
