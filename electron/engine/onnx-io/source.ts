/** An ONNX file as it stands: nothing inlined, nothing folded, sizes as the file names them. */
import type { Attribute, ElementType, Tensor } from '../../../shared/onnx/ir.ts';

/** A fixed size, a size by name, or one that the file leaves open. */
export type SourceDimension = number | string | null;

export interface SourceType {
  readonly element: ElementType;
  /** Null where not even the rank is told. */
  readonly shape: readonly SourceDimension[] | null;
}

/** `type` is null for what is no tensor (sequences, maps, optionals) and where the file tells nothing. */
export interface SourceValue { readonly name: string; readonly type: SourceType | null }

export type SourceAttribute =
  | Attribute
  | { readonly kind: 'graph'; readonly value: SourceGraph }
  /** Inside a function: the value of the call's attribute of that name. */
  | { readonly kind: 'reference'; readonly value: string }
  /** A kind that nothing here can carry (sparse tensors, types, lists of graphs): AttributeProto.AttributeType. */
  | { readonly kind: 'other'; readonly value: number };

export interface SourceNode {
  readonly name: string;
  readonly op: string;
  /** '' is the standard domain; "ai.onnx" is written so too. */
  readonly domain: string;
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, SourceAttribute>>;
}

export interface SourceGraph {
  readonly name: string;
  /** Without those that are initializers too, which count as constants (their defaults, from IR 4 on). */
  readonly inputs: readonly SourceValue[];
  readonly outputs: readonly SourceValue[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  /** Initializers whose type no array here holds, and its name ("text", "int4"): to be refused where one is used. */
  readonly opaque: ReadonlyMap<string, string>;
  /** As the file orders them, which need not be an order to compute in. */
  readonly nodes: readonly SourceNode[];
  /** What the file itself tells of inner values (value_info). */
  readonly values: ReadonlyMap<string, SourceType>;
}

export interface SourceFunction {
  readonly domain: string;
  readonly name: string;
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Names of attributes without a default. */
  readonly attributes: readonly string[];
  readonly defaults: Readonly<Record<string, SourceAttribute>>;
  readonly nodes: readonly SourceNode[];
  readonly opsets: Readonly<Record<string, number>>;
}

export interface SourceModel {
  /** Name of the file, for messages. */
  readonly file: string;
  /** Bytes of the file and of those beside it that it names. */
  readonly size: number;
  readonly irVersion: number;
  /** Opset by domain; '' is the standard one. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly producer: string;
  readonly producerVersion: string;
  readonly docString: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly graph: SourceGraph;
  readonly functions: readonly SourceFunction[];
}
