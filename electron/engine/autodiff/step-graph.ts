/** The step graph: (batch, weights, state) -> (loss, metrics, new weights, new state), one ONNX graph. */
import type { ForwardGraph, GraphWeight } from '../../../shared/compile/forward.ts';
import type { Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import type { Graph } from '../../../shared/onnx/ir.ts';
import { differentiate } from './backward.ts';
import { withLoss, type LossOptions } from './loss-graph.ts';
import { lossScale } from './loss-scale.ts';
import { lowerGraph } from './lowering/lower.ts';
import type { StateSlot, Trained } from './parameters.ts';
import { mixPrecision } from './precision.ts';
import { trainedBy, withUpdate, type GradientOptions } from './update-graph.ts';

export interface StepOptions extends LossOptions, GradientOptions {
  /** Channels in a block of the CPU's blocked kernels; none when left out. */
  readonly block?: number | null;
  /** "mixed": convolutions and products in float16 with a loss scale that adapts; float32 when left out. */
  readonly precision?: 'float32' | 'mixed';
}

export interface StepGraph {
  /**
   * Inputs: data, labels, learning_rate and step (float32 scalars; when gathering "carry" instead, 0 for the first batch of a
   * step, else 1), noise where used, weights and state by name. Outputs: loss, correct, gradient_norm, layer_norms [L] where a
   * layer is trained, "new:" + name.
   */
  readonly graph: Graph;
  readonly state: readonly StateSlot[];
  /** Names of weights and state that the step answers anew; others stay. */
  readonly renewed: readonly string[];
  /** Layers of layer_norms. */
  readonly layers: readonly string[];
  /** Operators without a rule, by node: what lies above each stays as it is. */
  readonly missing: readonly Diagnostic[];
}

/** The weights that a step of buildStepGraph would move: trained, and reached by a gradient. */
export function reachedWeights(forward: ForwardGraph, options: LossOptions & GradientOptions): GraphWeight[] {
  const { b, forwardNodes, lossNodes, total } = withLoss(forward, options);
  const trained = trainedBy(options, forward.weights);
  const reached = differentiate(b, [...forwardNodes, ...lossNodes], total, trained.map((w) => w.name), options.device, () => undefined);
  return trained.filter((w) => reached.has(w.name));
}

/** Adds loss, gradients and the optimiser to a forward graph lowered for training. */
export function buildStepGraph(forward: ForwardGraph, options: StepOptions): StepGraph {
  const { b, forwardNodes, loss, total, correct, ...rest } = withLoss(forward, options);
  const before = b.build('loss').nodes.length;
  const scaling = options.precision === 'mixed' ? lossScale(b) : null;
  const target = scaling ? b.mul(total, scaling.scale) : total;
  const lossNodes = [...rest.lossNodes, ...b.build('loss').nodes.slice(before)];
  const trainable = trainedBy(options, forward.weights);
  const missing: Diagnostic[] = [];
  const gradients = differentiate(b, [...forwardNodes, ...lossNodes], target, trainable.map((w) => w.name), options.device, (d) => missing.push(d));
  const differentiated = b.build('gradients').nodes.length;
  const own = trainable.flatMap((weight): Trained[] => {
    const gradient = gradients.get(weight.name);
    return gradient ? [{ weight, gradient: scaling ? scaling.unscale(gradient) : gradient }] : [];
  });
  b.output('loss', loss);
  b.output('correct', correct);
  const statistics = [...forward.updates].map(([name, value]) => ({ name, value: b.value(value) }));
  const { renewed, state, layers } = withUpdate(b, own, options, { statistics, scaled: scaling !== null });
  const lowered = lowerGraph(b.build(`${forward.graph.name} ${options.accumulation?.phase ?? 'step'}`), { device: options.device, block: options.block ?? null });
  const single = () => new Set([...lossNodes, ...b.build('step').nodes.slice(differentiated)].map((n) => n.name));
  const graph = scaling ? mixPrecision(lowered, single()) : lowered;
  return { graph, state, renewed: renewed.map((r) => r.name), layers, missing };
}
