/** Optimisers that divide by the gradient's own size. */
import type { GraphBuilder, Value } from '../../../../shared/onnx/builder.ts';
import { average, slot, type Update, type UpdateInput } from './update.ts';

export interface RmspropSpec { readonly kind: 'rmsprop'; readonly rho: number; readonly momentum: number; readonly epsilon: number; readonly centered: boolean }
export interface AdagradSpec { readonly kind: 'adagrad'; readonly epsilon: number }
export interface AdamSpec { readonly kind: 'adam' | 'adamw'; readonly beta1: number; readonly beta2: number; readonly epsilon: number }

/**
 * What Adam's bias corrections leave to be done once a step: with c = 1 − βᵗ, η·(m/c₁) / (√(v/c₂) + ε) equals
 * a·m / (√v + e) where a = η·√c₂/c₁ (times the rate) and e = ε·√c₂: one pass over the parameters fewer.
 */
export function adamScalars(b: GraphBuilder, o: AdamSpec, step: Value): Record<string, Value> {
  const correction = (beta: number) => b.sub(b.scalar(1), b.op('Pow', [b.scalar(beta), step]));
  const root = b.sqrt(correction(o.beta2));
  return { factor: b.div(root, correction(o.beta1)), epsilon: b.mul(root, b.scalar(o.epsilon)) };
}

/** Adam (Kingma and Ba 2015; torch.optim.Adam): m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; p ← p − η·m̂ / (√v̂ + ε). */
export function adam(b: GraphBuilder, o: AdamSpec, u: UpdateInput): Update {
  const first = average(b, slot(u, 'first'), u.gradient, o.beta1);
  const second = average(b, slot(u, 'second'), b.mul(u.gradient, u.gradient), o.beta2);
  const { factor, epsilon } = u.shared as { factor: Value; epsilon: Value };
  const step = b.div(b.mul(first, b.mul(u.learningRate, factor)), b.add(b.sqrt(second), epsilon));
  return { parameter: b.sub(u.parameter, step), state: { first, second } };
}

/**
 * RMSProp (Hinton 2012; torch.optim.RMSprop): s ← ρs + (1 − ρ)g²; p ← p − η·g / (√s + ε), through a velocity with momentum.
 * Centred (Graves 2013): s − m² in place of s, which rounding must not take below zero.
 */
export function rmsprop(b: GraphBuilder, o: RmspropSpec, u: UpdateInput): Update {
  const square = average(b, slot(u, 'square'), b.mul(u.gradient, u.gradient), o.rho);
  const mean = o.centered ? average(b, slot(u, 'mean'), u.gradient, o.rho) : null;
  const size = b.add(b.sqrt(mean ? b.op('Relu', [b.sub(square, b.mul(mean, mean))]) : square), b.scalar(o.epsilon));
  const direction = b.div(u.gradient, size);
  const velocity = o.momentum > 0 ? b.add(b.mul(slot(u, 'velocity'), b.scalar(o.momentum)), direction) : null;
  const parameter = b.sub(u.parameter, b.mul(velocity ?? direction, u.learningRate));
  return { parameter, state: { square, ...(mean ? { mean } : {}), ...(velocity ? { velocity } : {}) } };
}

/** Adagrad (Duchi et al. 2011; torch.optim.Adagrad): s ← s + g²; p ← p − η·g / (√s + ε). */
export function adagrad(b: GraphBuilder, o: AdagradSpec, u: UpdateInput): Update {
  const sum = b.add(slot(u, 'sum'), b.mul(u.gradient, u.gradient));
  const step = b.div(b.mul(u.gradient, u.learningRate), b.add(b.sqrt(sum), b.scalar(o.epsilon)));
  return { parameter: b.sub(u.parameter, step), state: { sum } };
}
