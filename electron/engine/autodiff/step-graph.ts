/** The step graph: (batch, weights, state) -> (loss, metrics, new weights, new state), one ONNX graph. */
import type { ForwardGraph, GraphWeight } from '../../../shared/compile/forward.ts';
import type { Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import { GraphBuilder, type Value } from '../../../shared/onnx/builder.ts';
import type { Graph } from '../../../shared/onnx/ir.ts';
import { differentiate } from './backward.ts';
import { lossValues, meanLoss, type LossChoice, type LossValues } from './losses/losses.ts';
import { labelShape } from './losses/targets.ts';
import { guard, lossScale, scaleSlots } from './loss-scale.ts';
import { lowerGraph } from './lowering/lower.ts';
import { mixPrecision } from './precision.ts';
import { clipped, gradientNorms, rateOf, stateName, updates, type Renewed, type StateSlot, type Trained, type UpdateOptions } from './parameters.ts';

export { averageName, stateName, type StateSlot } from './parameters.ts';

export interface StepOptions extends UpdateOptions {
  readonly loss: LossChoice;
  /** Channels in a block of the CPU's blocked kernels; none when left out. */
  readonly block?: number | null;
  readonly input: InputScaling;
  /** int32 class labels [N, …], or float32 values in the outputs' shape. */
  readonly targets?: 'labels' | 'values';
  /** With several batches a step: "gather" adds the gradient to what is held, "apply" takes the mean over `count` and steps. */
  /** "mixed": convolutions and products in float16 with a loss scale that adapts; float32 when left out. */
  readonly precision?: 'float32' | 'mixed';
  readonly accumulation?: { readonly phase: 'gather' | 'apply'; readonly count: number } | null;
}

/** How stored samples become the network's input: (x − offset) · scale. */
export interface InputScaling { readonly element: 'uint8' | 'float32'; readonly offset: number; readonly scale: number }

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

/** A forward graph whose input is the stored data, scaled inside. */
function withScaledInput(forward: ForwardGraph, scaling: InputScaling): { b: GraphBuilder; forwardNodes: Graph['nodes'] } {
  const inputName = forward.dataInputs[0] as string;
  const b = new GraphBuilder();
  const type = forward.graph.types.get(inputName);
  if (!type) throw new Error('The forward graph has no data input');
  const data = b.input('data', { element: scaling.element, shape: type.shape });
  let x = b.cast(data, 'float32');
  if (scaling.offset !== 0) x = b.sub(x, b.scalar(scaling.offset));
  if (scaling.scale !== 1) x = b.mul(x, b.scalar(scaling.scale));
  b.append({ name: b.unique('input_scaled'), op: 'Identity', domain: '', inputs: [x.name], outputs: [inputName], attributes: {} }, [type]);
  for (const v of forward.graph.inputs) if (v.name !== inputName) b.input(v.name, v.type);
  for (const [name, tensor] of forward.graph.initializers) b.adopt(name, tensor);
  for (const node of forward.graph.nodes) b.append(node, node.outputs.map((o) => forward.graph.types.get(o) as { element: 'float32'; shape: number[] }));
  return { b, forwardNodes: forward.graph.nodes };
}

/** What has been gathered, or zeros at a step's first batch, whatever is held: a number that overflowed times 0 is none. */
const carried = (b: GraphBuilder, held: Value, carry: Value): Value => b.op('Where', [b.op('Greater', [carry, b.scalar(0)]), held, b.scalar(0)]);

const gathered = (weight: string): string => stateName('gradient', weight);

/** Labels or values to compare with, and the loss over them. */
function lossInput(b: GraphBuilder, forward: ForwardGraph, options: Pick<StepOptions, 'loss' | 'targets'>, nodes: Graph['nodes']): LossValues {
  const predictions = b.value(forward.outputs[0] as string);
  const { shape } = predictions.type;
  const labels = b.input('labels', options.targets === 'values' ? { element: 'float32', shape } : { element: 'int32', shape: labelShape(shape) });
  return lossValues(b, options.loss, nodes, predictions, labels);
}

/** Adds loss, gradients and the optimiser to a forward graph lowered for training. */
export function buildStepGraph(forward: ForwardGraph, options: StepOptions): StepGraph {
  const { b, forwardNodes } = withScaledInput(forward, options.input);
  const before = b.build('loss').nodes.length;
  const values = lossInput(b, forward, options, forwardNodes);
  const loss = meanLoss(b, values);
  const aside = (forward.auxiliary ?? []).map(({ value, share }) => ({ ...lossValues(b, options.loss, forwardNodes, b.value(value), b.value('labels')), share }));
  const total = aside.reduce((sum, a) => b.add(sum, b.mul(meanLoss(b, a), b.scalar(a.share))), loss);
  const correct = values.correct ? b.sum(values.correct, [0], false) : b.scalar(0);
  const scaling = options.precision === 'mixed' ? lossScale(b) : null;
  const target = scaling ? b.mul(total, scaling.scale) : total;
  const detached = new Set([values, ...aside].flatMap((v) => v.detached ?? []).map((v) => v.name));
  const lossNodes = b.build('loss').nodes.slice(before).filter((n) => !detached.has(n.outputs[0] as string));

  const trainable = forward.weights.filter((w) => w.trainable && rateOf(options, w) > 0);
  const missing: Diagnostic[] = [];
  const gradients = differentiate(b, [...forwardNodes, ...lossNodes], target, trainable.map((w) => w.name), options.device, (d) => missing.push(d));
  const differentiated = b.build('gradients').nodes.length;
  const own = trainable.flatMap((weight): Trained[] => {
    const gradient = gradients.get(weight.name);
    return gradient ? [{ weight, gradient: scaling ? scaling.unscale(gradient) : gradient }] : [];
  });
  const { phase = null, count = 1 } = options.accumulation ?? {};
  const state: StateSlot[] = [];
  const held = (w: GraphWeight): Value => {
    state.push({ name: gathered(w.name), shape: w.shape });
    return b.input(gathered(w.name), { element: 'float32', shape: w.shape });
  };
  const mean = (t: Trained): Trained => ({ ...t, gradient: b.mul(b.add(held(t.weight), t.gradient), b.scalar(1 / count)) });
  const trained = phase === 'apply' ? own.map(mean) : own;
  const norms = gradientNorms(b, trained);
  const guarded = scaling ? guard(b, norms.total) : null;
  const renewed: Renewed[] = [];
  if (phase === 'gather') {
    const carry = b.input('carry', { element: 'float32', shape: [] });
    for (const { weight, gradient } of trained) renewed.push({ name: gathered(weight.name), value: b.add(carried(b, held(weight), carry), gradient) });
  } else {
    const learningRate = b.input('learning_rate', { element: 'float32', shape: [] });
    const step = b.input('step', { element: 'float32', shape: [] });
    const next = updates(b, clipped(b, options.clip, trained, norms.total), options, { learningRate, step });
    renewed.push(...(guarded ? [...next.renewed.map(guarded.keep), ...guarded.state] : next.renewed));
    state.push(...next.state, ...(scaling ? scaleSlots : []));
  }
  // A forward pass that overflows must not spoil the running statistics either.
  for (const [name, value] of forward.updates) renewed.push(guarded ? guarded.keep({ name, value: b.value(value) }) : { name, value: b.value(value) });
  b.output('loss', loss);
  b.output('correct', correct);
  b.output('gradient_norm', guarded ? guarded.reported(norms.total) : norms.total);
  if (norms.byLayer) b.output('layer_norms', guarded ? guarded.reported(norms.byLayer) : norms.byLayer);
  for (const { name, value } of renewed) b.output(`new:${name}`, value);
  const lowered = lowerGraph(b.build(`${forward.graph.name} ${phase ?? 'step'}`), { device: options.device, block: options.block ?? null });
  const single = () => new Set([...lossNodes, ...b.build('step').nodes.slice(differentiated)].map((n) => n.name));
  const graph = scaling ? mixPrecision(lowered, single()) : lowered;
  return { graph, state, renewed: renewed.map((r) => r.name), layers: norms.layers, missing };
}

export interface EvaluationOptions {
  readonly loss: LossChoice;
  readonly input: InputScaling;
  readonly targets?: 'labels' | 'values';
  /** Values to answer besides, as "tap:" + layer. */
  readonly taps?: readonly string[];
}

/** Inference with per-sample loss, weight and correctness, each [N], so that a padded last batch is counted exactly. Outputs: loss, weight and correct where there are any, outputs. */
export function buildEvaluationGraph(forward: ForwardGraph, options: EvaluationOptions): Graph {
  const { b, forwardNodes } = withScaledInput(forward, options.input);
  const { perSample, weight, correct } = lossInput(b, forward, options, forwardNodes);
  b.output('loss', perSample);
  if (weight) b.output('weight', weight);
  if (correct) b.output('correct', correct);
  b.output('outputs', b.value(forward.outputs[0] as string));
  return b.build(`${forward.graph.name} evaluation`);
}

/** Inference that answers the outputs of the given layers as "tap:" + id. */
export function buildTapGraph(forward: ForwardGraph, input: InputScaling, layers: readonly string[]): Graph {
  const { b } = withScaledInput(forward, input);
  for (const layer of layers) {
    const value = forward.taps.get(layer);
    if (value !== undefined) b.output(`tap:${layer}`, b.value(value));
  }
  return b.build(`${forward.graph.name} taps`);
}
