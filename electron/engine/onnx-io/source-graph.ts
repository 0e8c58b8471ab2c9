/** GraphProto and what it is made of as the source's graph: nothing judged that a later step can judge better. */
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { elementOfCode } from '../../../shared/onnx/ops/elementwise.ts';
import type { Tensor } from '../../../shared/onnx/ir.ts';
import type { SourceAttribute, SourceDimension, SourceFunction, SourceGraph, SourceNode, SourceType, SourceValue } from './source.ts';
import { readSparse, readTensor, shown, type Reading } from './tensor-data.ts';
import { listOf, messagesOf, textOf } from './wire-read.ts';
import type { Decoded } from './wire.ts';

/** No net has more; what a file of noise would make of them takes long and says nothing. */
const MOST_NODES = 2 ** 18;
const none: readonly never[] = Object.freeze([]);
const noAttributes: Readonly<Record<string, SourceAttribute>> = Object.freeze({});

/** A word that tables are asked for: what every object has is no row of theirs, and no operator or domain. */
function wordOf(m: Decoded, field: string, at: Reading): string {
  const word = textOf(m, field);
  if (word in Object.prototype) throw problem('onnx.unreadable', { label: at.file }, { expected: 'operators and domains that exist', got: word });
  return word;
}

function domainOf(m: Decoded, at: Reading): string {
  const domain = wordOf(m, 'domain', at);
  return domain === 'ai.onnx' ? '' : domain;
}

/** Opset by domain; the newest where a file imports one twice. Throws onnx.unreadable for what is no version. */
export function readOpsets(m: Decoded, at: Reading): Readonly<Record<string, number>> {
  const out: Record<string, number> = {};
  for (const o of messagesOf(m, 'opsetImport')) {
    const domain = domainOf(o, at);
    const version = Number(o.version ?? 0n);
    if (version < 0 || version >= 2 ** 31) throw problem('onnx.unreadable', { label: at.file }, { expected: `a version of the operators ${domain === '' ? 'of ONNX' : shown(domain)}`, got: String(o.version) });
    out[domain] = Math.max(version, out[domain] ?? 0);
  }
  return out;
}

const single = [['f', 1], ['i', 2], ['s', 3], ['t', 4], ['g', 5], ['sparseTensor', 11]] as const;
const several = [['floats', 6], ['ints', 7], ['strings', 8]] as const;
/** AttributeProto.AttributeType; files of IR 1 leave it out, and the field that is filled tells. */
function attributeKind(m: Decoded): number {
  if (m.type !== undefined) return Number(m.type);
  return single.find(([field]) => m[field] !== undefined)?.[1] ?? several.find(([field]) => listOf(m, field).length > 0)?.[1] ?? 0;
}

function readAttribute(m: Decoded, at: Reading): SourceAttribute {
  const reference = textOf(m, 'refAttrName');
  if (reference !== '') return { kind: 'reference', value: reference };
  const kind = attributeKind(m);
  const whole = (field: string): Decoded => {
    const value = m[field] as Decoded | undefined;
    if (!value) throw problem('onnx.unreadable', { label: at.file }, { expected: `a value of the attribute ${shown(textOf(m, 'name'))}`, got: 'none' });
    return value;
  };
  // A type that no array holds stays a type: only who needs the value need know.
  const held = (tensor: Tensor | string): SourceAttribute => (typeof tensor === 'string' ? { kind: 'other', value: kind } : { kind: 'tensor', value: tensor });
  switch (kind) {
    case 1: return { kind: 'float', value: (m.f as number | undefined) ?? 0 };
    case 2: return { kind: 'int', value: Number(m.i ?? 0n) };
    case 3: return { kind: 'string', value: textOf(m, 's') };
    case 4: return held(readTensor(whole('t'), at));
    case 5: return { kind: 'graph', value: readGraph(whole('g'), at) };
    case 6: return { kind: 'floats', value: Array.from(listOf<number>(m, 'floats')) };
    case 7: return { kind: 'ints', value: Array.from(listOf<bigint>(m, 'ints'), Number) };
    case 8: return { kind: 'strings', value: [...((m.strings as readonly string[] | undefined) ?? none)] };
    case 11: return held(readSparse(whole('sparseTensor'), at).tensor);
    default: return { kind: 'other', value: kind };
  }
}

function readAttributes(list: readonly Decoded[], at: Reading): Readonly<Record<string, SourceAttribute>> {
  return list.length === 0 ? noAttributes : Object.fromEntries(list.map((a) => [textOf(a, 'name'), readAttribute(a, at)]));
}

/** Nodes with a name each, which no other of theirs has: the file's where it gives one, else made of operator and place. */
function readNodes(list: readonly Decoded[], at: Reading): readonly SourceNode[] {
  if (list.length > MOST_NODES) throw problem('onnx.unreadable', { label: at.file }, { expected: `${MOST_NODES} nodes at most`, got: String(list.length) });
  /** True once a node has the name; until then the first to bear it in the file may have it. */
  const taken = new Map<string, boolean>();
  for (const m of list) if (m.name) taken.set(textOf(m, 'name'), false);
  const free = (stem: string): string => {
    let name = stem;
    for (let i = 2; taken.has(name); i++) name = `${stem}_${i}`;
    return name;
  };
  return list.map((m, i) => {
    const op = wordOf(m, 'opType', at);
    if (op === '') throw problem('onnx.unreadable', { label: at.file }, { expected: `an operator in node ${m.name ? shown(textOf(m, 'name')) : i + 1}`, got: 'none' });
    const own = textOf(m, 'name');
    const name = own !== '' && taken.get(own) === false ? own : free(`${own || op}_${i}`);
    taken.set(name, true);
    return {
      name, op, domain: domainOf(m, at), overload: textOf(m, 'overload'),
      inputs: (m.input as readonly string[] | undefined) ?? none, outputs: (m.output as readonly string[] | undefined) ?? none,
      attributes: readAttributes(messagesOf(m, 'attribute'), at),
    };
  });
}

/** Some exporters write -1 where they know no size. */
function readDimension(m: Decoded): SourceDimension {
  if (m.dimValue === undefined) return textOf(m, 'dimParam') || null;
  const size = Number(m.dimValue);
  return Number.isSafeInteger(size) && size >= 0 ? size : null;
}

function readType(m: Decoded): SourceType | null {
  const t = (m.type as Decoded | undefined)?.tensorType as Decoded | undefined;
  const element = elementOfCode(Number(t?.elemType ?? 0n));
  const shape = t?.shape as Decoded | undefined;
  return element ? { element, shape: shape ? messagesOf(shape, 'dim').map(readDimension) : null } : null;
}

function readBorder(list: readonly Decoded[], what: string, at: Reading): readonly SourceValue[] {
  return list.map((m, i) => {
    const name = textOf(m, 'name') || null;
    if (name === null) throw problem('onnx.unreadable', { label: at.file }, { expected: `a name of ${what} ${i + 1}`, got: 'none' });
    return { name, type: readType(m) };
  });
}

/** Throws onnx.unreadable, onnx.unsupported and onnx.external as readTensor does. */
export function readGraph(m: Decoded, at: Reading): SourceGraph {
  const initializers = new Map<string, Tensor>();
  const opaque = new Map<string, string>();
  const hold = (name: string, tensor: Tensor | string): void => {
    if (typeof tensor === 'string') opaque.set(name, tensor);
    else initializers.set(name, tensor);
  };
  for (const t of messagesOf(m, 'initializer')) hold(textOf(t, 'name'), readTensor(t, at));
  for (const s of messagesOf(m, 'sparseInitializer')) {
    const { name, tensor } = readSparse(s, at);
    hold(name, tensor);
  }
  const values = new Map<string, SourceType>();
  for (const v of messagesOf(m, 'valueInfo')) {
    const type = readType(v);
    if (type) values.set(textOf(v, 'name'), type);
  }
  return {
    name: textOf(m, 'name'),
    inputs: readBorder(messagesOf(m, 'input').filter((v) => !initializers.has(textOf(v, 'name')) && !opaque.has(textOf(v, 'name'))), 'input', at),
    outputs: readBorder(messagesOf(m, 'output'), 'output', at),
    initializers,
    opaque,
    nodes: readNodes(messagesOf(m, 'node'), at),
    values,
  };
}

/** Throws as readGraph does. */
export function readFunction(m: Decoded, at: Reading): SourceFunction {
  const names = (field: string): readonly string[] => (m[field] as readonly string[] | undefined) ?? none;
  return {
    domain: domainOf(m, at), name: wordOf(m, 'name', at), overload: textOf(m, 'overload'),
    inputs: names('input'), outputs: names('output'), attributes: names('attribute'), defaults: readAttributes(messagesOf(m, 'attributeProto'), at),
    nodes: readNodes(messagesOf(m, 'node'), at), opsets: readOpsets(m, at),
  };
}
