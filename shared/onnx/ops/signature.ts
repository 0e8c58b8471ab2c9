/** What a row of the operator table is: arity, and the types of the outputs from those of the inputs. */
import { attribute, type Node, type Tensor, type TensorType } from '../ir.ts';

export interface InferContext {
  readonly node: Omit<Node, 'outputs'>;
  /** The type of input i; throws when it is absent. */
  input(i: number): TensorType;
  optional(i: number): TensorType | null;
  readonly count: number;
  readonly outputs: number;
  /** Values of a constant integer input. Throws when it is not constant. */
  constantInts(i: number): number[];
  constant(i: number): Tensor | undefined;
  int(name: string, fallback: number): number;
  ints(name: string, fallback: readonly number[]): readonly number[];
  string(name: string, fallback: string): string;
  /** Throws "Op node: expected …, got …". */
  refuse(expected: string, got: string): never;
}

export interface OpSignature {
  readonly inputs: readonly [min: number, max: number];
  readonly infer: (c: InferContext) => TensorType[];
}

/** A row whose only output has the first input's type. */
export const elementwise = (inputs: readonly [number, number] = [1, 1]): OpSignature => ({ inputs, infer: (c) => [c.input(0)] });

export const type = (element: TensorType['element'], shape: readonly number[]): TensorType => ({ element, shape });

/** NumPy broadcasting of shapes; throws a sentence when they do not fit. */
export function broadcastShapes(c: InferContext, shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, i) => {
    let size = 1;
    for (const s of shapes) {
      const d = s[s.length - rank + i] ?? 1;
      if (d === 1 || d === size) continue;
      if (size !== 1) c.refuse('shapes that broadcast', shapes.map((x) => `[${x.join(', ')}]`).join(' and '));
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

export function createContext(
  node: Omit<Node, 'outputs'>,
  inputs: readonly (TensorType | null)[],
  constant: (index: number) => Tensor | undefined,
  outputs: number,
): InferContext {
  const refuse = (expected: string, got: string): never => {
    throw new Error(`${node.op} ${node.name}: expected ${expected}, got ${got}`);
  };
  return {
    node,
    outputs,
    count: inputs.length,
    input: (i) => inputs[i] ?? refuse(`input ${i}`, 'nothing'),
    optional: (i) => inputs[i] ?? null,
    constant,
    constantInts: (i) => {
      const t = constant(i) ?? refuse(`input ${i} to be a constant`, 'a computed value');
      return Array.from(t.data as ArrayLike<number | bigint>, Number);
    },
    int: (name, fallback) => attribute(node, name, 'int', fallback),
    ints: (name, fallback) => attribute(node, name, 'ints', fallback),
    string: (name, fallback) => attribute(node, name, 'string', fallback),
    refuse,
  };
}
