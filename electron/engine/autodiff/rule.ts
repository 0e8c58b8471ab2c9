/** The vocabulary of gradient rules: x, y, dy and a builder in; dx out. */
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { GraphBuilder, Value } from '../../../shared/onnx/builder.ts';
import type { Attribute, Node } from '../../../shared/onnx/ir.ts';

/** Ways to compute, by the names of ONNX Runtime's providers. */
export type DeviceKind = 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml';

export interface RuleContext {
  readonly b: GraphBuilder;
  readonly node: Node;
  readonly device: DeviceKind;
  /** Input i; throws when it is omitted. */
  x(i: number): Value;
  readonly count: number;
  /** Output i. */
  y(i: number): Value;
  /** Gradient of the loss by output 0, in its shape. Zero where only another output carries one. */
  readonly dy: Value;
  /** Gradient of the loss by output i; null where there is none. */
  dyOf(i: number): Value | null;
  /** Whether somebody asks for the gradient by input i; a rule may skip it otherwise. */
  wants(i: number): boolean;
  int(name: string, fallback: number): number;
  float(name: string, fallback: number): number;
  ints(name: string, fallback: readonly number[]): readonly number[];
  /** Data of a constant integer input. Refuses when it is computed. */
  constantInts(i: number): number[];
  /** Data of a constant input of any numbers; the same function under the name that says so. */
  constantNumbers(i: number): number[];
  /** Says that the rule does not follow this form of its operator: treated as a missing rule. Throws onnx.no-gradient-form. */
  refuse(expected: string, got: string): never;
}

/** Gradients by input, null where it is zero or not wanted. A gradient may have the broadcast shape: the driver sums it down. */
export type Rule = (c: RuleContext) => readonly (Value | null)[];

/** y = f(x): dx = dy · f'(x). */
export const unary = (derivative: (c: RuleContext) => Value): Rule => (c) => [c.b.mul(c.dy, derivative(c))];

/** The context's `refuse` and what builds on it; `value` finds a node's inputs. */
export function constantsOf(b: GraphBuilder, node: Node, value: (i: number) => Value): Pick<RuleContext, 'refuse' | 'constantInts' | 'constantNumbers'> {
  const refuse = (expected: string, got: string): never => {
    throw problem('onnx.no-gradient-form', { label: node.name }, { op: node.op, node: node.name, expected, got });
  };
  const constantNumbers = (i: number): number[] => {
    const t = b.constantOf(value(i)) ?? refuse(`a constant as input ${i}`, 'a computed value');
    return Array.from(t.data as ArrayLike<number | bigint>, Number);
  };
  return { refuse, constantNumbers, constantInts: constantNumbers };
}

export const attributeOf = (node: Node, name: string): Attribute | undefined => node.attributes[name];
