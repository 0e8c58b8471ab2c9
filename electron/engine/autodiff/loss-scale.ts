/** Dynamic loss scaling: gradients are kept where half precision has numbers; a step that overflows is left out (Micikevicius et al. 2018). */
import type { GraphBuilder, Value } from '../../../shared/onnx/builder.ts';
import { stateName, type Renewed, type StateSlot } from './parameters.ts';

/** torch.amp.GradScaler's defaults: begins at 2¹⁶, doubles after 2,000 good steps, halves at an overflow. */
const FIRST = 16;
const GROWTH_INTERVAL = 2000;
/** Exponents of the scale; below 1 an overflow is no fault of the scale. */
const LOWEST = 0;
const HIGHEST = 24;
/** Gradient norms above this are no longer numbers. Asked by "less", which not-a-number fails: some compilers assume there is none. */
const FINITE = 1e30;

export const scaleSlots: readonly StateSlot[] = [{ name: stateName('scale', 'exponent'), shape: [] }, { name: stateName('scale', 'good'), shape: [] }];

export interface LossScale {
  readonly scale: Value;
  /** Back to its own size, in float32. */
  unscale(gradient: Value): Value;
}

/** Declares the state (zeros at first: the exponent is held less its start) and makes the scale from it. */
export function lossScale(b: GraphBuilder): LossScale {
  const [exponent] = scaleSlots.map((s) => b.input(s.name, { element: 'float32', shape: s.shape })) as [Value, Value];
  const scale = b.op('Pow', [b.scalar(2), b.add(exponent, b.scalar(FIRST))]);
  const inverse = b.op('Reciprocal', [scale]);
  return { scale, unscale: (gradient) => b.mul(gradient, inverse) };
}

export interface Guarded {
  /** Whether the step counts: bool []. */
  readonly finite: Value;
  /** 0 for a step left out; as it is when even a scale of 1 overflows, so that the run can say so. */
  reported(norm: Value): Value;
  /** The new value, or the old one when the step is left out. */
  keep(renewed: Renewed): Renewed;
  /** The scale's own next state. */
  readonly state: readonly Renewed[];
}

export function guard(b: GraphBuilder, norm: Value): Guarded {
  const [exponent, good] = scaleSlots.map((s) => b.value(s.name)) as [Value, Value];
  const finite = b.op('Less', [norm, b.scalar(FINITE)]);
  const counts = b.cast(finite, 'float32');
  const streak = b.mul(b.add(good, b.scalar(1)), counts);
  const grows = b.cast(b.op('Greater', [streak, b.scalar(GROWTH_INTERVAL - 0.5)]), 'float32');
  const moved = b.sub(b.add(exponent, grows), b.sub(b.scalar(1), counts));
  const next = b.op('Clip', [moved, b.scalar(LOWEST - FIRST), b.scalar(HIGHEST - FIRST)]);
  const hopeless = b.op('Less', [exponent, b.scalar(LOWEST - FIRST + 0.5)]);
  return {
    finite,
    reported: (n) => b.op('Where', [finite, n, b.op('Where', [hopeless, n, b.scalar(0)])]),
    keep: ({ name, value }) => ({ name, value: b.op('Where', [finite, value, b.value(name)]) }),
    state: [{ name: scaleSlots[0]?.name as string, value: next }, { name: scaleSlots[1]?.name as string, value: b.mul(streak, b.sub(b.scalar(1), grows)) }],
  };
}
