/** Optimisers as graph pieces, with PyTorch's conventions: what each keeps, and one update. */
import type { GraphBuilder, Value } from '../../../../shared/onnx/builder.ts';
import { assertNever } from '../../../../shared/util/assert.ts';
import { adagrad, adam, adamScalars, rmsprop, type AdagradSpec, type AdamSpec, type RmspropSpec } from './adaptive.ts';
import { lion, sgd, type LionSpec, type SgdSpec } from './directional.ts';
import type { Update, UpdateInput } from './update.ts';

export type { Update, UpdateInput } from './update.ts';

export type OptimizerSpec = SgdSpec | RmspropSpec | AdagradSpec | AdamSpec | LionSpec;

/** Names of the state tensors an optimiser keeps for each parameter; all begin at zero. */
export function stateSlots(o: OptimizerSpec): readonly string[] {
  switch (o.kind) {
    case 'sgd': return o.momentum > 0 ? ['velocity'] : [];
    case 'rmsprop': return ['square', ...(o.centered ? ['mean'] : []), ...(o.momentum > 0 ? ['velocity'] : [])];
    case 'adagrad': return ['sum'];
    case 'adam':
    case 'adamw': return ['first', 'second'];
    case 'lion': return ['momentum'];
    default: return assertNever(o);
  }
}

/**
 * Whether weight decay shrinks the parameter itself (Loshchilov and Hutter 2019: p ← p·(1 − η·λ) before the step) or is a part
 * of the gradient (g ← g + λ·p), as torch.optim has it for the rest.
 */
export const decouplesDecay = (o: OptimizerSpec): boolean => o.kind === 'sgd' || o.kind === 'adamw' || o.kind === 'lion';

/** Scalars made once a step for all parameters; `step` is a float32 scalar that counts from 1. */
export function sharedScalars(b: GraphBuilder, o: OptimizerSpec, step: Value): Readonly<Record<string, Value>> {
  return o.kind === 'adam' || o.kind === 'adamw' ? adamScalars(b, o, step) : {};
}

/** One update of a parameter, or of many in one flat vector: every formula is elementwise. */
export function update(b: GraphBuilder, o: OptimizerSpec, u: UpdateInput): Update {
  switch (o.kind) {
    case 'sgd': return sgd(b, o, u);
    case 'rmsprop': return rmsprop(b, o, u);
    case 'adagrad': return adagrad(b, o, u);
    case 'adam':
    case 'adamw': return adam(b, o, u);
    case 'lion': return lion(b, o, u);
    default: return assertNever(o);
  }
}
