/** Files that are almost right, and some that never were: seeded, so that a finding can be found again. */
import { createRandom, type Random } from '../../../shared/util/random.ts';
import { ModelMessage } from './messages.ts';
import { decodeMessage } from './wire-read.ts';
import { encodeMessage, type Decoded, type Message, type MessageField } from './wire.ts';

export interface Mutant { readonly what: string; readonly bytes: Uint8Array }

const joined = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.concat(parts));
const pick = <T>(r: Random, list: readonly T[]): T => list[r.below(list.length)] as T;
const noise = (r: Random, length: number): Uint8Array => Uint8Array.from({ length }, () => r.below(256));
/** Numbers at the edges of what sizes, codes and offsets may be. */
const edges = [-(2n ** 63n), -(2n ** 31n), -1n, 0n, 1n, 2n, 7n, 16n, 63n, 127n, 128n, 255n, 2n ** 16n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n, 2n ** 40n, 2n ** 53n, 2n ** 62n, 2n ** 63n - 1n];
const edge = (r: Random): bigint => pick(r, edges);

function varint(value: bigint): Uint8Array {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    out.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(out);
}

const field = (no: number, payload: Uint8Array): Uint8Array => joined(varint(BigInt((no << 3) | 2)), varint(BigInt(payload.length)), payload);

/** Where lengths stand, by taking every byte for the tag of a field that reaches no further than the file. */
function lengths(bytes: Uint8Array): readonly number[] {
  return Array.from(bytes.keys()).filter((at) => ((bytes[at] as number) & 7) === 2 && (bytes[at + 1] ?? 128) < 128 && at + 2 + (bytes[at + 1] as number) <= bytes.length);
}

/** One value somewhere in the message is another of its kind, is gone, or is there twice. */
function changed(type: Message, value: Decoded, donor: Decoded, r: Random): Decoded {
  const filled = type.fields().filter((f) => value[f.name] !== undefined);
  const chosen: MessageField = filled.length > 0 && r.next() < 0.9 ? pick(r, filled) : pick(r, type.fields());
  const list = chosen.repeated ? Array.from((value[chosen.name] as ArrayLike<unknown> | undefined) ?? []) : null;
  const donated = donor[chosen.name];
  const lent = chosen.repeated ? pick(r, Array.from((donated as ArrayLike<unknown> | undefined) ?? [undefined])) : donated;
  const fresh = (old: unknown): unknown => {
    switch (chosen.kind) {
      case 'int64': return edge(r);
      case 'uint64': return BigInt.asUintN(64, edge(r));
      case 'float': case 'double': return pick(r, [0, -0, NaN, Infinity, 1e-45, r.normal()]);
      case 'string': return pick(r, ['', 'x', '\0', 'ai.onnx', '__proto__', 'constructor', 'toString', '../w', 'é漢'.repeat(r.below(50)), String(lent ?? old ?? '')]);
      case 'bytes': return noise(r, r.below(40));
      default: return r.next() < 0.2 ? ((lent as Decoded | undefined) ?? {}) : changed(chosen.kind, (old as Decoded | undefined) ?? {}, (lent as Decoded | undefined) ?? {}, r);
    }
  };
  if (!list) return { ...value, [chosen.name]: typeof chosen.kind === 'string' && r.next() < 0.2 ? undefined : fresh(value[chosen.name]) };
  const at = r.below(Math.max(1, list.length));
  const way = typeof chosen.kind === 'string' ? r.next() : r.next() * 0.7;
  if (way < 0.55) list[at] = fresh(list[at]);
  else if (way < 0.6) list.splice(at, 1);
  else if (way < 0.65 && list.length > 0) list.push(list[at]);
  else list.push(fresh(undefined));
  return { ...value, [chosen.name]: list };
}

/** Any fields of the table with any values, a few levels deep. */
function invented(type: Message, r: Random, depth: number): Decoded {
  let value: Decoded = {};
  for (let i = r.below(6); i >= 0 && depth < 6; i--) {
    const f = pick(r, type.fields());
    const one = typeof f.kind === 'string' ? changed({ name: '', fields: () => [f] }, {}, {}, r)[f.name] : undefined;
    const v = typeof f.kind === 'string' ? one : f.repeated ? [invented(f.kind, r, depth + 1)] : invented(f.kind, r, depth + 1);
    value = { ...value, [f.name]: v };
  }
  return value;
}

/** A message within itself, by the numbers of the fields that lead back to it. */
function nested(outer: readonly number[], around: readonly number[], depth: number): Uint8Array {
  let bytes: Uint8Array = new Uint8Array();
  for (let i = 0; i < depth; i++) for (const no of [...around].reverse()) bytes = field(no, bytes);
  for (const no of [...outer].reverse()) bytes = field(no, bytes);
  return bytes;
}

type Way = (bytes: Uint8Array, other: Uint8Array, r: Random) => Uint8Array;
const ways: Readonly<Record<string, Way>> = {
  bits: (bytes, _other, r) => {
    const out = bytes.slice();
    for (let i = r.below(8); i >= 0; i--) out[r.below(out.length)] = (out[r.below(out.length)] as number) ^ (1 << r.below(8));
    return out;
  },
  bytes: (bytes, _other, r) => {
    const out = bytes.slice();
    for (let i = r.below(4); i >= 0; i--) out[r.below(out.length)] = pick(r, [0, 1, 2, 0x7f, 0x80, 0xff, r.below(256)]);
    return out;
  },
  truncated: (bytes, _other, r) => bytes.slice(0, r.below(bytes.length)),
  'with an end of noise': (bytes, _other, r) => joined(bytes, noise(r, r.below(64))),
  spliced: (bytes, other, r) => joined(bytes.subarray(0, r.below(bytes.length)), other.subarray(r.below(other.length))),
  'with a part of another': (bytes, other, r) => {
    const [at, from] = [r.below(bytes.length), r.below(other.length)];
    return joined(bytes.subarray(0, at), other.subarray(from, from + r.below(64)), bytes.subarray(at));
  },
  'without a part': (bytes, _other, r) => {
    const at = r.below(bytes.length);
    return joined(bytes.subarray(0, at), bytes.subarray(at + r.below(32)));
  },
  lengths: (bytes, _other, r) => {
    const at = pick(r, lengths(bytes)) + 1;
    return joined(bytes.subarray(0, at), varint(r.next() < 0.5 ? BigInt(r.below(200)) : edge(r)), bytes.subarray(at + 1));
  },
  values: (bytes, other, r) => {
    const donor = decodeMessage(ModelMessage, other);
    let value = decodeMessage(ModelMessage, bytes);
    for (let i = r.below(3); i >= 0; i--) value = changed(ModelMessage, value, donor, r);
    return encodeMessage(ModelMessage, value);
  },
  'random bytes': (_bytes, _other, r) => noise(r, r.below(300)),
  'random messages': (_bytes, _other, r) => encodeMessage(ModelMessage, invented(ModelMessage, r, 0)),
  'graphs in graphs': (_bytes, _other, r) => nested([7], [1, 5, 6], 1 + r.below(r.next() < 0.1 ? 2000 : 60)),
  'sequences of sequences': (_bytes, _other, r) => nested([7, 11, 2], [4, 1], 1 + r.below(r.next() < 0.1 ? 2000 : 80)),
  'groups in groups': (_bytes, _other, r) => {
    const depth = r.below(r.next() < 0.1 ? 20_000 : 150);
    return joined(new Uint8Array(depth).fill(0x7b), new Uint8Array(depth).fill(0x7c));
  },
};

/** Kinds of mutation, each as often as the others; a change of values, which gets furthest into what reads them, four times as often. */
const kinds = [...Object.keys(ways), 'values', 'values', 'values'];

/** `count` mutants of whole files, the same for the same seed. */
export function* mutants(files: readonly Uint8Array[], count: number, seed: number): Generator<Mutant> {
  const r = createRandom(seed);
  for (let i = 0; i < count; i++) {
    const kind = kinds[i % kinds.length] as string;
    yield { what: `${kind} (${i})`, bytes: (ways[kind] as Way)(pick(r, files), pick(r, files), r) };
  }
}
