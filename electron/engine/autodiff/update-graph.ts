/** From gradients to new weights and state: over several batches where asked, clipped, by the optimiser. */
import type { GraphWeight } from '../../../shared/compile/forward.ts';
import { GraphBuilder, type Value } from '../../../shared/onnx/builder.ts';
import type { Graph } from '../../../shared/onnx/ir.ts';
import { guard, scaleSlots } from './loss-scale.ts';
import { clipped, gradientNorms, rateOf, stateName, updates, type Renewed, type StateSlot, type Trained, type UpdateOptions } from './parameters.ts';

/** With several batches a step: "gather" adds the gradient to what is held, "apply" takes the mean over `count` and steps. */
export interface Accumulation { readonly phase: 'gather' | 'apply'; readonly count: number }

export interface GradientOptions extends UpdateOptions {
  readonly accumulation?: Accumulation | null;
}

export interface WithUpdate {
  /** New weights and state. */
  readonly renewed: readonly Renewed[];
  readonly state: readonly StateSlot[];
  /** Layers of layer_norms. */
  readonly layers: readonly string[];
}

export interface UpdateGraph extends Omit<WithUpdate, 'renewed'> {
  /**
   * Inputs: "gradient:" + weight, the weights, state by name, learning_rate and step (when gathering "carry" instead). Outputs:
   * gradient_norm, layer_norms [L] where there is a weight, "new:" + name.
   */
  readonly graph: Graph;
  /** Names of weights and state that are answered anew. */
  readonly renewed: readonly string[];
}

/** What has been gathered, or zeros at a step's first batch, whatever is held: a number that overflowed times 0 is none. */
const carried = (b: GraphBuilder, held: Value, carry: Value): Value => b.op('Where', [b.op('Greater', [carry, b.scalar(0)]), held, b.scalar(0)]);

const gathered = (weight: string): string => stateName('gradient', weight);

/** Weights that a step moves. */
export const trainedBy = (options: UpdateOptions, weights: readonly GraphWeight[]): GraphWeight[] => weights.filter((w) => w.trainable && rateOf(options, w) > 0);

/** Adds the update, its norms as outputs, and renews the statistics of the forward pass; `scaled` where the loss scale watches for overflow. */
export function withUpdate(b: GraphBuilder, own: readonly Trained[], options: GradientOptions, { statistics = [], scaled = false }: { readonly statistics?: readonly Renewed[]; readonly scaled?: boolean } = {}): WithUpdate {
  const { phase = null, count = 1 } = options.accumulation ?? {};
  const state: StateSlot[] = [];
  const held = (w: GraphWeight): Value => {
    state.push({ name: gathered(w.name), shape: w.shape });
    return b.input(gathered(w.name), { element: 'float32', shape: w.shape });
  };
  const mean = (t: Trained): Trained => ({ ...t, gradient: b.mul(b.add(held(t.weight), t.gradient), b.scalar(1 / count)) });
  const trained = phase === 'apply' ? own.map(mean) : own;
  const norms = gradientNorms(b, trained);
  const guarded = scaled ? guard(b, norms.total) : null;
  const renewed: Renewed[] = [];
  if (phase === 'gather') {
    const carry = b.input('carry', { element: 'float32', shape: [] });
    for (const { weight, gradient } of trained) renewed.push({ name: gathered(weight.name), value: b.add(carried(b, held(weight), carry), gradient) });
  } else {
    const learningRate = b.input('learning_rate', { element: 'float32', shape: [] });
    const step = b.input('step', { element: 'float32', shape: [] });
    const next = updates(b, clipped(b, options.clip, trained, norms.total), options, { learningRate, step });
    renewed.push(...(guarded ? [...next.renewed.map(guarded.keep), ...guarded.state] : next.renewed));
    state.push(...next.state, ...(guarded ? scaleSlots : []));
  }
  // A forward pass that overflows must not spoil the running statistics either.
  renewed.push(...(guarded ? statistics.map(guarded.keep) : statistics));
  b.output('gradient_norm', guarded ? guarded.reported(norms.total) : norms.total);
  if (norms.byLayer) b.output('layer_norms', guarded ? guarded.reported(norms.byLayer) : norms.byLayer);
  for (const { name, value } of renewed) b.output(`new:${name}`, value);
  return { renewed, state, layers: norms.layers };
}

/** The update alone, for an engine that differentiates itself: `weights` are those that a gradient reaches. */
export function buildUpdateGraph(weights: readonly GraphWeight[], options: GradientOptions): UpdateGraph {
  const b = new GraphBuilder();
  const own = weights.map((weight): Trained => {
    b.input(weight.name, { element: 'float32', shape: weight.shape });
    return { weight, gradient: b.input(`gradient:${weight.name}`, { element: 'float32', shape: weight.shape }) };
  });
  const { renewed, ...rest } = withUpdate(b, own, options);
  return { graph: b.build('update'), renewed: renewed.map((r) => r.name), ...rest };
}
