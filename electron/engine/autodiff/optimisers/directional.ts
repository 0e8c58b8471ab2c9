/** Optimisers that follow the gradient, or its sign. */
import type { GraphBuilder, Value } from '../../../../shared/onnx/builder.ts';
import { average, slot, type Update, type UpdateInput } from './update.ts';

export interface SgdSpec { readonly kind: 'sgd'; readonly momentum: number; readonly nesterov: boolean }
export interface LionSpec { readonly kind: 'lion'; readonly beta1: number; readonly beta2: number }

/** SGD (torch.optim.SGD): v ← μ·v + g; p ← p − η·v, Nesterov p ← p − η·(g + μ·v). */
export function sgd(b: GraphBuilder, o: SgdSpec, u: UpdateInput): Update {
  if (o.momentum === 0) return { parameter: b.sub(u.parameter, b.mul(u.gradient, u.learningRate)), state: {} };
  const mu = b.scalar(o.momentum);
  const velocity = b.add(b.mul(slot(u, 'velocity'), mu), u.gradient);
  const direction = o.nesterov ? b.add(u.gradient, b.mul(velocity, mu)) : velocity;
  return { parameter: b.sub(u.parameter, b.mul(direction, u.learningRate)), state: { velocity } };
}

/** Lion (Chen et al. 2023, algorithm 2): p ← p − η·sign(β₁m + (1 − β₁)g); then m ← β₂m + (1 − β₂)g. */
export function lion(b: GraphBuilder, o: LionSpec, u: UpdateInput): Update {
  const old = slot(u, 'momentum');
  const direction = sign(b, average(b, old, u.gradient, o.beta1), u.device);
  return { parameter: b.sub(u.parameter, b.mul(direction, u.learningRate)), state: { momentum: average(b, old, u.gradient, o.beta2) } };
}

/** WebGPU has no Sign. */
function sign(b: GraphBuilder, x: Value, device: UpdateInput['device']): Value {
  if (device === 'cpu') return b.op('Sign', [x]);
  const zero = b.scalar(0);
  return b.sub(b.cast(b.op('Greater', [x, zero]), 'float32'), b.cast(b.op('Less', [x, zero]), 'float32'));
}
