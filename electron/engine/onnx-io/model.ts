/** Graph to ONNX file and back: the IR knows no protobuf, this file knows no net. */
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { elementCodes, elementOfCode } from '../../../shared/onnx/ops/elementwise.ts';
import { inferGraph } from '../../../shared/onnx/ops/infer.ts';
import { IR_VERSION, OPSET, type Attribute, type Graph, type Node, type TensorType, type ValueInfo } from '../../../shared/onnx/ir.ts';
import { ModelMessage } from './messages.ts';
import { tensorMessage, tensorOf } from './tensor-data.ts';
import { decodeMessage, encodeMessage, type Decoded } from './wire.ts';

export interface ModelOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly docString?: string;
  /** Who wrote it; Netloom unless told. */
  readonly producer?: string;
  readonly producerVersion?: string;
  /** Older runtimes refuse a newer form of the file, whatever its operators; ours unless told. */
  readonly irVersion?: number;
  /** Where the bytes of an initializer lie in a file beside; null for one inside. All are inside unless told. */
  readonly external?: (name: string) => ExternalPlace | null;
  /** Name the first dimension of these inputs and of every output "N", so that the file takes any batch. */
  readonly dynamicBatch?: readonly string[];
  /** Opset by domain, for a graph read from a file of another; ours unless told. */
  readonly opsets?: Readonly<Record<string, number>>;
}

/** Bytes of a file beside the model, by its name in the same folder. */
export interface ExternalPlace { readonly location: string; readonly offset: number; readonly length: number }

/** An int64 attribute held as a number: the largest int64, which exporters write for "to the end", is one above the range as a double. */
const int64Of = (v: number): bigint => BigInt.asIntN(64, v >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(v));

function attributeMessage(name: string, a: Attribute): Decoded {
  const text = new TextEncoder();
  switch (a.kind) {
    case 'float': return { name, f: a.value, type: 1 };
    case 'int': return { name, i: int64Of(a.value), type: 2 };
    case 'string': return { name, s: text.encode(a.value), type: 3 };
    case 'tensor': return { name, t: tensorMessage('', a.value), type: 4 };
    case 'floats': return { name, floats: a.value, type: 6 };
    case 'ints': return { name, ints: a.value.map(int64Of), type: 7 };
    case 'strings': return { name, strings: a.value.map((s) => text.encode(s)), type: 8 };
  }
}

function valueMessage(v: ValueInfo, dynamic: boolean): Decoded {
  const dim = v.type.shape.map((d, i) => (dynamic && i === 0 ? { dimParam: 'N' } : { dimValue: d }));
  return { name: v.name, type: { tensorType: { elemType: elementCodes[v.type.element], shape: { dim } } } };
}

/** The bytes of an ONNX file (IR 9, opset 18 unless told; onnx.proto3). */
export function encodeModel(graph: Graph, options: ModelOptions = {}): Uint8Array {
  const dynamic = options.dynamicBatch;
  const domains = new Set(graph.nodes.map((n) => n.domain));
  const opsets = options.opsets ?? { '': OPSET, ...Object.fromEntries([...domains].filter((d) => d !== '').map((d) => [d, 1])) };
  return encodeMessage(ModelMessage, {
    irVersion: options.irVersion ?? IR_VERSION,
    producerName: options.producer ?? 'Netloom',
    producerVersion: options.producerVersion,
    docString: options.docString,
    opsetImport: Object.entries(opsets).map(([domain, version]) => ({ domain, version })),
    metadataProps: Object.entries(options.metadata ?? {}).map(([key, value]) => ({ key, value })),
    graph: {
      name: graph.name,
      node: graph.nodes.map((n) => ({ input: n.inputs, output: n.outputs, name: n.name, opType: n.op, domain: n.domain || undefined, attribute: Object.entries(n.attributes).map(([k, a]) => attributeMessage(k, a)) })),
      initializer: [...graph.initializers].map(([name, t]) => tensorMessage(name, t, options.external?.(name) ?? null)),
      input: graph.inputs.map((v) => valueMessage(v, dynamic?.includes(v.name) ?? false)),
      output: graph.outputs.map((v) => valueMessage(v, dynamic !== undefined)),
    },
  });
}

/** AttributeProto.AttributeType; files of IR 1 leave it out, and the field that is filled tells. */
function attributeKind(m: Decoded): number {
  if (m.type !== undefined) return Number(m.type);
  const filled = ([['f', 1], ['i', 2], ['s', 3], ['t', 4]] as const).find(([field]) => m[field] !== undefined);
  return filled?.[1] ?? ([['floats', 6], ['ints', 7], ['strings', 8]] as const).find(([field]) => (m[field] as ArrayLike<unknown>).length > 0)?.[1] ?? 0;
}

function attributeOf(m: Decoded, file: string): Attribute {
  const text = new TextDecoder();
  const kind = attributeKind(m);
  switch (kind) {
    case 1: return { kind: 'float', value: (m.f as number | undefined) ?? 0 };
    case 2: return { kind: 'int', value: Number(m.i ?? 0n) };
    case 3: return { kind: 'string', value: text.decode((m.s as Uint8Array | undefined) ?? new Uint8Array()) };
    case 4: return { kind: 'tensor', value: tensorOf(m.t as Decoded, file) };
    case 6: return { kind: 'floats', value: Array.from(m.floats as ArrayLike<number>) };
    case 7: return { kind: 'ints', value: Array.from(m.ints as ArrayLike<bigint>, Number) };
    case 8: return { kind: 'strings', value: (m.strings as Uint8Array[]).map((s) => text.decode(s)) };
    default: throw problem('onnx.unsupported', { label: file }, { expected: 'an attribute of numbers, text or a tensor', got: `attribute ${String(m.name)} of type ${kind}`, next: 'Export the net without branches and loops.' });
  }
}

/** A declared type with symbolic sizes as 1; null where the rank is unknown or the value is no tensor. */
function declaredType(m: Decoded): TensorType | null {
  const t = (m.type as Decoded | undefined)?.tensorType as Decoded | undefined;
  const element = elementOfCode(Number(t?.elemType ?? 0n));
  const shape = t?.shape as Decoded | undefined;
  return element && shape ? { element, shape: (shape.dim as Decoded[]).map((d) => (d.dimValue === undefined ? 1 : Number(d.dimValue))) } : null;
}

export interface DecodedModel {
  readonly graph: Graph;
  /** Opset of the standard domain. */
  readonly opset: number;
  readonly opsets: Readonly<Record<string, number>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly producer: string;
  readonly docString: string;
  /** Values whose type the operator table told; other types are as the file declares them, symbolic sizes as 1. */
  readonly inferred: ReadonlySet<string>;
}

/**
 * Reads an ONNX file. Symbolic sizes become 1; inner values get a type where the operator table can tell it. Initializers that
 * are listed among the inputs are no inputs. Throws onnx.unreadable for what is no ONNX file, onnx.unsupported for nested
 * graphs, functions, sparse or external weights, and inputs or outputs that are no tensors of known rank.
 */
export function decodeModel(bytes: Uint8Array, file = 'ONNX file'): DecodedModel {
  const refuse = (expected: string, got: string): never => {
    throw problem('onnx.unreadable', { label: file }, { expected, got });
  };
  const lacking = (expected: string, got: string, next: string): never => {
    throw problem('onnx.unsupported', { label: file }, { expected, got, next });
  };
  let m: Decoded;
  try {
    m = decodeMessage(ModelMessage, bytes);
  } catch (cause) {
    return refuse('an ONNX model', `bytes that are none (${(cause as Error).message})`);
  }
  const g = (m.graph as Decoded | undefined) ?? refuse('an ONNX model with a graph', 'none');
  if ((m.functions as unknown[]).length > 0) lacking('operators written out', 'functions of the file’s own', 'Inline them before the export (onnx.inliner).');
  if ((g.sparseInitializer as unknown[]).length > 0) lacking('dense weights', 'sparse ones', 'Export the net with dense weights.');
  const initializers = new Map((g.initializer as Decoded[]).map((t) => [String(t.name ?? ''), tensorOf(t, file)]));
  const nodes: Node[] = (g.node as Decoded[]).map((n, i) => ({
    name: (n.name as string | undefined) || `node_${i}`,
    op: (n.opType as string | undefined) ?? '',
    domain: (n.domain as string | undefined) ?? '',
    inputs: n.input as string[],
    outputs: n.output as string[],
    attributes: Object.fromEntries((n.attribute as Decoded[]).map((a) => [String(a.name ?? ''), attributeOf(a, file)])),
  }));
  const opsets = Object.fromEntries((m.opsetImport as Decoded[]).map((o) => [o.domain === 'ai.onnx' ? '' : String(o.domain ?? ''), Number(o.version ?? 0n)]));
  const opset = opsets[''] ?? 1;
  const inputs = (g.input as Decoded[]).filter((v) => !initializers.has(String(v.name ?? ''))).map((v): ValueInfo => {
    const name = String(v.name ?? '');
    return { name, type: declaredType(v) ?? lacking(`the input ${name} as a tensor of known rank`, 'another kind of value, or none', 'Run shape inference on the net and save it again (onnx.shape_inference).') };
  });
  const types = inferGraph({ inputs, initializers, nodes }, opset);
  const inferred = new Set(types.keys());
  const outputs = (g.output as Decoded[]).map((v): ValueInfo => {
    const name = String(v.name ?? '');
    const type = types.get(name) ?? declaredType(v) ?? lacking(`the output ${name} as a tensor of known rank`, 'another kind of value, or none', 'Run shape inference on the net and save it again (onnx.shape_inference).');
    types.set(name, type);
    return { name, type };
  });
  const metadata = Object.fromEntries((m.metadataProps as Decoded[]).map((e) => [String(e.key ?? ''), String(e.value ?? '')]));
  return { graph: { name: (g.name as string | undefined) ?? '', inputs, outputs, initializers, nodes, types }, opset, opsets, metadata, producer: String(m.producerName ?? ''), docString: String(m.docString ?? ''), inferred };
}
