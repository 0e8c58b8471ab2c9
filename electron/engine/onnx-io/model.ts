/** Graph to ONNX file and back: the IR knows no protobuf, this file knows no net. */
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { elementCodes } from '../../../shared/onnx/ops/elementwise.ts';
import { inferGraph } from '../../../shared/onnx/ops/infer.ts';
import { IR_VERSION, OPSET, type Attribute, type Graph, type Node, type TensorType, type ValueInfo } from '../../../shared/onnx/ir.ts';
import { ModelMessage } from './messages.ts';
import { decodeSource } from './read.ts';
import type { SourceAttribute, SourceValue } from './source.ts';
import { shown, tensorMessage } from './tensor-data.ts';
import { encodeMessage, type Decoded } from './wire.ts';

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
  /** Inputs and outputs whose first dimension is named "N", so that the file takes any batch. */
  readonly dynamicBatch?: readonly string[];
  /** Outputs without types, for the runtime to infer. */
  readonly untyped?: boolean;
  /** Opset by domain, for a graph read from a file of another; ours unless told. */
  readonly opsets?: Readonly<Record<string, number>>;
}

/** Bytes of a file beside the model, by its name in the same folder. */
export interface ExternalPlace { readonly location: string; readonly offset: number; readonly length: number }

/** An int64 attribute held as a number: the largest int64, which exporters write for "to the end", is one above the range as a double. */
const int64Of = (v: number): bigint => BigInt.asIntN(64, v >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(v));

function attributeMessage(name: string, a: Attribute): Decoded {
  switch (a.kind) {
    case 'float': return { name, f: a.value, type: 1 };
    case 'int': return { name, i: int64Of(a.value), type: 2 };
    case 'string': return { name, s: a.value, type: 3 };
    case 'tensor': return { name, t: tensorMessage('', a.value), type: 4 };
    case 'floats': return { name, floats: a.value, type: 6 };
    case 'ints': return { name, ints: a.value.map(int64Of), type: 7 };
    case 'strings': return { name, strings: a.value, type: 8 };
  }
}

function valueMessage(v: ValueInfo, dynamic: boolean): Decoded {
  const dim = v.type.shape.map((d, i) => (dynamic && i === 0 ? { dimParam: 'N' } : { dimValue: d }));
  return { name: v.name, type: { tensorType: { elemType: elementCodes[v.type.element], shape: { dim } } } };
}

/** Protocol Buffers go no further. */
const LARGEST = 2 ** 31 - 1;

/** The bytes of an ONNX file (IR 9, opset 18 unless told; onnx.proto3). Throws onnx.unsupported where they would be more than any reader takes. */
export function encodeModel(graph: Graph, options: ModelOptions = {}): Uint8Array {
  const inside = [...graph.initializers].reduce((sum, [name, t]) => sum + (options.external?.(name) ? 0 : t.data.byteLength), 0);
  if (inside > LARGEST) throw problem('onnx.unsupported', { label: graph.name || 'The net' }, { expected: 'at most 2 GiB of weights in one file', got: `${(inside / 2 ** 30).toFixed(1)} GiB`, next: 'Write the weights into a file beside the net.' });
  const dynamic = options.dynamicBatch;
  const domains = new Set(graph.nodes.map((n) => n.domain));
  const opsets = { '': OPSET, ...Object.fromEntries([...domains].filter((d) => d !== '').map((d) => [d, 1])), ...options.opsets };
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
      output: graph.outputs.map((v) => (options.untyped ? { name: v.name } : valueMessage(v, dynamic?.includes(v.name) ?? false))),
    },
  });
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

/** A declared type with open sizes as 1; null where the rank is unknown or the value is no tensor. */
function closedType({ type }: SourceValue): TensorType | null {
  return type?.shape ? { element: type.element, shape: type.shape.map((d) => (typeof d === 'number' ? d : 1)) } : null;
}

/**
 * Reads an ONNX file. Symbolic sizes become 1; inner values get a type where the operator table can tell it. Initializers that
 * are listed among the inputs are no inputs. Throws onnx.unreadable for what is no ONNX file, onnx.unsupported for nested
 * graphs, functions, external weights, weights of a type no array holds, and inputs or outputs that are no tensors of known rank.
 */
export function decodeModel(bytes: Uint8Array, file = 'ONNX file'): DecodedModel {
  const source = decodeSource(bytes, file);
  const lacking = (expected: string, got: string, next: string): never => {
    throw problem('onnx.unsupported', { label: file }, { expected, got, next });
  };
  if (source.functions.length > 0) lacking('operators written out', 'functions of the file’s own', 'Inline them before the export (onnx.inliner).');
  const { name, initializers } = source.graph;
  for (const [weight, element] of source.graph.opaque) lacking('a tensor of numbers', `${element} in ${shown(weight)}`, 'Export the net without text, complex or packed numbers.');
  const plain = (key: string, a: SourceAttribute): Attribute =>
    a.kind === 'graph' || a.kind === 'reference' || a.kind === 'other'
      ? lacking('an attribute of numbers, text or a tensor', `attribute ${shown(key)} (${a.kind === 'other' ? `type ${a.value}` : a.kind})`, 'Export the net without branches and loops.')
      : a;
  const nodes = source.graph.nodes.map((n): Node => ({ name: n.name, op: n.op, domain: n.domain, inputs: n.inputs, outputs: n.outputs, attributes: Object.fromEntries(Object.entries(n.attributes).map(([key, a]) => [key, plain(key, a)])) }));
  const typed = (v: SourceValue, what: string): TensorType =>
    closedType(v) ?? lacking(`the ${what} ${shown(v.name)} as a tensor of known rank`, 'another kind of value, or none', 'Run shape inference on the net and save it again (onnx.shape_inference).');
  const inputs = source.graph.inputs.map((v): ValueInfo => ({ name: v.name, type: typed(v, 'input') }));
  const opset = source.opsets[''] ?? 1;
  const types = inferGraph({ inputs, initializers, nodes }, opset);
  const inferred = new Set(types.keys());
  const outputs = source.graph.outputs.map((v): ValueInfo => {
    const type = types.get(v.name) ?? typed(v, 'output');
    types.set(v.name, type);
    return { name: v.name, type };
  });
  const { opsets, metadata, producer, docString } = source;
  return { graph: { name, inputs, outputs, initializers, nodes, types }, opset, opsets, metadata, producer, docString, inferred };
}
