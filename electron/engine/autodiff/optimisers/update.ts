/** The vocabulary of optimisers: parameter, gradient and state in; the next ones out. */
import type { GraphBuilder, Value } from '../../../../shared/onnx/builder.ts';
import type { DeviceKind } from '../rule.ts';

export interface UpdateInput {
  readonly parameter: Value;
  readonly gradient: Value;
  /** State by slot name, shaped like the parameter. */
  readonly state: Readonly<Record<string, Value>>;
  readonly learningRate: Value;
  /** Scalars that every parameter shares; see `sharedScalars`. */
  readonly shared: Readonly<Record<string, Value>>;
  readonly device: DeviceKind;
}
export interface Update { readonly parameter: Value; readonly state: Readonly<Record<string, Value>> }

/** A running mean: β·old + (1 − β)·value. */
export const average = (b: GraphBuilder, old: Value, value: Value, beta: number): Value => b.add(b.mul(old, b.scalar(beta)), b.mul(value, b.scalar(1 - beta)));

export const slot = (u: UpdateInput, name: string): Value => {
  const value = u.state[name];
  if (!value) throw new Error(`No state ${name}`);
  return value;
};
