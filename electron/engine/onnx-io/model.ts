/** Graph to ONNX file and back: the IR knows no protobuf, this file knows nothing else. */
import { elementCodes, elementOfCode } from '../../../shared/onnx/ops/elementwise.ts';
import { IR_VERSION, MICROSOFT_DOMAIN, OPSET, type Attribute, type ElementType, type Graph, type Node, type Tensor, type TensorData, type TensorType, type ValueInfo } from '../../../shared/onnx/ir.ts';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { decodeMessage, encodeMessage, ModelMessage, type Decoded } from './wire.ts';

export interface ModelOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly docString?: string;
  /** Name the first dimension of these inputs and of every output "N", so that the file takes any batch. */
  readonly dynamicBatch?: readonly string[];
}

const bytesOf = (d: TensorData): Uint8Array => new Uint8Array(d.buffer, d.byteOffset, d.byteLength);

const tensorMessage = (name: string, t: Tensor): Decoded => ({ dims: t.shape, dataType: elementCodes[t.element], name, rawData: bytesOf(t.data) });

function attributeMessage(name: string, a: Attribute): Decoded {
  const text = new TextEncoder();
  switch (a.kind) {
    case 'float': return { name, f: a.value, type: 1 };
    case 'int': return { name, i: a.value, type: 2 };
    case 'string': return { name, s: text.encode(a.value), type: 3 };
    case 'tensor': return { name, t: tensorMessage('', a.value), type: 4 };
    case 'floats': return { name, floats: a.value, type: 6 };
    case 'ints': return { name, ints: a.value, type: 7 };
    case 'strings': return { name, strings: a.value.map((s) => text.encode(s)), type: 8 };
  }
}

function valueMessage(v: ValueInfo, dynamic: boolean): Decoded {
  const dim = v.type.shape.map((d, i) => (dynamic && i === 0 ? { dimParam: 'N' } : { dimValue: d }));
  return { name: v.name, type: { tensorType: { elemType: elementCodes[v.type.element], shape: { dim } } } };
}

/** The bytes of an ONNX file (IR 9, opset 18; onnx.proto3). */
export function encodeModel(graph: Graph, options: ModelOptions = {}): Uint8Array {
  const dynamic = options.dynamicBatch;
  const domains = new Set(graph.nodes.map((n) => n.domain));
  const opsetImport: Decoded[] = [{ domain: '', version: OPSET }];
  if (domains.has(MICROSOFT_DOMAIN)) opsetImport.push({ domain: MICROSOFT_DOMAIN, version: 1 });
  return encodeMessage(ModelMessage, {
    irVersion: IR_VERSION,
    producerName: 'Netloom',
    docString: options.docString,
    opsetImport,
    metadataProps: Object.entries(options.metadata ?? {}).map(([key, value]) => ({ key, value })),
    graph: {
      name: graph.name,
      node: graph.nodes.map((n) => ({ input: n.inputs, output: n.outputs, name: n.name, opType: n.op, domain: n.domain || undefined, attribute: Object.entries(n.attributes).map(([k, a]) => attributeMessage(k, a)) })),
      initializer: [...graph.initializers].map(([name, t]) => tensorMessage(name, t)),
      input: graph.inputs.map((v) => valueMessage(v, dynamic?.includes(v.name) ?? false)),
      output: graph.outputs.map((v) => valueMessage(v, dynamic !== undefined)),
    },
  });
}

const arrays: Partial<Record<ElementType, { new (b: ArrayBuffer): TensorData }>> = {
  float32: Float32Array, float64: Float64Array, uint8: Uint8Array, int8: Int8Array, uint16: Uint16Array, int16: Int16Array, uint32: Uint32Array,
  int32: Int32Array, int64: BigInt64Array, uint64: BigUint64Array, bool: Uint8Array, float16: Uint16Array, bfloat16: Uint16Array,
};

function tensorOf(m: Decoded, file: string): Tensor {
  const element = elementOfCode(Number(m.dataType ?? 0n));
  const make = element && arrays[element];
  if (!element || !make) throw problem('onnx.unreadable', { label: file }, { expected: 'a tensor of numbers', got: `element type ${String(m.dataType)} in ${String(m.name)}` });
  if (Number(m.dataLocation ?? 0n) === 1) throw problem('onnx.unreadable', { label: file }, { expected: 'weights inside the file', got: `external data for ${String(m.name)}` });
  const shape = (m.dims as bigint[]).map(Number);
  const count = shape.reduce((a, b) => a * b, 1);
  const raw = m.rawData as Uint8Array | undefined;
  if (raw && raw.length > 0) return { element, shape, data: new make(raw.slice().buffer as ArrayBuffer) };
  const typed = [m.floatData, m.int32Data, m.int64Data, m.doubleData, m.uint64Data].find((v) => (v as unknown[]).length > 0) as (number | bigint)[] | undefined;
  const size = (new make(new ArrayBuffer(0)) as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT;
  const data = new make(new ArrayBuffer(count * size));
  const wide = element === 'int64' || element === 'uint64';
  (typed ?? []).forEach((v, i) => { (data as unknown as (number | bigint)[])[i] = wide ? BigInt(v) : Number(v); });
  return { element, shape, data };
}

function attributeOf(m: Decoded, file: string): Attribute {
  const text = new TextDecoder();
  const kind = Number(m.type ?? 0n);
  switch (kind) {
    case 1: return { kind: 'float', value: (m.f as number) ?? 0 };
    case 2: return { kind: 'int', value: Number(m.i ?? 0n) };
    case 3: return { kind: 'string', value: text.decode((m.s as Uint8Array) ?? new Uint8Array()) };
    case 4: return { kind: 'tensor', value: tensorOf(m.t as Decoded, file) };
    case 6: return { kind: 'floats', value: m.floats as number[] };
    case 7: return { kind: 'ints', value: (m.ints as bigint[]).map(Number) };
    case 8: return { kind: 'strings', value: (m.strings as Uint8Array[]).map((s) => text.decode(s)) };
    default: throw problem('onnx.unreadable', { label: file }, { expected: 'an attribute of numbers, text or a tensor', got: `attribute ${String(m.name)} of type ${kind}` });
  }
}

function valueOf(m: Decoded): ValueInfo {
  const t = (m.type as Decoded | undefined)?.tensorType as Decoded | undefined;
  const dims = ((t?.shape as Decoded | undefined)?.dim as Decoded[] | undefined) ?? [];
  const type: TensorType = { element: elementOfCode(Number(t?.elemType ?? 1n)) ?? 'float32', shape: dims.map((d) => (d.dimParam ? 1 : Number(d.dimValue ?? 1n))) };
  return { name: m.name as string, type };
}

export interface DecodedModel { readonly graph: Graph; readonly opset: number; readonly metadata: Readonly<Record<string, string>> }

/** Reads an ONNX file. Symbolic sizes become 1; types of inner values are left to inference. Throws onnx.unreadable. */
export function decodeModel(bytes: Uint8Array, file = 'ONNX file'): DecodedModel {
  let m: Decoded;
  try {
    m = decodeMessage(ModelMessage, bytes);
  } catch (cause) {
    throw problem('onnx.unreadable', { label: file }, { expected: 'an ONNX model', got: `bytes that are none (${(cause as Error).message})` });
  }
  const g = m.graph as Decoded | undefined;
  if (!g) throw problem('onnx.unreadable', { label: file }, { expected: 'an ONNX model with a graph', got: 'none' });
  const initializers = new Map((g.initializer as Decoded[]).map((t) => [t.name as string, tensorOf(t, file)]));
  const nodes: Node[] = (g.node as Decoded[]).map((n, i) => ({
    name: (n.name as string | undefined) || `node_${i}`,
    op: (n.opType as string | undefined) ?? '',
    domain: (n.domain as string | undefined) ?? '',
    inputs: n.input as string[],
    outputs: n.output as string[],
    attributes: Object.fromEntries((n.attribute as Decoded[]).map((a) => [a.name as string, attributeOf(a, file)])),
  }));
  const inputs = (g.input as Decoded[]).map(valueOf);
  const outputs = (g.output as Decoded[]).map(valueOf);
  const types = new Map<string, TensorType>([...inputs, ...outputs].map((v) => [v.name, v.type]));
  for (const [name, t] of initializers) types.set(name, { element: t.element, shape: t.shape });
  const opset = (m.opsetImport as Decoded[]).find((o) => !o.domain)?.version ?? BigInt(OPSET);
  const metadata = Object.fromEntries((m.metadataProps as Decoded[]).map((e) => [e.key as string, e.value as string]));
  return { graph: { name: (g.name as string | undefined) ?? '', inputs, outputs, initializers, nodes, types }, opset: Number(opset), metadata };
}
