/** Optimisers as graph pieces, with PyTorch's conventions. */
import type { GraphBuilder, Value } from '../../../../shared/onnx/builder.ts';
import { assertNever } from '../../../../shared/util/assert.ts';

export type OptimizerSpec =
  | { readonly kind: 'sgd'; readonly momentum: number; readonly nesterov: boolean }
  | { readonly kind: 'adam'; readonly beta1: number; readonly beta2: number; readonly epsilon: number };

export interface UpdateInput {
  readonly parameter: Value;
  readonly gradient: Value;
  /** State by slot name, shaped like the parameter. */
  readonly state: Readonly<Record<string, Value>>;
  readonly learningRate: Value;
  /** 1 − βᵗ of Adam's two averages; see `biasCorrections`. */
  readonly corrections: readonly [Value, Value] | null;
}
export interface Update { readonly parameter: Value; readonly state: Readonly<Record<string, Value>> }

/** Names of the state tensors an optimiser keeps for each parameter; all begin at zero. */
export function stateSlots(o: OptimizerSpec): readonly string[] {
  switch (o.kind) {
    case 'sgd': return o.momentum > 0 ? ['velocity'] : [];
    case 'adam': return ['first', 'second'];
    default: return assertNever(o);
  }
}

/** 1 − β₁ᵗ and 1 − β₂ᵗ as scalars of the graph; `step` is a float32 scalar that counts from 1. */
export function biasCorrections(b: GraphBuilder, o: OptimizerSpec, step: Value): readonly [Value, Value] | null {
  if (o.kind !== 'adam') return null;
  const correction = (beta: number) => b.sub(b.scalar(1), b.op('Pow', [b.scalar(beta), step]));
  return [correction(o.beta1), correction(o.beta2)];
}

/** SGD (torch.optim.SGD): v ← μ·v + g; p ← p − η·v, Nesterov p ← p − η·(g + μ·v). */
function sgd(b: GraphBuilder, o: Extract<OptimizerSpec, { kind: 'sgd' }>, u: UpdateInput): Update {
  if (o.momentum === 0) return { parameter: b.sub(u.parameter, b.mul(u.gradient, u.learningRate)), state: {} };
  const mu = b.scalar(o.momentum);
  const velocity = b.add(b.mul(u.state.velocity as Value, mu), u.gradient);
  const direction = o.nesterov ? b.add(u.gradient, b.mul(velocity, mu)) : velocity;
  return { parameter: b.sub(u.parameter, b.mul(direction, u.learningRate)), state: { velocity } };
}

/** Adam (Kingma and Ba 2015; torch.optim.Adam): p ← p − η·m̂ / (√v̂ + ε). */
function adam(b: GraphBuilder, o: Extract<OptimizerSpec, { kind: 'adam' }>, u: UpdateInput): Update {
  const average = (old: Value, value: Value, beta: number) => b.add(b.mul(old, b.scalar(beta)), b.mul(value, b.scalar(1 - beta)));
  const first = average(u.state.first as Value, u.gradient, o.beta1);
  const second = average(u.state.second as Value, b.mul(u.gradient, u.gradient), o.beta2);
  const [c1, c2] = u.corrections as readonly [Value, Value];
  const denominator = b.add(b.sqrt(b.div(second, c2)), b.scalar(o.epsilon));
  const step = b.div(b.mul(first, b.div(u.learningRate, c1)), denominator);
  return { parameter: b.sub(u.parameter, step), state: { first, second } };
}

/** One parameter's update. */
export function update(b: GraphBuilder, o: OptimizerSpec, u: UpdateInput): Update {
  switch (o.kind) {
    case 'sgd': return sgd(b, o, u);
    case 'adam': return adam(b, o, u);
    default: return assertNever(o);
  }
}
