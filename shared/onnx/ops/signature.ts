/** What a row of the operator table is: versions, arity, and the types of the outputs from those of the inputs. */
import { attribute, type ElementType, type Node, type Tensor, type TensorType } from '../ir.ts';

/** What a row can hold against a node: an input that would have to be constant, a form or type beyond the row that a runtime may take, or what none can. */
export type Misfit = 'constant' | 'beyond' | 'fit';

/** What an operator expected and what it was given instead. */
export class SignatureError extends Error {
  readonly expected: string;
  readonly got: string;
  readonly about: Misfit;
  constructor(node: { readonly op: string; readonly name: string }, expected: string, got: string, about: Misfit = 'fit') {
    super(`${node.op} ${node.name}: expected ${expected}, got ${got}`);
    this.expected = expected;
    this.got = got;
    this.about = about;
  }
}

export interface InferContext {
  readonly node: Omit<Node, 'outputs'>;
  /** The type of input i; throws when it is absent. */
  input(i: number): TensorType;
  optional(i: number): TensorType | null;
  readonly count: number;
  readonly outputs: number;
  /** Values of a constant numeric input. Throws when it is not constant. */
  constantNumbers(i: number): number[];
  constant(i: number): Tensor | undefined;
  int(name: string, fallback: number): number;
  ints(name: string, fallback: readonly number[]): readonly number[];
  string(name: string, fallback: string): string;
  /** Throws SignatureError. */
  refuse(expected: string, got: string, about?: Misfit): never;
}

export interface OpSignature {
  /** Opset that brought the form this row describes; an older file may write the operator otherwise. */
  readonly since: number;
  /** Domains that have the operator; the standard one when left out. */
  readonly domains?: readonly string[];
  readonly inputs: readonly [min: number, max: number];
  /** One when left out. */
  readonly outputs?: readonly [min: number, max: number];
  readonly infer: (c: InferContext) => TensorType[];
}

/** Kinds of numbers an operator takes. */
export const kinds = {
  any: null,
  float: ['float32', 'float16', 'float64', 'bfloat16'],
  signed: ['float32', 'float16', 'float64', 'bfloat16', 'int8', 'int16', 'int32', 'int64'],
  number: ['float32', 'float16', 'float64', 'bfloat16', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64'],
  bool: ['bool'],
  index: ['int32', 'int64'],
} as const satisfies Record<string, readonly ElementType[] | null>;
export type Kind = keyof typeof kinds;

/** Refuses an input whose element type is not of the kind. */
export function requireKind(c: InferContext, i: number, kind: Kind): TensorType {
  const t = c.input(i);
  const allowed: readonly ElementType[] | null = kinds[kind];
  if (allowed && !allowed.includes(t.element)) c.refuse(`input ${i} of type ${allowed.join(', ')}`, t.element, 'beyond');
  return t;
}

/** Refuses inputs whose element types differ from input `first`'s. */
export function requireSameElement(c: InferContext, first = 0, last = c.count - 1): void {
  for (let i = first + 1; i <= last; i++) {
    const t = c.optional(i);
    if (t && t.element !== c.input(first).element) c.refuse(`input ${i} of type ${c.input(first).element}`, t.element, 'beyond');
  }
}

export const showShape = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

export const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** A row whose only output has the first input's type. */
export const elementwise = (since: number, kind: Kind, inputs: readonly [number, number] = [1, 1]): OpSignature => ({ since, inputs, infer: (c) => [requireKind(c, 0, kind)] });

export const type = (element: ElementType, shape: readonly number[]): TensorType => ({ element, shape });

/** NumPy broadcasting of shapes; throws a sentence when they do not fit. */
export function broadcastShapes(c: InferContext, shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, i) => {
    let size = 1;
    for (const s of shapes) {
      const d = s[s.length - rank + i] ?? 1;
      if (d === 1 || d === size) continue;
      if (size !== 1) c.refuse('shapes that broadcast', shapes.map(showShape).join(' and '));
      size = d;
    }
    return size;
  });
}

/** A non-negative axis. */
export function axisOf(c: InferContext, axis: number, rank: number): number {
  const a = axis < 0 ? axis + rank : axis;
  if (a < 0 || a >= Math.max(rank, 1)) c.refuse(`an axis between ${-rank} and ${rank - 1}`, String(axis));
  return a;
}

/** Non-negative axes, each named once. */
export function axesOf(c: InferContext, axes: readonly number[], rank: number): number[] {
  const all = axes.map((a) => axisOf(c, a, rank));
  if (new Set(all).size !== all.length) c.refuse('each axis once', showShape(axes));
  return all;
}

export function createContext(
  node: Omit<Node, 'outputs'>,
  inputs: readonly (TensorType | null)[],
  constant: (index: number) => Tensor | undefined,
  outputs: number,
): InferContext {
  const refuse = (expected: string, got: string, about: Misfit = 'fit'): never => {
    throw new SignatureError(node, expected, got, about);
  };
  return {
    node,
    outputs,
    count: inputs.length,
    input: (i) => inputs[i] ?? refuse(`input ${i}`, 'nothing'),
    optional: (i) => inputs[i] ?? null,
    constant,
    constantNumbers: (i) => {
      const t = constant(i) ?? refuse(`input ${i} to be a constant`, 'a computed value', 'constant');
      return Array.from(t.data as ArrayLike<number | bigint>, Number);
    },
    int: (name, fallback) => attribute(node, name, 'int', fallback),
    ints: (name, fallback) => attribute(node, name, 'ints', fallback),
    string: (name, fallback) => attribute(node, name, 'string', fallback),
    refuse,
  };
}
