/** The vocabulary of gradient rules: x, y, dy and a builder in; dx out. */
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
  /** Data of a constant integer input. Throws when it is computed. */
  constantInts(i: number): number[];
  /** Data of a constant input of any numbers; the same function under the name that says so. */
  constantNumbers(i: number): number[];
}

/** Gradients by input, null where there is none. A gradient may have the broadcast shape: the driver sums it down. */
export type Rule = (c: RuleContext) => readonly (Value | null)[];

/** y = f(x): dx = dy · f'(x). */
export const unary = (derivative: (c: RuleContext) => Value): Rule => (c) => [c.b.mul(c.dy, derivative(c))];

export const attributeOf = (node: Node, name: string): Attribute | undefined => node.attributes[name];
