/**
 * The intermediate representation: an ONNX graph with static shapes.
 * It knows no protobuf and no runtime. Shapes here include the batch dimension (NCHW).
 */
import { problem } from '../diagnostics/diagnostic.ts';

export type ElementType =
  | 'float32' | 'float16' | 'float64' | 'bfloat16'
  | 'uint8' | 'int8' | 'uint16' | 'int16' | 'uint32' | 'int32' | 'uint64' | 'int64'
  | 'bool' | 'string';

export interface TensorType {
  readonly element: ElementType;
  readonly shape: readonly number[];
}

/** Constant data. int64 and uint64 are held as BigInt arrays, float16 as its bits, bool as bytes. */
export type TensorData =
  | Float32Array | Float64Array | Uint8Array | Int8Array | Uint16Array | Int16Array
  | Uint32Array | Int32Array | BigInt64Array | BigUint64Array;

export interface Tensor extends TensorType {
  readonly data: TensorData;
}

export type Attribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: Tensor };

export interface Node {
  readonly name: string;
  readonly op: string;
  /** '' is the standard domain. */
  readonly domain: string;
  /** Value names; '' is an omitted optional input or output. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface ValueInfo {
  readonly name: string;
  readonly type: TensorType;
}

/** A graph in topological order. Every value has a type in `types`. */
export interface Graph {
  readonly name: string;
  /** Fed at every run: data, and weights where they are not initializers. */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  readonly nodes: readonly Node[];
  readonly types: ReadonlyMap<string, TensorType>;
}

export const OPSET = 18;
export const IR_VERSION = 9;
/** ONNX Runtime's own operators, for which opset 1 is imported when used. */
export const MICROSOFT_DOMAIN = 'com.microsoft';

export const int = (value: number): Attribute => ({ kind: 'int', value });
export const float = (value: number): Attribute => ({ kind: 'float', value });
export const string = (value: string): Attribute => ({ kind: 'string', value });
export const ints = (value: readonly number[]): Attribute => ({ kind: 'ints', value });
export const floats = (value: readonly number[]): Attribute => ({ kind: 'floats', value });

interface AttributeValues { int: number; float: number; string: string; ints: readonly number[]; floats: readonly number[]; strings: readonly string[]; tensor: Tensor }

/** Reads an attribute of a known kind, or the operator's default. Throws onnx.unreadable where the kind differs. */
export function attribute<K extends keyof AttributeValues>(
  node: Pick<Node, 'attributes' | 'op' | 'name'>,
  name: string,
  kind: K,
  fallback: AttributeValues[K],
): AttributeValues[K] {
  const a = node.attributes[name];
  if (a === undefined) return fallback;
  if (a.kind !== kind) throw problem('onnx.unreadable', { label: `${node.op} ${node.name}` }, { expected: `the attribute ${name} as ${kind}`, got: a.kind });
  return a.value as AttributeValues[K];
}
